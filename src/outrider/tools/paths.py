"""Paths into JSON values: `to`, `options.bcc`, `items[].id`. The same notation as the fields of a declaration.

A part `[]` is every element of a list. Nothing here changes what it is given: new values share what stays.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Path = tuple[str, ...]
EACH = "[]"
GONE = object()
"""What `get` gives where there is nothing."""


def parsed(text: str) -> Path:
    """`items[].id` as ("items", "[]", "id"). Raises ValueError for a path without a name."""
    found: list[str] = []
    for part in text.split("."):
        name = part
        lists = 0
        while name.endswith(EACH):
            name, lists = name[: -len(EACH)], lists + 1
        if name:
            found.append(name)
        found += [EACH] * lists
        if not name and not lists:
            raise ValueError(f"{text!r} is no path: write names with dots between them, such as items[].id")
    return tuple(found)


def get(value: Any, path: Path) -> Any:
    """What stands at `path` (no `[]` in it), or GONE."""
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return GONE
        value = value[name]
    return value


def put(value: Mapping[str, Any], path: Path, what: Any) -> dict[str, Any]:
    """`value` with `what` at `path`; objects on the way are made where there are none."""
    name, rest = path[0], path[1:]
    if not rest:
        return {**value, name: what}
    inner = value.get(name)
    return {**value, name: put(inner if isinstance(inner, Mapping) else {}, rest, what)}


def without(value: Any, paths: Sequence[Path]) -> Any:
    """`value` without what stands at `paths`. A path ends a branch: nothing below it stays."""
    if any(not path for path in paths):
        return GONE
    if isinstance(value, Mapping):
        made = {}
        for key, part in value.items():
            left = without(part, [path[1:] for path in paths if path[0] == key])
            if left is not GONE:
                made[key] = left
        return made
    if isinstance(value, list | tuple):
        inner = [path[1:] for path in paths if path[0] == EACH]
        return [left for part in value if (left := without(part, inner)) is not GONE]
    return value


def only(value: Any, paths: Sequence[Path]) -> Any:
    """Of `value` what stands at `paths`, with all that is below it. GONE where nothing does."""
    if any(not path for path in paths):
        return value
    if isinstance(value, Mapping):
        made = {}
        for key, part in value.items():
            left = only(part, [path[1:] for path in paths if path[0] == key])
            if left is not GONE:
                made[key] = left
        return made if made else GONE
    if isinstance(value, list | tuple):
        inner = [path[1:] for path in paths if path[0] == EACH]
        if not inner:
            return GONE
        return [left for part in value if (left := only(part, inner)) is not GONE]
    return GONE
