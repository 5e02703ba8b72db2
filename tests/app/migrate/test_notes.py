"""What is told: nothing forgotten, nothing twice."""

from hypothesis import given
from hypothesis import strategies as st

from outrider.app.migrate.notes import Note, Notes, Section, one_line


def test_the_same_of_several_entries_is_one_note() -> None:
    notes = Notes()
    for index, who in enumerate(["a", "b", "c", "d", "e", "a"]):
        notes.add("left", f"list[{index}].key", "why", who)
    notes.add("left", "list[9]", "why")
    assert list(notes) == [Note("left", "list[].key", "why", "a, b, c, d and 1 more"), Note("left", "list[9]", "why")]


def test_the_same_of_several_keys_is_one_note_and_what_is_to_be_done_comes_first() -> None:
    notes = Notes()
    notes.add("left", "s.one", "not needed")
    notes.add("todo", "s.key", "export it")
    notes.add("left", "s.two", "not needed")
    assert [(n.kind, n.path) for n in notes] == [("todo", "s.key"), ("left", "s.one, two")]


def test_a_section_knows_what_nobody_read() -> None:
    notes = Notes()
    section = Section({"a": 1, "b": "x", "c": {"d": 1}, "e": None, "f": [], "quiet": 1}, "top", notes)
    assert section.number("a") == 1
    section.section("c").leave({}, "unknown")
    section.leave({"b": "do this", "quiet": ""}, "unknown")
    assert [(n.path, n.text) for n in notes] == [("top.c.d", "unknown"), ("top.b", "do this")]


def test_values_of_the_wrong_kind_are_told() -> None:
    notes = Notes()
    section = Section({"n": "many", "t": [1], "z": 0, "f": False, "yes": "True", "one": "x"}, "", notes)
    assert section.number("n") is None
    assert section.text("t") == ""
    assert section.number("z") is None
    assert section.number("f") is None
    assert section.flag("yes") is True
    assert section.flag("gone") is None
    assert section.entries("one") == ["x"]
    assert list(Section([1], "list", notes)) == []
    assert [n.path for n in notes] == ["n, t"] or [n.path for n in notes] == ["n", "t", "list"]


@given(st.text())
def test_a_note_stays_on_its_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
