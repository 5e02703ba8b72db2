"""JSON and JSONL: each record a block of `name: value` lines. Notebooks: their cells."""

from collections.abc import Iterator
from typing import Any

import msgspec

from outrider.base.errors import Unreadable
from outrider.knowledge.parse import markdown
from outrider.knowledge.parse.draft import LONGEST, Draft, line
from outrider.knowledge.parse.encoding import decode
from outrider.knowledge.records import Fetched, Parsed

DEEPEST = 60
_TITLES = ("title", "name", "subject", "headline")


def parse(fetched: Fetched) -> Parsed:
    read = _read(decode(fetched.body))
    draft = Draft()
    if isinstance(read, dict) and isinstance(read.get("cells"), list) and "nbformat" in read:
        _notebook(draft, read)
        return draft.parsed(title=_title(read.get("metadata")), media="application/x-ipynb+json")
    for record in read if isinstance(read, list) else _parts(read):
        draft.add("text", "\n".join(_lines(record)), apart="\n\n")
    return draft.parsed(title=_title(read), media="application/json")


def _read(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as fault:
        rows = [row for row in text.split("\n") if row.strip()]
        if len(rows) < 2 or text.lstrip()[:1] not in ("{", "["):
            raise Unreadable(f"It is not JSON: {fault}.") from None
    records = []
    for number, row in enumerate(rows, 1):
        try:
            records.append(msgspec.json.decode(row))
        except (msgspec.DecodeError, RecursionError) as fault:
            raise Unreadable(f"It is neither JSON nor JSONL: line {number}: {fault}.") from None
    return records


def _title(read: Any) -> str:
    found = (read.get(name) for name in _TITLES) if isinstance(read, dict) else iter(())
    return next((value for value in found if isinstance(value, str)), "")


def _parts(read: Any) -> list[Any]:
    """What an object at the top holds: its plain fields together, each list's records and each inner object alone."""
    if not isinstance(read, dict):
        return [read]
    plain = {k: v for k, v in read.items() if not isinstance(v, dict | list)}
    parts: list[Any] = [plain] if plain else []
    for name, value in read.items():
        if isinstance(value, list) and any(isinstance(v, dict) for v in value):
            parts += [{name: v} for v in value]
        elif isinstance(value, dict | list):
            parts.append({name: value})
    return parts


def _lines(record: Any) -> Iterator[str]:
    """`name: value`, inner names after their outer ones, `a.b: value`."""
    stack: list[tuple[str, Any, int]] = [("", record, 0)]
    length = 0
    while stack:
        name, value, depth = stack.pop()
        if isinstance(value, dict | list) and depth > DEEPEST:
            raise Unreadable(f"It is nested deeper than {DEEPEST} levels.")
        if isinstance(value, dict):
            stack += [(f"{name}.{k}" if name else str(k), v, depth + 1) for k, v in reversed(value.items())]
        elif isinstance(value, list) and any(isinstance(v, dict | list) for v in value):
            stack += [(name, v, depth + 1) for v in reversed(value)]
        else:
            told = ", ".join(map(_scalar, value)) if isinstance(value, list) else _scalar(value)
            length += len(name) + len(told)
            if length > LONGEST:
                raise Unreadable(f"It gives more than {LONGEST:,} characters of text. Divide it.")
            if told:
                yield f"{line(name)}: {told}" if name else told


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _notebook(draft: Draft, read: dict[str, Any]) -> None:
    for cell in read["cells"]:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", "")
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        if cell.get("cell_type") == "markdown":
            for block in markdown.scan(text):
                draft.add(block.kind, text[block.start : block.end], level=block.level)
        else:
            draft.add("code", text)
        for output in cell.get("outputs", ()) if isinstance(cell.get("outputs"), list) else ():
            shown = output.get("text") if isinstance(output, dict) else None
            draft.add("code", "".join(map(str, shown))[:20_000] if isinstance(shown, list) else "")
