"""The whole way of a request, without sockets: what every ending answers and records."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from outrider.base import ids
from outrider.base.errors import JournalFull
from outrider.base.ports import Deployment
from outrider.base.usage import Price
from outrider.cache.claims import Claims, Place
from outrider.cache.exact import ExactCache
from outrider.cache.idempotent import Once
from outrider.cache.orphans import Orphans
from outrider.gateway.admission import Admission
from outrider.gateway.attempts import Attempts
from outrider.gateway.corridor import Corridor
from outrider.gateway.identify import Gate
from outrider.gateway.metrics import Metrics
from outrider.gateway.patience import Watch
from outrider.gateway.server import Exchange
from outrider.gateway.table import Route, RouteTable
from outrider.journal.append import Journal
from outrider.journal.events import RunRecorded
from outrider.journal.index import Indexer
from outrider.journal.read import RunFilter, get_run, list_runs, list_steps
from outrider.journal.rows import RunRow
from outrider.limits.board import Board
from outrider.limits.desk import Desk
from outrider.limits.keys import Identity, KeyRing, KnownKey
from outrider.limits.rates import Rates
from outrider.limits.shedding import Shedder
from outrider.limits.vitals import Vitals
from outrider.store import open_store
from outrider.testing import ScriptedProvider
from tests.gateway.calls import Client, body, deployment


def _price(deployment: Deployment, at: int, size: int) -> Price:
    return Price(input=1000, output=1000)


class World:
    """A corridor with one route `r` to a scripted provider, and what it has recorded."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.provider = folder, ScriptedProvider()
        self.journal = Journal(folder / "spool")
        self.metrics = Metrics(folder, "1")
        self.anonymous: Identity | None = Identity("p", "k")

        async def nobody(public: str) -> KnownKey | None:
            return None

        self.corridor = Corridor(
            gate=Gate(KeyRing(nobody), anonymous=self.anonymous),
            table=self.table(deployment("a", self.provider)),
            journal=self.journal,
            metrics=self.metrics,
            cache=ExactCache(),
            admission=Admission(Shedder(), Rates(Desk(self._no_store))),
            attempts=Attempts(Watch(), _price, Vitals(Board())),
            once=Once(Claims(self._no_store), Orphans(folder, self._no_store, lambda holder: True), Place("me", "0")),
        )

    def _no_store(self) -> Any:
        raise AssertionError("no limits here, so no lease store")

    def table(self, *deployments: Deployment) -> RouteTable:
        return RouteTable({"r": Route("r", deployments, retries=0, why="configured")}, {})

    async def ask(self, wire: bytes, **headers: str) -> Client:
        made = Client(wire, [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()])
        await asyncio.create_task(self.corridor.chat(cast(Exchange, made)))
        return made

    def run(self, answer: Client) -> RunRecorded | None:
        head = answer.head.decode().split("\r\n")
        run_id = next(line.split(": ")[1] for line in head if line.startswith("x-request-id"))
        store = open_store(f"sqlite:///{self.folder / 'db.sqlite3'}")
        try:
            Indexer(self.folder / "spool", store).drain()
            found = get_run(store, ids.parse(run_id))
            if found is not None:
                found.steps = list_steps(store, found.id)
            return found
        finally:
            store.close()

    def runs(self) -> list[RunRow]:
        store = open_store(f"sqlite:///{self.folder / 'db.sqlite3'}")
        try:
            Indexer(self.folder / "spool", store).drain()
            return list_runs(store, RunFilter()).rows
        finally:
            store.close()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    yield world
    world.journal.close()


def facts(answer: Client) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in answer.head.decode().split("\r\n") if line)


async def test_a_plain_answer(world: World) -> None:
    answer = await world.ask(body("scripted:text=hi there"))
    assert (answer.status, answer.answer["choices"][0]["message"]["content"]) == (200, "hi there")
    assert facts(answer).keys() >= {"x-request-id", "x-outrider-cost", "x-outrider-overhead-ms", "x-outrider-cache"}
    run = world.run(answer)
    assert run is not None
    assert (run.status, run.model, run.route, run.why, run.http_status) == ("ok", "r", "r", "configured", 200)
    assert run.cost == run.steps[0].cost > 0
    assert run.preview == "scripted:text=hi there"


