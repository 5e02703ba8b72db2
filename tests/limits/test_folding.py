"""Folding changes no sum that anybody reads, and a rebuild gives the same after it."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from outrider.base import ids
from outrider.base.budget import Budget
from outrider.journal import projections
from outrider.journal.append import Journal
from outrider.journal.events import BudgetSet, Charge, RunRecorded
from outrider.journal.index import Indexer
from outrider.limits import folding, windows
from outrider.limits.leases import Ask, Key, LeaseStore, read_spent
from outrider.store import Store

DAY, HOUR, MINUTE = windows.DAY_NS, windows.HOUR_NS, 60 * windows.SECOND_NS
NOW = 1_790_000_000_000_000_000 // DAY * DAY + 5 * HOUR
BUDGETS = (
    Budget("minute", "calls", 10**6, window="60", per="user"),
    Budget("long", "calls", 10**6, window=str(40 * 86400)),
    Budget("life", "calls", 10**6, window="lifetime"),
    Budget("month", "calls", 10**6, window="month"),
    Budget("run", "calls", 10**6, window="run"),
)
Fill = Callable[[int], None]


@pytest.fixture
def fill(tmp_path: Path, store: Store) -> Fill:
    """Charges of the last 100 days, by three holders."""

    def run(count: int) -> None:
        chance = random.Random(3)
        journal = Journal(tmp_path / "spool")
        for budget in BUDGETS:
            journal.append_now(BudgetSet(budget, 1))
        for _ in range(count):
            at = NOW - chance.choice([30 * windows.SECOND_NS, HOUR, 3 * HOUR, DAY, 9 * DAY, 35 * DAY, 100 * DAY])
            at -= chance.randrange(10 * MINUTE)
            charges = [
                Charge(b.id, chance.choice("xy") if b.per else "", windows.start(b.window, b.zone, at),
                       windows.bucket(b.window, at), chance.randint(1, 9))
                for b in (*BUDGETS, Budget("gone", "calls", 1, window="lifetime"))
            ]  # fmt: skip
            holder = chance.choice(["h1", "h2", "h3"])
            journal.append_now(RunRecorded(ids.new_id(), "p", at, "chat", charges=charges, holder=holder))
        Indexer(tmp_path / "spool", store).drain()
        journal.close()

    return run


def read(store: Store, *, holders: bool = True) -> dict[object, tuple[int, int]]:
    """What each holder spent of each present account in all, and in the window."""
    keys = [(Key(b.id, value, windows.start(b.window, b.zone, NOW)), windows.since(b.window, NOW))
            for b in BUDGETS if b.id != "run" for value in ("", "x", "y")]  # fmt: skip
    found: Counter[tuple[object, int]] = Counter()
    for key, spent in read_spent(store, keys).items():
        for holder, (total, counted) in spent.items():
            place = (key, holder) if holders else key
            found[place, 0] += total
            found[place, 1] += counted
    return {place: (found[place, 0], found[place, 1]) for place, _ in found}


def rows(store: Store, budget: str) -> int:
    return int(store.query("SELECT count(*) FROM budget_spent WHERE budget = ?", (budget,))[0][0])


def test_sums_stay_and_rows_go(fill: Fill, store: Store, leases: Store) -> None:
    fill(300)
    LeaseStore(leases, store, "h1").trade([Ask(key=Key("life", "", 0), limit=10**6)])
    before, many = read(store), {id_: rows(store, id_) for id_ in (*(b.id for b in BUDGETS), "gone")}
    folding.fold(store, leases, NOW)
    assert read(store) == before
    assert rows(store, "minute") < many["minute"] / 3
    assert rows(store, "life") == many["life"]  # retention has not come yet
    assert store.query(
        "SELECT count(*) FROM budget_spent WHERE budget = 'month' AND bucket < ?", (NOW - 63 * DAY,)
    ) == [(0,)]
    assert rows(store, "run") < many["run"]
    assert 0 < rows(store, "gone") < many["gone"]
    folding.fold(store, leases, NOW)
    assert read(store) == before


def test_what_retention_has_passed_becomes_one_row(fill: Fill, store: Store, leases: Store) -> None:
    fill(300)
    LeaseStore(leases, store, "h1").trade([Ask(key=Key("life", "", 0), limit=10**6)])
    floor_hour = (NOW - 2 * DAY) // HOUR
    with store.write() as tx:
        tx.execute("UPDATE counters SET value = ? WHERE name = 'pruned_hour'", (floor_hour,))
    before, by_holder = read(store, holders=False), read(store)
    folding.fold(store, leases, NOW)
    assert read(store, holders=False) == before
    mine = (Key("life", "", 0), "h1")
    assert read(store)[mine] == by_holder[mine]
    past = "SELECT holder FROM budget_spent WHERE budget = 'life' AND bucket = 0 ORDER BY holder"
    assert store.query(past) == [("",), ("h1",)]
    assert rows(store, "life") <= 2 + 3 * 3
    folded = store.query("SELECT * FROM budget_spent WHERE budget = 'life' ORDER BY holder, bucket")
    projections.rebuild(store)
    assert read(store, holders=False) == before
    assert store.query("SELECT * FROM budget_spent WHERE budget = 'life' ORDER BY holder, bucket") == folded


@pytest.mark.parametrize("hours", [1, 3, 30, 24 * 20])
def test_a_rebuild_after_folding_gives_the_same_sums(fill: Fill, store: Store, leases: Store, hours: int) -> None:
    fill(150)
    with store.write() as tx:
        tx.execute("UPDATE counters SET value = ? WHERE name = 'pruned_hour'", ((NOW - hours * HOUR) // HOUR,))
    before = read(store, holders=False)
    folding.fold(store, leases, NOW)
    projections.rebuild(store)
    folding.fold(store, leases, NOW)
    assert read(store, holders=False) == before


def test_refusals_are_added_up_too(tmp_path: Path, store: Store, leases: Store) -> None:
    journal = Journal(tmp_path / "spool")
    journal.append_now(BudgetSet(BUDGETS[0], 1))
    hour = (NOW - 5 * HOUR) // HOUR * HOUR
    for at in (hour + 2 * MINUTE, hour + 7 * MINUTE, hour + 7 * MINUTE + 1):
        charges = [Charge("minute", "x", 0, windows.bucket("60", at), 0)]
        journal.append_now(RunRecorded(ids.new_id(), "p", at, "chat", charges=charges))
    Indexer(tmp_path / "spool", store).drain()
    journal.close()
    folding.fold(store, leases, NOW)
    assert store.query("SELECT bucket, amount, refused, refused_at FROM budget_spent") == [
        (hour, 0, 3, hour + 7 * MINUTE + 1)
    ]


def test_nothing_to_do(store: Store, leases: Store) -> None:
    folding.fold(store, leases, NOW)
    assert store.query("SELECT count(*) FROM budget_spent") == [(0,)]
