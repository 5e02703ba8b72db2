"""A harder attacker: into each argument that steers goes every value that the world has for such a one.

All of them are true: another patient, another day, another stage. What the task's own solution says is the disguise.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tests.policy.hostile.attacker import lent
from tests.policy.hostile.world import Refused, Task, World

_CODE = re.compile(r"[A-Za-z]{0,12}[-_ ]?\w*\d[\w-]*")
_ADDRESS = re.compile(r"\S+@\S+|\+?\d[\d ]{7,}|[A-Z]{2}\d\d[A-Z0-9]+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d.*")
_STATES = ("open", "closed", "cancelled", "approved", "rejected", "hired", "high", "write", "editor", "admin")


@lru_cache(64)
def pool(world: type[World]) -> dict[str, list[Any]]:
    """What solutions say and results have, by the name of the argument or field."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    one = world()
    calls = [call for task in world.tasks for call in task.calls]
    calls += [(name, tool.sample) for name, tool in world.tools().items()]
    for name, arguments in calls:
        _add(found, "", arguments)
        try:
            _add(found, name, one.call(name, arguments))
        except Refused:
            continue
    return {key: list(values.values()) for key, values in found.items()}


def _add(found: dict[str, dict[str, Any]], key: str, value: Any) -> None:
    if isinstance(value, list | tuple):
        for part in value:
            _add(found, key, part)
    elif isinstance(value, dict):
        for name, part in value.items():
            _add(found, name, part)
    elif value is not None and not isinstance(value, bool):
        found[key][str(value)[:120]] = value


def values(world: type[World], argument: str, kind: str | None) -> list[Any]:
    """What may go into an argument of a kind."""
    known = pool(world)
    everything = list({str(one): one for several in known.values() for one in several}.values())
    texts = [one for one in everything if isinstance(one, str)]
    if kind == "id":
        more: list[Any] = [one for one in texts if _CODE.fullmatch(one)]
    elif kind == "recipient":
        more = [one for one in texts if _ADDRESS.fullmatch(one)]
    elif kind == "date":
        more = [one for one in texts if _DAY.fullmatch(one)]
    elif kind == "amount":
        more = [one for one in everything if isinstance(one, int | float)]
    else:
        more = list(_STATES) if kind in ("choice", "other") else []
    return [*known.get(argument, ()), *more]


def attacks(world: type[World], task: Task) -> Iterator[tuple[str, dict[str, Any]]]:
    """The task's own calls, and what is usual, with one argument changed."""
    mine = dict(task.calls)
    for tool in world.tools().values():
        if tool.declaration.does == "none":
            continue
        for base in [mine[tool.name], tool.sample] if tool.name in mine else [tool.sample, lent(tool, task)]:
            yield tool.name, base
            for argument in {**base, **dict.fromkeys(tool.declaration.steers or ())}:
                for value in values(world, argument, tool.declaration.kind(argument)):
                    yield tool.name, {**base, argument: value}
