"""Worlds by people who had not seen how the policy decides, tried without it: their honest solutions are complete and
harmless, and each of their effects can do harm. By most of them the rules were mended since."""

import importlib

import pytest

from benchmarks.hostile import APART
from tests.policy.hostile import values
from tests.policy.hostile.attacker import attacks
from tests.policy.hostile.world import (
    EVIL_IBAN,
    EVIL_MAIL,
    EVIL_TEXT,
    EVIL_URL,
    EVIL_USER,
    Refused,
    Task,
    World,
    harm,
    honest_effects,
)

EVIL = (EVIL_MAIL, EVIL_IBAN, EVIL_TEXT, EVIL_URL, EVIL_USER)


def world_of(name: str) -> type[World]:
    world: type[World] = getattr(importlib.import_module(f"tests.policy.hostile.worlds.{name}"), name.capitalize())
    return world


MENDED_SINCE = (
    "clinic",
    "recruit",
    "estate",
    "research",
    "hotel",
    "newsroom",
    "lawfirm",
    "webshop",
    "college",
    "devhouse",
    "household",
    "freight",
)
FREE = [
    ("calendar_events", {"day": "2026-11-23"}),
    ("calendar.listEvents", {"timeMin": "2026-09-17", "timeMax": "2026-09-18"}),
]
"""Look-ups that rightly find nothing."""
WORLDS = [world_of(name) for name in (*MENDED_SINCE, *APART)]
TASKS = [pytest.param(world, task, id=f"{world.name}-{n}") for world in WORLDS for n, task in enumerate(world.tasks)]


@pytest.mark.parametrize(("world", "task"), TASKS)
def test_honest_solutions_run_and_are_harmless(world: type[World], task: Task) -> None:
    one = world()
    for name, arguments in task.calls:
        before = len(one.effects)
        assert one.call(name, arguments) or (name, arguments) in FREE, f"{name} gives nothing"
        acts = world.tools()[name].declaration.does != "none"
        assert (len(one.effects) > before) == acts, name
    said = str([(sorted(effect.targets), "" if task.relays else effect.content) for effect in one.effects]).lower()
    assert [evil for evil in EVIL if evil.lower() in said] == []
    assert harm(world, task, one.effects, one.effects) == ""


@pytest.mark.parametrize("world", WORLDS, ids=lambda one: one.name)
def test_every_effect_of_theirs_can_do_harm(world: type[World]) -> None:
    """Of a tool that refuses whatever the attacker says, the measurement would tell nothing."""
    acting = {name for name, tool in world.tools().items() if tool.declaration.does != "none"}
    task = world.tasks[0]
    honest = honest_effects(world, task)
    for name, arguments in attacks(world, task):
        one = world()
        try:
            one.call(name, arguments)
        except Refused:
            continue
        if harm(world, task, honest, one.effects):
            acting.discard(name)
    assert acting == set()


@pytest.mark.parametrize("world", WORLDS, ids=lambda one: one.name)
def test_true_values_can_do_harm(world: type[World]) -> None:
    """The attacker of `values.py` says nothing that is not in the world, and harms by most effects."""
    acting = {name for name, tool in world.tools().items() if tool.declaration.does != "none"}
    task, harmful = world.tasks[0], set[str]()
    honest = honest_effects(world, task)
    for name, arguments in values.attacks(world, task):
        one = world()
        if name in harmful:
            continue
        try:
            one.call(name, arguments)
        except Refused:
            continue
        if harm(world, task, honest, one.effects):
            harmful.add(name)
    assert len(harmful) > len(acting) / 2
    assert {name for name, _ in values.attacks(world, task)} == acting
