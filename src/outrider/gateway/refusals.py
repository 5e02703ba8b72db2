"""Requests that never reach a stage of the corridor are runs too: in their key's project, or in `unidentified`.

A stranger must not fill the disk. So what nobody claims is recorded without bodies, without anything that names a
person and without words that the sender chose except the path; and only so often: the rest is counted in `/metrics`.
"""

import asyncio
import re
from collections.abc import Mapping

from outrider.base import clock, ids
from outrider.base.errors import JournalFull, RequestError
from outrider.gateway.call import Call
from outrider.gateway.edge import Refusal
from outrider.gateway.identify import Gate, bearer
from outrider.gateway.metrics import Metrics
from outrider.gateway.settle import NAMES
from outrider.journal.append import Journal
from outrider.journal.events import RunRecorded
from outrider.limits.bucket import Bucket
from outrider.limits.keys import UNIDENTIFIED, Identity, public_part

ENDPOINTS = {b"/v1/chat/completions": "chat", b"/v1/embeddings": "embeddings", b"/v1/rerank": "rerank"}
BURST, PER_SECOND = 100, 1.0  # runs of nobody per worker: at most about 86,500 a day
LONGEST = 200  # characters kept of a path
_KEYLIKE = re.compile(r"\bsk-[^/]*")

Headers = Mapping[bytes, bytes]


class Refusals:
    """Records what was refused before it could be served. No answer waits for these records."""

    def __init__(self, gate: Gate, journal: Journal, metrics: Metrics) -> None:
        self._gate, self._journal, self._metrics = gate, journal, metrics
        self._bucket = Bucket(burst=BURST, per_second=PER_SECOND)

    def at_edge(self, refusal: Refusal) -> bytes:
        """A request that ended in the server. Returns header lines for its answer."""
        headers = dict(refusal.headers)
        run = _run(refusal.method, refusal.path)
        run.error, run.message, run.http_status = refusal.code, refusal.message, refusal.status
        self._record(run, self._gate.quick(headers), headers)
        return b"x-request-id: %b\r\n" % ids.text(run.id).encode()

    def at_door(self, method: str, path: bytes, headers: Headers, error: RequestError) -> RequestError:
        """A request to a quiet endpoint that nobody claims. Returns its error, with the run's id as a header."""
        run = _run(method.encode(), path)
        run.error, run.message, run.http_status = error.code, error.message, error.status
        self._record(run, None, headers)
        error.headers += (("x-request-id", ids.text(run.id)),)
        return error

    def in_corridor(self, call: Call) -> None:
        """A call whose ending is known and that nobody claims."""
        run = _run(b"POST", call.exchange.path)
        run.id, run.at, run.duration, run.status = call.id, call.at, call.since(), call.status
        run.error, run.message, run.http_status = call.error, call.message, call.http_status
        self._record(run, None, call.headers)

    def _record(self, run: RunRecorded, who: Identity | None, headers: Headers) -> None:
        if who is not None:
            run.project, run.key = who.project, who.key
        elif self._bucket.take(clock.mono_ns()):
            run.key = self._revoked(headers)
        else:
            return self._metrics.unrecorded_refusal(run.error)

        def note_if_lost(written: "asyncio.Future[None]") -> None:
            if not written.cancelled() and isinstance(written.exception(), JournalFull):
                self._metrics.unrecorded_refusal(run.error)

        self._journal.append(run, (), run.project).add_done_callback(note_if_lost)

    def _revoked(self, headers: Headers) -> str:
        """The public part of a key that was one of ours. What else was sent may be somebody's secret."""
        public = public_part(bearer(headers) or "") or ""
        return public if self._gate.keys.is_revoked(public) else ""


def _run(method: bytes, path: bytes) -> RunRecorded:
    """An endpoint's own name where it is one of the corridor, else `http`; the preview says method and path.

    A target that is no path is left out: in `http://user:password@host/` there is a credential.
    """
    shown = _KEYLIKE.sub("sk-…", path.decode("utf-8", "replace"))[:LONGEST] if path.startswith(b"/") else ""
    return RunRecorded(
        id=ids.new_id(),
        project=UNIDENTIFIED,
        at=clock.now_ns(),
        name=NAMES.get(ENDPOINTS.get(path, ""), "http"),
        status="error",
        preview=f"{method.decode()} {shown}".strip(),
    )
