"""Who gets what: never twice, never more than needed, whoever is faster; on both stores."""

import threading
from collections import Counter

import pytest

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.evals.review.marks import LENT_NS, Marks
from outrider.evals.review.queues import Queue, Queues
from tests.evals.review.conftest import Begin

YES, NO = {"right": "yes"}, {"right": "no"}
Clock = pytest.MonkeyPatch


def later(monkeypatch: pytest.MonkeyPatch, ns: int) -> None:
    now = clock.now_ns() + ns
    monkeypatch.setattr(clock, "now_ns", lambda: now)


def take(marks: Marks, queue: Queue, who: str, role: str = "review") -> int:
    found = marks.next(queue, who, role)  # type: ignore[arg-type]
    assert found is not None
    return found.place


def test_an_item_is_kept_for_who_has_it_and_comes_once(marks: Marks, begin: Begin) -> None:
    queue = begin(3)
    first = take(marks, queue, "ann")
    assert take(marks, queue, "ann") == first, "reloading the page is no second item"
    assert take(marks, queue, "ben") != first
    assert marks.give(queue, first, "ann", YES | {"note": "so"}) == "settled"
    assert marks.give(queue, first, "ann", YES | {"note": "so"}) == "settled", "sent twice"
    with pytest.raises(RequestError, match="is not yours"):
        marks.give(queue, first, "ann", NO)
    with pytest.raises(RequestError, match="has no item 9"):
        marks.give(queue, 9, "ann", YES)
    with pytest.raises(RequestError, match="`right` is 'maybe'"):
        marks.give(queue, take(marks, queue, "ann"), "ann", {"right": "maybe"})
    second = take(marks, queue, "ann")
    marks.give(queue, second, "ann", NO)
    assert marks.next(queue, "ann") is None, "the third one is ben's"
    assert {one.place for one in marks.given(queue)} == {first, second}


def test_two_reviewers_agree_or_a_third_decides(marks: Marks, queues: Queues, begin: Begin) -> None:
    queue = begin(2, 2)
    place = take(marks, queue, "ann")
    assert take(marks, queue, "ben") == place, "what somebody began comes first"
    assert take(marks, queue, "cem") != place, "an item has two reviewers"
    assert marks.give(queue, place, "ann", YES) == "waiting"
    assert marks.give(queue, place, "ben", NO) == "disputed"
    assert queues.counts(queue) == {"waiting": 1, "disputed": 1, "settled": 0}
    assert marks.next(queue, "ann", "adjudicate") is None
    assert marks.next(queue, "ben", "adjudicate") is None
    assert take(marks, queue, "cem", "adjudicate") == place
    assert marks.next(queue, "dan", "adjudicate") is None, "one person decides"
    assert marks.give(queue, place, "cem", NO) == "settled"
    assert [(one.who, one.role) for one in marks.of_item(queue, place)] == [
        ("ann", "review"), ("ben", "review"), ("cem", "adjudicate"),
    ]  # fmt: skip


