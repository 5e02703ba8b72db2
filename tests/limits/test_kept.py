"""Room that is held for work, whoever does it."""

from collections.abc import Callable

import pytest

from outrider.base import ids
from outrider.base.budget import Amount, Budget, Subject
from outrider.journal.events import Charge, RunRecorded
from outrider.limits import kept
from outrider.limits.kept import Kept, KeptHold, Reserves, Share
from outrider.limits.leases import Ask, Key, LeaseStore, standings
from outrider.limits.match import ONLINE
from outrider.limits.rules import Rules
from outrider.store import Store

from .ledgers import AT, Bank

KEY = Key("all", "", 0)
SHARE = Share("all", "", 0, "money", "lifetime", 60)
LIMIT = Rules([Budget("all", "money", 100, "lifetime")])


@pytest.fixture
def reserves(store: Store, leases: Store) -> Reserves:
    return Reserves(lambda: LIMIT, lambda: leases, lambda: store)


def stands(store: Store, leases: Store) -> tuple[int, int]:
    (found,) = standings(leases, store, [(KEY, 0)])
    return found.spent, found.reserved


def test_what_is_held_is_nobody_elses_until_it_is_free(reserves: Reserves, store: Store, leases: Store) -> None:
    assert reserves.hold("batch_1/1-9", [SHARE]) is None
    assert stands(store, leases) == (0, 60)
    assert reserves.hold("batch_2/1-9", [SHARE]) == [40]
    assert stands(store, leases) == (0, 60)
    (given,) = LeaseStore(leases, store, "life").trade([Ask(KEY, 100, needs=(50,))])
    assert (given.amount, given.room, given.asked) == (0, 40, {}), "work is not asked to give back"
    reserves.free("batch_1/1-9")
    assert stands(store, leases) == (0, 0)
    assert reserves.hold("batch_2/1-9", [SHARE]) is None


def test_what_it_took_is_less_to_hold(
    reserves: Reserves, store: Store, leases: Store, bank: Callable[..., Bank]
) -> None:
    assert reserves.hold("batch_1/1-9", [SHARE]) is None
    made = bank()
    taken = [Charge(*KEY, 0, 25)]
    run = RunRecorded(ids.new_id(), "p", AT, "chat", charges=taken, holder="batch_1/1-9")
    assert not reserves.indexed([run.id])
    made.worker().journal.append_now(run)
    made.indexer.drain()
    assert reserves.indexed([run.id])
    assert stands(store, leases) == (25, 35)
    reserves.free("batch_1/1-9")
    assert stands(store, leases) == (25, 0)


def test_all_accounts_or_none(store: Store, leases: Store) -> None:
    rules = Rules([Budget("all", "money", 100, "lifetime"), Budget("calls", "calls", 5, "lifetime")])
    both = Reserves(lambda: rules, lambda: leases, lambda: store)
    calls = Share("calls", "", 0, "calls", "lifetime", 9)
    assert both.hold("batch_1/1-9", [SHARE, calls]) == [100, 5]
    assert stands(store, leases) == (0, 0)


def test_others_give_back_what_they_have_free(
    reserves: Reserves, store: Store, leases: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = LeaseStore(leases, store, "life")
    (lent,) = other.trade([Ask(KEY, 100, needs=(70,))])
    assert lent.amount == 70

    def gives_back(_: float) -> None:
        ((_, number),) = other.recalls()
        other.trade([Ask(KEY, 100, base=lent.base, granted=0, answers=number)])

    monkeypatch.setattr(kept.time, "sleep", gives_back)
    assert reserves.hold("batch_1/1-9", [SHARE]) is None


def test_shares_are_those_of_the_budgets_that_can_be_held_beforehand() -> None:
    rules = Rules(
        [
            Budget("month", "money", 9),
            Budget("mine", "total_tokens", 9, "3600", {"user": ("anna",)}),
            Budget("others", "calls", 9, match={"user": ("bert",)}),
            Budget("judges", "money", 9, match={"tag": (ONLINE,)}),
        ]
    )
    found = Reserves(lambda: rules, lambda: None, lambda: None).shares(  # type: ignore[arg-type, return-value]  # no store is asked
        Subject("p", user="anna", tags=(ONLINE,)), 1_700_000_000_000_000_000
    )
    assert found is not None
    assert [(one.budget, one.measure) for one in found] == [("month", "money"), ("mine", "total_tokens")]
    assert found[1].of(Amount(5, 2, 3, 1)).amount == 5
    for budget in (Budget("run", "money", 9, "run"), Budget("tree", "money", 9, per="tree")):
        own = Reserves(lambda budget=budget: Rules([budget]), lambda: None, lambda: None)  # type: ignore[misc, arg-type, return-value]  # nor here
        assert own.shares(Subject("p"), 0) is None


async def test_a_hold_always_has_room_and_charges_what_was_spent() -> None:
    hold = KeptHold(Kept("batch_1/1-9", (SHARE, Share("calls", "", 0, "output_tokens", "3600"))))
    assert hold.try_grow(Amount(10**12))
    await hold.grow(Amount(10**12))
    (charge,) = hold.settle(Amount(7, 3, 0, 1), 90_000_000_000)
    assert (charge.budget, charge.amount, hold.holder) == ("all", 7, "batch_1/1-9")
    hold.done()
    hold.release()
