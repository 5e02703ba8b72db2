"""Patterns of others: as `re` reads them, and never for long."""

import re

import pytest

from outrider.evals import patterns

SLOW, TEXT = "(a|aa)+$", "a" * 5_000 + "!"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"order (\d+)", "order 42 is sent"),
        ("{id}", "an {id} here"),
        ("{id}", "nothing like it"),
        ("x{e}y{2}", "x{e}yy"),
        ("x{,2}z", "xxxz"),
        (r"\{s\}[{i}]\N{DIGIT ONE}", "{s}i1"),
        ("a{}b", "a{}b"),
        ("(?im)^b$", "A\nB"),
        ("(?x) a  b # both", "ab"),
        (r"(?a)\w+", "été"),
        ("(?P<a>x)(?P=a)(?(a)y|z)", "xxy"),
        ("(?<=a)b(?!c)", "abc ab"),
        (r"[\[]a]", "[a]"),
    ],
)
def test_what_is_found_is_what_python_finds(pattern: str, text: str) -> None:
    found = re.search(pattern, text)
    assert patterns.search(patterns.compiled(pattern), text) == (found[0] if found else None)
    whole = re.fullmatch(pattern, text)
    assert patterns.search(patterns.compiled(pattern), text, whole=True) == (whole[0] if whole else None)


def test_flags_are_those_of_python() -> None:
    assert patterns.search(patterns.compiled("A.b", re.IGNORECASE | re.DOTALL), "a\nB") == "a\nB"


@pytest.mark.parametrize("pattern", ["(", r"\p{L}", "a**", "(" * 2000 + ")" * 2000, "a{99999999999}"])
def test_what_is_no_pattern_is_named(pattern: str) -> None:
    with pytest.raises(ValueError, match="is no regular expression"):
        patterns.compiled(pattern)


def test_a_search_that_takes_too_long_is_given_up() -> None:
    for seconds in (0.05, 0.0, -1.0):
        with pytest.raises(patterns.TooLong, match="too long on this text"):
            patterns.search(patterns.compiled(SLOW), TEXT, seconds=seconds)
