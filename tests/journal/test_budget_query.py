"""Budgets, raises and their history, as the store has them after the journal was read."""

from outrider.base.budget import Budget, Raise
from outrider.journal import read
from outrider.journal.events import BudgetRaised, BudgetRemoved, BudgetSet, Event, KeyCreated

from .conftest import Bench

TEAM = Budget("team", "money", 50, match={"project": ("a", "b"), "tag": ("x",)}, per="user", zone="Europe/Berlin")


def test_a_budget_is_set_changed_and_removed(bench: Bench) -> None:
    assert read.budgets_mark(bench.store) == 0
    bench.put(BudgetSet(TEAM, 5, "ann", "pilot"), BudgetSet(Budget("b", "calls", 9), 6, origin="config"))
    assert read.list_budgets(bench.store) == [
        read.BudgetRow(Budget("b", "calls", 9), "config", 6, 6, "", ""),
        read.BudgetRow(TEAM, "api", 5, 5, "ann", "pilot"),
    ]
    more = Budget("team", "money", 80)
    bench.put(BudgetSet(more, 7, "bob", "it grew"))
    assert read.find_budget(bench.store, "team") == read.BudgetRow(more, "api", 7, 5, "bob", "it grew")
    mark = read.budgets_mark(bench.store)
    bench.put(BudgetRemoved("team", 8, "ann", "over"))
    assert read.find_budget(bench.store, "team") is None
    assert read.find_budget(bench.store, "te\0am") is None
    assert read.budgets_mark(bench.store) > mark


def test_raises_hold_until_their_time(bench: Bench) -> None:
    whole, one = Raise("team", 10, 100, "", "ann", "launch"), Raise("team", 5, 200, "anna", "ann", "demo")
    bench.put(BudgetSet(TEAM, 1), BudgetRaised(whole, 2), BudgetRaised(one, 3), BudgetRaised(Raise("b", 1, 900), 3))
    assert read.list_raises(bench.store, 50, "team") == [whole, one]
    assert read.list_raises(bench.store, 100, "team") == [one]
    assert len(read.list_raises(bench.store, 50)) == 3


def test_the_amount_zero_ends_raises(bench: Bench) -> None:
    whole, one = Raise("team", 10, 900), Raise("team", 5, 900, "anna")
    bench.put(BudgetSet(TEAM, 1), BudgetRaised(whole, 2), BudgetRaised(one, 3))
    bench.put(BudgetRaised(Raise("team", 0, 0, "anna"), 4))
    assert read.list_raises(bench.store, 5) == [whole]
    bench.put(BudgetRaised(one, 5), BudgetRaised(Raise("team", 0, 0), 6))
    assert read.list_raises(bench.store, 5) == []


def test_raises_end_with_their_budget_and_with_its_measure(bench: Bench) -> None:
    bench.put(BudgetSet(TEAM, 1), BudgetRaised(Raise("team", 10, 900), 2))
    bench.put(BudgetSet(Budget("team", "money", 60), 3))
    assert len(read.list_raises(bench.store, 5)) == 1
    bench.put(BudgetSet(Budget("team", "calls", 60), 3))
    assert read.list_raises(bench.store, 5) == []
    bench.put(BudgetRaised(Raise("team", 10, 900), 4), BudgetRemoved("team", 5), BudgetSet(TEAM, 6))
    assert read.list_raises(bench.store, 5) == []


def test_a_change_that_another_worker_wrote_earlier_does_not_undo_a_later_one(bench: Bench) -> None:
    """Workers record into spools of their own, and the indexer may read the later change first."""
    low, high = Budget("team", "money", 10), Budget("team", "money", 1000)
    bench.put(BudgetSet(low, 7, "ann"))
    bench.put(BudgetSet(high, 6, "bob"))
    assert read.find_budget(bench.store, "team") == read.BudgetRow(low, "api", 7, 6, "ann", "")
    bench.put(BudgetRemoved("team", 5))
    assert read.find_budget(bench.store, "team") is not None
    bench.put(BudgetRemoved("team", 9), BudgetSet(high, 8))
    assert read.find_budget(bench.store, "team") is None
    assert len(read.budget_changes(bench.store, "team")) == 5


def test_a_raise_that_arrives_after_its_end_does_not_hold(bench: Bench) -> None:
    older, newer, one = Raise("team", 10, 900), Raise("team", 20, 900), Raise("team", 5, 900, "anna")
    bench.put(BudgetSet(TEAM, 1), BudgetRaised(newer, 6), BudgetRaised(Raise("team", 0, 0), 5), BudgetRaised(older, 4))
    assert read.list_raises(bench.store, 50) == [newer]
    bench.put(BudgetRaised(Raise("team", 0, 0, "bob"), 9), BudgetRaised(one, 8))
    assert read.list_raises(bench.store, 50) == [newer, one]
    bench.put(BudgetRaised(Raise("team", 0, 0, "anna"), 12), BudgetRaised(one, 11))
    assert read.list_raises(bench.store, 50) == [newer]


def test_a_raise_holds_in_the_unit_in_which_it_was_made_whatever_is_read_first(bench: Bench) -> None:
    dollars, calls = Raise("team", 10_000_000_000, 900), Raise("team", 7, 900)
    bench.put(BudgetSet(TEAM, 1), BudgetRaised(calls, 9), BudgetSet(Budget("team", "calls", 60), 8))
    assert read.list_raises(bench.store, 50) == [calls]
    bench.put(BudgetRaised(dollars, 7))
    assert read.list_raises(bench.store, 50) == [calls]
    bench.put(BudgetSet(Budget("team", "calls", 90), 11), BudgetRaised(calls, 10))
    assert read.list_raises(bench.store, 50) == [calls, calls], "the same unit"


def test_every_change_is_told_newest_first(bench: Bench) -> None:
    raised = BudgetRaised(Raise("team", 10, 900, by="ann", why="launch"), 2)
    events: list[Event] = [BudgetSet(TEAM, 1, "ann", "pilot"), raised, BudgetRemoved("team", 5, "ann", "over")]
    bench.put(*events, BudgetSet(Budget("b", "calls", 9), 6))
    assert [c.event for c in read.budget_changes(bench.store, "team")] == list(reversed(events))
    assert len(read.budget_changes(bench.store)) == 4
    assert len(read.budget_changes(bench.store, limit=1)) == 1


def test_a_key_has_a_team_and_rights(bench: Bench) -> None:
    bench.put(
        KeyCreated("k1", "p", bytes(32), 1, team="search", may=["budgets", "more"]), KeyCreated("k2", "p", b"", 2)
    )
    [second, first] = read.list_keys(bench.store)
    assert (first.team, first.may) == ("search", "budgets more")
    assert (second.team, second.may) == ("", "")
