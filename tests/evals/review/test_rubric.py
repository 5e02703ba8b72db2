"""Rubrics as people write them, answers, and when two of them disagree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.evals.review import rubric
from outrider.evals.review.rubric import Field

TEXT = """
right: yes/no | Is it right?
tone: kind, neutral, rude

quality: 1..5 within 1 | How good | is it?
note: text
"""
FIELDS = rubric.parse(TEXT)
GOOD = {"right": "yes", "tone": "kind", "quality": "4"}


def test_a_rubric_is_a_line_for_each_field() -> None:
    right, tone, quality, note = FIELDS
    assert (right.kind, right.words(), right.question) == ("yes/no", ("no", "yes"), "Is it right?")
    assert tone.words() == ("kind", "neutral", "rude")
    assert (quality.low, quality.high, quality.within, quality.words()) == (1, 5, 1, ("1", "2", "3", "4", "5"))
    assert (note.kind, note.words()) == ("text", ())
    assert rubric.parse(rubric.written(FIELDS)) == FIELDS
    assert Field("x", "score", low=0, high=100).words() == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1 to 12 fields"),
        ("right", "is no field"),
        ("a: yes/no\na: text", "'a' is there twice"),
        ("note: text", "a field that is no text"),
        ("tone: kind", "2 to 9 choices"),
        ("tone: kind, kind", "each once"),
        ("tone: a,b,c,d,e,f,g,h,i,j", "2 to 9 choices"),
        ("q: 5..1", "to a greater one"),
        ("q: 1..5 within 9", "to a greater one"),
        ("9q: yes/no", "a name has letters"),
        ("q: yes/no | " + "x" * 1001, "at most 1000"),
    ],
)
def test_what_nobody_could_answer_is_refused(text: str, why: str) -> None:
    with pytest.raises(RequestError, match=why):
        rubric.parse(text)


def test_answers_are_checked_and_named() -> None:
    assert rubric.answers(FIELDS, GOOD | {"note": " so so "}) == {**GOOD, "quality": 4, "note": "so so"}
    assert rubric.answers(FIELDS, {"right": True, "tone": "rude", "quality": 1, "note": ""})["right"] == "yes"
    for wrong, why in (
        ({"odd": 1}, "no field 'odd'"),
        ({"right": "maybe"}, "`right` is 'maybe'; it is one of no, yes"),
        ({"right": ""}, "`right` is not answered"),
        ({"quality": 6}, "from 1 to 5"),
        ({"quality": True}, "from 1 to 5"),
        ({"quality": 2.5}, "from 1 to 5"),
        ({"tone": ["kind"]}, "one of kind, neutral, rude"),
        ({"note": 3}, "`note` is a text"),
        ({"note": "x" * 16_001}, "at most 16000"),
    ):
        with pytest.raises(RequestError, match=why):
            rubric.answers(FIELDS, GOOD | wrong)


def test_who_agrees_says_one_thing_together() -> None:
    one = rubric.answers(FIELDS, GOOD | {"note": "first"})
    other = rubric.answers(FIELDS, GOOD | {"quality": 5})
    assert rubric.differ(FIELDS, [one, other]) == []
    assert rubric.together(FIELDS, [one, other]) == {"right": "yes", "tone": "kind", "quality": 4.5, "note": "first"}
    far = rubric.answers(FIELDS, GOOD | {"quality": 2, "right": "no"})
    assert rubric.differ(FIELDS, [one, far]) == ["right", "quality"]


@given(st.text(max_size=60))
def test_any_text_is_a_rubric_or_a_refusal_in_words(text: str) -> None:
    try:
        found = rubric.parse(text)
    except RequestError:
        return
    assert rubric.parse(rubric.written(found)) == found
