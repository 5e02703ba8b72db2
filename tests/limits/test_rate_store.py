"""Buckets and slots in the lease store: exact for several workers, on both databases."""

import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import clock
from outrider.limits import rate_store
from outrider.limits.bucket import Level, Rate
from outrider.limits.rate_store import MeterAsk, MeterGrant, RateStore, SlotsAsk, SlotsGrant
from outrider.store import Store, open_leases

SECOND = 1_000_000_000
SLOW = Rate(amount=60, period=3600 * SECOND, burst=60)

Open = Callable[[str], RateStore]


@pytest.fixture
def worker(store_url: str) -> Iterator[Open]:
    """Opens the lease store for a worker by its name."""
    opened: list[Store] = []

    def open_(holder: str) -> RateStore:
        opened.append(open_leases(store_url))
        return RateStore(opened[-1], holder)

    yield open_
    for store in opened:
        store.close()


def take(store: RateStore, *needs: int, want: int = 0, used: int = 0) -> MeterGrant:
    (grant,) = store.apply([MeterAsk("b", "v", SLOW, needs, want, used)])
    assert isinstance(grant, MeterGrant)
    return grant


def slots(store: RateStore, used: int, want: int = 0, waiting: bool = False, limit: int = 4) -> SlotsGrant:
    (grant,) = store.apply([SlotsAsk("p", "v", limit, used, want, waiting)])
    assert isinstance(grant, SlotsGrant)
    return grant


def test_workers_share_one_bucket(worker: Open) -> None:
    a, b = worker("a"), worker("b")
    assert take(a, 30, 20).waits == (0, 0)
    grant = take(b, 20, 5)
    assert grant.waits[0] > 9 * 60 * SECOND
    assert grant.waits[1] == 0
    assert take(a, 6).waits[0] > 0
    assert take(a, 5).waits == (0,)


def test_what_was_not_used_can_be_taken_by_others(worker: Open) -> None:
    a, b = worker("a"), worker("b")
    take(a, 60)
    assert take(b, 1).waits[0] > 0
    take(a, used=-10)
    assert take(b, 10).waits == (0,)
    take(b, used=100)
    assert take(a, 1).waits[0] > 99 * 60 * SECOND


def test_what_is_taken_ahead_is_a_small_part_of_the_room(worker: Open) -> None:
    a, b = worker("a"), worker("b")
    take(b, 4)
    assert take(a, want=100).ahead == 56 // 8 // 2
    assert take(a, 50, want=100).ahead == 0
    assert take(a, 9, want=100) == MeterGrant(
        (pytest.approx(60 * 6 * SECOND, abs=SECOND),), 0, 3, pytest.approx(57 * 60 * SECOND, abs=SECOND)
    )


def test_buckets_are_apart(worker: Open) -> None:
    a = worker("a")
    asks = [MeterAsk("b", value, SLOW, (60,)) for value in ("x", "y", "x")] + [MeterAsk("c", "x", SLOW, (60,))]
    grants = a.apply(asks)
    assert [g.waits[0] == 0 for g in grants if isinstance(g, MeterGrant)] == [True, True, False, True]


def test_slots_are_never_more_than_there_are(worker: Open) -> None:
    a, b = worker("a"), worker("b")
    assert slots(a, 0, 3) == SlotsGrant(held=3, most=4, others=0, workers=1)
    assert slots(b, 0, 3) == SlotsGrant(held=1, most=1, others=3, workers=2)
    assert slots(a, 1).held == 1
    assert slots(b, 1, 9).held == 3


def test_who_waits_is_owed_a_share_and_turns_go_round(worker: Open) -> None:
    a, b = worker("a"), worker("b")
    assert slots(a, 0, 4, waiting=True).held == 4
    assert slots(b, 0, 9, waiting=True).held == 0
    assert slots(a, 3, 9, waiting=True) == SlotsGrant(held=3, most=2, others=0, workers=2)
    assert slots(b, 0, 9, waiting=True).held == 1
    assert slots(a, 2, 9, waiting=True).held == 2
    assert slots(b, 1, 9, waiting=True).held == 2
    assert slots(a, 2, 9, waiting=True).held == 2


def test_one_slot_goes_from_hand_to_hand(worker: Open) -> None:
    workers = [worker(name) for name in "abc"]
    for store in workers:
        slots(store, 0, 1, waiting=True, limit=1)
    turns = [n for _ in range(12) for n, store in enumerate(workers) if slots(store, 0, 1, waiting=True, limit=1).held]
    assert len(turns) >= 9
    assert all(len({*turns[i : i + 3]}) == 3 for i in range(len(turns) - 2))


