"""The lease store: who is lent how much, when others are asked, what is left when a holder ends."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest

from outrider.base import clock, ids
from outrider.base.errors import StoreUnavailable
from outrider.journal.events import Charge, RunRecorded
from outrider.limits import leases
from outrider.limits.leases import Ask, Given, Key, LeaseStore, Sweeper, standings
from outrider.store import Store

from .ledgers import AT, Bank

KEY = Key("b", "", 0)
Open = Callable[[str], LeaseStore]


@pytest.fixture
def of(bank: Callable[..., Bank], leases: Store, store: Store) -> Open:
    """The lease store as a holder sees it."""
    return lambda holder: LeaseStore(leases, store, holder)


@pytest.fixture
def spend(bank: Callable[..., Bank]) -> Callable[..., None]:
    """Charge accounts and index it."""
    made = bank()
    worker = made.worker()

    def charge(holder: str, amount: int, bucket: int = 0) -> None:
        run = RunRecorded(ids.new_id(), "p", AT, "chat", charges=[Charge(*KEY, bucket, amount)], holder=holder)
        worker.journal.append_now(run)
        made.indexer.drain()

    return charge


def one(store: LeaseStore, **fields: Any) -> Given:
    (given,) = store.trade([Ask(**{"key": KEY, "limit": 100, "base": 0, **fields})])
    return given


def test_what_waits_is_lent_if_it_fits(of: Open) -> None:
    a, b = of("a"), of("b")
    assert one(a, needs=(60,)).amount == 60
    given = one(b, needs=(50, 30, 20))
    assert (given.amount, given.room) == (30, 10)  # the first does not fit; the second does, the third no more
    assert given.asked == {"a": 1}
    assert one(b, granted=30, needs=(10,)).amount == 10


def test_ahead_takes_an_eighth_and_no_more_than_some_thousand_calls(of: Open) -> None:
    a = of("a")
    assert one(a, limit=10_000, needs=(10,), ahead=True, worst=10).amount == 10_000 // 8
    assert one(a, limit=10**9, granted=1250, needs=(10,), ahead=True, worst=10).amount == 40_960
    assert one(of("b"), limit=42_210 + 319, needs=(10,), ahead=True, worst=10).amount == 10  # too little for a slice
    assert one(of("b"), limit=42_210 + 319, granted=10, ahead=True, worst=10).amount == 0


def test_others_are_asked_once_and_their_answer_is_certain(of: Open) -> None:
    a, b, c = of("a"), of("b"), of("c")
    one(a, needs=(90,))
    assert one(b, needs=(50,)).asked == {"a": 1}
    assert one(c, needs=(50,)).asked == {"a": 1}  # the same question serves both
    assert a.recalls() == [(KEY, 1)]
    assert one(b, needs=(50,), asked={"a": 1}).asked == {"a": 1}
    one(a, granted=20, answers=1)  # a needs 20 itself
    assert a.recalls() == []
    assert one(b, needs=(50,), asked={"a": 1}).amount == 50
    refused = one(c, needs=(50,), asked={"a": 1})
    assert (refused.amount, refused.room, refused.asked) == (0, 30, {})
    assert one(c, needs=(50,)).asked == {"a": 2, "b": 1}


def test_who_has_spent_all_is_not_asked(of: Open, spend: Callable[..., None]) -> None:
    a, b = of("a"), of("b")
    one(a, needs=(100,))
    one(a, granted=100, spent=100)
    assert one(b, needs=(1,)).asked == {}
    one(a, granted=100, spent=90)
    assert one(b, needs=(1,)).asked == {"a": 1}
    spend("a", 100)
    assert one(b, needs=(1,)).asked == {}


def test_indexing_changes_nothing(of: Open, spend: Callable[..., None]) -> None:
    a, b = of("a"), of("b")
    one(a, needs=(70,))
    assert one(b, ahead=False).room == 30
    spend("a", 40)
    given = one(b)
    assert (given.room, given.spent) == (30, 40)


def test_a_rolling_window_counts_what_is_in_it(of: Open, spend: Callable[..., None]) -> None:
    a = of("a")
    spend("a", 30, bucket=10)
    spend("a", 20, bucket=20)
    spend("gone", 5, bucket=20)
    assert one(a, since=0).room == 45
    assert one(a, since=20, base=50).room == 75
    assert one(of("b"), since=21).room == 100


def test_excess_is_lent_in_any_case(of: Open) -> None:
    given = one(of("a"), needs=(), free=-30, limit=10)
    assert (given.amount, given.room) == (30, -20)
    assert one(of("b"), limit=10, needs=(1,)).amount == 0


def test_excess_that_is_indexed_counts_once(of: Open, spend: Callable[..., None]) -> None:
    a = of("a")
    assert one(a, limit=1000, needs=(60,)).amount == 60
    spend("a", 110)  # 50 more than it held
    took = {"limit": 1000, "granted": 60, "spent": 110, "free": -50}
    assert one(a, needs=(891,), **took).amount == 50
    given = one(a, needs=(890,), **took)
    assert (given.amount, given.room) == (940, 0)
    assert one(of("b"), limit=1000, needs=(1,)).amount == 0


def test_a_holder_goes_on_where_it_was(of: Open, spend: Callable[..., None]) -> None:
    """A row that was confirmed, a row that was swept away, a confirmation that was lost."""
    a = of("a")
    one(a, needs=(40,))
    assert one(a, base=None, needs=(5,)).base == 40
    one(a, base=0, granted=10)  # what it says itself is what counts
    assert one(of("b")).room == 90
    spend("c", 25)
    assert one(of("c"), base=None).base == 25


def test_standings(of: Open, spend: Callable[..., None], store: Store, leases: Store) -> None:
    one(of("a"), needs=(40,))
    one(of("b"), needs=(20,))
    spend("a", 15)
    none = Key("none", "x", 3)
    first, second = standings(leases, store, [(KEY, 0), (none, 0)])
    assert (first.key, first.spent, first.reserved, first.holders) == (KEY, 15, 45, 2)
    assert (second.key, second.spent, second.reserved, second.holders) == (none, 0, 0, 0)


def test_many_accounts_at_once(of: Open, store: Store, leases: Store) -> None:
    keys = [Key("b", f"u{i}", 0) for i in range(250)]
    given = of("a").trade([Ask(key=key, limit=100 + i, needs=(i,)) for i, key in enumerate(keys)])
    assert [g.amount for g in given] == list(range(250))[:250]
    assert [s.reserved for s in standings(leases, store, [(key, 0) for key in keys])] == list(range(250))


def test_closing_leaves_what_was_spent(of: Open, spend: Callable[..., None], store: Store, leases: Store) -> None:
    a = of("a")
    a.trade([Ask(key=Key("b", f"u{i}", 0), limit=100, needs=(10,)) for i in range(150)])
    one(a, needs=(60,))
    spend("a", 25)
    assert leases_close(leases, store, "a") == 151
    assert leases_close(leases, store, "a") == 0
    given = one(of("b"), needs=(75,))
    assert (given.amount, given.room) == (75, 0)


def leases_close(leases_: Store, store: Store, holder: str) -> int:
    return leases.close(leases_, store, holder)


def test_a_reading_that_is_old_is_not_used(of: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0, 21_000_000_000])
    monkeypatch.setattr(clock, "now_ns", lambda: next(times))
    with pytest.raises(StoreUnavailable):
        one(of("a"), needs=(1,))


def test_a_holder_that_ends_between_the_readings_is_not_missed(
    of: Open, spend: Callable[..., None], store: Store, leases: Store
) -> None:
    """What was spent is read; then the holder's last charge is indexed and it is closed; then leases are read."""
    one(of("a"), needs=(60,))

    class Late:
        """The lease store, with something happening just before a transaction."""

        dialect, query = leases.dialect, leases.query

        @contextmanager
        def write(self, locks: Any = ()) -> Any:
            spend("a", 60)
            leases_close(leases, store, "a")
            with leases.write(locks) as tx:
                yield tx

    (given,) = LeaseStore(Late(), store, "b").trade([Ask(key=KEY, limit=100, needs=(41,))])  # type: ignore[arg-type]
    assert (given.amount, given.room) == (0, 40)


