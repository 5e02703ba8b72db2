"""Passages: every quote is exactly its place in the text; a claim without one is not shown."""

import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from outrider.casebook import evidence
from outrider.casebook.records import CaseStudy, Claim, Result, Source

WORDS = st.text("ab. \n#!?-é", max_size=60)


@given(WORDS, WORDS, WORDS)
def test_what_is_around_holds_the_place_and_has_no_space_at_its_ends(before: str, inner: str, after: str) -> None:
    text = before + "x" + inner + "y" + after
    start, end = len(before), len(before) + len(inner) + 2
    left, right = evidence.around(text, start, end)
    assert 0 <= left <= start < end <= right <= len(text)
    assert text[left:right].strip() == text[left:right]
    passage = evidence.cite("text", text, left, right)
    assert evidence.holds(passage, text)
    assert not evidence.holds(msgspec.structs.replace(passage, end=passage.end - 1), text)


@given(st.text("ab .", min_size=1, max_size=3000), st.integers(0, 3000))
def test_a_passage_has_a_bounded_length(text: str, at: int) -> None:
    at = min(at, len(text) - 1)
    left, right = evidence.around(text, at, at + 1)
    assert right - left <= evidence.LONGEST_QUOTE + 1


def test_names_are_found_in_other_spellings() -> None:
    pattern = evidence.name_pattern("Weights & Biases")
    assert pattern.search("They use weights & biases.")
    assert not pattern.search("weights and measures")
    assert evidence.name_pattern("DoorDash").search("At Doordash, …")
    assert not evidence.name_pattern("Meta").search("metal")


def test_what_the_text_does_not_hold_becomes_unsupported() -> None:
    text = "We cut costs by 30%."
    good = evidence.cite("text", text, 0, len(text))
    bad = msgspec.structs.replace(good, quote="We cut costs by 90%.", hash=evidence.quote_hash("We cut costs by 90%."))
    far = evidence.cite("page", "elsewhere", 0, 4, quoted=False)
    case = CaseStudy(
        id="a",
        title="A",
        organisation="A",
        tools=(Claim("x", "verified", (bad,)), Claim("y", "verified", (good, bad)), Claim("z", "verified", (far,))),
        results=(Result("cost", value=30, status="vendor-claim", evidence=(bad,)),),
        sources=(Source("text", "article"),),
    )
    checked = evidence.checked(case, lambda source: text if source == "text" else None)
    assert [c.status for c in checked.tools] == ["unsupported", "verified", "verified"]
    assert checked.tools[1].evidence == (good,)
    assert [c.shown for c in checked.tools] == [False, True, False]  # the third one's words are not here
    assert checked.results[0].status == "unsupported"
    assert not checked.results[0].shown


def test_find_gives_one_passage_of_each_sentence() -> None:
    text = "RAG and RAG again. No more. Then RAG."
    assert [e.quote for e in evidence.find("text", text, re.compile("RAG"), most=5)] == [
        "RAG and RAG again.",
        "Then RAG.",
    ]
