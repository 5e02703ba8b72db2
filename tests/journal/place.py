"""A spool and a store for tests, and the way between them."""

from pathlib import Path

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from outrider.journal.append import Journal
from outrider.journal.events import RunRecorded
from outrider.journal.index import Indexer
from outrider.journal.otlp.incoming import decode
from outrider.journal.otlp.spans import request_of
from outrider.journal.otlp.wire import PROTOBUF
from outrider.store import Store, open_store


class Place:
    """A spool and a store in a folder, and the way between them."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.spool = folder / "spool"
        self.journal = Journal(self.spool)
        self.store: Store = open_store(self.url)
        self.indexer = Indexer(self.spool, self.store)

    def take_in(self, *spans: Span, project: str = "p") -> None:
        for event, bodies in decode(PROTOBUF, request_of(spans, {}).SerializeToString(), project).events:
            self.journal.append_now(event, bodies, project)
        self.indexer.drain()

    def record(self, *runs: RunRecorded) -> None:
        for run in runs:
            self.journal.append_now(run, (), run.project)
        self.indexer.drain()

    def close(self) -> None:
        self.journal.close()
        self.store.close()
