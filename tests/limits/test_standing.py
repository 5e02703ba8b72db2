"""How budgets stand: sums of the ledger, what holders have, and where an even pace leads."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import ids
from outrider.base.budget import Budget, Raise
from outrider.journal import read
from outrider.journal.append import Journal
from outrider.journal.events import BudgetRaised, BudgetSet, Charge, Event, RunRecorded
from outrider.journal.index import Indexer
from outrider.limits import windows
from outrider.limits.standing import Standing, forecast, series, standing
from outrider.store import Store, open_leases

DAY = 86_400 * 10**9
NOW = 1_790_000_000 * 10**9  # 2026-09-21, a Monday, 14:13:20 UTC
MONTH = windows.start("month", "UTC", NOW)


class Bench:
    def __init__(self, folder: Path, store: Store, leases: Store) -> None:
        self.store, self.leases = store, leases
        self.journal, self.indexer = Journal(folder / "spool"), Indexer(folder / "spool", store)

    def put(self, *events: Event) -> None:
        for event in events:
            self.journal.append_now(event)
        self.indexer.drain()

    def spend(self, budget: Budget, value: str, amount: int, at: int = NOW, holder: str = "h1") -> None:
        starts = windows.start(budget.window, budget.zone, at)
        charge = Charge(budget.id, value, starts, windows.bucket(budget.window, at), amount)
        self.put(RunRecorded(ids.new_id(), "p", at, "chat", charges=[charge], holder=holder))

    def lend(self, budget: Budget, value: str, granted: int, holder: str = "h1") -> None:
        with self.leases.write() as tx:
            tx.execute(
                "INSERT INTO budget_leases (budget, value, starts, holder, granted, used, recall, answered, at, closed)"
                " VALUES (?, ?, ?, ?, ?, 0, 0, 0, 5, 0)",
                (budget.id, value, windows.start(budget.window, budget.zone, NOW), holder, granted),
            )

    def look(self, budget: Budget, most: int = 20) -> Standing:
        row = read.find_budget(self.store, budget.id)
        assert row is not None
        return standing(self.store, self.leases, row, NOW, most)


@pytest.fixture
def bench(tmp_path: Path, store_url: str, opened: Callable[[str], Store]) -> Bench:
    return Bench(tmp_path, opened(store_url), open_leases(store_url))


ALL = Budget("all", "money", 100)
EACH = Budget("each", "calls", 10, per="user")


def test_nothing_used_yet(bench: Bench) -> None:
    bench.put(BudgetSet(ALL, NOW - DAY), BudgetSet(EACH, NOW - DAY))
    one = bench.look(ALL)
    assert (one.used, one.reserved, one.limit, one.count, one.starts) == (0, 0, 100, 1, MONTH)
    assert [a.value for a in one.accounts] == [""]
    assert bench.look(EACH).accounts == []
    assert bench.look(EACH).count == 0


def test_refusals_use_nothing(bench: Bench) -> None:
    bench.put(BudgetSet(EACH, NOW - DAY))
    bench.spend(EACH, "anna", 2)
    for value in ("anna", "bob", "bob"):
        bench.spend(EACH, value, 0, holder="")
    bench.spend(EACH, "bob", 0, at=MONTH - 1)  # last month
    one = bench.look(EACH)
    assert (one.used, one.reserved, one.calls, one.refused, one.count) == (2, 0, 1, 3, 2)
    assert [(a.value, a.used, a.calls, a.refused) for a in one.accounts] == [("anna", 2, 1, 1), ("bob", 0, 0, 2)]
    assert [amount for _, amount in series(bench.store, one.row, NOW)] == [2]


def test_what_is_used_and_what_holders_have(bench: Bench) -> None:
    bench.put(BudgetSet(ALL, NOW - DAY))
    bench.spend(ALL, "", 20)
    bench.spend(ALL, "", 10, holder="h2")
    bench.spend(ALL, "", 99, at=MONTH - 1)  # last month
    bench.lend(ALL, "", 25)
    bench.lend(ALL, "", 10, "h2")
    one = bench.look(ALL)
    assert (one.used, one.reserved, one.calls) == (30, 5, 2)
    assert one.resets_at == windows.resets_at("month", "UTC", NOW)
    assert series(bench.store, one.row, NOW) == [(NOW // DAY * DAY, 30)]


def test_accounts_with_most_use_come_first(bench: Bench) -> None:
    bench.put(BudgetSet(EACH, NOW - DAY), BudgetRaised(Raise("each", 5, NOW + DAY, "bob", "ann", "x"), NOW))
    for value, amount in (("anna", 3), ("bob", 7), ("carl", 1)):
        bench.spend(EACH, value, amount)
    bench.lend(EACH, "bob", 8)
    bench.lend(EACH, "dora", 2, "h2")
    one = bench.look(EACH)
    assert [(a.value, a.used, a.reserved, a.limit) for a in one.accounts] == [
        ("bob", 7, 1, 15),
        ("anna", 3, 0, 10),
        ("carl", 1, 0, 10),
        ("dora", 0, 2, 10),
    ]
    assert (one.used, one.count, one.divided) == (11, 4, True)
    short = bench.look(EACH, most=1)
    assert [a.value for a in short.accounts] == ["bob"]
    assert short.count == 3


def test_a_rolling_window_forgets(bench: Bench) -> None:
    rolling = Budget("roll", "calls", 10, window="86400")
    bench.put(BudgetSet(rolling, NOW - 9 * DAY))
    bench.spend(rolling, "", 4, at=NOW - 2 * DAY)
    bench.spend(rolling, "", 3, at=NOW - DAY // 2)
    one = bench.look(rolling)
    assert (one.used, one.starts, one.resets_at) == (3, 0, None)
    assert one.accounts[0].forecast is None


def test_without_the_lease_store_what_is_used_is_still_told(bench: Bench) -> None:
    bench.put(BudgetSet(ALL, NOW - DAY))
    bench.spend(ALL, "", 20)
    row = read.find_budget(bench.store, "all")
    assert row is not None
    assert standing(bench.store, None, row, NOW).used == 20


def test_the_pace_counts_from_when_the_budget_was_made(bench: Bench) -> None:
    bench.put(BudgetSet(ALL, NOW - DAY))
    bench.spend(ALL, "", 20)
    pace = bench.look(ALL).accounts[0].forecast
    assert pace is not None
    assert (pace.since, pace.full_at) == (NOW - DAY, NOW + 4 * DAY)


def test_a_forecast_is_a_straight_line() -> None:
    half = forecast(40, 100, 0, 10 * DAY, 20 * DAY)
    assert half is not None
    assert (half.by_end, half.full_at) == (80, None)
    fast = forecast(60, 100, 0, 10 * DAY, 20 * DAY)
    assert fast is not None
    assert fast.by_end == 120
    assert fast.full_at == 10 * DAY + 40 * 10 * DAY // 60
    over = forecast(100, 100, 0, 10 * DAY, 20 * DAY)
    assert over is not None
    assert over.full_at == 10 * DAY
    endless = forecast(50, 100, 0, 10 * DAY, None)
    assert endless is not None
    assert (endless.by_end, endless.full_at) == (None, 20 * DAY)
    assert forecast(5, 100, 0, 60 * 10**9, 20 * DAY) is None


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 40 * DAY), st.integers(1, 40 * DAY))
def test_a_forecast_never_says_less_than_what_was_used(used: int, limit: int, gone: int, rest: int) -> None:
    found = forecast(used, limit, 5, 5 + gone, 5 + gone + rest)
    if found is not None:
        assert found.by_end is not None
        assert found.by_end >= used
        assert found.full_at is None or 5 + gone <= found.full_at < 5 + gone + rest
