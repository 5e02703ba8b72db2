"""The lines of a batch's input: cut out of the file's pieces, and checked. Pure."""

from typing import NamedTuple

import msgspec

from outrider.gateway.batches.rows import Fault

LONGEST_ID = 512
BOM = b"\xef\xbb\xbf"


class Place(NamedTuple):
    """Where a line is: its number (from 1), the offset of its first byte, its size without the line's end."""

    number: int
    offset: int
    size: int


class Line(msgspec.Struct):
    """A line that can be executed. `body` is the request's, as it was written."""

    custom_id: str
    method: str
    url: str
    body: msgspec.Raw


class _Asked(msgspec.Struct):
    """What has to be known of a request's body."""

    model: str | None = None
    stream: bool | None = None


class _Loose(msgspec.Struct):
    """A line of which anything may be wrong."""

    custom_id: object = None
    method: object = None
    url: object = None
    body: msgspec.Raw = msgspec.Raw(b"")


_loose = msgspec.json.Decoder(_Loose).decode
_line = msgspec.json.Decoder(Line).decode
_asked = msgspec.json.Decoder(_Asked).decode


class Cutter:
    """Cuts pieces into lines, from byte 0 on. Blank lines count, but are not given."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = bytearray()
        self._number, self._offset = 1, 0

    def feed(self, piece: bytes) -> list[tuple[Place, bytes]]:
        """The lines that `piece` completes. A line that is longer than allowed is given cut off, at that size + 1."""
        found: list[tuple[Place, bytes]] = []
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            self._take(piece[start : end + 1], found)
            start = end + 1
        self._grow(piece[start:])
        return found

    def rest(self) -> list[tuple[Place, bytes]]:
        """The last line, if the file does not end with a line's end."""
        found: list[tuple[Place, bytes]] = []
        if self._rest or self._dropped:
            self._take(b"", found)
        return found

    _dropped = 0

    def _grow(self, part: bytes) -> None:
        room = self._longest + 1 - len(self._rest)
        self._rest += part[:room]
        self._dropped += max(0, len(part) - room)

    def _take(self, part: bytes, found: list[tuple[Place, bytes]]) -> None:
        whole = part
        if self._rest:
            self._grow(part)
            whole = bytes(self._rest)
        size = len(whole) + self._dropped
        text = whole if self._dropped else whole.rstrip(b"\r\n")
        if text.strip():
            found.append((Place(self._number, self._offset, len(text)), text))
        self._number += 1
        self._offset += size
        self._rest.clear()
        self._dropped = 0


def parse(raw: bytes) -> Line:
    """A line that was checked before."""
    return _line(raw.removeprefix(BOM))


def model_of(line: Line) -> str:
    return _asked(bytes(line.body)).model or ""


def check(number: int, raw: bytes, endpoint: str, longest: int) -> Line | Fault:
    """The line, or what is wrong with it."""
    if len(raw) > longest:
        return Fault("line_too_large", f"This line is larger than {longest} bytes.", number)
    try:
        loose = _loose(raw.removeprefix(BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Fault("invalid_json_line", "This line is not parseable as a valid JSON object.", number)
    if not isinstance(loose.custom_id, str) or not loose.custom_id:
        return _missing(number, "custom_id", loose.custom_id is not None)
    if len(loose.custom_id) > LONGEST_ID:
        return Fault("invalid_custom_id", f"A `custom_id` has at most {LONGEST_ID} characters.", number, "custom_id")
    if not isinstance(loose.method, str):
        return _missing(number, "method", loose.method is not None)
    if loose.method != "POST":
        return Fault("invalid_method", "The `method` of a line is 'POST'; no other is supported.", number, "method")
    if not isinstance(loose.url, str):
        return _missing(number, "url", loose.url is not None)
    if loose.url != endpoint:
        return Fault(
            "url_mismatch", f"The URL {loose.url[:100]!r} is not the batch's endpoint {endpoint!r}.", number, "url"
        )
    return _check_body(number, Line(loose.custom_id, loose.method, loose.url, loose.body))


def _check_body(number: int, line: Line) -> Line | Fault:
    raw = bytes(line.body)
    if raw[:1] != b"{":
        return _missing(number, "body", bool(raw))
    try:
        asked = _asked(raw)
    except msgspec.ValidationError as error:
        return Fault("invalid_request", f"The body of this line cannot be used: {error}", number, "body")
    if not asked.model:
        return _missing(number, "body.model", False)
    if asked.stream:
        return Fault("invalid_request", "Lines of a batch are not streamed.", number, "body.stream")
    return line


def _missing(number: int, field: str, wrong: bool) -> Fault:
    if wrong:
        kind = "an object" if field == "body" else "a string with text in it"
        return Fault("invalid_type", f"Invalid value for '{field}': expected {kind}.", number, field)
    return Fault("missing_required_parameter", f"Missing required parameter: '{field}'.", number, field)
