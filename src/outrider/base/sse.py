"""Server-Sent Events cut into whole events, byte for byte, whatever the chunk boundaries.

A block is the event's bytes as received, its closing blank line included, so forwarding the blocks forwards
the stream unchanged. Line ends are LF, CRLF or CR (WHATWG HTML, section 9.2). What a block says is
`payload`'s concern.
"""

import re

from outrider.base.errors import UpstreamError

_END = re.compile(rb"\n(?:\r\n?|\n)|\r(?:\n(?:\r\n?|\n)|\r\n?)")  # two line ends, spelt out so that `re` seeks by bytes
_LONGEST_TAIL = 3  # bytes of a possible terminator whose last byte is still missing


class SSESplitter:
    """Splits one stream. `limit` bounds the bytes of one event, and with it the memory that is held.

    An event that ends in CR is held until the next byte, because a LF may belong to it; `rest` gives it back
    at the end of the stream.
    """

    __slots__ = ("_buffer", "_scan", "limit")

    def __init__(self, limit: int = 16 << 20) -> None:
        self.limit = limit
        self._buffer = bytearray()
        self._scan = 0

    @property
    def pending(self) -> int:
        """Bytes received that belong to an event which is not complete."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The events that `data` completes, in order. Raises UpstreamError when one grows beyond `limit`."""
        if self._buffer or data.find(b"\r") >= 0:  # `find`, since `in` first tries its left side as a number
            return self._feed_any(data)
        if (data.find(b"\n") == len(data) - 2 or data.find(b"\n\n") == len(data) - 2) and data[-2:] == b"\n\n":
            if len(data) > self.limit:
                raise self._too_large()
            return [data]
        parts = data.split(b"\n\n")
        rest = parts.pop()
        if rest:
            self._buffer += rest
        return self._checked([part + b"\n\n" for part in parts])

    def rest(self) -> bytes:
        """What is left at the end of the stream, and forget it. Not empty: the last event was not closed."""
        left = bytes(self._buffer)
        self._buffer.clear()
        self._scan = 0
        return left

    def _feed_any(self, data: bytes) -> list[bytes]:
        buffer = self._buffer
        buffer += data
        events: list[bytes] = []
        start, scan, size = 0, self._scan, len(buffer)
        while (found := _END.search(buffer, scan)) is not None:
            end = found.end()
            if end == size and buffer[-1] == 13:  # CR last: wait and see whether its LF follows
                break
            events.append(bytes(buffer[start:end]))
            start = scan = end
        if start:
            del buffer[:start]
        self._scan = max(0, len(buffer) - _LONGEST_TAIL)
        return self._checked(events)

    def _checked(self, events: list[bytes]) -> list[bytes]:
        limit = self.limit
        if len(self._buffer) > limit or any(len(event) > limit for event in events):
            self.rest()
            raise self._too_large()
        return events

    def _too_large(self) -> UpstreamError:
        return UpstreamError(
            f"one event of the provider's stream is larger than {self.limit} bytes; "
            "the provider does not send Server-Sent Events, or the limit is too low",
            code="upstream_event_too_large",
            retryable=False,
        )


def events(block: bytes) -> list[bytes]:
    """The events of a block of whole ones: nearly always it is one."""
    end = block.find(b"\n\n")
    if end < 0 or end == len(block) - 2:
        return [block] if block else []
    return SSESplitter().feed(block)


def payload(event: bytes) -> bytes:
    """The `data` of an event block: its data lines joined by LF, empty if it has none (comments, keep-
    alives).
    """
    if event[:5] == b"data:" and event[-2:] == b"\n\n" and event.find(b"\n") == len(event) - 2 and b"\r" not in event:
        return event[6:-2] if event[5:6] == b" " else event[5:-2]
    if event[:6] == b"event:" and event[-2:] == b"\n\n" and b"\r" not in event:
        _, _, rest = event.partition(b"\n")
        if rest[:5] == b"data:" and rest.find(b"\n") == len(rest) - 2:
            return rest[6:-2] if rest[5:6] == b" " else rest[5:-2]
    lines: list[bytes] = []
    for line in event.removeprefix(b"\xef\xbb\xbf").splitlines():
        name, _, value = line.partition(b":")
        if name == b"data":
            lines.append(value.removeprefix(b" "))
    return b"\n".join(lines)


def kind(event: bytes) -> str:
    """The name of an event block (its `event` line), "" if it has none."""
    if not event.startswith(b"event:"):
        if b"event:" not in event:
            return ""
        for line in event.splitlines():
            if line.startswith(b"event:"):
                return line[6:].strip().decode("utf-8", "replace")
        return ""
    return event[6 : event.find(b"\n")].strip().decode("utf-8", "replace")
