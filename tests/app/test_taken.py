"""What a worker says in the journal about its configuration: at the start, and after each change that is one."""

import asyncio
import errno
import hashlib
from pathlib import Path

import pytest

from outrider.app import paths
from outrider.app.build import Worker
from outrider.app.config_record import RULES, read
from outrider.app.settings import load
from outrider.base import clock
from outrider.journal import config_query as query
from outrider.journal.index import Indexer
from outrider.journal.rows import ConfigurationRow
from outrider.journal.spool import SegmentWriter
from outrider.policy.rules import default_text
from outrider.store import Store, open_store

BASE = 'embedded: {enabled: false}\nproviders: {a: {base_url: "http://127.0.0.1:9/v1", models: [x]}}\n'


def written(home: Path, text: str) -> Path:
    path = home / "outrider.yaml"
    path.write_text(BASE + text)
    return path


def rows(home: Path, store: Store) -> list[ConfigurationRow]:
    Indexer(paths.spool(home), store).drain()
    return query.list_configurations(store)[::-1]


@pytest.fixture
async def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outrider.app.build.WATCH_SECONDS", 0.01)


async def test_files_that_are_named_are_on_record_by_their_digests(tmp_path: Path) -> None:
    (tmp_path / "shop.json").write_text("{}")
    config = written(tmp_path, "tools: {servers: {shop: {openapi: shop.json, url: 'http://127.0.0.1:9'}}}\n")
    worker = Worker(load(config, {}), tmp_path, config)
    await worker.taken.over(worker.settings, worker.policy, "start")
    await worker.stop()
    store = open_store(f"sqlite:///{tmp_path / 'read.sqlite3'}")
    [row] = rows(tmp_path, store)
    text = query.configuration_text(store, row)
    assert text is not None
    assert read(text).digests == {"tools.servers.shop.openapi": hashlib.sha256(b"{}").hexdigest()}
    store.close()


async def test_a_start_and_every_change_are_on_record(tmp_path: Path, quick: None) -> None:
    config = written(tmp_path, "")
    store = open_store(f"sqlite:///{tmp_path / 'read.sqlite3'}")
    worker = Worker(load(config, {}), tmp_path, config)
    await worker.start()
    try:
        for number in range(2):  # within a second of each other
            written(tmp_path, f"routes: {{r{number}: {{deployments: [a/x]}}}}\n")
            async with asyncio.timeout(10):
                while len(rows(tmp_path, store)) < number + 2:  # noqa: ASYNC110 -- the worker looks at a file
                    await asyncio.sleep(0.01)
        written(tmp_path, "# nothing but a word\nroutes: {r1: {deployments: [a/x]}}\n")
        written(tmp_path, "routes: {r1: {deployments: [nobody/x]}}\n")
        await asyncio.sleep(0.1)
    finally:
        await worker.stop()
    found = rows(tmp_path, store)
    assert [row.why for row in found] == ["start", "reload", "reload"], (
        "what is the same, or refused, is not taken over"
    )
    assert len({row.place for row in found}) == 1
    texts = [query.configuration_text(store, row) for row in found]
    assert [list(read(text or b"").settings["routes"]) for text in texts] == [[], ["r0"], ["r1"]]
    store.close()


async def test_the_text_of_the_rules_is_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "mine.cedar").write_text("permit(principal, action, resource);")
    store = open_store(f"sqlite:///{tmp_path / 'read.sqlite3'}")
    for text, rules in (("policy: {rules: mine.cedar}", "permit(principal, action, resource);"), ("", default_text())):
        config = written(tmp_path, text)
        worker = Worker(load(config, {}), tmp_path, config)
        await worker.start()
        await worker.stop()
        kept = query.configuration_text(store, rows(tmp_path, store)[-1])
        assert read(kept or b"").files == {RULES: rules}
    store.close()


async def test_without_the_rules_file_the_rest_is_on_record(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = written(tmp_path, "policy: {rules: gone.cedar}")
    store = open_store(f"sqlite:///{tmp_path / 'read.sqlite3'}")
    worker = Worker(load(config, {}), tmp_path, config)
    await worker.start()
    await worker.stop()
    kept = query.configuration_text(store, rows(tmp_path, store)[0])
    assert read(kept or b"").files == {}
    assert "without its rules" in caplog.text
    store.close()


async def test_what_the_disk_refused_is_on_record_when_it_takes_it(
    tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    config = written(tmp_path, "")
    store = open_store(f"sqlite:///{tmp_path / 'read.sqlite3'}")
    worker = Worker(load(config, {}), tmp_path, config)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    with monkeypatch.context() as disk:
        disk.setattr(SegmentWriter, "write", full)
        await worker.start()
        assert rows(tmp_path, store) == []
    began = clock.now_ns()
    try:
        async with asyncio.timeout(10):
            while not rows(tmp_path, store):  # noqa: ASYNC110 -- the worker looks at its disk
                await asyncio.sleep(0.01)
    finally:
        await worker.stop()
    found = rows(tmp_path, store)
    assert [row.why for row in found] == ["start"]
    assert found[0].at < began, "it was in force before it could be written"
    assert caplog.text.count("until the disk takes it") == 1
    store.close()
