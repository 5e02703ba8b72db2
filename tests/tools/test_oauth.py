"""Users connect their accounts at a real authorization server: the official SDK's, which checks PKCE itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import msgspec
import pytest

from outrider.base import clock
from outrider.base.errors import RequestError, UpstreamError
from outrider.limits.keys import Identity
from outrider.policy.identity import Who
from outrider.store import open_leases
from outrider.tools.credentials import Owner, Vault
from outrider.tools.oauth import Accounts, Rule
from outrider.tools.ports import Caller, Mount, Own
from outrider.tools.redact import Redacting
from outrider.tools.upstreams import openapi
from tests.tools.serving import Authorization, Serving, answered, protected

ANN = Caller(identity=Identity("p", "k"), who=Who("p", "s", user="ann"))
BO = Caller(identity=Identity("p", "k"), who=Who("p", "s", user="bo"))


class World(NamedTuple):
    url: str
    authorization: Authorization
    accounts: Accounts
    vault: Vault
    again: Callable[[], Accounts]


@pytest.fixture
async def world(store_url: str, tmp_path: Path) -> AsyncIterator[World]:
    authorization, serving = Authorization(), Serving()
    store = open_leases(store_url)
    async with serving as url:
        serving.app = protected(url, authorization)
        vault = Vault(lambda: store, tmp_path)

        def made() -> Accounts:
            return Accounts(vault, lambda: {"mail": Rule(f"{url}/me")}, lambda: "http://127.0.0.1:8720/")

        yield World(url, authorization, made(), vault, made)
    store.close()


async def visit(link: str) -> dict[str, str]:
    """What a browser brings back from the link."""
    async with httpx2.AsyncClient(follow_redirects=False) as browser:
        answer = await browser.get(link)
        assert answer.status_code == 302, answer.text
        assert answer.headers["location"].startswith("http://127.0.0.1:8720/tools/connected?")
        return answered(answer.headers["location"])


async def connect(world: World, user: str = "ann") -> Owner:
    back = await visit(await world.accounts.link("mail", "p", user))
    return await world.again().arrived(back["state"], back["code"])  # another worker takes the answer


async def test_a_user_connects_and_calls_in_their_name(world: World) -> None:
    with pytest.raises(RequestError) as invited:
        await world.accounts.headers("mail", ANN)
    assert invited.value.code == "not_connected"
    assert "outrider tools connect mail --user ann" in invited.value.message
    assert await connect(world) == Owner("mail", "p", "ann")
    headers = await world.accounts.headers("mail", ANN)
    async with httpx2.AsyncClient() as client:
        me = (await client.get(f"{world.url}/me", headers=dict(headers))).json()
    assert me["user"] == "ann@service"
    with pytest.raises(RequestError):
        await world.accounts.headers("mail", BO)
    with pytest.raises(RequestError) as nobody:
        await world.accounts.headers("mail", Caller(identity=Identity("p", "k"), who=Who("p", "s")))
    assert nobody.value.code == "user_needed"
    other = Caller(identity=Identity("q", "k"), who=Who("q", "s", user="ann"))
    with pytest.raises(RequestError):
        await world.accounts.headers("mail", other)
    assert await world.accounts.headers("elsewhere", ANN) == {}
    assert await world.accounts.headers("mail", None) == headers  # Outrider lists tools with the newest account


async def test_an_answer_is_taken_once_and_only_with_its_state(world: World) -> None:
    back = await visit(await world.accounts.link("mail", "p", "ann"))
    for state in ("", "other", back["state"][:-1]):
        with pytest.raises(RequestError):
            await world.accounts.arrived(state, back["code"])
    await world.accounts.arrived(back["state"], back["code"])
    with pytest.raises(RequestError):
        await world.accounts.arrived(back["state"], back["code"])


async def test_a_stolen_code_is_worth_nothing(world: World) -> None:
    """The code of one user's link with the state of another one: its PKCE verifier does not fit."""
    ann = await visit(await world.accounts.link("mail", "p", "ann"))
    eve = await visit(await world.accounts.link("mail", "p", "eve"))
    with pytest.raises(UpstreamError) as refused:
        await world.accounts.arrived(eve["state"], ann["code"])
    assert "secret" not in refused.value.message
    with pytest.raises(RequestError):
        await world.accounts.headers("mail", Caller(identity=Identity("p", "k"), who=Who("p", "s", user="eve")))


async def test_an_answer_of_another_issuer_or_project_or_none(world: World) -> None:
    first = await visit(await world.accounts.link("mail", "p", "ann"))
    with pytest.raises(RequestError) as wrong:
        await world.accounts.arrived(first["state"], first["code"], "https://evil.example")
    assert wrong.value.code == "wrong_issuer"
    second = await visit(await world.accounts.link("mail", "p", "ann"))
    with pytest.raises(RequestError):
        await world.accounts.arrived(second["state"], second["code"], project="q")
    third = await visit(await world.accounts.link("mail", "p", "ann"))
    with pytest.raises(RequestError) as denied:
        await world.accounts.arrived(third["state"], "")
    assert denied.value.code == "not_allowed"


