"""The lead, budgets and samples, in both stores."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from outrider.base import clock
from outrider.evals.online import drawing
from outrider.evals.online.book import DAY_NS, Book, Changed, Sample, Scored
from outrider.evals.online.drawing import Drawn, State
from outrider.evals.online.lead import HOLD_NS, NotLeading
from outrider.store import Store
from tests.evals.online.conftest import BOTH

pytestmark = BOTH
DOLLAR = 10**9
NOW = 1_790_000_000_000_000_000


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A clock that tests set."""
    told = [NOW]
    monkeypatch.setattr(clock, "now_ns", lambda: told[0])
    return told


@pytest.fixture
def other(evals_store: Store) -> Book:
    return Book(lambda: evals_store, "other")


def scored(run: str = "r1", value: float | None = 1.0, evaluator: str = "e") -> Scored:
    return Scored("p", "r", evaluator, "v", 0, run, NOW, clock.now_ns(), value, 2.0, "first", "", "why", 5)


def drew(book: Book, *runs: str, place: int = 1) -> None:
    book.drew(
        place, {("p", "r"): State(seen=3)}, {("p", "r", 7): 2}, [("p", "r", Drawn(run, NOW, 2.0)) for run in runs]
    )


def test_one_leads_and_who_was_taken_for_dead_writes_nothing(now: list[int], book: Book, other: Book) -> None:
    assert book.claim()
    assert not other.claim()
    now[0] += HOLD_NS + 1
    assert other.claim()
    for late in (book.hold, lambda: drew(book, "x"), lambda: book.reserve("a", "p", "r", 0, 0)):
        with pytest.raises(NotLeading):
            late()
    assert book.due("p", "r", 10) == []
    other.release()
    assert book.claim()


def test_a_clock_that_is_put_back_keeps_nobody_out(now: list[int], book: Book, other: Book) -> None:
    now[0] += 50 * DAY_NS
    book.hold()
    now[0] -= 50 * DAY_NS
    assert other.claim()


def test_what_was_read_is_read_once(book: Book, other: Book) -> None:
    assert book.lead().place == -1
    book.begin_at(40)
    book.begin_at(60)
    assert book.lead().place == 40
    book.begin_at(5)
    assert book.lead().place == 5, "a journal that is shorter is another one"
    drew(book, "a", "b", place=9)
    drew(book, "b", place=9)
    assert (book.lead().place, [one.run for one in book.due("p", "r", 9)]) == (9, ["a", "b"])
    assert book.states() == {("p", "r"): State(seen=3)}


def test_a_sample_is_done_once(book: Book) -> None:
    drew(book, "r1")
    (sample,) = book.due("p", "r", 5)
    assert (sample.weight, sample.step, sample.status) == (2.0, 0, "waiting")
    sample.status = "done"
    assert book.record(sample, [scored(), scored(evaluator="f")])
    assert not book.record(sample, [scored()])
    assert [(one.evaluator, one.n, one.value) for one in book.said_of("p", "r", "r1")] == [("e", 1, 1.0), ("f", 1, 1.0)]
    assert book.due("p", "r", 5) == []


def test_too_many_that_wait_are_thinned_and_count_more(book: Book) -> None:
    drew(book, *(f"{n}" for n in range(900)))
    assert book.thin("p", "r", 1_000, drawing.stays) == 0
    gone = book.thin("p", "r", 300, drawing.stays)
    left = book.due("p", "r", 2_000)
    assert len(left) == 900 - gone <= 300
    assert {one.weight for one in left} == {8.0}
    assert sum(one.weight for one in left) == pytest.approx(1_800, rel=0.2)


def test_calls_are_counted_before_they_are_made(now: list[int], book: Book) -> None:
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda n: book.reserve(f"a{n}", "p", "r", 10, 0), range(40)))
    assert sum(kept) == 10
    assert book.reserve(f"a{kept.index(True)}", "p", "r", 10, 0), "the same call again is the same call"
    book.paid(f"a{kept.index(True)}", None)
    assert book.reserve("b", "p", "r", 10, 0), "one that was refused took no room"
    assert not book.reserve("c", "p", "r", 10, 0)
    now[0] += DAY_NS
    book.hold()
    assert book.reserve("c", "p", "r", 10, 0)
    assert book.spent(now[0] // DAY_NS).calls == 1


def test_money_stops_before_the_sum_is_passed(now: list[int], book: Book) -> None:
    assert book.reserve("a", "p", "r", 0, 10 * DOLLAR)
    book.paid("a", 3 * DOLLAR)
    book.paid("a", 9 * DOLLAR)
    assert book.spent(now[0] // DAY_NS).cost == 3 * DOLLAR, "a call is paid once"
    assert [book.reserve(one, "p", "r", 0, 10 * DOLLAR) for one in "bcd"] == [True, True, False]
    book.paid("b", 1 * DOLLAR)
    assert book.reserve("d", "p", "r", 0, 10 * DOLLAR)
    now[0] += DAY_NS
    book.hold()
    assert book.reserve("b", "p", "r", 0, 10 * DOLLAR), "what is paid is not paid again"
    assert book.reserve("c", "p", "r", 0, 2 * DOLLAR) is False, "yesterday's dearest says what one may cost"
    book.forget(now[0] - DAY_NS // 2, now[0])
    assert book.spent(now[0] // DAY_NS - 1).calls == 0


def test_changes_are_told_once(book: Book) -> None:
    one = Changed("p", "r", "e", "v", 90, 60, NOW, NOW, True, 0.4, 0.9)
    book.changed(one)
    book.changed(one)
    assert book.untold() == [one]
    book.told(one)
    assert book.untold() == []
    assert book.last_change("p", "r", "e", "v") == 60
    assert book.changes("p", "r")[0].told


def test_words_are_forgotten_and_scores_stay(book: Book) -> None:
    drew(book, "r1")
    book.record(Sample("p", "r", "r1", NOW, 2.0, NOW, status="done"), [scored(), scored(value=None)])
    book.forget(clock.now_ns() + 1, clock.now_ns() + 1)
    assert [one.reason for one in book.said_of("p", "r", "r1")] == ["", ""]
    assert book.first("p", "r", "e", "v", 0, 10) == [(1, 1.0)]
    assert book.first("p", "r", "e", "v", 1, 10) == []


def test_a_round_can_be_asked_for(book: Book, other: Book) -> None:
    at = other.ask_for_round()
    assert book.lead().wanted == at
    book.ended(at, "the judge is away")
    assert (other.lead().done, other.lead().fault) == (at, "the judge is away")
