"""Who works on which batch: several processes on one store, with a handler that a test can hold up."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from outrider.base import clock
from outrider.base.errors import JournalFull, RequestError, StoreUnavailable
from outrider.gateway.batches import recorder, rows, runner, work
from outrider.gateway.batches.inside import Inside
from outrider.gateway.batches.rows import Batch, Made
from outrider.gateway.batches.rules import Rules
from outrider.gateway.batches.runner import Runner
from outrider.gateway.batches.shapes import batch as shape
from outrider.limits.keys import Identity, KeyRing, KnownKey
from outrider.store import Store, open_leases
from tests.gateway.batches.conftest import jsonl, line

HOUR = 3_600_000_000_000


class Street:
    """One store, several processes on it, one handler that counts."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.asked: Counter[bytes] = Counter()
        self.go = asyncio.Event()
        self.go.set()
        self.away = False
        self.leaving: set[str] = set()
        self.busy = False
        self.living: set[str] = set()

    def open(self) -> Store:
        if self.away:
            raise StoreUnavailable("away")
        return self.store

    async def answer(self, exchange: Inside) -> None:
        self.asked[dict(exchange.headers)[b"idempotency-key"]] += 1
        await self.go.wait()
        exchange.reply(200, b"", b"{}")

    @contextlib.asynccontextmanager
    async def process(self, name: str, machine: str = "m", **rules: int) -> AsyncIterator[Runner]:
        keys = KeyRing(lambda public: asyncio.sleep(0, None))
        keys.load([KnownKey("k", "p", b"")])
        made = Runner(
            leases=self.open,
            find=lambda method, path: self.answer if path == b"/v1/embeddings" else None,
            keys=keys,
            anonymous=Identity("p", ""),
            busy=lambda: self.busy,
            holder=f"{machine}/{name}",
            alive=lambda other: other in self.living,
            rules=Rules(**rules),
            leaving=lambda: name in self.leaving,
        )
        self.living.add(name)
        await made.start()
        try:
            yield made
        finally:
            await made.stop()
            self.living.discard(name)


@pytest.fixture
async def street(store_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Street]:
    monkeypatch.setattr(runner, "LOOK", 0.02)
    monkeypatch.setattr(runner, "REST", 0.05)
    monkeypatch.setattr(recorder, "AGAIN", 0.02)
    store = open_leases(store_url)
    yield Street(store)
    store.close()


def begin(process: Runner, lines: int, key: str = "k", window: int = HOUR) -> Batch:
    writer = process.files.begin("p", key, "batch", "in", 0)
    writer.add(jsonl(*[line(f"r-{i}", url="/v1/embeddings") for i in range(lines)]))
    made = Made("/v1/embeddings", "24h")
    return process.batches.create("p", key, "openai", writer.finish().id, made, window)


async def until(process: Runner, id_: str, done: Callable[[Batch], bool]) -> Batch:
    for _ in range(2000):
        if done(found := await asyncio.to_thread(process.batches.get, "p", "openai", id_)):
            return found
        await asyncio.sleep(0.01)
    pytest.fail(f"{found} did not get there")


def over(batch: Batch) -> bool:
    return batch.ended > 0


async def test_every_batch_has_one_process(street: Street) -> None:
    async with street.process("a", most=2) as first, street.process("b", most=2) as second:
        made = [begin(first, 20) for _ in range(6)]
        second.wake()
        for one in made:
            assert (await until(first, one.id, over)).completed == 20
    assert set(street.asked.values()) == {1}
    assert len(street.asked) == 120


async def test_a_process_that_leaves_begins_with_nothing_more(street: Street) -> None:
    street.leaving.add("a")
    async with street.process("a") as first:
        made = begin(first, 2)
        for _ in range(5):
            first.wake()
            await asyncio.sleep(0.02)
        assert (await asyncio.to_thread(first.batches.get, "p", "openai", made.id)).holder == ""
        async with street.process("b") as second:
            assert (await until(second, made.id, over)).completed == 2
    assert set(street.asked.values()) == {1}


async def test_a_process_that_is_gone_is_followed_at_once_on_its_machine_alone(street: Street) -> None:
    street.go.clear()
    async with street.process("a") as first:
        batch = begin(first, 3)
        await until(first, batch.id, lambda b: b.holder == "m/a" and b.status == "in_progress")
        async with street.process("far", machine="other"), street.process("b") as second:
            await asyncio.sleep(0.1)
            assert (await until(first, batch.id, lambda b: True)).holder == "m/a"
            street.living.discard("a")
            await until(second, batch.id, lambda b: b.holder == "m/b")
            street.go.set()
            done = await until(second, batch.id, over)
            assert (done.status, done.completed) == ("completed", 3)


async def test_a_machine_that_is_not_heard_of_loses_its_batches(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "HOLD_NS", 200_000_000)
    street.go.clear()
    async with street.process("a", machine="far") as first:
        batch = begin(first, 3)
        await until(first, batch.id, lambda b: b.holder == "far/a")
        monkeypatch.setattr(first, "_hold", lambda: asyncio.sleep(0))
        async with street.process("b") as second:
            await until(second, batch.id, lambda b: b.holder == "m/b")
            street.go.set()
            assert (await until(second, batch.id, over)).completed == 3


async def test_a_stop_gives_back_what_it_holds(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "STOP_GRACE", 0.05)
    street.go.clear()
    async with street.process("a") as first:
        batch = begin(first, 3)
        await until(first, batch.id, lambda b: b.status == "in_progress" and len(street.asked) == 3)
    found = first.batches.get("p", "openai", batch.id)
    assert (found.holder, found.status) == ("", "in_progress")
    assert shape(found)["in_progress_at"]
    street.go.set()
    async with street.process("b") as second:
        assert (await until(second, batch.id, over)).completed == 3
    assert set(street.asked.values()) == {2}


