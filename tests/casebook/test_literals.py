"""Literals of patterns: every match of a pattern holds one of them, and what is beside it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.casebook.literals import leads
from outrider.casebook.matching import Matcher, lowered
from outrider.casebook.vocabulary import KINDS, terms

_ATOM = st.sampled_from(
    [*"ab01", "rag", "deep", "[ab]", "[^]x]", r"[\]a]", r"\w", r"\b", r"\.", r"\x41", r"\u0062", ".", "-", " ", "(?=b)",
     "(?<!a)", "^", "(?i:ab)", "(?P<n>b0)"]
)  # fmt: skip
_REPEATS = st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{0,2}", "{1,}", "??", "+?", "{,2}"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = inner.map(lambda p: f"(?:{p})")
    return st.one_of(
        st.tuples(group, _REPEATS).map("".join),
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map("|".join),
    )


PATTERN = st.recursive(st.tuples(_ATOM, _REPEATS).map("".join), _grown, max_leaves=8)
TEXT = st.text(st.sampled_from("abdeprg01xA .-]"), max_size=24)


@given(PATTERN, TEXT)
def test_a_match_holds_what_leads_to_it(pattern: str, text: str) -> None:
    try:
        compiled = re.compile(pattern)
    except re.error:
        return
    found = leads(pattern)
    for match in compiled.finditer(text) if found else ():
        around = match[0].lower() if "(?i:" in pattern else match[0]
        assert any(
            literal in around and all(any(b in around for b in some) for some in besides) for literal, besides in found
        ), (pattern, match[0], found)


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("openai|gpt-?[345]", ["openai", "gpt"]),
        (r"\baws\b|amazon web services", ["aws", "services"]),
        ("a(?:bc|def)?", ["a"]),
        ("(?:abx){2,3}", ["abx"]),
        ("x(?:ab|)y", ["x"]),
        (r"\d\d\d", []),
        ("deep?", ["dee"]),
        ("(?!never)any", ["any"]),
        (r"(?<![\w)(])rag[)(]", ["rag"]),
        ("", []),
    ],
)
def test_which_they_are(pattern: str, wanted: list[str]) -> None:
    assert [literal for literal, _ in leads(pattern)] == wanted


def test_every_pattern_of_the_vocabulary_has_some_and_is_found_by_them() -> None:
    patterns = {(kind, word.id): word.pattern for kind in KINDS for word in terms().of(kind)}
    assert [key for key, pattern in patterns.items() if not leads(lowered(pattern))] == []
    text = " ".join(f"A {word.label} here." for kind in KINDS for word in terms().of(kind))
    found = Matcher(patterns).spans(text, 500)
    for key, pattern in patterns.items():
        assert bool(found.get(key)) == bool(re.search(lowered(pattern), text.lower())), key
