"""Large results: the beginning is given, the rest is kept for the session and read in parts with `read_more`.

A part is as untrusted and as private as the result that it is of. Blocking where the store is used.
"""

import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import zstandard

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.policy.declarations import Declaration
from outrider.policy.identity import Who
from outrider.store import Store
from outrider.tools.ports import Tool, ToolResult

READ_MORE = "read_more"
LARGEST_KEPT = 16_000_000
"""Characters of a result that are kept."""
MOST_FOUND = 10
AROUND = 200
"""Characters that are shown on either side of what was found."""
_RESULT = "r_"
_json = msgspec.json.Encoder().encode


class Page(msgspec.Struct, frozen=True):
    """A part of a kept text: characters `offset` to `offset + len(text)` of `total`."""

    text: str
    offset: int
    total: int

    @property
    def next(self) -> int | None:
        end = self.offset + len(self.text)
        return end if end < self.total else None


class Kept(msgspec.Struct, frozen=True):
    """A kept result as its session may have it."""

    tool: str
    text: str
    declaration: Declaration


class KeptResults:
    """Results kept in the lease store, each for one session. `keep_for` is seconds."""

    def __init__(self, store: Callable[[], Store], keep_for: Callable[[], float]) -> None:
        self._store, self._keep_for = store, keep_for

    def keep(self, who: Who, tool: str, text: str, declaration: Declaration, handle: str = "") -> str:
        """Keep a text; its handle. One that is there already under `handle` is replaced."""
        handle = handle or f"{_RESULT}{ids.token(12)}"
        now = clock.now_ns()
        body = zstandard.compress(text[:LARGEST_KEPT].encode("utf-8", "surrogatepass"))
        with self._store().write([zlib.crc32(handle.encode()) >> 1]) as tx:
            tx.execute("DELETE FROM kept_results WHERE expires < ? OR handle = ?", (now, handle))
            tx.execute(
                "INSERT INTO kept_results (handle, project, session, tool, made, expires, size, declaration, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    handle,
                    who.project,
                    who.session,
                    tool,
                    now,
                    now + int(self._keep_for() * 1e9),
                    len(text),
                    msgspec.msgpack.encode(declaration),
                    body,
                ),
            )
        return handle

    def get(self, who: Who, handle: str) -> Kept | None:
        """What was kept, for the session that it belongs to and until it expires."""
        rows = self._store().query(
            "SELECT tool, declaration, body FROM kept_results"
            " WHERE handle = ? AND project = ? AND session = ? AND expires > ?",
            (handle, who.project, who.session, clock.now_ns()),
        )
        for tool, declaration, body in rows:
            text = zstandard.decompress(body).decode("utf-8", "surrogatepass")
            return Kept(tool, text, msgspec.msgpack.decode(declaration, type=Declaration))
        return None

    def readable(self, who: Who, handle: str) -> Kept | None:
        """The same for `read_more`: results, and not what a composite tool has done so far."""
        return self.get(who, handle) if handle.startswith(_RESULT) else None

    def forget(self, handle: str) -> None:
        with self._store().write() as tx:
            tx.execute("DELETE FROM kept_results WHERE handle = ?", (handle,))


def handle_for(*parts: str) -> str:
    """A handle that follows from what it is of, for what is found again without being told."""
    return "c_" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """Arguments of `read_more`. Sizes are characters."""

    handle: str
    offset: int = 0
    limit: int = 8_000
    find: str = ""


def read_more_tool() -> Tool:
    """The tool that reads on in a result that was too large."""
    return Tool(
        name=READ_MORE,
        own=READ_MORE,
        description="Read on in a result that was too large to be given whole, or find a text in it.",
        input_schema={
            "type": "object",
            "properties": {
                "handle": {"type": "string", "description": "As the result that was cut said it."},
                "offset": {"type": "integer", "minimum": 0, "description": "Character to begin at."},
                "limit": {"type": "integer", "minimum": 1, "description": "Characters at most."},
                "find": {"type": "string", "description": "Show the places with this text instead."},
            },
            "required": ["handle"],
            "additionalProperties": False,
        },
        annotations={"readOnlyHint": True, "openWorldHint": False},
        idempotent=True,
    )


def wanted(arguments: Mapping[str, Any]) -> Wanted:
    """Raises RequestError for arguments that are none."""
    try:
        found = msgspec.convert(dict(arguments), Wanted)
    except msgspec.ValidationError as error:
        raise RequestError(f"the arguments of {READ_MORE} cannot be used: {error}", code="invalid_arguments") from None
    if found.offset < 0 or found.limit < 1:
        raise RequestError("`offset` is 0 or more and `limit` 1 or more", code="invalid_arguments")
    return found


def read_more(kept: Kept | None, asked: Wanted, largest: int) -> ToolResult:
    """A part of a kept result, or the places where a text is. Raises RequestError where nothing is kept."""
    if kept is None:
        raise RequestError(
            "there is no such result for this session: it was never kept, or not for so long. Call the tool again.",
            status=404,
            code="no_such_result",
        )
    if asked.find:
        return _places(kept.text, asked)
    if asked.offset >= max(len(kept.text), 1):
        raise RequestError(f"the result has {len(kept.text)} characters only", code="invalid_arguments", param="offset")
    part = Page(kept.text[asked.offset : asked.offset + min(asked.limit, largest)], asked.offset, len(kept.text))
    more = "" if part.next is None else f" Go on with offset {part.next}."
    end = part.offset + len(part.text)
    return _noted(part.text, f"Characters {part.offset} to {end} of {part.total}.{more}")


