"""The loop between ledger and lease store: while it is away, when nobody calls, when callers give up, at the end."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from outrider.base import ids
from outrider.base.budget import Amount, Budget, Subject
from outrider.base.errors import BudgetExceeded, RequestError, StoreUnavailable
from outrider.limits import borrower as borrower_module
from outrider.limits import ledger as ledger_module
from outrider.limits.borrower import Borrower
from outrider.limits.hold import Hold

from .ledgers import Bank, Worker, money, note

Make = Callable[..., Bank]
LIFE = Budget("b", "money", 1000, window="lifetime")


async def begin(worker: Worker, amount: int) -> tuple[bytes, Hold]:
    run = ids.new_id()
    return run, await worker.ledger.hold(run, worker.ledger.covering(Subject("p"), run), money(amount), note())


class Flaky:
    """A lease store that can be away, and slow."""

    def __init__(self, worker: Worker) -> None:
        self._leases, self.away, self.asked = worker.leases, False, 0
        self.gate: Any = None

    def trade(self, asks: Any) -> Any:
        self.asked += 1
        if self.gate is not None:
            self.gate.wait()
        if self.away:
            raise StoreUnavailable("away")
        return self._leases.trade(asks)

    def recalls(self) -> Any:
        if self.away:
            raise StoreUnavailable("away")
        return self._leases.recalls()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second is a hundredth of one."""
    monkeypatch.setattr(borrower_module, "SWEEP_NS", 10_000_000)
    monkeypatch.setattr(borrower_module, "LOOK_NS", 5_000_000)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 (threads and databases are at the other end)
            await asyncio.sleep(0.002)


@pytest.mark.usefixtures("quick")
async def test_while_the_store_is_away_what_was_borrowed_is_used(bank: Make, caplog: pytest.LogCaptureFixture) -> None:
    b = bank(LIFE)
    one = b.worker()
    flaky = Flaky(one)
    borrower = Borrower(one.ledger, lambda: flaky)  # type: ignore[arg-type, return-value]
    borrower.start()
    run, hold = await begin(one, 3)
    one.settle(hold, money(3), run)
    free = one.ledger.snapshot()[0].granted - 3
    assert free > 50
    flaky.away = True
    with pytest.raises(RequestError) as caught:
        await begin(one, 900)
    assert (caught.value.status, caught.value.code) == (503, "limits_unavailable")
    assert dict(caught.value.headers) == {"retry-after": "1"}
    await asyncio.sleep(0.1)  # several sweeps: nothing is given back now
    for _ in range(free):
        run, hold = await begin(one, 1)
        one.settle(hold, money(1), run)
    with pytest.raises(RequestError) as caught:
        await begin(one, 1)
    assert caught.value.code == "limits_unavailable"
    flaky.away = False
    await until(lambda: not one.ledger.away)
    run, hold = await begin(one, 1000 - 3 - free)
    one.settle(hold, money(1000 - 3 - free), run)
    await borrower.stop()
    b.index()
    assert b.spent() == b.granted() == 1000
    assert [r.message[:25] for r in caplog.records if r.levelname == "WARNING"] == ["budgets live on what was "]


@pytest.mark.usefixtures("quick")
async def test_who_rests_gives_back_and_is_forgotten(bank: Make) -> None:
    b = bank(LIFE)
    one = b.worker()
    one.borrower.start()
    await one.call(10, 4)
    assert b.granted() > 10
    await until(lambda: not one.ledger.lends)
    assert b.granted() == 4
    assert one.ledger.snapshot() == []
    await one.call(10, 4)
    await one.borrower.stop()
    assert b.granted() == 8


