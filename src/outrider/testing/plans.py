"""How an answer of the scripted provider is sent: its pieces, their pauses, its end, and what is spoilt on the way."""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

Command = Mapping[str, str]
Header = tuple[bytes, bytes]
Piece = tuple[float, bytes]

BLOCK = 65536
FOR_EVER = 86400.0
_JSON: Header = (b"content-type", b"application/json")
_SSE: Header = (b"content-type", b"text/event-stream; charset=utf-8")


class Plan(msgspec.Struct):
    """An answer to carry out. Times are seconds; each piece is sent after its pause.

    `length` is the content-length to announce (None: chunked). `ending`: `clean`; `cut` closes the connection
    after the pieces although more was announced; `reset` resets it and sends nothing. `billed` are the tokens, in and
    out, that the provider would ask money for; those of a stream's text are counted as it is sent.
    """

    status: int
    headers: list[Header]
    pieces: Iterable[Piece]
    length: int | None = None
    delay: float = 0.0
    slow_head: float = 0.0
    ending: Literal["clean", "cut", "reset"] = "clean"
    billed: tuple[int, int] = (0, 0)


def plain(body: bytes, status: int = 200, headers: Sequence[Header] = (), *, delay: float = 0.0) -> Plan:
    """A whole body of JSON."""
    return Plan(status, [_JSON, *headers], [(0.0, body)], len(body), delay)


def failure(status: int, message: str, headers: Sequence[Header] = (), *, delay: float = 0.0) -> Plan:
    """An error in OpenAI's shape."""
    body = json.dumps({"error": {"message": message, "type": "scripted_error", "param": None, "code": None}}).encode()
    return plain(body, status, headers, delay=delay)


def whole(answer: Mapping[str, Any], command: Command) -> Plan:
    """A plain answer, spoilt as commanded."""
    body = json.dumps(answer, ensure_ascii=False).encode()
    half = body[: len(body) // 2]
    if "html" in command:
        page = b"<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>"
        return _timed(Plan(200, [(b"content-type", b"text/html")], [(0.0, page)], len(page)), command)
    if "error-in-200" in command:
        return _timed(failure(200, "scripted: an error inside a 200"), command)
    plan = plain(half if "malformed" in command else body)
    if "endless" in command:
        plan.pieces, plan.length = itertools.chain([(0.0, body[:-1])], itertools.repeat((0.001, b" " * BLOCK))), None
    elif "murmur" in command:
        plan.pieces, plan.length = itertools.chain([(0.0, half)], itertools.repeat((0.05, b" "))), None
    elif "stall" in command:
        plan.pieces = [(0.0, half), (FOR_EVER, body[len(half) :])]
    elif "oversize" in command:
        size = int(command["oversize"])
        plan.pieces = itertools.chain([(0.0, body[:-1])], _blocks(size, b" "), [(0.0, body[-1:])])
        plan.length = len(body) + size
    elif "wrong-length" in command:
        plan.length, plan.ending = len(body) + 100, "cut"
    elif "cut" in command:
        plan.pieces, plan.ending = [(0.0, half)], "cut"
    return _timed(plan, command)


def streamed(chunks: Iterator[dict[str, Any]], command: Command) -> Plan:
    """A streamed answer, spoilt as commanded."""
    if "html" in command:
        return whole({}, command)
    gap, end = float(command.get("gap") or 0), "\r\n" if "crlf" in command else "\n"
    ending: Literal["clean", "cut"] = "cut" if "cut" in command or "wrong-length" in command else "clean"
    events: Iterator[bytes] = (f"data: {json.dumps(chunk, ensure_ascii=False)}{end}{end}".encode() for chunk in chunks)
    if "error-in-200" in command:
        error = {"error": {"message": "scripted: an error inside a stream", "type": "scripted_error", "code": None}}
        broken = [f"data: {json.dumps(error)}{end}{end}".encode()]
        events = itertools.chain(itertools.islice(events, int(command["error-in-200"] or 2)), broken)
    elif "malformed" in command:
        first = next(events)
        events = iter([first, first[: len(first) // 2] + 2 * end.encode()])
    elif "cut" in command:
        events = itertools.islice(events, int(command["cut"] or 1))
    if ending == "clean" and not {"no-done", "error-in-200", "endless"} & command.keys():
        events = itertools.chain(events, [f"data: [DONE]{end}{end}".encode()])
    if "merge" in command or "split" in command:
        events = _recut(events, int(command.get("split") or 0))
    pieces = _spoilt(((gap, event) for event in events), command)
    return _timed(Plan(200, [_SSE], pieces, None, ending=ending), command)


def _spoilt(pieces: Iterator[Piece], command: Command) -> Iterable[Piece]:
    """A stream that at some piece goes silent, says nothing more, or grows beyond all measure."""
    if "stall" in command:
        return itertools.chain(itertools.islice(pieces, int(command["stall"] or 1)), [(FOR_EVER, b"")])
    if "murmur" in command:
        comments = itertools.repeat((0.05, b": still here\n\n"))
        return itertools.chain(itertools.islice(pieces, int(command["murmur"] or 1)), comments)
    if "oversize" in command:
        first = itertools.islice(pieces, 2)
        large = itertools.chain([(0.0, b'data: {"padding":"')], _blocks(int(command["oversize"]), b"x"))
        return itertools.chain(first, large, [(0.0, b'"}\n\n')], pieces)
    return pieces


def _blocks(size: int, of: bytes) -> Iterator[Piece]:
    """So many bytes, a piece at a time."""
    yield from itertools.repeat((0.0, of * BLOCK), size // BLOCK)
    yield 0.0, of * (size % BLOCK)


def _timed(plan: Plan, command: Command) -> Plan:
    plan.delay = float(command.get("delay") or 0)
    plan.slow_head = float(command.get("slow-headers") or 0)
    if "reset" in command:
        plan.ending = "reset"
    return plan


def _recut(events: Iterator[bytes], size: int) -> Iterator[bytes]:
    joined = b"".join(events)
    return (joined[i : i + size] for i in range(0, len(joined), size)) if size else iter([joined])