async def test_tokens_are_refreshed_once_for_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.authorization.lasts = 30  # less than a minute: refreshed at each use
    owner = await connect(world)
    first = world.vault.get(owner)
    assert first is not None
    world.authorization.lasts = 3600
    found = await asyncio.gather(*(world.accounts.headers("mail", ANN) for _ in range(8)))
    assert len({one["authorization"] for one in found}) == 1
    assert found[0]["authorization"] != f"Bearer {first.access}"
    assert len(world.authorization.access) == 2
    later = clock.now_ns() + 3590 * 1_000_000_000
    monkeypatch.setattr(clock, "now_ns", lambda: later)
    world.authorization.refuses = True
    with pytest.raises(RequestError) as gone:
        await world.accounts.headers("mail", ANN)
    assert gone.value.code == "not_connected"
    assert world.vault.get(owner) is None


async def test_of_several_processes_one_alone_refreshes(world: World) -> None:
    """A refresh token that comes twice is taken for stolen by servers that look for that."""
    world.authorization.lasts = 30
    await connect(world)
    world.authorization.lasts, tried = 3600, []
    load = world.authorization.load_refresh_token

    async def counted(client: Any, refresh_token: str) -> Any:
        tried.append(refresh_token)
        return await load(client, refresh_token)

    world.authorization.load_refresh_token = counted  # type: ignore[method-assign]
    processes = [world.again() for _ in range(4)]
    found = await asyncio.gather(*(one.headers("mail", ANN) for one in processes for _ in range(3)))
    assert len({one["authorization"] for one in found}) == 1
    assert len(tried) == 1


async def test_a_caller_who_leaves_costs_no_token(world: World) -> None:
    world.authorization.lasts = 30
    owner = await connect(world)
    world.authorization.lasts = 3600
    before, held, go = world.vault.get(owner), asyncio.Event(), asyncio.Event()
    exchange = world.authorization.exchange_refresh_token

    async def slow(*given: Any) -> Any:
        held.set()
        await go.wait()
        return await exchange(*given)

    world.authorization.exchange_refresh_token = slow  # type: ignore[method-assign]
    leaving = asyncio.create_task(world.accounts.headers("mail", ANN))
    await held.wait()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    go.set()
    found = await world.accounts.headers("mail", ANN)
    assert before is not None
    assert found["authorization"] != f"Bearer {before.access}"


async def test_an_account_that_cannot_be_used_stops_nobody_from_listing_the_tools(world: World) -> None:
    world.authorization.user = "bo@service"
    await connect(world, "bo")
    owner = await connect(world, "ann")
    known = world.vault.get(owner)
    assert known is not None
    world.vault.put(owner, msgspec.structs.replace(known, refresh="", expires=1))
    bo = world.vault.get(Owner("mail", "p", "bo"))
    assert bo is not None
    assert await world.accounts.headers("mail", None) == {"authorization": f"Bearer {bo.access}"}


async def test_a_command_that_is_shown_is_one_command(world: World) -> None:
    eve = Caller(identity=Identity("q", "k"), who=Who("q", "s", user="eve; rm -rf ~ `x`"))
    with pytest.raises(RequestError) as invited:
        await world.accounts.headers("mail", eve)
    assert "connect mail --user 'eve; rm -rf ~ `x`' --project q`" in invited.value.message


async def test_a_token_that_lasts_for_ever_lasts_long(world: World) -> None:
    world.authorization.lasts = 10**17
    world.authorization.stamp = 3600
    owner = await connect(world)
    token = world.vault.get(owner)
    assert token is not None
    assert token.expires < 2**63 - 1
    assert (await world.accounts.headers("mail", ANN))["authorization"] == f"Bearer {token.access}"


async def test_what_a_service_echoes_of_a_token_is_taken_out(world: World) -> None:
    owner = await connect(world)
    token = world.vault.get(owner)
    assert token is not None
    mount = Mount(
        name="mail",
        kind="openapi",
        options={"openapi": f"{world.url}/openapi.json", "headers": {"x-static": "static-secret-value"}},
    )
    own = Own(Path(), credential=world.accounts.headers)
    upstream = Redacting(openapi.open(mount, own), mount, world.accounts)
    (me,) = await upstream.list()
    found = await upstream.call(me, {}, ANN)
    assert found.structured["user"] == "ann@service"
    said = str(found)
    assert token.access not in said
    assert "static-secret-value" not in said
    assert found.structured["echo"]["authorization"] == "Bearer [credential]"
    with pytest.raises(RequestError):
        await upstream.call(me, {"user": "bo"}, ANN)
    with pytest.raises(RequestError) as refused:
        await upstream.call(me, {}, BO)
    assert refused.value.code == "not_connected"
    await upstream.close()


async def test_servers_that_publish_nothing(world: World) -> None:
    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with Serving(nothing) as url:
        accounts = Accounts(world.vault, lambda: {"x": Rule(url)}, lambda: "http://localhost")
        with pytest.raises(UpstreamError) as none:
            await accounts.link("x", "p", "ann")
        assert none.value.code == "no_authorization_server"
    with pytest.raises(RequestError, match="no server 'nix'"):
        await world.accounts.link("nix", "p", "ann")
    with pytest.raises(RequestError, match="which user"):
        await world.accounts.link("mail", "p", "")
    plain = Rule("http://x", "c", authorize_url="http://evil.example/a", token_url="https://x/t")
    insecure = Accounts(world.vault, lambda: {"x": plain}, lambda: "http://localhost")
    with pytest.raises(UpstreamError) as unsafe:
        await insecure.link("x", "p", "ann")
    assert unsafe.value.code == "not_secure"