def test_rows_that_say_nothing_go_after_a_while(
    of: Open, spend: Callable[..., None], store: Store, leases: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = AT
    monkeypatch.setattr(clock, "now_ns", lambda: now)
    one(of("a"), needs=(60,))
    one(of("b"), needs=(10,))
    of("c").trade([Ask(key=Key("b", f"u{i:04}", 0), limit=100) for i in range(1100)])
    sweeper = Sweeper(leases, store)
    assert sweeper.sweep() == 0
    spend("a", 60)
    now += 301_000_000_000
    assert sweeper.sweep() == 0  # seen for the first time
    now += 200_000_000_000
    assert sweeper.sweep() == 0
    now += 101_000_000_000
    assert sweeper.sweep() == 1101
    assert leases.query("SELECT holder, granted FROM budget_leases") == [("b", 10)]
    assert one(of("d")).room == 30
    assert one(of("a"), base=None).base == 60


def test_a_row_that_was_written_meanwhile_stays(
    of: Open, store: Store, leases: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = AT
    monkeypatch.setattr(clock, "now_ns", lambda: now)
    one(of("a"))
    sweeper = Sweeper(leases, store)
    now += 301_000_000_000
    sweeper.sweep()
    one(of("a"))
    now += 299_000_000_000
    assert sweeper.sweep() == 0
    now += 10_000_000_000
    assert sweeper.sweep() == 0
    assert leases.query("SELECT count(*) FROM budget_leases") == [(1,)]


def test_locks_are_numbers_that_postgres_takes() -> None:
    numbers = {leases.lock_of(Key("b", f"v{i}", i)) for i in range(1000)}
    assert len(numbers) > 990
    assert all(0 <= n < 1 << 31 for n in numbers)
