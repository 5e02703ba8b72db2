"""A cell says no where the gateway does not keep what it should."""

from msgspec import structs

from outrider.testing.conformance import SCENES, Target
from outrider.testing.conformance.callers import CALLERS
from outrider.testing.conformance.cell import FAIL, NAMED, NONE, PASS, applies, play
from outrider.testing.conformance.scenes import SPEAKERS, Scene


def scene(name: str) -> Scene:
    return next(one for one in SCENES if one.name == name)


def test_outcomes(target: Target) -> None:
    assert play(target, scene("text"), "messages", "bedrock").outcome == PASS
    assert play(target, scene("seed"), "chat", "anthropic").outcome == NAMED
    assert play(target, scene("seed"), "messages", "gemini").outcome == NONE


def test_new_fields_are_for_one_language_alone() -> None:
    assert applies(scene("new-fields"), CALLERS["messages"], SPEAKERS["anthropic"])
    assert not applies(scene("new-fields"), CALLERS["messages"], SPEAKERS["chat"])


def test_a_need_that_is_not_known_to_be_lacking_fails(target: Target) -> None:
    """Anthropic has no seed. A scene that does not know it finds the refusal wrong."""
    cell = play(target, structs.replace(scene("seed"), needs=frozenset()), "chat", "anthropic")
    assert cell.outcome == FAIL
    assert "cannot be asked for this: seed" in cell.why


def test_a_need_that_is_met_although_it_should_lack_fails(target: Target) -> None:
    cell = play(target, structs.replace(scene("text"), needs=frozenset({"seed"})), "chat", "anthropic")
    assert "lost without a word" in cell.why
