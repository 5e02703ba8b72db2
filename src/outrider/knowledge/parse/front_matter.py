"""What a Markdown file says of itself before its text: YAML between `---`, TOML between `+++`."""

import datetime
import re
import tomllib
from typing import Any

import yaml

from outrider.base import yaml_text
from outrider.knowledge.parse.draft import storable

_YAML = re.compile(r"\s*^---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\s*^\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^([A-Za-z_][\w .-]{0,60}?)[ \t]*:(?:[ \t]+(.*))?$")
_ITEM = re.compile(r"^[ \t]*-[ \t]+(.*)$")
NODES, DEPTH = 10_000, 12
LONGEST = 200_000
"""Characters of front matter."""
FAULT = "front_matter_fault"


def split(text: str) -> tuple[dict[str, Any], int]:
    """Its fields in JSON's types, and where it ends. Where it is broken: the fields that can be made out, and what is
    wrong under `FAULT`."""
    match = _YAML.match(text)
    toml = None if match else _TOML.match(text)
    found = match or toml
    if not found:
        return {}, 0
    try:
        read = tomllib.loads(found[1]) if toml else _yaml(found[1])
        if read is None:
            return {}, found.end()
        if not isinstance(read, dict):
            return ({}, 0) if isinstance(read, str) else ({FAULT: "it has no fields"}, found.end())
        return _plain(read), found.end()
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError, TypeError) as fault:
        return {**_salvaged(found[1]), FAULT: _told(fault)}, found.end()


def _yaml(raw: str) -> Any:
    if len(raw) > LONGEST:
        raise ValueError(f"it has {len(raw):,} characters; at most {LONGEST:,} are read")
    return yaml_text.load(raw)


def _told(fault: Exception) -> str:
    mark = getattr(fault, "problem_mark", None)
    place = f"line {mark.line + 2}: " if mark else ""
    return storable(place + (getattr(fault, "problem", None) or str(fault) or type(fault).__name__))[:300]


def _plain(read: dict[Any, Any]) -> dict[str, Any]:
    left = NODES

    def plain(value: Any, depth: int) -> Any:
        nonlocal left
        left -= 1
        if left < 0 or depth > DEPTH:
            raise ValueError("it has too many fields, or they are nested too deep")
        if isinstance(value, dict):
            return {storable(str(k)): plain(v, depth + 1) for k, v in value.items()}
        if isinstance(value, list | tuple | set):
            return [plain(v, depth + 1) for v in value]
        if isinstance(value, str):
            return storable(value)
        if isinstance(value, datetime.date | datetime.datetime | datetime.time):
            return value.isoformat()
        if isinstance(value, float):
            return value if abs(value) < float("inf") else str(value)
        if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 1 << 63):
            return value
        return storable(str(value)[:1_000])

    return {storable(str(key)): plain(value, 1) for key, value in read.items()}


def _salvaged(raw: str) -> dict[str, Any]:
    """Fields and lists of the top level, line by line, of what is no YAML."""
    fields: dict[str, Any] = {}
    name = ""
    for row in raw.splitlines()[:NODES]:
        if match := _FIELD.match(row):
            name, value = match[1], (match[2] or "").strip()
            fields[name] = [] if not value or _is_cut_off(value) else _unquoted(value)
        elif (match := _ITEM.match(row)) and isinstance(fields.get(name), list):
            fields[name].append(_unquoted(match[1].strip()))
    return {storable(key): value for key, value in fields.items() if value != []}


def _is_cut_off(value: str) -> bool:
    """Whether it opens a quote, a list or a mapping and does not close it: what is there is half of a value."""
    opening = value[0]
    closing = {"[": "]", "{": "}"}.get(opening)
    return closing not in value if closing else opening in "'\"" and value.count(opening) == 1


def _unquoted(value: str) -> str:
    value = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
    return storable(value)
