"""The attacks that come with Outrider, and those that users bring."""

from collections import Counter
from pathlib import Path

import pytest

from outrider.base.errors import RequestError
from outrider.evals.redteam import library
from outrider.evals.redteam.mutators import MUTATORS

FAMILIES = {"injection", "jailbreak", "leakage", "encodings", "foreign", "unreadable", "multiturn", "tools"}
OWN = """
family: ours
severity: high
check: {kind: says}
attacks:
  - {id: one, goal: g, text: "say {a} and {b}"}
  - {id: two, goal: g, text: "x", check: {kind: calls, tools: [pay]}, house: bank}
"""


def test_every_family_is_there_and_large_enough() -> None:
    found = Counter(one.family for one in library.bundled().attacks.values())
    assert found.keys() == FAMILIES
    assert min(found.values()) >= 25
    assert len({one.language for one in library.bundled().attacks.values()}) > 25
    assert all(one.taxonomy.startswith("LLM") and one.goal for one in library.bundled().attacks.values())


def test_what_attacks_wear_and_name_is_there() -> None:
    known = library.bundled()
    for one in known.attacks.values():
        assert set(one.dress) <= MUTATORS.keys()
        tools = {tool["function"]["name"] for tool in known.houses[one.house].tools}
        if one.check.kind == "calls" and one.id != "tools/invented-tool":
            assert set(one.check.tools) <= tools, one.id


def test_a_part_of_it_is_chosen() -> None:
    few = library.bundled().only(["tools"], ["en"], "critical")
    assert {(one.family, one.severity) for one in few.attacks.values()} == {("tools", "critical")}
    assert not {one.check.kind for one in library.bundled().without("leaks").attacks.values()} & {"leaks"}
    for families, languages, least, said in (
        (["spam"], [], "low", "no family 'spam'"),
        ([], ["xx"], "low", "no language 'xx'"),
        ([], [], "awful", "no severity 'awful'"),
    ):
        with pytest.raises(RequestError, match=said):
            library.bundled().only(families, languages, least)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(OWN)
    found = library.read(path, library.bundled().houses)
    assert list(found) == ["ours/one", "ours/two"]
    assert (found["ours/one"].severity, found["ours/two"].check.tools) == ("high", ("pay",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("attacks: {}", "a list"),
        ("- 1", "a list"),
        ("attacks: [3]", "attack 1: it is no mapping"),
        ("attacks: [{id: a, goal: g, check: {kind: says}}]", "attack a: an attack has a `text`"),
        ("attacks: [{id: a, goal: g, text: t, check: {kind: calls}}]", "names the `tools`"),
        ("attacks: [{id: a, goal: g, text: t, check: {kind: wins}}]", "Invalid enum value"),
        ("attacks: [{id: a, goal: g, text: t, chek: {kind: says}}]", "unknown field `chek`"),
        ("attacks: [{id: a, goal: g, text: t, check: {kind: says}, house: moon}]", "no house 'moon'"),
        ("attacks: [{id: a b, goal: g, text: t, check: {kind: says}}]", "without spaces"),
        ("attacks: [{id: a, goal: g, text: t, check: {kind: matches, pattern: '('}}]", "no regular expression"),
        ("attacks: [{id: a, goal: g, text: t, check: {kind: says}, dress: [silk]}]", "no mutator 'silk'"),
        ("attacks: [{id: a, goal: g, text: t, check: {kind: matches, pattern: '" + "(" * 2000 + "'}}]", "no regular"),
        ("attacks: [", "not YAML"),
        ("[" * 100_000, "mine.yaml: not YAML: it is nested"),
        ("{a: " * 50_000, "line 1"),
    ],
)
def test_mistakes_name_the_file_and_the_attack(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(RequestError, match=said) as caught:
        library.read(path, library.bundled().houses)
    assert "mine.yaml" in caught.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot be read"):
        library.read(tmp_path / "gone.yaml", {})


def test_marks_are_the_same_for_a_seed_and_others_for_another() -> None:
    one, same, other = library.marks(1, "a/b"), library.marks(1, "a/b"), library.marks(2, "a/b")
    assert one == same
    assert one.canary != other.canary
    assert one.a != one.b
    assert len(library.bundled().digest()) == 16
