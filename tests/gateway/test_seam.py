"""Where a second text joins a first: held back while it is open, decided once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import UpstreamError
from outrider.gateway.seam import LONGEST, LONGEST_ANCHOR, SHORTEST, RepeatedSeam, Seam, anchor, overlap

STORY = "Once upon a time there was a fox who lived beside the sea and did not like the water. One day "


def fed(seam: Seam, *pieces: str) -> list[str]:
    return [*[seam.feed(piece) for piece in pieces], seam.end()]


def test_text_passes_at_once_when_nothing_is_to_be_left_out() -> None:
    assert fed(Seam(), "a", "b") == ["a", "b", ""]


def test_white_space_that_is_there_already_is_left_out_once() -> None:
    assert fed(Seam("\n\n"), "\n", "\n", "\nNext", "\n\n") == ["", "", "\nNext", "\n\n", ""]
    assert fed(Seam("\n\n"), "\nNext") == ["Next", ""]
    assert fed(Seam("  "), "Next") == ["Next", ""]
    assert fed(Seam("  "), " ") == ["", ""]


def test_an_echo_is_left_out_and_its_absence_does_no_harm() -> None:
    assert fed(Seam(echo="The sea"), "The ", "se", "a is blue") == ["", "", " is blue", ""]
    assert fed(Seam(echo="The sea"), " is", " The sea") == [" is", " The sea", ""]
    assert fed(Seam(echo="The sea"), "The se", "nse") == ["", "The sense", ""]
    assert fed(Seam(echo="The sea"), "The") == ["", "The"]
    assert fed(Seam(" ", "The sea"), "The sea", " is") == ["", "is", ""]


def test_the_words_asked_for_are_left_out() -> None:
    known = STORY.rstrip()
    words = anchor(known)
    assert known.endswith(words)
    assert fed(RepeatedSeam(known, words, " "), words[:5], words[5:], " he", " went") == ["", "", "he", " went", ""]


def test_words_may_be_cut_in_the_middle() -> None:
    assert fed(RepeatedSeam("The quick bro", "The quick bro"), "\nThe quick brown", " fox") == ["wn", " fox", ""]


def test_more_than_asked_for_is_left_out_too() -> None:
    known = STORY.rstrip()
    assert fed(RepeatedSeam(known, anchor(known)), known[:20], known[20:60], known[60:] + " he")[-2:] == [" he", ""]
    assert fed(RepeatedSeam(known, anchor(known)), known) == ["", ""]


@pytest.mark.parametrize("back", ["he went", "One day he", "Once upon a time there was a bear", "", "Sure, I go on: "])
def test_a_text_that_does_not_meet_the_other_is_refused(back: str) -> None:
    known = STORY.rstrip()
    with pytest.raises(UpstreamError) as caught:
        fed(RepeatedSeam(known, anchor(known)), *back)
    assert caught.value.code == "upstream_seam_lost"


def test_nothing_is_held_back_longer_than_the_first_text() -> None:
    known = "ab" * LONGEST
    seam = RepeatedSeam(known, anchor(known))
    out = "".join(fed(seam, *["ab" * 50] * (2 * LONGEST // 100)))
    assert len(out) > 0


@given(st.text("abc ", min_size=1, max_size=500).map(str.strip).filter(bool))
def test_an_anchor_is_the_end_of_a_text_and_small(text: str) -> None:
    words = anchor(text)
    assert text.endswith(words)
    assert words == words.strip() != ""
    assert len(words) <= LONGEST_ANCHOR + 20


def test_an_anchor_begins_with_a_word_and_is_found_once() -> None:
    assert anchor(STORY.rstrip()) == "the sea and did not like the water. One day"
    row = "| one | two | three | four | five | six | seven |\n"
    table = "A table:\n" + row * 3
    assert table.count(anchor(table.rstrip())) == 1
    assert anchor("short") == "short"
    assert len(anchor("x" * 1000)) == LONGEST_ANCHOR
    assert anchor("海" * 30 + "山" * 40) == "山" * 40


@given(st.text("ab", max_size=12), st.text("ab", max_size=12))
def test_the_overlap_is_the_longest(text: str, said: str) -> None:
    sizes = [n for n in range(len(said) + 1) if text.endswith(said[:n])]
    assert overlap(text, said) == max(sizes)


def test_short_repetitions_may_be_chance() -> None:
    known = STORY.rstrip()
    back = known[-SHORTEST:]
    assert fed(RepeatedSeam(known, anchor(known)), back + " he") == [" he", ""]
    with pytest.raises(UpstreamError):
        fed(RepeatedSeam(known, anchor(known)), back[1:] + " he")
