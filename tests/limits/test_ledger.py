"""Reserve, then settle: on one worker and on several, as calls do it."""

import asyncio
from collections.abc import Callable

import pytest

from outrider.base import ids
from outrider.base.budget import Amount, Budget, Subject
from outrider.base.errors import BudgetExceeded, RequestError
from outrider.journal.events import Charge
from outrider.limits import refusal, windows

from .ledgers import AT, Bank, money, note

Make = Callable[..., Bank]
LIFE = Budget("b", "money", 1000, window="lifetime")


async def test_a_call_is_held_then_charged(bank: Make) -> None:
    b = bank(LIFE)
    one = b.worker()
    one.borrower.start()
    run = ids.new_id()
    accounts = one.ledger.covering(Subject("p"), run)
    assert [account.key for account in accounts] == [("b", "", 0)]
    assert one.ledger.try_hold(run, accounts, money(10), note()) is None  # nothing is borrowed yet
    hold = await one.ledger.hold(run, accounts, money(10), note())
    (stand,) = one.ledger.snapshot()
    assert (stand.held, stand.spent) == (10, 0)
    assert stand.granted >= 10
    one.settle(hold, money(7), run)
    (stand,) = one.ledger.snapshot()
    assert (stand.held, stand.spent) == (0, 7)
    b.index()
    assert b.spent() == 7
    await one.borrower.stop()
    assert b.granted() == 7


async def test_no_more_than_the_limit_and_no_less(bank: Make) -> None:
    b = bank(LIFE)
    workers = [b.worker() for _ in range(3)]
    for worker in workers:
        worker.borrower.start()
    calls = [workers[i % 3].call(worst=10, spent=10) for i in range(150)]
    ended = await asyncio.gather(*calls, return_exceptions=True)
    good = [one for one in ended if not isinstance(one, BaseException)]
    bad = [one for one in ended if isinstance(one, BaseException)]
    assert len(good) == 100
    assert all(isinstance(one, BudgetExceeded) for one in bad)
    b.index()
    assert b.spent() == 1000
    for worker in workers:
        await worker.borrower.stop()
    assert b.granted() == 1000


async def test_a_refusal_says_what_there_is(bank: Make) -> None:
    b = bank(Budget("b", "money", 1_500_000_000, window="day", owner="ops@example.com", fit=True))
    one = b.worker()
    one.borrower.start()
    with pytest.raises(BudgetExceeded) as caught:
        await one.call(2_000_000_000, 1)
    error = caught.value
    assert (error.status, error.code, error.measure, error.room, error.fit) == (
        429, "budget_exceeded", "money", 1_500_000_000, True,
    )  # fmt: skip
    assert error.details["limit"] == "1.5"
    assert error.details["raised_by"] == "ops@example.com"
    assert error.details["resets_at"].endswith("Z")
    assert "$1.5 of $1.5 is free" in error.message
    assert int(dict(error.headers)["retry-after"]) <= 86400
    await one.borrower.stop()


async def test_what_lies_free_with_another_worker_is_got(bank: Make) -> None:
    b = bank(LIFE)
    one, two = b.worker(), b.worker()
    one.borrower.start()
    two.borrower.start()
    run = ids.new_id()
    hold = await one.ledger.hold(run, one.ledger.covering(Subject("p"), run), money(900), note())
    one.settle(hold, money(0), run)  # 900 lie free with the first worker
    await two.call(1000, 1000)
    with pytest.raises(BudgetExceeded):
        await one.call(1, 1)
    for worker in (one, two):
        await worker.borrower.stop()
    b.index()
    assert b.spent() == 1000


async def test_a_dead_worker_is_charged_for_what_it_held(bank: Make) -> None:
    b = bank(LIFE)
    one, two = b.worker(), b.worker()
    one.borrower.start()
    run, other = ids.new_id(), ids.new_id()
    await one.ledger.hold(run, one.ledger.covering(Subject("p"), run), money(30), note(model="m"))
    done = await one.ledger.hold(other, one.ledger.covering(Subject("p"), other), money(30), note())
    one.settle(done, money(5), other)
    one.borrower._task.cancel()  # type: ignore[union-attr]
    one.die()
    b.index()  # records it
    b.index()  # closes the leases
    assert b.spent() == 35
    assert b.granted() == 35
    assert not list(b.folder.iterdir())[1:]  # the second worker's only
    (row,) = b.store.query("SELECT cost, error FROM runs r WHERE id = ?", (run,))
    assert row[0] == 30
    two.borrower.start()
    await two.call(965, 965)
    await two.borrower.stop()


async def test_growing_for_a_further_attempt(bank: Make) -> None:
    b = bank(LIFE)
    one = b.worker()
    one.borrower.start()
    run = ids.new_id()
    hold = await one.ledger.hold(run, one.ledger.covering(Subject("p"), run), money(100), note())
    await hold.grow(money(500))
    with pytest.raises(BudgetExceeded) as caught:
        await hold.grow(money(1001))
    assert caught.value.room == 1000
    assert refusal.charges(caught.value, AT) == [Charge("b", "", 0, windows.bucket("lifetime", AT), 0)]
    assert hold.try_grow(money(200))
    assert one.ledger.snapshot()[0].held == 200
    one.settle(hold, money(150), run)
    b.index()
    assert b.spent() == 150
    await one.borrower.stop()


async def test_a_refusal_that_concerns_no_account_charges_nothing(bank: Make) -> None:
    one = bank(Budget("b", "money", 1000, window="run")).worker()
    run = ids.new_id()
    alone = one.ledger.covering(Subject("p", tree=run.hex()), run)
    with pytest.raises(BudgetExceeded) as caught:
        await one.ledger.hold(run, alone, money(1001), note())
    assert refusal.charges(caught.value, AT) == []
    assert refusal.charges(RequestError("no"), AT) == []


async def test_what_exceeds_the_hold_is_charged_and_covered(bank: Make) -> None:
    b = bank(LIFE)
    one = b.worker()
    one.borrower.start()
    await one.call(10, 1200)
    with pytest.raises(BudgetExceeded):
        await one.call(1, 1)
    b.index()
    assert b.spent() == 1200
    await one.borrower.stop()
    assert b.granted() == 1200


async def test_several_budgets_the_tightest_decides(bank: Make) -> None:
    b = bank(
        LIFE,
        Budget("calls", "calls", 3, window="day", per="user"),
        Budget("tokens", "total_tokens", 100, window="3600"),
    )
    one = b.worker()
    one.borrower.start()

    async def call(user: str) -> None:
        run = ids.new_id()
        accounts = one.ledger.covering(Subject("p", user=user), run)
        hold = await one.ledger.hold(run, accounts, Amount(money=1, input=5, output=5, calls=1), note())
        one.settle(hold, Amount(money=1, input=5, output=5, calls=1), run)

    for _ in range(3):
        await call("ann")
    with pytest.raises(BudgetExceeded) as caught:
        await call("ann")
    assert caught.value.details["budget"] == "calls"
    assert caught.value.details["account"] == "ann"
    for _ in range(3):
        await call("bob")
    for _ in range(3):
        await call("cy")
    await call("dan")
    with pytest.raises(BudgetExceeded) as caught:
        await call("dan")
    assert caught.value.details["budget"] == "tokens"
    b.index()
    assert b.spent("b") == 10
    assert b.spent("tokens") == 100
    assert AT
    await one.borrower.stop()