def test_a_lease_ends_and_who_comes_back_late_is_told(
    marks: Marks, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = begin(1)
    place = take(marks, queue, "ann")
    assert marks.next(queue, "ben") is None
    later(monkeypatch, LENT_NS + 1)
    assert take(marks, queue, "ben") == place
    with pytest.raises(RequestError, match="is not yours"):
        marks.give(queue, place, "ann", YES)
    later(monkeypatch, LENT_NS + 1)
    assert marks.give(queue, place, "ben", YES) == "settled", "late, and nobody else has it"


def test_what_was_said_last_is_taken_back(marks: Marks, queues: Queues, begin: Begin) -> None:
    queue = begin(4, blind=False)
    assert [take(marks, queue, "ann") for _ in range(2)] == [0, 0], "in their order"
    with pytest.raises(RequestError, match="nothing to take back"):
        marks.undo(queue, "ann")
    marks.give(queue, 0, "ann", YES)
    assert take(marks, queue, "ann") == 1
    assert marks.undo(queue, "ann").answers == YES
    assert queues.item(queue, 0).status == "waiting"
    assert take(marks, queue, "ben") == 1, "the other one is free again"
    assert take(marks, queue, "ann") == 0
    marks.give(queue, 0, "ann", NO)
    assert [one.answers for one in marks.of_item(queue, 0)] == [NO]
    skipped = take(marks, queue, "ann")
    marks.skip(queue, skipped, "ann")
    assert take(marks, queue, "ann") != skipped
    assert marks.undo(queue, "ann").status == "passed"
    assert take(marks, queue, "ann") == skipped
    with pytest.raises(RequestError, match="is not yours"):
        marks.skip(queue, 3, "ann")


def test_nothing_is_taken_back_that_others_went_on_from(marks: Marks, begin: Begin) -> None:
    queue = begin(1, 2)
    for who, said in (("ann", YES), ("ben", NO)):
        marks.give(queue, take(marks, queue, who), who, said)
    take(marks, queue, "cem", "adjudicate")
    with pytest.raises(RequestError, match="others went on"):
        marks.undo(queue, "ann")
    marks.give(queue, 0, "cem", YES)
    assert marks.undo(queue, "cem").role == "adjudicate"
    assert marks.give(queue, 0, "cem", NO) == "settled"


def test_blind_reviewers_have_orders_of_their_own(marks: Marks, begin: Begin) -> None:
    queue = begin(40, 9)
    orders = []
    for who in ("ann", "ben"):
        order = []
        while len(order) < 12:
            order.append(take(marks, queue, who))
            marks.skip(queue, order[-1], who)
        orders.append(order)
    assert orders[0] != orders[1]
    assert orders[0] != sorted(orders[0])
    for who in ("", " ann", "a\nb", "x" * 121):
        with pytest.raises(RequestError, match="say who reviews"):
            marks.next(queue, who)


def test_of_twelve_at_once_nobody_gets_too_much(marks: Marks, queues: Queues, begin: Begin) -> None:
    queue, said, faults = begin(30, 2), Counter[int](), list[BaseException]()

    def work(who: str) -> None:
        try:
            while (item := marks.next(queue, who)) is not None:
                marks.give(queue, item.place, who, YES if item.place % 5 else {"right": "yes" if who < "p4" else "no"})
        except BaseException as error:  # noqa: BLE001 -- told at the end
            faults.append(error)

    threads = [threading.Thread(target=work, args=(f"p{n}",)) for n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert faults == []
    said.update(one.place for one in marks.given(queue))
    assert set(said.values()) == {2}, "two for each, whoever was faster"
    assert len(said) == 30
    assert len({(one.place, one.who) for one in marks.given(queue)}) == 60
    assert queues.counts(queue)["waiting"] == 0


def test_a_closed_queue_lends_nothing(marks: Marks, queues: Queues, begin: Begin) -> None:
    queue = begin(2)
    place = take(marks, queue, "ann")
    closed = queues.turn(queue, "closed")
    with pytest.raises(RequestError, match="is closed"):
        marks.next(closed, "ann")
    assert marks.give(closed, place, "ann", YES) == "settled", "what somebody has in hand is taken"
    assert queues.turn(queue, "open").state == "open"
    kept = marks.kept(queue, place, "ann")
    assert kept is not None
    assert kept.answers == YES
    assert marks.kept(queue, 1 - place, "ann") is None


def test_a_key_decides_about_nothing_that_was_reviewed_with_it(marks: Marks, begin: Begin) -> None:
    queue = begin(1, 2)
    for who, said in (("k1/ann", YES), ("k2/ben", NO)):
        place = take(marks, queue, who)
        marks.give(queue, place, who, said)
    for key in ("k1", "k2"):
        with pytest.raises(RequestError, match="was reviewed with this key") as refused:
            marks.next(queue, f"{key}/cem", "adjudicate", key)
        assert (refused.value.status, refused.value.code) == (403, "own_review")
    assert take(marks, queue, "k1/cem", "adjudicate") == place, "a key with the right is not bound"
    with pytest.raises(RequestError, match="was reviewed with this key"):
        marks.next(queue, "k1/cem", "adjudicate", "k1")
    with pytest.raises(RequestError, match="was reviewed with this key"):
        marks.give(queue, place, "k1/cem", YES, key="k1")
    marks.skip(queue, place, "k1/cem")
    other = marks.next(queue, "k", "adjudicate", "k")
    assert other is not None, "a key whose name only begins alike is another"
    assert marks.give(queue, place, "k", YES, key="k") == "settled"
    assert marks.next(queue, "k1/dan", "adjudicate", "k1") is None, "nothing is disputed"