async def test_the_last_byte_leaves_after_the_record(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(world.journal, "append", lambda *a: written)
    for stream in (False, True):
        written = asyncio.get_running_loop().create_future()
        made = Client(body("scripted:chunks=2", stream=stream))
        asking = asyncio.create_task(world.corridor.chat(cast(Exchange, made)))
        await world.provider.until(chat=1 + stream)
        await asyncio.sleep(0.05)  # time enough for a byte that must not come
        assert not made.ended
        assert b"[DONE]" not in b"".join(made.received)
        written.set_result(None)
        await asking
        assert made.ended


async def test_a_stream_that_breaks_ends_in_an_error_event(world: World) -> None:
    answer = await world.ask(body("scripted:chunks=5,cut=3", stream=True))
    assert answer.status == 200
    assert answer.received[-1].startswith(b'data: {"error":')
    run = world.run(answer)
    assert run is not None
    assert (run.status, run.error) == ("error", "upstream_disconnected")
    assert run.usage is not None
    assert run.usage.estimated
    assert run.cost > 0
    assert run.response is not None


async def test_a_providers_401_is_our_fault_and_falls_back(world: World) -> None:
    refusing = deployment("a", ScriptedProvider(), "scripted:status=401")
    world.corridor.table = world.table(refusing)
    alone = await world.ask(body("hello"))
    assert (alone.status, alone.answer["error"]["code"]) == (502, "provider_key_refused")
    world.corridor.table = world.table(refusing, deployment("b", world.provider))
    answer = await world.ask(body("hello"))
    run = world.run(answer)
    assert answer.status == 200
    assert run is not None
    assert [(s.name, s.status) for s in run.steps][-1] == ("b/m", "ok")
    assert run.steps[0].error == "provider_key_refused"


async def test_the_callers_mistake_comes_back_as_the_provider_said_it(world: World) -> None:
    answer = await world.ask(body("scripted:status=422"))
    assert (answer.status, answer.answer["error"]["type"]) == (422, "scripted_error")


@pytest.mark.parametrize("coding", ["gzip", "br"])
async def test_a_compressed_body_is_refused(world: World, coding: str) -> None:
    answer = await world.ask(body("hello"), content_encoding=coding)
    assert (answer.status, answer.answer["error"]["code"]) == (415, "unsupported_encoding")
    assert world.run(answer) is not None


async def test_without_identity_the_run_is_nobodys_and_has_no_body(world: World) -> None:
    world.corridor.gate.anonymous = None
    answer = await world.ask(body("hello"))
    assert answer.status == 401
    run = world.run(answer)
    assert run is not None
    assert (run.project, run.error, run.request, run.response) == ("unidentified", "invalid_api_key", None, None)
    assert world.provider.counts["requests"] == 0


@pytest.mark.parametrize("stream", [False, True])
async def test_a_journal_that_is_full_gives_no_answer(
    world: World, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    def full(*_: Any) -> Any:
        raise JournalFull("the disk is full")

    monkeypatch.setattr(world.journal, "append", full)
    answer = await world.ask(body("scripted:chunks=3", stream=stream))
    assert world.metrics.lost == 1
    if stream:
        assert answer.aborted
        assert b"[DONE]" not in b"".join(answer.received)
    else:
        assert (answer.status, answer.answer["error"]["code"]) == (503, "journal_full")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_is_recorded_and_paid_for(world: World, stream: bool) -> None:
    made = Client(body("scripted:endless,gap=0.001" if stream else "scripted:delay=60", stream=stream))
    asking = asyncio.create_task(world.corridor.chat(cast(Exchange, made)))
    await world.provider.until(chat=1)
    await asyncio.sleep(0.02)
    assert bool(made.received) is stream
    made.gone = True
    assert made.on_gone is not None
    made.on_gone()
    await asking
    assert made.on_gone is None
    assert world.provider.counts["cancelled"] == 1
    ((labels, _),) = world.metrics.series.items()
    assert labels == ("r", "a/m", "client_gone")
    if stream:
        run = world.run(made)
        assert run is not None
        assert (run.status, run.http_status) == ("cancelled", 499)
        assert run.cost > 0


async def test_a_stranger_that_leaves_while_its_key_is_looked_up_is_recorded(world: World) -> None:
    asked = asyncio.Event()

    async def slow(public: str) -> KnownKey | None:
        asked.set()
        return await asyncio.get_running_loop().create_future()

    world.corridor.gate.anonymous, world.corridor.gate.keys = None, KeyRing(slow)
    made = Client(body("hello"), [(b"x-api-key", b"sk-or-some-body")])
    asking = asyncio.create_task(world.corridor.chat(cast(Exchange, made)))
    await asked.wait()
    made.gone = True
    assert made.on_gone is not None
    made.on_gone()
    await asking
    (run,) = world.runs()
    assert (run.project, run.status, run.error, run.key) == ("unidentified", "cancelled", "client_gone", "")


async def test_a_stop_of_the_process_is_not_the_clients_leaving(world: World) -> None:
    made = Client(body("scripted:delay=60"))
    asking = asyncio.create_task(world.corridor.chat(cast(Exchange, made)))
    await world.provider.until(chat=1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_embeddings_walk_the_same_way(world: World) -> None:
    made = Client(b'{"model":"r","input":"hello there"}')
    await asyncio.create_task(world.corridor.embeddings(cast(Exchange, made)))
    assert made.status == 200
    run = world.run(made)
    assert run is not None
    assert (run.name, run.preview) == ("embeddings", "hello there")


async def test_documents_are_ranked_the_same_way(world: World) -> None:
    made = Client(
        b'{"model":"r","query":"green grass","documents":["blue sky",{"text":"green grass"},"green"],"top_n":2,'
        b'"return_documents":true}'
    )
    await asyncio.create_task(world.corridor.rerank(cast(Exchange, made)))
    assert made.status == 200
    assert made.answer["results"] == [
        {"index": 1, "relevance_score": 1.0, "document": {"text": "green grass"}},
        {"index": 2, "relevance_score": 0.5, "document": {"text": "green"}},
    ]
    assert made.answer["usage"]["total_tokens"] > 0
    run = world.run(made)
    assert run is not None
    assert (run.name, run.preview, run.usage.input if run.usage else 0) == (
        "rerank",
        "green grass",
        made.answer["usage"]["total_tokens"],
    )
    (asked,) = world.provider.requests
    assert asked == {"model": "m", "query": "green grass", "documents": ["blue sky", "green grass", "green"]}
