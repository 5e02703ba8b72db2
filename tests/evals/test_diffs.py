"""Cases and texts of two variants beside each other."""

from hypothesis import given
from hypothesis import strategies as st

from outrider.evals.diffs import Index, Piece, words
from outrider.evals.experiments import Gist


def gist(place: int, case: str, variant: str, text: str, value: float) -> Gist:
    return Gist(place, case, variant, text.encode(), {"exact": value})


def test_cases_are_worse_better_changed_or_the_same_and_the_worst_come_first() -> None:
    said = [("same", "x", 1.0, "x", 1.0), ("worse", "x", 1.0, "y", 0.0)]
    said += [("changed", "x", 1.0, "y", 1.0), ("better", "x", 0.5, "y", 1.0)]
    answers = []
    for at, (case, one, before, other, after) in enumerate(said):
        answers += [gist(2 * at, case, "now", one, before), gist(2 * at + 1, case, "next", other, after)]
    answers += [gist(8, "alone", "now", "x", 1)]
    found = Index(answers)
    lines = found.lines("exact", "now", "next")
    assert [(line.case, line.change) for line in lines] == [(n, n) for n in ("worse", "better", "changed", "same")]
    assert lines[0].places == [2, 3]
    assert [line.change for line in found.lines("exact", "now", "next", "lower")][:2] == ["worse", "better"]
    assert {line.change for line in found.lines("other", "now", "next")} == {"same", "changed"}


def text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


@given(st.text("ab \n.", max_size=60), st.text("ab \n.", max_size=60))
def test_no_character_is_lost_and_what_is_marked_as_shared_is(one: str, other: str) -> None:
    left, right = words(one, other)
    assert (text(left), text(right)) == (one, other)
    assert text([p for p in left if p.kind == "same"]) == text([p for p in right if p.kind == "same"])
    if one == other:
        assert all(piece.kind == "same" for piece in left)


def test_words_are_marked_whole() -> None:
    left, right = words("The parcel costs 12 francs.", "The parcel costs 14 francs.")
    assert [piece.text for piece in left if piece.kind == "other"] == ["12"]
    assert [piece.text for piece in right if piece.kind == "other"] == ["14"]


def test_of_a_megabyte_the_place_is_shown_where_it_differs() -> None:
    left, right = words("word " * 200_000 + "tea" + " end" * 1000, "word " * 200_000 + "coffee" + " end" * 1000)
    assert sum(len(piece.text) for piece in [*left, *right]) < 2_000
    assert "tea" in [piece.text for piece in left if piece.kind == "other"]
    left, _ = words("a " * 500_000, "b " * 500_000)
    assert left[-2].kind == "left"
    assert "more characters that differ" in left[-2].text
