"""Who is next: priority first, then shares by weight, of time in the slots."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.limits import fair
from outrider.limits.fair import FairQueue, Priority, priority


def test_the_header() -> None:
    assert priority(None) == "interactive"
    assert priority(b"interactive") == "interactive"
    assert priority(b"batch") == "batch"
    with pytest.raises(RequestError) as caught:
        priority(b"urgent")
    assert caught.value.param == "x-outrider-priority"


def test_first_come_first_served_within_a_project() -> None:
    queue: FairQueue[int] = FairQueue()
    for n in range(5):
        queue.push(n, "p", "interactive")
    assert [queue.pop(1.0) for _ in range(5)] == [0, 1, 2, 3, 4]
    assert queue.peek() is None
    with pytest.raises(IndexError):
        queue.pop(1.0)


def test_interactive_before_batch() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.push("b", "p", "batch")
    queue.push("i", "q", "interactive")
    assert (queue.size("batch"), queue.size("interactive"), len(queue), {*queue}) == (1, 1, 2, {"b", "i"})
    assert [queue.peek(), queue.pop(1.0), queue.pop(1.0)] == ["i", "i", "b"]


def test_weights_are_shares() -> None:
    queue: FairQueue[str] = FairQueue({"big": 3})
    for _ in range(200):
        queue.push("big", "big", "interactive")
        queue.push("small", "small", "interactive")
    assert Counter(queue.pop(1.0) for _ in range(100)) == {"big": 75, "small": 25}


def test_long_calls_count_for_what_they_take() -> None:
    queue: FairQueue[str] = FairQueue()
    for _ in range(400):
        queue.push("long", "long", "interactive")
        queue.push("short", "short", "interactive")
    time: Counter[str] = Counter()
    for _ in range(300):
        item = queue.pop(2.0)
        took = 9.0 if item == "long" else 1.0
        queue.charge(item, "interactive", took - 2.0)
        time[item] += int(took)
    assert 0.9 < time["long"] / time["short"] < 1.1


def test_who_was_away_gets_no_credit_for_it() -> None:
    queue: FairQueue[str] = FairQueue()
    for _ in range(100):
        queue.push("a", "a", "interactive")
    for _ in range(50):
        queue.pop(1.0)
    for _ in range(100):
        queue.push("b", "b", "interactive")
    assert 9 <= Counter(queue.pop(1.0) for _ in range(20))["a"] <= 11


def test_who_did_not_wait_is_charged_but_owes_nothing_to_those_who_were_away() -> None:
    queue: FairQueue[str] = FairQueue()
    for _ in range(10):
        queue.passed("a", "interactive", 1.0)
    for _ in range(20):
        queue.push("a", "a", "interactive")
        queue.push("b", "b", "interactive")
    assert [queue.pop(1.0) for _ in range(5)] == ["b", "a", "b", "a", "b"]


def test_who_waits_best_is_the_youngest_of_the_longest_line() -> None:
    queue: FairQueue[str] = FairQueue()
    assert queue.last("batch") is None
    for item in ("a1", "b1", "a2"):
        queue.push(item, item[0], "batch")
    assert queue.last("batch") == "a2"
    assert queue.remove("a2", "a", "batch")
    assert not queue.remove("a2", "a", "batch")
    assert not queue.remove("x", "x", "batch")
    assert len(queue) == 2


def test_how_many_are_served_before_a_new_one() -> None:
    queue: FairQueue[int] = FairQueue({"big": 2})
    assert queue.ahead("a", "interactive") == 0
    for n in range(6):
        queue.push(n, "a", "interactive")
    assert queue.ahead("a", "interactive") == 6
    assert queue.ahead("b", "interactive") == 1
    assert queue.ahead("big", "interactive") == 0.5
    assert queue.ahead("b", "batch") == 6


def test_projects_that_mean_nothing_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair, "MOST_KEPT", 10)
    queue: FairQueue[int] = FairQueue()
    for n in range(500):
        queue.push(n, f"p{n}", "interactive")
        queue.pop(1.0)
        queue.passed("all", "interactive", 5.0)
    assert len(queue._lines["interactive"]) <= 11


steps = st.lists(
    st.one_of(
        st.tuples(st.just("push"), st.sampled_from("abcd"), st.sampled_from(fair.PRIORITIES)),
        st.tuples(st.just("pop"), st.floats(0.01, 10), st.floats(0.01, 10)),
        st.tuples(st.just("remove"), st.integers(0, 30), st.none()),
    ),
    max_size=120,
)


@given(steps, st.dictionaries(st.sampled_from("abcd"), st.integers(1, 5)))
def test_nothing_is_lost_and_nothing_overtakes(
    script: list[tuple[str, object, object]], weights: dict[str, float]
) -> None:
    queue: FairQueue[int] = FairQueue(weights)
    waiting: list[tuple[int, str, Priority]] = []
    for number, (what, first, second) in enumerate(script):
        if what == "push":
            queue.push(number, first, second)  # type: ignore[arg-type]
            waiting.append((number, first, second))  # type: ignore[arg-type]
        elif what == "pop" and waiting:
            item = queue.pop(first)  # type: ignore[arg-type]
            entry = next(w for w in waiting if w[0] == item)
            if any(p == "interactive" for *_, p in waiting):
                assert entry[2] == "interactive"
            assert entry == next(w for w in waiting if w[1:] == entry[1:])
            waiting.remove(entry)
            queue.charge(entry[1], entry[2], second - first)  # type: ignore[operator]
        elif what == "remove" and waiting:
            entry = waiting.pop(first % len(waiting))  # type: ignore[operator]
            assert queue.remove(*entry)
        assert sorted(queue) == [n for n, *_ in waiting]
        assert len(queue) == len(waiting)
        assert (queue.peek() is None) == (not waiting)


@given(st.integers(2, 5), st.integers(1, 6), st.integers(1, 6))
def test_no_project_falls_behind_by_more_than_one_call(projects: int, weight: int, cost: int) -> None:
    """Start-time fair queueing: while both wait, two projects differ by at most one call of each, by weight."""
    queue: FairQueue[int] = FairQueue({"p0": weight})
    for project in range(projects):
        for _ in range(100):
            queue.push(project, f"p{project}", "batch")
    served: Counter[int] = Counter()
    for _ in range(90):
        served[queue.pop(float(cost))] += 1
        shares = [served[p] / (weight if p == 0 else 1) for p in range(projects)]
        assert max(shares) - min(shares) <= 1 + 1e-6
