"""The text of the new file: the draft as YAML with its comments, and below it what did not come over."""

import re
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from outrider.app.migrate.draft import Draft
from outrider.app.migrate.notes import Note, one_line

WIDTH = 118
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*|[0-9]+(?:\.[0-9]+)?(?:[a-zA-Z]+|/min)?")
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_HEADS = {
    "todo": "To be done before it works",
    "differs": "Came over, and means something else",
    "left": "Did not come over, and what to do instead",
}
_HEAD = """\
# Written by `outrider init --from {name}` from a configuration of {source}. `outrider config check` finds mistakes,
# `outrider config show` prints all settings in force. What did not come over stands at the end of this file.
# yaml-language-server: $schema=./outrider.schema.json
"""
_SERVER = """\
# {source} listens on all addresses and port 4000; so does Outrider with server: {{host: 0.0.0.0, port: 4000}}
"""
_ORDER = ("server", "providers", "routes", "rates", "budgets", "journal")


def text(draft: Draft, notes: Sequence[Note], name: str) -> str:
    """The whole file. `name` is the old file's."""
    values: dict[str, Any] = {
        **draft.rest,
        "providers": {name: made.values() for name, made in draft.providers.items()},
        "routes": draft.routes,
    }
    lines = [_HEAD.format(name=one_line(name), source=draft.source).rstrip("\n")]
    needed = draft.variables()
    if needed:
        lines += ["#", "# Variables that it needs, where you start Outrider:"]
        lines += [f"#   {one_line(variable)}: {one_line(what)}" for variable, what in needed.items()]
    lines += ["", *_SERVER.format(source=draft.source).splitlines()]
    for key in _ORDER:
        if values.get(key):
            lines += ["", f"{key}:", *_mapping(values[key], 1)]
    return "\n".join([*lines, *_told(notes)]) + "\n"


def _mapping(values: Mapping[str, Any], depth: int) -> Iterator[str]:
    """Lines of a mapping: small ones in one line, others a line for each key."""
    for key, value in values.items():
        start = f"{'  ' * depth}{_scalar(key)}:"
        flow = f"{start} {_flow(value)}"
        if isinstance(value, dict) and value and (depth == 1 or len(flow) > WIDTH):
            yield start
            yield from _mapping(value, depth + 1)
        elif isinstance(value, list) and value and len(flow) > WIDTH:
            yield start
            yield from (f"{'  ' * (depth + 1)}- {_flow(item)}" for item in value)
        else:
            yield flow


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    """A value that YAML reads back as it is: quoted unless it is a plain word or number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    written = str(value)
    if _PLAIN.fullmatch(written) and written.lower() not in _WORDS:
        return written
    signs = [f"\\{c}" if c in '"\\' else c if c.isprintable() else f"\\U{ord(c):08x}" for c in written]
    return f'"{"".join(signs)}"'


def _told(notes: Sequence[Note]) -> Iterator[str]:
    for kind, head in _HEADS.items():
        found = [note for note in notes if note.kind == kind]
        if found:
            yield ""
            yield f"# {head}:"
        for note in found:
            yield from wrap(
                line(note), WIDTH, initial_indent="#   ", subsequent_indent="#     ", break_on_hyphens=False
            )


def line(note: Note) -> str:
    """A note in words: the place, whom it is about, and what to do."""
    who = f" ({note.who})" if note.who else ""
    return one_line(f"{note.path}{who}: {note.text}")