async def test_an_account_that_was_forgotten_under_a_call_is_found_again(bank: Make) -> None:
    b = bank(LIFE, Budget("out", "output_tokens", 100, window="lifetime"))
    one = b.worker()
    one.borrower.start()
    run, early = ids.new_id(), ids.new_id()
    accounts = one.ledger.covering(Subject("p"), early)
    run, hold = await begin(one, 10)  # nothing is held of `out`
    for _ in range(6):
        one.ledger.sweep()
        await asyncio.sleep(0.02)
    assert [stand.key.budget for stand in one.ledger.snapshot()] == ["b"]
    late = await one.ledger.hold(early, accounts, money(5), note())
    one.settle(late, Amount(money=5, output=30), early)
    one.settle(hold, Amount(money=10, output=60), run)  # output was not foreseen
    assert {(s.key.budget, s.spent) for s in one.ledger.snapshot()} == {("b", 15), ("out", 90)}
    await one.borrower.stop()
    b.index()
    assert (b.spent("b"), b.granted("b"), b.spent("out"), b.granted("out")) == (15, 15, 90, 90)


async def test_who_gives_up_leaves_nothing_held(bank: Make) -> None:
    b = bank(LIFE, Budget("calls", "calls", 1, window="lifetime", per="user"))
    one, two = b.worker(), b.worker()
    one.borrower.start()
    _, hold = await begin(one, 990)
    assert one.borrower._task is not None
    one.borrower._task.cancel()  # nobody answers the second one's question
    two.borrower.start()
    task = asyncio.ensure_future(begin(two, 20))
    await until(lambda: two.ledger.waits)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    hold.release()
    one.borrower.start()
    await two.call(1000, 1000)
    for worker in (one, two):
        assert all(stand.held == 0 for stand in worker.ledger.snapshot())
        await worker.borrower.stop()
    assert b.granted() == 1000


async def test_a_store_that_hangs_is_not_waited_for_long(bank: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "_LONGEST_WAIT", 0.05)
    b = bank(LIFE)
    one = b.worker()
    flaky = Flaky(one)
    flaky.gate = threading.Event()
    borrower = Borrower(one.ledger, lambda: flaky)  # type: ignore[arg-type, return-value]
    borrower.start()
    with pytest.raises(RequestError) as caught:
        await begin(one, 10)
    assert caught.value.code == "limits_unavailable"
    flaky.gate.set()
    await until(lambda: one.ledger.snapshot()[0].granted > 0)
    assert one.ledger.snapshot()[0].held == 0
    await borrower.stop()
    assert b.granted() == 0


@pytest.mark.usefixtures("quick")
async def test_a_fault_is_told_and_does_not_stop_the_rest(bank: Make, caplog: pytest.LogCaptureFixture) -> None:
    b = bank(LIFE)
    one = b.worker()
    faults = [ValueError("a fault")]

    class Faulty(Flaky):
        def trade(self, asks: Any) -> Any:
            if faults:
                raise faults.pop()
            return super().trade(asks)

    borrower = Borrower(one.ledger, lambda: Faulty(one))  # type: ignore[arg-type, return-value]
    borrower.start()
    with pytest.raises(RequestError, match="budgets cannot be checked now"):
        await begin(one, 10)
    await until(lambda: not one.ledger.away)
    run, hold = await begin(one, 10)
    one.settle(hold, money(10), run)
    await borrower.stop()
    assert b.granted() == 10
    assert "borrowing room of budgets failed" in caplog.text
    assert "a fault" in caplog.text


async def test_a_dead_workers_leases_are_waited_for(bank: Make) -> None:
    """It answers no question; meanwhile the indexer finds it dead and closes its leases."""
    b = bank(LIFE)
    one, two = b.worker(), b.worker()
    one.borrower.start()
    _, hold = await begin(one, 600)
    hold.release()
    assert one.borrower._task is not None
    one.borrower._task.cancel()
    one.die()
    two.borrower.start()
    asking = asyncio.ensure_future(two.call(500, 500))
    await until(lambda: two.ledger.waits)
    await asyncio.to_thread(b.index)
    await asking
    await two.borrower.stop()


