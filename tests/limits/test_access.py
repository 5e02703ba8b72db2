"""Who may see and change budgets, beside what the API's tests say."""

from pathlib import Path

from outrider.base.budget import Budget, Raise
from outrider.base.errors import StoreUnavailable
from outrider.journal.append import Journal
from outrider.journal.events import BudgetRaised, BudgetSet
from outrider.journal.index import Indexer
from outrider.limits.access import Budgets, by
from outrider.limits.changes import Change
from outrider.limits.keys import Identity
from outrider.store import Store


def away() -> Store:
    raise StoreUnavailable("the lease store is away")


async def nothing(change: Change) -> None:
    raise AssertionError("nothing is to be recorded")


def test_a_project_that_has_an_account_of_its_own_sees_that_one(tmp_path: Path, store: Store) -> None:
    each = Budget("each", "calls", 10, per="project", window="lifetime")
    journal = Journal(tmp_path / "spool")
    journal.append_now(BudgetSet(each, 1))
    journal.close()
    Indexer(tmp_path / "spool", store).drain()
    with store.write() as tx:
        for project in ("a", "b"):
            tx.execute(
                "INSERT INTO budget_spent (budget, value, starts, holder, bucket, amount, calls)"
                " VALUES ('each', ?, 0, 'h', 0, 3, 3)",
                (project,),
            )
    budgets = Budgets(lambda: store, away, nothing, lambda: ["a", "b"])
    [one] = budgets.standings(Identity("a", "k"))
    assert [account.value for account in one.accounts] == ["a"]
    assert budgets.series(Identity("a", "k"), "each") == []
    assert not budgets.may_change(Identity("a", "unknown-key"))
    assert budgets.may_change(Identity("a", ""))
    assert not budgets.may_change(Identity("a", ""), each)


def test_who_it_was_is_said_for_the_record() -> None:
    assert by(Identity("a", "k1")) == "key:k1"
    assert "auth: off" in by(Identity("a", ""))


def test_who_got_more_room_is_not_told_to_other_projects(tmp_path: Path, store: Store) -> None:
    shared = Budget("shared", "calls", 10, per="user", window="lifetime")
    journal = Journal(tmp_path / "spool")
    journal.append_now(BudgetSet(shared, 1, "cli:ops"))
    journal.append_now(BudgetRaised(Raise("shared", 5, 9 * 10**18, "anna", "cli:ops", "her exam"), 2))
    journal.append_now(BudgetRaised(Raise("shared", 5, 9 * 10**18, "", "cli:ops", "launch"), 3))
    journal.close()
    Indexer(tmp_path / "spool", store).drain()
    who = Identity("a", "k")
    several = Budgets(lambda: store, away, nothing, lambda: ["a", "b"])
    assert [change.event.at for change in several.history(who, "shared")] == [3, 1]
    alone = Budgets(lambda: store, away, nothing, lambda: ["a"])
    assert [change.event.at for change in alone.history(who, "shared")] == [3, 2, 1]
