"""The suite notices what is lost, changed or misplaced."""

from typing import Any

import pytest
from msgspec import structs

from outrider.testing.conformance.catalogue import SCENES
from outrider.testing.conformance.catalogue.making import WEATHER, says, system, user
from outrider.testing.conformance.catalogue.media import JPEG, PNG
from outrider.testing.conformance.catalogue.tools import BASEL, BERN, gave
from outrider.testing.conformance.compare import check_got, check_heard
from outrider.testing.conformance.got import Got, Wrong
from outrider.testing.conformance.scenes import SPEAKERS, Scene, Step, lacking, sealed
from outrider.testing.speaking.words import Ask, Counts, Reply, Text, Thought, Turn

CLAUDE = SPEAKERS["anthropic"]
THOUGHT = sealed(Reply((Thought("so"),)), CLAUDE).parts[0]
TURNS = [
    system("Be brief."),
    user("Look:", PNG),
    Turn("assistant", (THOUGHT, Text("Hm."), BERN, BASEL)),
    user(gave(BERN, "Rain."), gave(BASEL, "Sun.", error=True)),
]
SCENE = Scene(
    "s", "S", (Step(()),), (WEATHER,), "required", {"temperature": 0.5, "stop": ["END"], "effort": "high"}, marks=1
)
PARAMS: dict[str, Any] = {"temperature": 0.5, "stop": ["END"], "effort": "high"}
HEARD = Ask(TURNS, [WEATHER], "required", PARAMS, 1)


def turn(at: int, *parts: Any) -> list[Turn]:
    return [*TURNS[:at], Turn(TURNS[at].role, parts), *TURNS[at + 1 :]]


SPOILT = [
    {"turns": TURNS[1:]},
    {"turns": turn(0, Text("Be long."))},
    {"turns": turn(1, Text("Look:"), JPEG)},
    {"turns": turn(1, PNG, Text("Look:"))},
    {"turns": turn(2, Text("Hm."), BERN, BASEL)},
    {"turns": turn(2, structs.replace(THOUGHT, seal="x"), Text("Hm."), BERN, BASEL)},
    {"turns": turn(2, Text("Hm."), THOUGHT, BERN, BASEL)},
    {"turns": turn(2, THOUGHT, Text("Hm."), BASEL, BERN)},
    {"turns": turn(2, THOUGHT, Text("Hm."), structs.replace(BERN, id="other"), BASEL)},
    {"turns": turn(2, THOUGHT, Text("Hm."), structs.replace(BERN, arguments={}), BASEL)},
    {"turns": turn(3, gave(BERN, "Rain."), gave(BASEL, "Sun."))},
    {"turns": turn(3, gave(BERN, "Sun."), gave(BASEL, "Sun.", error=True))},
    {"tools": []},
    {"tools": [structs.replace(WEATHER, description="")]},
    {"tools": [structs.replace(WEATHER, schema={"type": "object"})]},
    {"choice": "auto"},
    {"params": PARAMS | {"temperature": 1}},
    {"params": PARAMS | {"stop": []}},
    {"params": {"temperature": 0.5, "stop": ["END"]}},
    {"marks": 0},
]


def test_what_was_said_is_heard() -> None:
    check_heard(SCENE, TURNS, HEARD, CLAUDE, set())


@pytest.mark.parametrize("change", SPOILT)
def test_what_is_heard_otherwise_is_noticed(change: dict[str, Any]) -> None:
    with pytest.raises(Wrong):
        check_heard(SCENE, TURNS, structs.replace(HEARD, **change), CLAUDE, set())


REPLY = says(Thought("so", "s"), "Hm.", BERN, finish="tool_calls", counts=Counts(10, 5, 2, 1, 3))
GOT = Got([Thought("so", "s"), Text("Hm."), BERN], "tool_calls", "", REPLY.counts)


def test_what_was_answered_is_got() -> None:
    check_got(structs.replace(SCENE, tells=frozenset({"thoughts"})), REPLY, GOT, CLAUDE, frozenset())


@pytest.mark.parametrize(
    "change",
    [
        {"parts": [Thought("so", "s"), Text("Hm!"), BERN]},
        {"parts": [Text("Hm."), BERN]},
        {"parts": [Thought("so", "s"), Text("Hm.")]},
        {"parts": [Thought("so", "s"), Text("Hm."), structs.replace(BERN, id="other")]},
        {"finish": "stop"},
        {"counts": None},
        *({"counts": structs.replace(REPLY.counts, **{name: 9})} for name in Counts.__struct_fields__),
    ],
)
def test_what_is_got_otherwise_is_noticed(change: dict[str, Any]) -> None:
    scene = structs.replace(SCENE, tells=frozenset({"thoughts"}))
    with pytest.raises(Wrong):
        check_got(scene, REPLY, structs.replace(GOT, **change), CLAUDE, frozenset())


def test_what_a_provider_lacks_is_known_by_name() -> None:
    seeded = next(scene for scene in SCENES if scene.name == "seed")
    assert lacking(seeded, SPEAKERS["anthropic"])["seed"].search("messages: seed is lost")
    assert not lacking(seeded, SPEAKERS["gemini"])