async def test_a_store_that_goes_away_costs_nothing(street: Street) -> None:
    street.go.clear()
    async with street.process("a") as first:
        batch = begin(first, 40)
        await until(first, batch.id, lambda b: b.status == "in_progress" and len(street.asked) > 0)
        street.away = True
        street.go.set()
        await asyncio.sleep(0.1)
        street.away = False
        done = await until(first, batch.id, over)
    assert (done.status, done.completed) == ("completed", 40)
    assert set(street.asked.values()) == {1}


async def test_lines_wait_while_the_worker_has_too_much_to_do(street: Street) -> None:
    street.busy = True
    async with street.process("a") as first:
        batch = begin(first, 3)
        await until(first, batch.id, lambda b: b.status == "in_progress")
        await asyncio.sleep(0.05)
        assert not street.asked
        street.busy = False
        await until(first, batch.id, over)


async def test_so_many_lines_are_under_way_and_no_more(street: Street) -> None:
    street.go.clear()
    async with street.process("a", concurrency=4) as first:
        made = [begin(first, 10), begin(first, 10)]
        await until(first, made[0].id, lambda b: len(street.asked) >= 4)
        await asyncio.sleep(0.1)
        assert len(street.asked) == 4
        street.go.set()
        for one in made:
            await until(first, one.id, over)


async def test_a_cancellation_that_came_to_another_process_is_seen(street: Street) -> None:
    street.go.clear()
    async with street.process("a", concurrency=2) as first:
        batch = begin(first, 10)
        await until(first, batch.id, lambda b: len(street.asked) == 2)
        first.batches.cancel("p", "openai", batch.id)
        await asyncio.sleep(0.1)
        street.go.set()
        done = await until(first, batch.id, over)
    assert (done.status, done.completed, done.failed) == ("cancelled", 2, 8)


async def test_nobodys_batch_and_one_of_a_key_that_is_not_known(street: Street) -> None:
    async with street.process("a") as first:
        assert (await until(first, begin(first, 2, key="").id, over)).status == "completed"
        waiting = begin(first, 2, key="unknown", window=2_000_000_000)
        assert (await until(first, waiting.id, over)).status == "expired"


async def test_what_is_old_is_removed(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    async with street.process("a", keep=1) as first:
        batch = begin(first, 2)
        done = await until(first, batch.id, over)
        assert first.files.find("p", done.about.output_file) is not None
        later = clock.now_ns() + HOUR
        monkeypatch.setattr(clock, "now_ns", lambda: later)
        first._sweep()
        assert first.files.find("p", done.about.output_file) is None
        assert first.batches.list("p", "openai", after="", before="", most=5) == []


async def test_a_browser_without_a_key_makes_no_batch(street: Street) -> None:
    async with street.process("a") as first:
        file = begin(first, 1).input_file
        first._anonymous = None
        with pytest.raises(RequestError, match="made with a key"):
            await first.create(Identity("p", "", operator=True), "openai", file, Made("/v1/embeddings", "24h"), HOUR)


async def test_a_batch_that_cannot_be_recorded_does_not_go_on(street: Street) -> None:
    async def full(event: object) -> None:
        raise JournalFull("the disk is full")

    async with street.process("a") as first:
        street.go.clear()
        file = begin(first, 1).input_file
        first._record = full
        with pytest.raises(JournalFull):
            await first.create(Identity("p", "k"), "openai", file, Made("/v1/embeddings", "24h"), HOUR)
        newest = first.batches.list("p", "openai", after="", before="", most=1)[0]
        assert newest.cancelling
        street.go.set()
        await until(first, newest.id, over)


async def test_a_fault_in_the_look_for_batches_does_not_end_it(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    async with street.process("a") as first:
        faults = iter([ValueError("a bug")])
        claim = first.batches.claim

        def broken(*args: Any, **which: Any) -> Batch | None:
            for fault in faults:
                raise fault
            return claim(*args, **which)

        monkeypatch.setattr(first.batches, "claim", broken)
        batch = begin(first, 1)
        await until(first, batch.id, over)


async def test_a_look_that_always_fails_does_not_cost_what_is_held(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    street.go.clear()
    async with street.process("a") as first:
        batch = begin(first, 1)
        began = (await until(first, batch.id, lambda b: b.holder == "m/a")).held_until

        def broken(*args: Any, **which: Any) -> Batch | None:
            raise ValueError("a row that nobody can read")

        monkeypatch.setattr(first.batches, "claim", broken)
        known = await until(first, batch.id, lambda b: b.held_until > began)
        await until(first, batch.id, lambda b: b.held_until > known.held_until)
        street.go.set()
        await until(first, batch.id, over)


async def test_a_bug_in_a_batch_is_logged_and_shown_and_it_is_tried_again(
    street: Street, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(runner, "REST", 0.3)
    faults = iter([ValueError("a bug")])
    done = rows.Batches.done

    def broken(self: rows.Batches, id_: str) -> set[int]:
        for fault in faults:
            raise fault
        return done(self, id_)

    monkeypatch.setattr(rows.Batches, "done", broken)
    async with street.process("a") as first:
        batch = begin(first, 1)
        failed = await until(first, batch.id, lambda b: bool(b.waits))
        assert (failed.holder, failed.waits) == (
            "",
            "its work failed (internal_error; the log says more) and is tried again",
        )
        ended = await until(first, batch.id, over)
    assert (ended.status, ended.waits) == ("completed", "")
    assert "ValueError: a bug" in caplog.text
