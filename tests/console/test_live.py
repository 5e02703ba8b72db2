from typing import Any

import anyio
import httpx2 as httpx
import pytest

from outrider.console import live
from outrider.journal.events import KeyRevoked
from outrider.journal.rows import RunFilter
from tests.console.conftest import World


def test_a_flood_is_read_without_a_gap(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST", 3)
    for _ in range(8):
        world.run()
    rows, looked = live.newer(world.store, RunFilter(project="default"), 0)
    assert live.newer(world.store, RunFilter(project="default"), looked) == ([], looked)
    assert len({row.seq for row in rows}) == 8
    assert [row.seq for row in rows] == sorted((row.seq for row in rows), reverse=True)


def test_the_stream_resumes_after_the_last_event(world: World) -> None:
    """Three runs; a reader that saw the first gets the other two, oldest first, each with its seq as event id."""
    for _ in range(3):
        world.run(preview="hello\nthere")
    rows = live.newer(world.store, RunFilter(project="default"), 0)[0][::-1]
    text = anyio.run(_read, world, f"/runs/live?after={rows[0].seq - 1}", str(rows[0].seq))
    ids = [line.removeprefix("id: ") for line in text.splitlines() if line.startswith("id: ")]
    assert ids == [str(row.seq) for row in rows]
    assert text.count("event: run") == 2
    assert "event: hello" in text


def test_only_what_the_filter_keeps_comes(world: World) -> None:
    world.run(route="a")
    kept = world.run(route="b")
    world.run(project="other", route="b")
    text = anyio.run(_read, world, "/runs/live?after=0&route=b", "")
    assert text.count("event: run") == 1
    assert kept.route in text


def test_a_bad_filter_is_refused(world: World) -> None:
    assert world.client().get("/runs/live?min_cost=lots").status_code == 400


def test_nothing_comes_after_the_key_was_revoked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.run()
    newer = live.newer

    def revoked_meanwhile(*given: Any) -> Any:
        world.record(KeyRevoked(world.public, 1))
        return newer(*given)

    monkeypatch.setattr(live, "newer", revoked_meanwhile)
    assert "event: run" not in anyio.run(_read, world, "/runs/live?after=0", "")


async def _read(world: World, path: str, last: str) -> str:
    """The stream's text of one look at the journal; then the process drains and the stream says goodbye."""
    client = world.client()
    cookies = {"outrider_session": client.cookies["outrider_session"]}
    headers = {"last-event-id": last} if last else {}
    world.looks = 1
    transport = httpx.ASGITransport(client.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8720", cookies=cookies) as session:
        text = (await session.get(path, headers=headers)).text
    assert "event: bye" in text
    return text


def test_a_look_at_the_head_ends(world: World) -> None:
    answer = world.client().head("/runs/live")
    assert (answer.status_code, answer.content) == (200, b"")
