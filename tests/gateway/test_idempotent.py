"""Which requests are the same, and what a replay says: the same status, body and pieces."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.cache.claims import Claims, Kept, Place
from outrider.cache.idempotent import Once
from outrider.cache.orphans import PLAIN_HEAD, STREAM_HEAD, Orphans
from outrider.gateway import idempotent
from outrider.gateway.call import Call
from outrider.store import open_leases, open_store

from .calls import call, client, route

FACTS = b"x-request-id: mine\r\n"


@pytest.fixture
def once(tmp_path: Path) -> Iterator[Once]:
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    store, leases = open_store(url), open_leases(url)
    orphans = Orphans(tmp_path / "spool", lambda: store, lambda holder: True)
    yield Once(Claims(lambda: leases), orphans, Place("me", "0"))
    store.close()
    leases.close()


def asking(text: str = "hello", *, stream: bool = False, **headers: str) -> Call:
    made = call(text, route(), stream=stream, **{"idempotency_key": "k-1", **headers})
    client(made).query = b""  # type: ignore[attr-defined]
    return made


async def first(once: Once, *, stream: bool = False) -> Call:
    """A call that has claimed its key."""
    made = asking(stream=stream)
    assert await idempotent.enter(once, made) is None
    return made


async def test_without_the_header_it_does_not_concern_us() -> None:
    assert not idempotent.concerns(call())
    assert idempotent.concerns(asking())


async def test_a_plain_answer_is_given_again(once: Once) -> None:
    made = await first(once)
    made.response, made.cost = b'{"a":1}', 7_000
    await idempotent.keep(once, made)
    assert made.claim is None
    again = asking()
    kept = await idempotent.enter(once, again)
    assert kept == Kept(200, PLAIN_HEAD, (b'{"a":1}',), False, made.id, cost=7_000)
    idempotent.give_again(again, kept)
    idempotent.send(again, kept, FACTS)
    assert (again.cache, again.status, again.cost, again.usage, again.response) == ("replay", "ok", 0, None, b'{"a":1}')
    assert ids.text(made.id) in again.why
    got = client(again)
    assert (got.status, got.received, got.ended) == (200, [b'{"a":1}'], True)
    assert (
        got.head
        == b"%bidempotency-replayed: true\r\nx-outrider-replay-of: %b\r\nx-outrider-replay-cost: 0.000007\r\n%b"
        % (
            PLAIN_HEAD,
            ids.text(made.id).encode(),
            FACTS,
        )
    )


async def test_a_stream_is_given_again_in_its_pieces(once: Once) -> None:
    made = await first(once, stream=True)
    made.started, made.blocks = True, [b"data: 1\n\ndata: 2\n\n", b"data: 3\n\n", b"data: [DONE]\n\n"]
    await idempotent.keep(once, made)
    again = asking(stream=True)
    kept = await idempotent.enter(once, again)
    assert kept is not None
    idempotent.give_again(again, kept)
    idempotent.send(again, kept, FACTS)
    assert client(again).received == made.blocks == again.blocks
    assert client(again).head.startswith(STREAM_HEAD)


@pytest.mark.parametrize("started", [False, True])
async def test_a_failure_goes_to_those_who_wait_and_to_nobody_else(once: Once, started: bool) -> None:
    made = await first(once, stream=started)
    waiter = asking(stream=started)
    waiting = asyncio.ensure_future(idempotent.enter(once, waiter))
    await asyncio.sleep(0.02)
    made.started, made.error, made.message = started, "upstream_error", "it broke"
    made.blocks, made.response = [b"data: 1\n\n", b"data: {}\n\n"], b"" if started else b'{"error":{}}'
    await idempotent.failed(once, made, 502, [(b"content-type", b"x"), (b"retry-after", b"7")])
    kept = await waiting
    assert kept is not None
    idempotent.give_again(waiter, kept)
    idempotent.send(waiter, kept, FACTS)
    assert (waiter.status, waiter.error, waiter.message) == ("error", "upstream_error", "it broke")
    if started:
        assert (waiter.http_status, client(waiter).received) == (200, made.blocks)
    else:
        assert (waiter.http_status, client(waiter).received) == (502, [b'{"error":{}}'])
        assert b"retry-after: 7\r\n" in client(waiter).head
    assert await idempotent.enter(once, asking(stream=started)) is None


async def test_a_release_frees_the_key(once: Once) -> None:
    await idempotent.release(once, await first(once))
    await first(once)


@pytest.mark.parametrize("key", ["", " ", "x" * 257, "a\tb", "a\x7fb", b"\xff".decode("latin-1")])
async def test_a_bad_key_is_refused(once: Once, key: str) -> None:
    made = asking()
    made.headers = {b"idempotency-key": key.encode("latin-1")}
    with pytest.raises(RequestError) as caught:
        await idempotent.enter(once, made)
    assert (caught.value.status, caught.value.code) == (400, "invalid_idempotency_key")


@pytest.mark.parametrize("key", ["x" * 256, "ü-1", "3f2b:job 7"])
async def test_keys_are_text(once: Once, key: str) -> None:
    made = asking()
    made.headers = {b"idempotency-key": key.encode()}
    assert await idempotent.enter(once, made) is None


async def test_another_body_or_path_is_another_request(once: Once) -> None:
    made = await first(once)
    other, elsewhere, with_query = asking("other"), asking(), asking()
    client(elsewhere).path = b"/v1/embeddings"
    client(with_query).query = b"x=1"  # type: ignore[attr-defined]
    for each in (other, elsewhere, with_query):
        with pytest.raises(RequestError) as caught:
            await idempotent.enter(once, each)
        assert caught.value.code == "idempotency_key_reused"
    made.response = b"{}"
    await idempotent.keep(once, made)
    assert await idempotent.enter(once, asking()) is not None


async def test_waiting_lasts_as_long_as_the_caller_allows(once: Once) -> None:
    await first(once)
    hasty = asking(x_outrider_deadline_ms="50")
    with pytest.raises(RequestError) as caught:
        await idempotent.enter(once, hasty)
    assert (caught.value.status, caught.value.code) == (409, "request_in_progress")
    assert hasty.waited >= 45_000_000
    brief = asking()
    brief.route = route(timeout=0.05)
    with pytest.raises(RequestError):
        await idempotent.enter(once, brief)


async def test_a_client_that_leaves_does_not_end_the_call(once: Once) -> None:
    made = await first(once)
    resumed: list[bool] = []
    made.exchange.on_writable = lambda: resumed.append(True)
    assert made.exchange.on_gone is not None
    made.exchange.on_gone()
    assert resumed == [True]
    assert "the client left" in made.why


@pytest.mark.parametrize(("deadline", "taken"), [("9" * 5000, True), ("0", False), ("soon", False)])
async def test_only_a_deadline_that_is_one_lets_a_call_in(once: Once, deadline: str, taken: bool) -> None:
    made = asking(x_outrider_deadline_ms=deadline)
    if taken:
        assert await idempotent.enter(once, made) is None
        return
    with pytest.raises(RequestError) as caught:
        await idempotent.enter(once, made)
    assert caught.value.param == "x-outrider-deadline-ms"
    assert made.claim is None
