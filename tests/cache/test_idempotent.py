"""One execution for all who send a key, whoever they ask, and however it ends."""

import asyncio
from collections.abc import Awaitable

import pytest

from outrider.base import clock, ids
from outrider.base.errors import RequestError, StoreUnavailable
from outrider.cache import claims as rows
from outrider.cache.claims import Kept, Key
from outrider.cache.idempotent import Claim
from outrider.store import Store

from .conftest import DIGEST, KEY, SECOND, Machine, Worker, claimed, kept


def entering(worker: Worker, digest: bytes = DIGEST, *, wait: float = 20.0) -> Awaitable[Claim | Kept]:
    deadline = clock.mono_ns() + int(wait * SECOND)
    return asyncio.ensure_future(worker.once.enter(KEY, digest, ids.new_id(), deadline=deadline, longest=20 * SECOND))


async def code_of(asking: Awaitable[object]) -> tuple[int, str]:
    with pytest.raises(RequestError) as caught:
        await asking
    return caught.value.status, caught.value.code


async def test_everybody_gets_the_one_answer(machine: Machine) -> None:
    """Two hundred requests over four workers: one executes."""
    workers = [machine.worker() for _ in range(4)]
    executed: list[bytes] = []

    async def ask(worker: Worker) -> Kept:
        found = await entering(worker)
        if isinstance(found, Kept):
            return found
        executed.append(found.run)
        await asyncio.sleep(0.01)
        answer = kept(found.run)
        await worker.once.finish(found, answer, good=True)
        return answer

    answers = await asyncio.gather(*[ask(workers[i % 4]) for i in range(200)])
    assert len(executed) == 1
    assert set(answers) == {kept(executed[0])}
    assert await entering(machine.worker()) == answers[0]


async def test_another_request_with_the_key_is_refused(machine: Machine) -> None:
    one, two = machine.worker(), machine.worker()
    claim = await claimed(one)
    other = b"x" * 32
    for worker in (one, two):
        assert await code_of(entering(worker, other)) == (422, "idempotency_key_reused")
    same = entering(one)
    await one.once.finish(claim, kept(claim.run), good=True)
    assert await same == kept(claim.run), "a stranger's refusal is not theirs"
    for worker in (one, two):
        assert await code_of(entering(worker, other)) == (422, "idempotency_key_reused")


async def test_those_who_wait_share_a_failure_and_the_next_executes(machine: Machine) -> None:
    one, two = machine.worker(), machine.worker()
    claim = await claimed(one)
    waiting = [entering(one), entering(two), entering(two)]
    await asyncio.sleep(0.05)
    failure = kept(claim.run, error="upstream_error")
    await one.once.finish(claim, failure, good=False)
    assert await asyncio.gather(*waiting) == [failure] * 3
    assert isinstance(await entering(two), Claim)


async def test_a_release_lets_one_of_those_who_wait_execute(machine: Machine) -> None:
    one, two = machine.worker(), machine.worker()
    claim = await claimed(one)
    waiting = [entering(one), entering(one), entering(two)]
    await asyncio.sleep(0.05)
    await one.once.release(claim)
    done, rest = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    (first,) = done
    assert len(rest) == 2
    again = first.result()
    assert isinstance(again, Claim)
    worker = two if first is waiting[2] else one
    await worker.once.finish(again, kept(again.run), good=True)
    assert await asyncio.gather(*rest) == [kept(again.run)] * 2


async def test_waiting_ends_at_the_deadline(machine: Machine) -> None:
    one, two = machine.worker(), machine.worker()
    claim = await claimed(one)
    for worker in (one, two):
        assert await code_of(entering(worker, wait=0.05)) == (409, "request_in_progress")
    await one.once.finish(claim, kept(claim.run), good=True)
    assert await entering(two) == kept(claim.run)


async def test_who_leaves_while_claiming_gives_back_what_it_got(machine: Machine) -> None:
    one, two = machine.worker(), machine.worker()
    leaving = entering(one)
    await asyncio.sleep(0)
    leaving.cancel()  # type: ignore[attr-defined]  # a task, typed as what can be awaited
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert isinstance(await entering(one), Claim)
    await one.once.close()
    assert machine.rows() == 0
    assert isinstance(await entering(two), Claim)


