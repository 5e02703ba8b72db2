"""One process of all workers scores live traffic, and ends with them."""

import asyncio
from pathlib import Path

import pytest

from outrider.app.online import Onlooking
from outrider.app.settings import parse
from outrider.base.errors import RequestError
from outrider.evals.online.book import Book
from outrider.store import open_evals

RULES = "evaluation: {online: {rules: {r: {share: 5%, evaluators: [refusal]}}}}"


def onlooking(home: Path, text: str = RULES) -> Onlooking:
    settings = parse(f"embedded: {{enabled: off}}\n{text}", "t", {})
    return Onlooking(settings, home, None, f"sqlite:///{home / 'outrider.sqlite3'}")


def test_without_rules_nothing_is_opened(tmp_path: Path) -> None:
    async def begin_and_end() -> None:
        one = onlooking(tmp_path, "")
        one.desk()
        task = asyncio.create_task(one.run())
        await asyncio.sleep(0)
        task.cancel()
        await one.stop()

    asyncio.run(begin_and_end())
    assert list(tmp_path.iterdir()) == []


def test_a_child_of_a_worker_that_does_not_lead_ends_at_once(tmp_path: Path) -> None:
    store = open_evals(f"sqlite:///{tmp_path / 'outrider.sqlite3'}")
    one, other, stranger = onlooking(tmp_path), onlooking(tmp_path), Book(lambda: store, "stranger")
    assert one.claim()
    assert not other.claim(), "one of all workers"
    with store.write([1]) as tx:
        tx.execute("UPDATE online_lead SET held_until = 0")
    assert stranger.claim()
    assert asyncio.run(one.work()) == 0
    assert stranger.lead().holder == "stranger"
    for each in (one, other):
        asyncio.run(each.stop())
    store.close()


def test_the_desk_follows_changed_settings(tmp_path: Path) -> None:
    one = onlooking(tmp_path)
    desk = one.desk()
    assert desk.status("default").state == "waiting"
    assert [rule.name for rule in desk.status("default").rules] == ["r"]
    with pytest.raises(RequestError, match="nobody works"):
        desk.ask_for_round()
    one.use(parse("embedded: {enabled: off}", "t", {}))
    assert desk.status("default").state == "off"
    asyncio.run(one.stop())
