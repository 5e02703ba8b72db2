"""Batches in a store of their own, with nobody who works on them: as people look at them."""

import json
from typing import Any

from outrider.base import clock
from outrider.base.usage import Usage
from outrider.gateway.batches import results
from outrider.gateway.batches.desk import BatchDesk
from outrider.gateway.batches.rows import Batch, Done, Kind, Made, Status
from outrider.gateway.batches.rules import Rules
from outrider.gateway.batches.runner import Runner
from outrider.limits.keys import Identity, KeyRing, KnownKey
from outrider.store import Store

DAY = 86_400_000_000_000
HOLDER = "m/test"
REFUSED = b'{"error": {"message": "no <b>such</b> word", "type": "invalid_request_error", "code": "bad_word"}}'
THEIRS = b'{"type": "error", "error": {"type": "invalid_request_error", "message": "no such word"}}'


async def _nobody(public: str) -> KnownKey | None:
    return None


class Kept:
    """`desk` over a journal's and a lease store."""

    def __init__(self, store: Store, leases: Store) -> None:
        self.runner = Runner(
            leases=lambda: leases, find=lambda method, path: None, keys=KeyRing(_nobody), anonymous=Identity("p", ""),
            busy=bool, holder=HOLDER, alive=lambda holder: True, rules=Rules(),
        )  # fmt: skip
        self.desk = BatchDesk(self.runner, lambda: store)
        self.batches, self.files = self.runner.batches, self.runner.files

    def begin(self, project: str, lines: int, *, key: str = "k", kind: Kind = "openai", **headers: str) -> Batch:
        """A batch that is worked on, with nothing done."""
        writer = self.files.begin(project, key, "batch" if kind == "openai" else "message_batch", "in.jsonl", 0)
        for number in range(1, lines + 1):
            asked: dict[str, Any] = {"model": "m", "messages": []}
            said = {"custom_id": f"r-{number}", "method": "POST", "url": "/v1/chat/completions", "body": asked}
            writer.add(json.dumps(said).encode() + b"\n")
        given = tuple((f"x-outrider-{name}", value) for name, value in headers.items())
        made = Made("/v1/chat/completions", "24h", {"for": "a <test>"}, given)
        self.batches.create(project, key, kind, writer.finish().id, made, DAY, purpose=writer.file.purpose)
        found = self.batches.claim(HOLDER, clock.now_ns(), lambda holder: True)
        assert found is not None
        found.total, found.about.model, found.about.started = lines, "m", clock.now_ns()
        self.batches.move(found, "in_progress")
        self.batches.release(found.id, HOLDER)
        return self._held(found)

    def _held(self, batch: Batch) -> Batch:
        rest = [one.id for one in self.batches.list(batch.project, batch.kind, after="", before="", most=1000)]
        found = self.batches.claim(
            HOLDER, clock.now_ns(), lambda holder: True, [id_ for id_ in rest if id_ != batch.id]
        )
        assert found is not None
        assert found.id == batch.id
        return found

    def answer(self, batch: Batch, *lines: int, status: int = 200, run: str = "run-1") -> None:
        """Lines that are done."""
        body = b'{"ok": 1}' if status == 200 else THEIRS if batch.kind == "anthropic" else REFUSED
        done = [
            Done(
                n,
                status == 200,
                results.done(batch.kind, batch.id, f"r-{n}", status, run, body),
                Usage(10, 2),
                1350 if status == 200 else 0,
            )
            for n in lines
        ]
        self.batches.record(batch, done)

    def end(self, batch: Batch, status: Status = "completed", missing: int = 0) -> Batch:
        """It is over, with its files; the last `missing` lines were not executed."""
        writers = {name: self.files.begin(batch.project, batch.key, "batch_output", f"{batch.id}_{name}.jsonl", 0)
                   for name in ("output", "error")}  # fmt: skip
        for _, good, text in self.batches.lines(batch.id):
            writers["output" if good or batch.kind == "anthropic" else "error"].add(text)
        for number in range(batch.total - missing + 1, batch.total + 1):
            text = results.missing(batch.kind, batch.id, f"r-{number}", "cancelled")
            writers["output" if batch.kind == "anthropic" else "error"].add(text)
        full = {name: writer for name, writer in writers.items() if writer.size}
        self.batches.end(batch, status, full, missing)
        while self.batches.forget_lines(batch.id):
            pass
        return self.batches.get(batch.project, batch.kind, batch.id)
