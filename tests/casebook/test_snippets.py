"""The shown part of a passage is exactly the document's, and what is marked are the words that were asked for."""

from hypothesis import given
from hypothesis import strategies as st

from outrider.casebook.snippets import marks, snippet

LONG = (
    "First come words about nothing much. " * 20
    + "The chat deflection rate reached 60 %. "
    + "Then more follows. " * 20
)


def test_it_is_around_the_words_that_were_asked_for() -> None:
    got = snippet(LONG, 100, ["deflection rates"])
    assert got.text.startswith("The chat deflection rate")
    assert LONG[got.start - 100 :].startswith(got.text)
    assert [got.text[a:b] for a, b in got.marks] == ["deflection", "rate"]
    assert (got.cut_before, got.cut_after) == (True, True)


def test_a_short_passage_is_shown_whole() -> None:
    got = snippet("Answers cite sources.", 0, ["what cites the sources?"])
    assert got.text == "Answers cite sources."
    assert [got.text[a:b] for a, b in got.marks] == ["cite", "sources"]
    assert (got.cut_before, got.cut_after) == (False, False)


def test_common_words_are_not_marked() -> None:
    assert marks("What is the cost of it", ["what is the cost"]) == [(12, 16)]


@given(st.text(max_size=900), st.text(max_size=40), st.integers(0, 50))
def test_any_text(text: str, words: str, start: int) -> None:
    got = snippet(text, start, [words], 80)
    assert text[got.start - start :][: len(got.text)] == got.text
    assert len(got.text) <= 80
    assert all(0 <= a < b <= len(got.text) for a, b in got.marks)
