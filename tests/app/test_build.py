"""One worker as it is wired: what it watches, what it says of itself, and what a reload leaves alone."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from outrider.app.build import Worker
from outrider.app.settings import load
from outrider.base.session import COOKIE, CSRF_HEADER
from outrider.journal.events import KeyRevoked
from outrider.limits.keys import Identity, new_key
from outrider.testing import ScriptedProvider, scripted_server

HEAD = "embedded: {enabled: false}\n"


@pytest.fixture
async def provider() -> AsyncIterator[tuple[ScriptedProvider, str]]:
    served = ScriptedProvider()
    async with scripted_server(served) as url:
        yield served, url


def written(home: Path, text: str) -> Path:
    path = home / "outrider.yaml"
    path.write_text(HEAD + text)
    return path


@pytest.fixture
async def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outrider.app.build.WATCH_SECONDS", 0.01)


async def until(worker: Worker, name: str) -> None:
    async with asyncio.timeout(10):
        while name not in worker.corridor.table.names():  # noqa: ASYNC110 -- the worker looks at a file
            await asyncio.sleep(0.01)


async def test_it_learns_what_providers_offer(provider: tuple[ScriptedProvider, str], tmp_path: Path) -> None:
    config = written(tmp_path, f'providers: {{a: {{base_url: "{provider[1]}"}}}}')
    worker = Worker(load(config, {}), tmp_path, config)
    await worker.start()
    assert "scripted-chat" in worker.corridor.table.names()
    await worker.stop()


async def test_what_ends_by_a_fault_is_not_missed_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def run(_: object) -> None:
        raise ValueError("nobody foresaw this")

    monkeypatch.setattr("outrider.app.online.Onlooking.run", run)
    worker = Worker(load(written(tmp_path, ""), {}), tmp_path, None)
    await worker.start()
    await worker.stop()
    assert "has ended by a fault" in caplog.text
    assert "nobody foresaw this" in caplog.text


async def test_a_reload_keeps_what_did_not_change(
    provider: tuple[ScriptedProvider, str], tmp_path: Path, quick: None, caplog: pytest.LogCaptureFixture
) -> None:
    listed = f'providers: {{a: {{base_url: "{provider[1]}"}}}}\n'
    config = written(tmp_path, listed)
    worker = Worker(load(config, {}), tmp_path, config)
    await worker.start()
    way = worker.corridor.table.providers["a"].template.transport
    await asyncio.sleep(0.02)
    written(tmp_path, listed + "routes: {fresh: {deployments: [a/scripted-chat]}}\n")
    await until(worker, "fresh")
    assert worker.corridor.table.providers["a"].template.transport is way
    assert "scripted-chat" in worker.corridor.table.names()
    written(tmp_path, listed + "routes: {fresh: {deployments: [nobody/x], retries: -1}}\n")
    async with asyncio.timeout(10):
        while "the present one stays" not in caplog.text:  # noqa: ASYNC110 -- as above
            await asyncio.sleep(0.01)
    assert "fresh" in worker.corridor.table.names()
    await worker.stop()


async def test_configured_deployments_are_listed_before_they_are_called(tmp_path: Path, quick: None) -> None:
    asked = 'providers: {a: {base_url: "http://127.0.0.1:9/v1", models: [x, y]}}\n'
    config = written(tmp_path, asked + "routes: {r: {deployments: [a/x]}}\n")
    worker = Worker(load(config, {}), tmp_path, config)
    assert list(worker.vitals.board.names()) == ["a/x"]
    await worker.start()
    await asyncio.sleep(0.02)
    written(tmp_path, asked + "routes: {r: {deployments: [a/x]}, later: {deployments: [a/y]}}\n")
    await until(worker, "later")
    assert sorted(worker.vitals.board.names()) == ["a/x", "a/y"]
    await worker.stop()


async def test_a_browsers_calls_count_for_the_team_of_its_key(tmp_path: Path) -> None:
    config = written(tmp_path, 'providers: {a: {base_url: "http://127.0.0.1:9/v1", models: [x]}}\n')
    worker = Worker(load(config, {}), tmp_path, config)
    await worker.start()
    _, event = new_key("default", team="search")
    await worker.record_key(event)
    for operator in (False, True):
        token = worker.sign_ins.open(Identity("default", event.public, operator=operator))
        session = worker.sign_ins.verify(token)
        assert session is not None
        headers = {b"cookie": f"a=b; {COOKIE}={token}".encode(), CSRF_HEADER.encode(): session.csrf.encode()}
        assert worker._session(headers) == Identity("default", event.public, "search", operator)
        assert worker._session(headers | {CSRF_HEADER.encode(): b"0"}) is None
    await worker.stop()


async def test_reloads_do_not_pile_up_tasks(tmp_path: Path, quick: None) -> None:
    """A provider that does not answer is asked by one task, however often the file changes."""
    silent = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    listed = f'providers: {{a: {{base_url: "http://127.0.0.1:{port}/v1"}}}}\n'
    config = written(tmp_path, listed)
    worker = Worker(load(config, {}), tmp_path, config)
    await worker.start()
    before = len(asyncio.all_tasks())
    for number in range(5):
        written(tmp_path, listed + f"routes: {{r{number}: {{deployments: [a/x]}}}}\n")
        await until(worker, f"r{number}")
    assert len(asyncio.all_tasks()) <= before + 1
    await worker.stop()
    silent.close()


async def test_a_fault_in_one_look_does_not_end_the_others(
    tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Else keys that were revoked would go on working."""
    listed = 'providers: {a: {base_url: "http://127.0.0.1:9/v1", models: [x]}}\n'
    config = written(tmp_path, listed)
    worker = Worker(load(config, {}), tmp_path, config)
    monkeypatch.setattr(worker.metrics, "leave_snapshot", lambda: 1 // 0)
    await worker.start()
    await asyncio.sleep(0.02)
    written(tmp_path, listed + "routes: {fresh: {deployments: [a/x]}}\n")
    await until(worker, "fresh")
    assert "look-around was not complete" in caplog.text
    monkeypatch.undo()
    await worker.stop()


async def test_it_is_ready_while_the_database_is_away(provider: tuple[ScriptedProvider, str], tmp_path: Path) -> None:
    config = written(tmp_path, f'providers: {{a: {{base_url: "{provider[1]}"}}}}')
    worker = Worker(load(config, {}), tmp_path, config, store_url="postgresql://me:hidden@127.0.0.1:9/none")
    await worker.start()
    for stopping in (False, True):
        worker.stopping = stopping
        report = await worker.ready()
        assert report["ready"] is not stopping
        assert report["store"] != "ok"
        assert "hidden" not in json.dumps(report)
    await worker.stop()


async def test_a_key_works_at_once_and_no_longer_when_revoked(
    provider: tuple[ScriptedProvider, str], tmp_path: Path
) -> None:
    config = written(tmp_path, f'providers: {{a: {{base_url: "{provider[1]}"}}}}')
    worker = Worker(load(config, {}), tmp_path, config)
    await worker.start()
    text, event = new_key("p", "n", "test", team="search")
    await worker.record_key(event)
    who = await worker.check_key(text)
    assert who == Identity("p", event.public, "search")
    await worker.record_key(KeyRevoked(who.key, event.at, "test"))
    assert await worker.check_key(text) is None
    await worker.stop()
    spooled = b"".join(f.read_bytes() for f in sorted((tmp_path / "spool").rglob("*.seg")))
    assert who.key.encode() in spooled
    assert text.encode() not in spooled
