"""What of a user's words is no request of its own."""

import re

import pytest

from outrider.policy.dictated import corrects, quoted, split, writes_to


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("put 'crown fitted, review' into her file", ["'crown fitted, review'"]),
        ('say "hi", and "bye"', ['"hi"', '"bye"']),
        ("écris « à demain » à bob", ["« à demain »"]),
        ("the teachers' room and the boys' room", []),
        ("don't, it's bob's", []),
    ],
)
def test_quotes(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in quoted(text)] == found


def test_quotes_are_not_split() -> None:
    assert split(re.compile(", "), "put 'a, b' in, and go") == ["put 'a, b' in", "and go"]


def test_many_quotes_cost_no_more_than_their_length() -> None:
    assert len(split(re.compile(", "), "'a', " * 50_000)) == 50_001


@pytest.mark.parametrize(
    ("text", "found"),
    [("make it 3 pm", True), ("make that the 24th", True), ("make a list", False), ("make it ten", True)],
)
def test_corrections(text: str, found: bool) -> None:
    assert corrects(text, 0) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("write to bob", True),
        ("write back to her", True),
        ("schreib an anna", True),
        ("write to the log", False),
        ("write to notes.txt", False),
        ("write a note to bob", False),
    ],
)
def test_messages(text: str, found: bool) -> None:
    assert writes_to(text, 0) == found