@pytest.mark.parametrize("where", ["here", "elsewhere"])
async def test_a_silent_holder_ends_the_wait_after_a_second(
    bank: Make, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """One of this machine may be dead and its room free soon; of another machine nobody can say."""
    monkeypatch.setattr(ledger_module, "PATIENCE_NS", 50_000_000)
    b = bank(LIFE)
    one, two = b.worker(), b.worker()
    one.borrower.start()
    _, hold = await begin(one, 600)
    hold.release()
    assert one.borrower._task is not None
    one.borrower._task.cancel()
    two.borrower.start()
    if where == "elsewhere":
        (b.folder / f"{one.file.holder}.holds").unlink()
        with pytest.raises(BudgetExceeded) as caught:
            await two.call(500, 500)
        assert caught.value.room == 1000 - 600
    else:
        with pytest.raises(RequestError) as early:
            await two.call(500, 500)
        assert (early.value.status, early.value.code) == (503, "limits_unavailable")
        one.die()
        b.index()
        b.index()
        await two.call(500, 500)
    await two.borrower.stop()


async def test_a_limit_that_falls_takes_back_what_is_free(bank: Make) -> None:
    b = bank(LIFE)
    one = b.worker()
    one.borrower.start()
    await one.call(1, 1)
    lent = b.granted()
    assert lent > 100
    b.use([Budget("b", "money", 50, window="lifetime")])
    await until(lambda: b.granted() == 1)
    await one.call(49, 49)
    with pytest.raises(BudgetExceeded) as caught:
        await one.call(1, 1)
    assert caught.value.details["limit"] == "0.00000005"
    await one.borrower.stop()


async def test_a_budget_that_is_removed_covers_nothing(bank: Make) -> None:
    b = bank(LIFE)
    one = b.worker()
    one.borrower.start()
    run, hold = await begin(one, 10)
    b.use([])
    assert one.ledger.covering(Subject("p"), ids.new_id()) == ()
    one.settle(hold, money(5), run)
    await one.borrower.stop()
    b.index()
    assert (b.spent(), b.granted()) == (5, 5)


async def test_a_call_of_no_budget_costs_nothing(bank: Make) -> None:
    b = bank()
    one = b.worker()
    hold = one.ledger.try_hold(ids.new_id(), (), money(5), note())
    assert hold is not None
    assert hold.settle(money(5), 1) == []
    hold.done()
    assert one.ledger.asks() == []


async def test_a_run_that_is_alone_needs_no_store(bank: Make) -> None:
    b = bank(Budget("b", "money", 100, window="run"))
    one = b.worker()
    run, trace = ids.new_id(), "ab" * 16
    accounts = one.ledger.covering(Subject("p", tree=run.hex()), run)
    hold = await one.ledger.hold(run, accounts, money(60), note())
    with pytest.raises(BudgetExceeded) as caught:
        await hold.grow(money(101))
    assert caught.value.room == 100
    assert "does not reset" in caught.value.message
    with pytest.raises(BudgetExceeded):
        await one.ledger.hold(run, one.ledger.covering(Subject("p", tree=run.hex()), run), money(101), note())
    assert one.settle(hold, money(50), run).charges == []
    assert one.ledger.asks() == []
    one.borrower.start()
    await one.call(60, 60, Subject("p", tree=trace))
    with pytest.raises(BudgetExceeded):
        await one.call(60, 60, Subject("p", tree=trace))
    await one.borrower.stop()
    b.index()
    assert b.spent() == 60


async def test_the_end_gives_everything_back(bank: Make) -> None:
    b = bank(LIFE, Budget("users", "calls", 500, window="lifetime", per="user"))
    one = b.worker()
    one.borrower.start()
    for user in "abc":
        await one.call(10, 4, Subject("p", user=user))
    run, hold = await begin(one, 100)
    assert run
    await one.borrower.stop()
    assert b.granted() == 12 + 100  # what is held stays until the indexer has recorded it
    assert b.granted("users") == 3
    one.journal.close()
    for _ in range(3):
        b.index()
    assert b.spent() == b.granted() == 112
    assert hold
