"""What is told of cases that are alike: a few by name, the rest by number."""

import pytest

from outrider.cli import _datasets_words as words
from outrider.evals.alike import Alike, Merged
from outrider.evals.records import Case


def test_many_are_told_by_number(capsys: pytest.CaptureFixture[str]) -> None:
    found = [Alike(f"c{n}", "a", 0.95) for n in range(23)]
    words.told_alike(found, "is alike to")
    words.told_merged(Merged([], found, [Alike("x", "y", 1.0)]))
    out, err = capsys.readouterr()
    assert ("c0 is alike to a (95%)" in out, "and 3 more" in out) == (True, True)
    assert ("and 3 more" in err, "x asks what y asks and expects something else" in err) == (True, True)


def test_a_case_is_shown_by_the_end_of_what_it_asks() -> None:
    assert words.conversation(Case("a", "x\n" * 50 + "why?")).endswith("x why?")