def test_what_a_dead_worker_held_is_free_after_a_while(worker: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = worker("a"), worker("b")
    slots(a, 0, 4)
    assert slots(b, 0, 1).held == 0
    monkeypatch.setattr(rate_store, "LIVE", 0)
    monkeypatch.setattr(rate_store, "BEAT", 0)
    assert slots(b, 0, 4).held == 4


def test_who_leaves_gives_back_at_once(worker: Open) -> None:
    a, b = worker("a"), worker("b")
    slots(a, 0, 4)
    a.leave()
    assert slots(b, 0, 4).held == 4


def test_what_means_nothing_is_removed(worker: Open, store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    a = worker("a")
    quick = Rate(amount=1000, period=SECOND, burst=1)
    a.apply([MeterAsk("b", str(n), quick, (1,)) for n in range(50)])
    take(a, 1)
    slots(a, 0, 0)
    monkeypatch.setattr(rate_store, "SWEEP", 0)
    monkeypatch.setattr(rate_store, "BEAT", 0)
    b = worker("b")
    b.apply([])
    store = open_leases(store_url)
    assert store.query("SELECT bucket, value FROM rate_buckets") == [("b", "v")]
    assert store.query("SELECT * FROM rate_slots") == []
    store.close()


def test_threads_that_fight_for_a_bucket_get_no_more_than_there_is(worker: Open) -> None:
    taken: list[int] = []

    def fight(store: RateStore) -> None:
        for _ in range(60):
            grant = take(store, 1, want=3)
            taken.append((grant.waits == (0,)) + grant.ahead)

    threads = [threading.Thread(target=fight, args=(worker(str(n)),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 60


def test_a_clock_that_goes_back_locks_nobody_out(worker: Open, monkeypatch: pytest.MonkeyPatch, store_url: str) -> None:
    if store_url.startswith("postgres"):
        pytest.skip("there the database's clock counts")
    a = worker("a")
    take(a, 59)
    present = clock.now_ns()
    monkeypatch.setattr(clock, "now_ns", lambda: present - 365 * 24 * 3600 * SECOND)
    grant = take(a, 2)
    assert grant.waits[0] < 61 * SECOND
    assert take(a, 1).waits == (0,)


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 9), st.booleans(), st.integers(0, 9)), min_size=1, max_size=60
    ),
    st.integers(1, 12),
)
def test_slots_hold_whatever_workers_ask(steps: list[tuple[int, int, bool, int]], limit: int) -> None:
    rows: dict[int, tuple[int, int]] = {}
    used = [0] * 5
    for now, (worker_, want, waiting, ends) in enumerate(steps, 1):
        used[worker_] = max(0, used[worker_] - ends)
        others = [row for n, row in rows.items() if n != worker_]
        ask = SlotsAsk("p", "", limit, used[worker_], want, waiting)
        grant, since = rate_store.slots(ask, others, rows.get(worker_, (0, 0))[1], now, 5)
        assert used[worker_] <= grant.held <= used[worker_] + want
        rows[worker_] = (grant.held, since)
        used[worker_] = grant.held
        assert sum(held for held, _ in rows.values()) <= limit
        if not any(since for held, since in others) and want:
            assert grant.held == min(ask.used + want, limit - sum(held for held, _ in others))


@given(
    st.lists(
        st.tuples(st.integers(0, SECOND), st.integers(0, 30), st.integers(0, 40), st.integers(-5, 5)), max_size=80
    ),
    st.integers(1, 100),
    st.integers(1, 50),
    st.integers(1, 4),
)
def test_a_bucket_is_never_overdrawn_by_asking(
    steps: list[tuple[int, int, int, int]], amount: int, burst: int, workers: int
) -> None:
    rate, level, now, begin = Rate(amount, SECOND, burst), Level(), 10**18, 10**18
    taken = forced = 0
    for pause, need, want, used in steps:
        now += pause
        used = max(used, -taken)  # only what was taken can be given back
        grant = rate_store.meter(level, MeterAsk("b", "", rate, (need,), want, used), now, workers)
        forced += used
        taken += (need if grant.waits == (0,) else 0) + grant.ahead
        if grant.waits[0] and need <= burst:
            waited = Level(level.full_at, level.at)
            waited.look(now + grant.waits[0])
            assert waited.take(rate, need)
    back = -sum(min(0, used) for *_, used in steps)
    assert taken <= burst + rate.units(now - begin) + back + 1