def _places(text: str, asked: Wanted) -> ToolResult:
    folded, what = text.casefold(), asked.find.casefold()
    same = len(folded) == len(text)  # casefold may lengthen a text: then only the same spelling is looked for
    hay, needle = (folded, what) if same else (text, asked.find)
    found: list[str] = []
    at = hay.find(needle, asked.offset)
    while at >= 0 and len(found) < MOST_FOUND:
        start, end = max(0, at - AROUND), min(len(text), at + len(needle) + AROUND)
        found.append(f"[{at}] {text[start:end]}")
        at = hay.find(needle, max(end, at + 1))
    if not found:
        return _noted("", f"It is not there, from character {asked.offset} of {len(text)} on.")
    more = f" There is more: go on with offset {at}." if at >= 0 else ""
    return _noted("\n---\n".join(found), f"Places by their offsets, of {len(text)} characters.{more}")


def _noted(text: str, note: str) -> ToolResult:
    """What others wrote and what Outrider says, in blocks of their own."""
    blocks = [{"type": "text", "text": text}] if text else []
    return ToolResult(content=[*blocks, {"type": "text", "text": note}])


def size_of(result: ToolResult) -> int:
    """Characters of a result as a client gets it."""
    structured = len(_json(result.structured)) if result.structured is not None else 0
    beside = len(_json(result.meta)) if result.meta else 0
    return sum(len(block["text"]) if _is_text(block) else len(_json(block)) for block in result.content) + (
        structured + beside
    )


def whole_text(result: ToolResult) -> str:
    """A result as one text: its texts, or its JSON where it has none."""
    texts = [text for block in result.content if (text := _text_in(block))]
    if not texts and result.structured is not None:
        return str(_json(result.structured).decode())
    return "\n".join(texts)


def _is_text(block: Mapping[str, Any]) -> bool:
    return block.get("type") == "text" and isinstance(block.get("text"), str)


def _text_in(block: Mapping[str, Any]) -> str:
    """The text of a block: its own, or that of a resource in it."""
    inner = block.get("resource")
    found = block.get("text") if _is_text(block) else inner.get("text") if isinstance(inner, Mapping) else None
    return found if isinstance(found, str) else ""


def cut(result: ToolResult, largest: int, handle: str, tool: Tool) -> ToolResult:
    """The beginning of a result that is larger than `largest` characters, with a note on how to read on. Where the tool
    promises a form, lists and texts in its JSON are shortened so that it keeps to it; a form that cannot be kept to
    makes it a failed call, whose text can still be read."""
    text = whole_text(result)
    shown = text[:largest]
    note = "This result is too large to be given."
    if text:
        kept = min(len(text), LARGEST_KEPT)
        note = f"This is the beginning: characters 0 to {len(shown)} of {len(text)}."
        note += f" Read on with {READ_MORE}, handle {handle!r}, offset {len(shown)}." if len(shown) < kept else ""
        note += f" Only the first {kept} are kept." if kept < len(text) else ""
    rest = [block for block in result.content if not _text_in(block)]
    fitting = _fitting(rest, largest)
    if len(fitting) < len(rest):
        kinds = ", ".join(sorted({str(block.get("type")) for block in rest}))
        note += f" Left out, because they are too large: {len(rest) - len(fitting)} of {len(rest)} blocks ({kinds})."
    blocks = [{"type": "text", "text": shown}] if shown else []
    made = ToolResult(
        content=[*blocks, *fitting, {"type": "text", "text": note}],
        is_error=result.is_error,
        meta=result.meta if len(_json(result.meta)) <= largest else {},
    )
    if tool.output_schema is None or result.is_error:
        return made
    made.structured = shortened(result.structured, largest)
    made.is_error = made.structured is None or not _keeps(made.structured, tool.output_schema)
    if made.is_error:
        made.structured = None
    return made


def _fitting(blocks: Sequence[dict[str, Any]], largest: int) -> list[dict[str, Any]]:
    """Those that have room together, in their order."""
    room, found = largest, []
    for block in blocks:
        size = len(_json(block))
        if size <= room:
            room -= size
            found.append(block)
    return found


def shortened(value: Any, largest: int) -> Any:
    """A JSON value with its long lists and texts cut until it has at most `largest` characters; None: it has more names
    and numbers than that."""
    if len(_json(value)) <= largest:
        return value
    if len(_json(_capped(value, 0))) > largest:
        return None
    longest = largest
    while len(_json(value)) > largest:
        longest //= 2
        value = _capped(value, longest)
    return value


def _capped(value: Any, longest: int) -> Any:
    if isinstance(value, str):
        return value[:longest]
    if isinstance(value, Mapping):
        return {key: _capped(part, longest) for key, part in value.items()}
    if isinstance(value, list | tuple):
        most = max(1, longest // 20)
        return [_capped(part, longest) for part in value[:most]]
    return value


def _keeps(value: Any, schema: Mapping[str, Any]) -> bool:
    import jsonschema_rs

    try:
        return bool(jsonschema_rs.is_valid(dict(schema), value, offline=True))
    except (ValueError, jsonschema_rs.ReferencingError):
        return False


def of_a_part(declaration: Declaration) -> Declaration:
    """The labels of a part of a result: a text has no fields, so it is as untrusted as the worst of them."""
    trust = "untrusted" if "untrusted" in declaration.fields.values() else declaration.trust
    return Declaration(trust=trust, privacy=declaration.privacy, does="none", steers={}, idempotent=True)
