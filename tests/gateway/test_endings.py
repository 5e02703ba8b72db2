"""Every way in which a call ends: what is recorded, what the client gets, and in which order."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from outrider.base.errors import BudgetExceeded, JournalFull, RequestError, UpstreamError
from outrider.base.ports import Answer
from outrider.base.usage import Usage
from outrider.cache.claims import Claims, Kept, Place
from outrider.cache.idempotent import Once
from outrider.cache.orphans import Orphans
from outrider.gateway import idempotent
from outrider.gateway.call import NOBODY, Call
from outrider.gateway.endings import Endings, preview
from outrider.gateway.identify import Gate
from outrider.gateway.metrics import Metrics
from outrider.gateway.refusals import Refusals
from outrider.gateway.surface.embeddings import parse_embeddings
from outrider.journal import read
from outrider.journal.append import Journal
from outrider.journal.events import Charge, RunRecorded
from outrider.journal.index import Indexer
from outrider.limits.keys import KeyRing, KnownKey
from outrider.store import open_leases, open_store
from tests.gateway.calls import call, client, route

PIECES = [b'data: {"a":1}\n\n', b'data: {"b":2}\n\n', b"data: [DONE]\n\n"]
ANSWER = Answer(b'{"a":1}', Usage(3, 2), "stop", "hi")


async def _nobody(public: str) -> KnownKey | None:
    return None


class World:
    def __init__(self, home: Path) -> None:
        url = f"sqlite:///{home / 'db.sqlite3'}"
        self.store, self.leases = open_store(url), open_leases(url)
        self.journal, self.metrics = Journal(home / "spool"), Metrics(home, "1")
        self.indexer = Indexer(home / "spool", self.store)
        self.once = Once(
            Claims(lambda: self.leases), Orphans(home / "spool", lambda: self.store, lambda h: True), Place("me", "0")
        )
        refusals = Refusals(Gate(KeyRing(_nobody)), self.journal, self.metrics)
        self.endings = Endings(self.journal, self.metrics, refusals, self.once)

    def runs(self) -> list[RunRecorded]:
        self.indexer.drain()
        return [e for _, e in read.export_records(self.store) if isinstance(e, RunRecorded)]

    def response(self, run: RunRecorded) -> bytes:
        assert run.response is not None
        found = read.get_body(self.store, run.project, run.response.sha256)
        assert found is not None
        return found

    async def claimed(self, made: Call) -> Call:
        client(made).query = b""  # type: ignore[attr-defined]
        assert await idempotent.enter(self.once, made) is None
        return made

    async def kept(self, made: Call) -> Kept | None:
        """What another call with the same key gets: an answer, or None: it may execute it."""
        again = call("hello", route(), stream=made.stream, idempotency_key="k")
        client(again).query = b""  # type: ignore[attr-defined]
        return await idempotent.enter(self.once, again)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    yield made
    made.journal.close()
    made.store.close()
    made.leases.close()


def plain(key: str = "") -> Call:
    return call("hello", route(), idempotency_key=key) if key else call("hello", route())


def streaming(key: str = "") -> Call:
    """A call whose stream is complete but for the end mark."""
    made = call("hello", route(), stream=True, idempotency_key=key) if key else call("hello", route(), stream=True)
    made.started, made.blocks, made.held = True, list(PIECES), PIECES[-1]
    made.exchange.start(200, b"")
    for piece in PIECES[:-1]:
        made.exchange.write(piece)
    return made


def fill(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Any:
        raise JournalFull("the disk is full")

    monkeypatch.setattr(world.journal, "append", full)


async def test_an_answer_leaves_after_its_record(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for made in (plain(), streaming()):
        written = asyncio.get_running_loop().create_future()
        monkeypatch.setattr(world.journal, "append", lambda *_, w=written: w)
        ending = asyncio.create_task(world.endings.succeed(made, ANSWER))
        await asyncio.sleep(0.01)
        assert not client(made).ended
        written.set_result(None)
        await ending
        assert client(made).ended


async def test_what_is_recorded_is_what_was_sent(world: World) -> None:
    whole, streamed = plain(), streaming()
    for made in (whole, streamed):
        await world.endings.succeed(made, ANSWER)
    first, second = world.runs()
    assert (client(whole).status, client(whole).received) == (200, [ANSWER.body])
    assert world.response(first) == ANSWER.body
    assert client(streamed).received == PIECES
    assert world.response(second) == b"".join(PIECES)
    assert (first.preview, first.status, first.http_status) == ("hello", "ok", 200)


async def test_an_answer_from_the_cache_has_its_usage_and_no_cost(world: World) -> None:
    made = plain()
    made.cache = "hit"
    await world.endings.succeed(made, ANSWER)
    (run,) = world.runs()
    assert (run.usage, run.cost, run.cache) == (ANSWER.usage, 0, "hit")


async def test_an_error_is_an_answer_or_an_event(world: World) -> None:
    error = UpstreamError("it broke", code="upstream_disconnected")
    whole, streamed = plain(), streaming()
    streamed.blocks, streamed.held = PIECES[:2], b""
    for made in (whole, streamed):
        await world.endings.fail(made, error)
    assert client(whole).status == 502
    assert client(whole).answer["error"]["code"] == "upstream_disconnected"
    assert b"x-request-id: " in client(whole).head
    assert client(streamed).status == 200
    assert client(streamed).received[:2] == PIECES[:2]
    assert client(streamed).received[2].startswith(b'data: {"error":')
    first, second = world.runs()
    assert (first.status, first.error, first.message, first.http_status) == (
        "error", "upstream_disconnected", "it broke", 502,
    )  # fmt: skip
    assert world.response(first) == b"".join(client(whole).received)
    assert world.response(second) == b"".join(client(streamed).received)


async def test_what_was_gathered_and_never_sent_is_no_answer(world: World) -> None:
    made = call("hello", route(), stream=True)
    made.gathering, made.blocks = True, PIECES[:2]
    await world.endings.fail(made, UpstreamError("it broke"))
    (run,) = world.runs()
    assert world.response(run) == b"".join(client(made).received)
    assert b'"error"' in world.response(run)


async def test_headers_of_an_error_are_passed_on(world: World) -> None:
    made = plain()
    await world.endings.fail(made, RequestError("slow down", status=429, headers=(("retry-after", "7"),)))
    assert b"retry-after: 7\r\n" in client(made).head
    assert client(made).status == 429


async def test_a_refusal_for_want_of_room_names_its_budget_in_the_record(world: World) -> None:
    made = plain()
    error = BudgetExceeded("no room", measure="money", room=0, fit=False, account=("team", "ada", 5, 1), details={})
    await world.endings.fail(made, error)
    (run,) = world.runs()
    assert run.charges == [Charge("team", "ada", 5, made.at, 0)]
    assert client(made).status == 429


async def test_who_has_no_project_is_recorded_as_nobody_without_a_body(world: World) -> None:
    made, gone = call("secret words", route()), call("secret words", route())
    for one in (made, gone):
        one.identity = NOBODY
    await world.endings.fail(made, RequestError("who are you?", status=401, code="invalid_api_key"))
    await world.endings.abandon(gone)
    await world.endings.succeed(plain(), ANSWER)  # no answer waits for the records of nobody
    first, second, _ = world.runs()
    assert (first.project, first.error, first.request, first.response) == (
        "unidentified", "invalid_api_key", None, None,
    )  # fmt: skip
    assert (second.project, second.status, second.error) == ("unidentified", "cancelled", "client_gone")
    assert client(made).status == 401


async def test_a_client_that_left_is_recorded_once(world: World) -> None:
    made, done = plain(), plain()
    made.cost, made.usage = 5, Usage(3, 1)
    await world.endings.abandon(made)
    await world.endings.succeed(done, ANSWER)
    await world.endings.abandon(done)  # it left while the record was written
    first, second = world.runs()
    assert (first.status, first.error, first.http_status, first.cost) == ("cancelled", "client_gone", 499, 5)
    assert second.status == "ok"
    assert not client(made).received


@pytest.mark.parametrize("started", [False, True])
async def test_what_cannot_be_recorded_is_not_answered(
    world: World, monkeypatch: pytest.MonkeyPatch, started: bool
) -> None:
    fill(world, monkeypatch)
    made = await world.claimed(streaming("k") if started else plain("k"))
    with pytest.raises(JournalFull) as caught:
        await world.endings.succeed(made, ANSWER)
    await world.endings.unrecorded(made, caught.value)
    got = client(made)
    if started:
        assert got.aborted
        assert not got.ended
    else:
        assert (got.status, got.answer["error"]["code"]) == (503, "journal_full")
    assert world.metrics.lost == 1
    assert await world.kept(made) is None  # whoever asks again may have the key


async def test_an_error_is_told_also_when_it_cannot_be_recorded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world, monkeypatch)
    made, gone = plain(), plain()
    await world.endings.fail(made, UpstreamError("it broke"))
    await world.endings.abandon(gone)
    assert client(made).status == 502
    assert world.metrics.lost == 2


@pytest.mark.parametrize("stream", [False, True])
async def test_a_good_answer_is_kept_for_its_idempotency_key(world: World, stream: bool) -> None:
    made = streaming("k") if stream else plain("k")
    await world.endings.succeed(await world.claimed(made), ANSWER)
    again = call("hello", route(), stream=stream, idempotency_key="k")
    kept = await world.kept(made)
    assert kept is not None
    await world.endings.give_again(again, kept)
    assert client(again).received == client(made).received
    assert b"idempotency-replayed: true" in client(again).head
    runs = world.runs()
    assert [run.cache for run in runs] == ["", "replay"]
    assert runs[1].usage is None


async def test_a_failure_frees_its_idempotency_key(world: World) -> None:
    made = await world.claimed(plain("k"))
    await world.endings.fail(made, UpstreamError("it broke"))
    assert made.claim is None
    assert await world.kept(made) is None


async def test_a_client_that_leaves_frees_its_idempotency_key(world: World) -> None:
    made = await world.claimed(plain("k"))
    await world.endings.abandon(made)
    assert await world.kept(made) is None


async def test_previews() -> None:
    made = call("what a day")
    assert preview(made) == "what a day"
    made.endpoint, made.request = "embeddings", parse_embeddings(b'{"model":"m","input":["one","two"]}')
    assert preview(made).startswith("one")
    made.request = None
    assert preview(made) == ""
