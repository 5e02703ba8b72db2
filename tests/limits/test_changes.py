"""Changes: who may change what, with which reason; and the configuration's budgets finding their way into the store."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.base import clock
from outrider.base.budget import Budget, Raise
from outrider.base.errors import RequestError
from outrider.journal import read
from outrider.journal.append import Journal
from outrider.journal.events import BudgetRaised, BudgetRemoved, BudgetSet
from outrider.journal.index import Indexer
from outrider.journal.rows import BudgetRow
from outrider.limits import changes
from outrider.limits.changes import KeptBudgets, Known
from outrider.limits.rules import Rules
from outrider.store import Store, open_store

TEAM = Budget("team", "money", 50, per="user")
ALL = Budget("all", "calls", 5)
HOUR = 3_600_000_000_000

LATER = clock.now_ns() + 100 * HOUR
NAMES, VALUES = st.sampled_from(["a", "b"]), st.sampled_from(["", "anna", "bob"])
CHANGES = st.one_of(
    st.builds(
        lambda id_, measure, limit: BudgetSet(Budget(id_, measure, limit, per="user"), 1),
        NAMES,
        st.sampled_from(["money", "calls"]),
        st.integers(0, 9),
    ),
    st.builds(lambda id_: BudgetRemoved(id_, 1), NAMES),
    st.builds(lambda id_, amount, value: BudgetRaised(Raise(id_, amount, LATER, value), 1), NAMES, st.integers(0, 3),
              VALUES),
)  # fmt: skip


def row(budget: Budget, origin: str = "api") -> BudgetRow:
    return BudgetRow(budget, origin, 1, 1, "ann", "pilot")


def code_of(caught: pytest.ExceptionInfo[RequestError]) -> tuple[int, str, str | None]:
    return caught.value.status, caught.value.code, caught.value.param


def test_a_budget_is_set_and_removed_with_a_reason() -> None:
    made = changes.set_(None, TEAM, "ann", " pilot ")
    assert (made.budget, made.by, made.why, made.origin) == (TEAM, "ann", "pilot", "api")
    gone = changes.remove(row(TEAM), "ann", "over")
    assert (gone.budget, gone.by, gone.why) == ("team", "ann", "over")


def test_a_change_is_later_than_the_one_before_it_whatever_the_clocks_say() -> None:
    ahead = clock.now_ns() + HOUR
    present = BudgetRow(TEAM, "api", ahead, ahead, "ann", "pilot")
    assert changes.set_(present, TEAM, "ann", "more").at == ahead + 1
    assert changes.remove(present, "ann", "over").at == ahead + 1


@pytest.mark.parametrize("why", ["", "  ", "a\nb", "x" * 501])
def test_a_change_needs_a_reason(why: str) -> None:
    for change in (
        lambda: changes.set_(None, TEAM, "ann", why),
        lambda: changes.remove(row(TEAM), "ann", why),
        lambda: changes.raise_(row(TEAM), 5, clock.now_ns() + HOUR, "ann", why),
    ):
        with pytest.raises(RequestError) as caught:
            change()
        assert code_of(caught) == (400, "invalid_parameter", "why")


def test_the_configurations_budgets_are_changed_there_but_can_be_raised() -> None:
    here = row(TEAM, "config")
    for change in (lambda: changes.set_(here, TEAM, "ann", "x"), lambda: changes.remove(here, "ann", "x")):
        with pytest.raises(RequestError, match=r"outrider\.yaml") as caught:
            change()
        assert code_of(caught)[:2] == (409, "budget_in_config")
    until = clock.now_ns() + HOUR
    assert changes.raise_(here, 7, until, "ann", "launch").change == Raise("team", 7, until, "", "ann", "launch")


@pytest.mark.parametrize(
    ("amount", "ahead", "value", "param"),
    [(-1, HOUR, "", "amount"), (2**63, HOUR, "", "amount"), (1, -1, "", "until"), (1, 2**62, "", "until"),
     (1, HOUR, "x" * 300, "value")],
)  # fmt: skip
def test_a_raise_that_makes_no_sense(amount: int, ahead: int, value: str, param: str) -> None:
    with pytest.raises(RequestError) as caught:
        changes.raise_(row(TEAM), amount, clock.now_ns() + ahead, "ann", "launch", value)
    assert code_of(caught)[2] == param


def test_one_account_is_raised_only_where_there_are_several() -> None:
    until = clock.now_ns() + HOUR
    assert changes.raise_(row(TEAM), 1, until, "ann", "demo", "anna").change.value == "anna"
    with pytest.raises(RequestError, match="one account for all"):
        changes.raise_(row(ALL), 1, until, "ann", "demo", "anna")
    assert changes.raise_(row(ALL), 0, 0, "ann", "over").change.amount == 0


def test_the_configuration_is_journalled_until_the_store_agrees(tmp_path: Path, store: Store) -> None:
    journal, indexer = Journal(tmp_path / "spool"), Indexer(tmp_path / "spool", store)

    def agree(wanted: dict[str, Budget]) -> list[type]:
        made = changes.from_config(read.list_budgets(store), wanted)
        for event in made:
            journal.append_now(event)
        indexer.drain()
        assert changes.from_config(read.list_budgets(store), wanted) == []
        return [type(event) for event in made]

    journal.append_now(changes.set_(None, Budget("mine", "calls", 1), "ann", "by hand"))
    indexer.drain()
    assert agree({}) == []
    assert agree({"team": TEAM, "all": ALL}) == [BudgetSet, BudgetSet]
    assert agree({"team": TEAM, "all": Budget("all", "calls", 6)}) == [BudgetSet]
    assert agree({"team": TEAM, "mine": Budget("mine", "calls", 1)}) == [BudgetSet, BudgetRemoved]
    assert {b.budget.id: b.origin for b in read.list_budgets(store)} == {"team": "config", "mine": "config"}
    assert agree({}) == [BudgetRemoved, BudgetRemoved]
    journal.close()


def test_what_is_known_is_read_at_once_and_kept_for_a_start_without_the_store(tmp_path: Path, store: Store) -> None:
    journal, indexer = Journal(tmp_path / "spool"), Indexer(tmp_path / "spool", store)
    until = clock.now_ns() + HOUR
    journal.append_now(changes.set_(None, TEAM, "ann", "pilot"))
    journal.append_now(changes.raise_(row(TEAM), 5, until, "ann", "launch"))
    indexer.drain()
    journal.close()
    known = changes.known(store)
    assert known == Known(2, (TEAM,), (Raise("team", 5, until, "", "ann", "launch"),))
    assert known.mark == read.budgets_mark(store)
    kept = KeptBudgets(tmp_path / "budgets")
    assert kept.read() == Known()
    kept.write(known)
    assert kept.read() == Known(-1, known.budgets, known.raises)
    (tmp_path / "budgets").write_bytes(b"damaged")
    assert kept.read() == Known()


@settings(max_examples=40, deadline=None)
@given(st.lists(CHANGES, max_size=12))
def test_a_worker_follows_a_change_as_the_store_will(made: list[changes.Change]) -> None:
    """Against what the projection makes of the same changes."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/db.sqlite3")
        journal, indexer, followed = Journal(Path(folder) / "spool"), Indexer(Path(folder) / "spool", store), Known()
        for change in made:
            journal.append_now(change)
            followed = followed.after(change)
        indexer.drain()
        found = changes.known(store)
        journal.close()
        store.close()
    assert {b.id: b for b in followed.budgets} == {b.id: b for b in found.budgets}
    assert Rules(followed.budgets, followed.raises).raises == Rules(found.budgets, found.raises).raises


def test_the_configuration_holds_before_the_store_has_it() -> None:
    stored = Known(5, (TEAM, ALL), ())
    rules = stored.rules({"team": Budget("team", "money", 80), "new": Budget("new", "calls", 1)})
    assert {b.id: b.limit for b in rules.budgets.values()} == {"team": 80, "all": 5, "new": 1}


def test_a_budget_keeps_its_measure() -> None:
    """What was used is known in the unit of the budget; dollars and calls do not add up."""
    dollars, calls = Budget("b", "money", 5), Budget("b", "calls", 5)
    row = BudgetRow(dollars, changes.CONFIG, 1, 1, changes.CONFIG, "outrider.yaml")
    assert changes.from_config([row], {"b": calls}) == []
    assert Known(1, (dollars,)).rules({"b": calls}).budgets == {"b": dollars}
    with pytest.raises(RequestError, match="another name"):
        changes.set_(BudgetRow(dollars, "api", 1, 1, "anna", "pilot"), calls, "anna", "because")
