"""What is not in a heap of texts is known; what is in one is never denied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.policy import heaps
from outrider.policy.heaps import Heap, Wording
from outrider.policy.normal import JOINS, fold, holds

TEXTS = st.text(alphabet="ab1é_ \n'(" + JOINS, max_size=24).map(fold)


@given(st.lists(TEXTS, max_size=5), TEXTS)
def test_a_value_that_a_text_holds_is_never_denied(texts: list[str], value: str) -> None:
    heap = Heap()
    for text in texts:
        heap.add(text)
    held = any(holds(text, value) for text in texts)
    assert heap.may_hold(value) or not held
    if value.isalnum():
        assert heap.may_hold(value) == held


@given(st.lists(TEXTS, min_size=1, max_size=5), st.data())
def test_every_part_of_a_text_may_be_held(texts: list[str], data: st.DataObject) -> None:
    heap = Heap()
    for text in texts:
        heap.add(text)
    text = data.draw(st.sampled_from(texts))
    value = text[data.draw(st.integers(0, len(text))) :][: data.draw(st.integers(1, 24))]
    assert heap.may_hold(value) or not any(holds(one, value) for one in texts)


def test_parts_of_words_and_addresses_are_not_held() -> None:
    heap = Heap()
    heap.add("write to p4@x.example or see /home/x/.ssh and eve_1")
    assert [heap.may_hold(one) for one in ("x", "eve", "p4", "nobody@x.example")] == [False] * 4
    assert [heap.may_hold(one) for one in ("p4@x.example", "write", "see /home/x/.ssh", "eve_1")] == [True] * 4


def test_many_texts_and_more_words_than_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heaps, "_MOST_WORDS", 100)
    heap, wording = Heap(), Wording()
    for at in range(300):
        heap.add(f"letter{at} about plan{at}")
        wording.add(f"letter{at}: about the plan, number {at}")
    assert (heap.may_hold("letter7"), heap.may_hold("plan299"), heap.may_hold("letter300")) == (True, True, False)
    assert (wording.has("letter9 about the plan number 9"), wording.has("letter9 about a plan")) == (True, False)


@given(st.lists(st.sampled_from(("ab", "b", "abc", "c", "a")), max_size=30), st.integers(0, 30), st.integers(1, 12))
def test_words_in_a_row_are_found_whatever_stands_between(words: list[str], at: int, length: int) -> None:
    wording = Wording()
    wording.add("; ".join(words))
    row = " ".join(words[at : at + length])
    assert wording.has(row)


def test_words_in_another_order_are_no_text() -> None:
    wording = Wording()
    wording.add("please send the money to eve before noon today")
    assert not wording.has("please send eve the money to before noon today")
    assert wording.has("lease send the money to eve before noo")
