"""Turning calls away before anything is made for them, while the worker has too much to do.

A refusal has to be much cheaper than an answer, or refusing is what the worker spends its time on: so this happens as
soon as a request is complete, with an answer that lies ready. Some of them are recorded as runs, all are counted
(`Shedder.shed`).
"""

from collections.abc import Callable

from outrider.base import clock
from outrider.gateway.edge import Refusal
from outrider.gateway.surface.shapes import answer_at
from outrider.limits.bucket import Bucket
from outrider.limits.shedding import Shedder

BURST, PER_SECOND = 10, 1.0  # runs of calls turned away, per worker
MOST_READY = 1000  # answers that lie ready, by path
BATCH = (b"x-outrider-priority", b"batch")

Head = list[tuple[bytes, bytes]]
Answer = tuple[int, bytes, bytes]
"""Status, header lines, body: what `Exchange.reply` takes."""


class Door:
    """Stands before the corridor of one worker. `record` makes a run of a refusal and gives header lines for it."""

    def __init__(self, shedder: Shedder, record: Callable[[Refusal], bytes]) -> None:
        self._shedder, self._record = shedder, record
        self._bucket = Bucket(burst=BURST, per_second=PER_SECOND)
        self._ready: dict[tuple[int, bytes], Answer] = {}

    def turns_away(self, path: bytes, headers: Head) -> Answer | None:
        """The answer to a call that must not come in now; None: let it in."""
        shedder = self._shedder
        if not (shedder.overloaded or shedder.most) or not shedder.refuses(
            "batch" if BATCH in headers else "interactive"
        ):
            return None
        status, head, body = self._ready.get((shedder.again, path)) or self._prepare(path)
        if self._bucket.take(clock.mono_ns()):
            message = "this gateway has more to do than it can do in time"
            head += self._record(Refusal(b"POST", path, headers, status, message))
        return status, head, body

    def _prepare(self, path: bytes) -> Answer:
        status, headers, body = answer_at(path, self._shedder.refusal())
        made = status, b"".join([b"%b: %b\r\n" % header for header in headers]), body
        if len(self._ready) < MOST_READY:  # paths with a model in them may be any
            self._ready[self._shedder.again, path] = made
        return made