async def test_who_leaves_while_waiting_is_missed_by_nobody(machine: Machine) -> None:
    one, two = machine.worker(), machine.worker()
    claim = await claimed(one)
    staying, leaving = entering(two), entering(two)
    await asyncio.sleep(0.03)
    leaving.cancel()  # type: ignore[attr-defined]  # a task, typed as what can be awaited
    await one.once.finish(claim, kept(claim.run), good=True)
    assert await staying == kept(claim.run)


async def test_after_a_kill_the_recorded_answer_is_given(machine: Machine) -> None:
    """The run was recorded, its answer not yet kept."""
    one, two = machine.worker(), machine.worker()
    claim = await claimed(one)
    waiting = [entering(two), entering(two)]
    await asyncio.sleep(0.03)
    one.record(claim.run, b"the answer")
    one.die()
    await asyncio.sleep(0.03)
    assert not any(w.done() for w in waiting)  # type: ignore[attr-defined]
    await asyncio.to_thread(machine.indexer.drain)
    answers = await asyncio.gather(*waiting)
    assert [a.chunks for a in answers if isinstance(a, Kept)] == [(b"the answer",)] * 2
    row = two.claims.look(KEY, clock.now_ns())
    assert row is not None
    assert row.state == rows.DONE


async def test_after_a_kill_without_a_record_one_executes_again(machine: Machine) -> None:
    one = machine.worker()
    others = [machine.worker() for _ in range(3)]
    await claimed(one)
    waiting = [entering(worker) for worker in others for _ in range(2)]
    await asyncio.sleep(0.03)
    one.die()
    done, rest = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    (first,) = done
    claim = first.result()
    assert isinstance(claim, Claim)
    await others[waiting.index(first) // 2].once.finish(claim, kept(claim.run), good=True)
    assert set(await asyncio.gather(*rest)) == {kept(claim.run)}


async def test_an_executor_that_was_taken_for_dead_does_not_overwrite(machine: Machine) -> None:
    one, two = machine.worker(), machine.worker()
    old = await claimed(one)
    one.life.close()
    new = await entering(two)
    assert isinstance(new, Claim)
    await one.once.finish(old, kept(old.run, b"late"), good=True)
    await two.once.finish(new, kept(new.run), good=True)
    assert await entering(one) == kept(new.run)


async def test_a_large_answer_comes_from_the_journal(machine: Machine) -> None:
    one, two = machine.worker(), machine.worker()
    claim = await claimed(one)
    waiting = entering(two, wait=5)
    await asyncio.sleep(0.03)
    body = b"x" * 2000
    one.record(claim.run, body)
    await one.once.finish(claim, kept(claim.run, body), good=True)
    assert await code_of(waiting) == (409, "idempotent_answer_missing")
    await asyncio.to_thread(machine.indexer.drain)
    again = await entering(two)
    assert isinstance(again, Kept)
    assert again.chunks == (body,)


async def test_without_the_lease_store_nothing_is_executed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    one = machine.worker()
    claim = await claimed(one)

    def away(*args: object, **rest: object) -> Store:
        raise StoreUnavailable("it is away")

    monkeypatch.setattr(one.claims, "_open", away)
    waiting = [entering(one) for _ in range(3)]
    await asyncio.sleep(0)
    await one.once.finish(claim, kept(claim.run), good=True)
    assert await asyncio.gather(*waiting) == [kept(claim.run)] * 3, "those who wait here need no store"
    asking = [entering(one), entering(one)]
    assert [await code_of(each) for each in asking] == [(503, "idempotency_unavailable")] * 2
    await one.once.close()


async def test_an_end_in_order_gives_claims_back(machine: Machine) -> None:
    one, two = machine.worker(), machine.worker()
    await claimed(one)
    waiting = entering(two)
    await one.once.close()
    assert isinstance(await waiting, Claim)
    await two.once.close()
    assert machine.rows() == 0


async def test_keys_do_not_meet(machine: Machine) -> None:
    one = machine.worker()
    await claimed(one)
    await claimed(one, Key("p", "k-2"), b"e" * 32)
    await claimed(one, Key("q", "k-1"))
