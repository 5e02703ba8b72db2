"""Event streams without I/O: cutting what arrives into blocks of whole events."""

from outrider.base.errors import UpstreamError

LARGEST_EVENT = 4 << 20
MARKS = (b"\n\n", b"\r\n\r\n", b"\r\r")


class Blocks:
    """Aligns a byte stream to event boundaries: `feed` gives the whole events of what arrived so far, in one block.

    Nothing is held longer than until the event's blank line arrives, so a client sees every event at once, and an
    error of ours can be put between two events.
    """

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> bytes:
        if not self._rest and chunk.endswith(b"\n\n"):
            return chunk
        chunk = self._rest + chunk
        end = max((at + len(mark) for mark in MARKS if (at := chunk.rfind(mark)) >= 0), default=0)
        self._rest = chunk[end:]
        if len(self._rest) > LARGEST_EVENT:
            raise UpstreamError("the provider sent an event larger than 4 MiB", code="upstream_answer_too_large")
        return chunk[:end]

    def flush(self) -> bytes:
        """What is left without a blank line at the end of the stream."""
        rest, self._rest = self._rest, b""
        return rest
