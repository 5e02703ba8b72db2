"""Users of a real MCP server that wants their own token: the official SDK's server and authorization server, behind a
worker, with the console's pages for connecting."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions
from mcp.server.mcpserver import Context, MCPServer

from tests.tools.gateways import Gateway, gateway
from tests.tools.serving import Authorization, Serving, answered

LABELS = {"*": {"trust": "trusted", "privacy": "public", "does": "none", "steers": {}}}


def service(url: str, authorization: Authorization) -> MCPServer:
    """Says who somebody is, and repeats their token wherever a server can say something."""
    options = ClientRegistrationOptions(enabled=True, valid_scopes=["read"], default_scopes=["read"])
    made = MCPServer(
        "mail",
        auth_server_provider=authorization,  # type: ignore[arg-type]
        auth=AuthSettings(
            issuer_url=url,  # type: ignore[arg-type]
            resource_server_url=f"{url}/mcp",  # type: ignore[arg-type]
            required_scopes=["read"],
            validate_token_resource=False,
            client_registration_options=options,
        ),
    )

    def given(context: Context[Any, Any]) -> str:
        return str(context.request_context.request.headers["authorization"])

    @made.tool()
    async def whoami(context: Context[Any, Any]) -> str:
        found = await authorization.load_access_token(given(context).removeprefix("Bearer "))
        return str(found.subject) if found is not None else ""

    @made.resource("mail://me/{name}")
    async def me(name: str, context: Context[Any, Any]) -> str:
        return f"{name} {given(context)}"

    @made.prompt()
    async def greet(context: Context[Any, Any]) -> str:
        return given(context)

    return made


class There:
    def __init__(self, gate: Gateway, authorization: Authorization) -> None:
        self.gate, self.authorization = gate, authorization

    async def connect(self, user: str) -> None:
        """As a browser does, from the link to the page that says for whom it is."""
        self.authorization.user = f"{user}@mail"
        link = await self.gate.worker.tools.parts.accounts.link("mail", "default", user)
        async with httpx2.AsyncClient(follow_redirects=False) as browser:
            back = answered((await browser.get(link)).headers["location"])
            connected = self.gate.url.removesuffix("/mcp") + "/tools/connected"
            assert user in (await browser.get(connected, params=back)).text
            assert (await browser.post(connected, data=back)).status_code == 200

    @contextlib.asynccontextmanager
    async def client(self, user: str) -> AsyncIterator[Client]:
        async with (
            httpx2.AsyncClient(headers={"x-outrider-user": user, "x-outrider-session": f"of-{user}"}) as web,
            Client(streamable_http_client(self.gate.url, http_client=web), cache=None) as client,
        ):
            yield client

    async def asks(self, user: str) -> str:
        async with self.client(user) as client:
            return str((await client.call_tool("whoami", {})).content[0].text)  # type: ignore[union-attr]

    def revoke(self, user: str) -> None:
        for token, one in list(self.authorization.access.items()):
            if one.subject == f"{user}@mail":
                del self.authorization.access[token]


@contextlib.asynccontextmanager
async def there(home: Path) -> AsyncIterator[There]:
    authorization, serving = Authorization(), Serving()
    async with serving as url:
        serving.app = app = service(url, authorization).streamable_http_app()
        tools = {"labels": LABELS, "servers": {"mail": {"url": f"{url}/mcp", "oauth": {}}}}
        async with app.router.lifespan_context(app), gateway(home, tools) as gate:
            yield There(gate, authorization)


async def test_the_first_account_brings_the_tools_and_each_user_is_themselves(tmp_path: Path) -> None:
    async with there(tmp_path) as world:
        async with world.client("ann") as client:
            assert "whoami" not in [tool.name for tool in (await client.list_tools()).tools]
        place = world.gate.worker.tools.catalog.places["mail"]
        assert "outrider tools connect mail --user NAME" in place.listed.error
        await world.connect("ann")
        async with world.client("ann") as client:
            assert "whoami" in [tool.name for tool in (await client.list_tools()).tools]
        assert await world.asks("ann") == "ann@mail"
        assert "outrider tools connect mail --user bo --project default" in await world.asks("bo")
        await world.connect("bo")
        said = await asyncio.gather(*(world.asks(user) for user in ("ann", "bo") * 2))
        assert said == ["ann@mail", "bo@mail"] * 2


async def test_a_token_that_is_refused_is_renewed_once_for_all_calls(tmp_path: Path) -> None:
    async with there(tmp_path) as world:
        await world.connect("ann")
        await world.connect("bo")
        assert await world.asks("ann") == "ann@mail"
        world.revoke("ann")
        before = len(world.authorization.access)
        assert await asyncio.gather(*(world.asks("ann") for _ in range(4))) == ["ann@mail"] * 4
        assert len(world.authorization.access) == before + 1
        world.revoke("ann")
        world.authorization.refuses = True
        assert "is connected, but their account is refused" in await world.asks("ann")
        assert await world.asks("bo") == "bo@mail"


async def test_a_call_that_begins_while_the_token_is_renewed_is_made_with_the_new_one(tmp_path: Path) -> None:
    async with there(tmp_path) as world:
        await world.connect("ann")
        assert await world.asks("ann") == "ann@mail"
        exchange, load = world.authorization.exchange_refresh_token, world.authorization.load_access_token
        renewing, refused, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def slow(*given: Any) -> Any:
            renewing.set()
            await go_on.wait()
            return await exchange(*given)

        async def loaded(token: str) -> Any:
            found = await load(token)
            if found is None and renewing.is_set():
                refused.set()
            return found

        world.authorization.exchange_refresh_token = slow  # type: ignore[method-assign]
        world.authorization.load_access_token = loaded  # type: ignore[method-assign]
        world.revoke("ann")
        async with asyncio.TaskGroup() as calls:
            first = calls.create_task(world.asks("ann"))
            await asyncio.wait_for(renewing.wait(), 60)
            second = calls.create_task(world.asks("ann"))
            await asyncio.wait_for(refused.wait(), 60)
            go_on.set()
        assert [first.result(), second.result()] == ["ann@mail", "ann@mail"]


async def test_no_resource_and_no_prompt_has_the_token_in_it(tmp_path: Path) -> None:
    async with there(tmp_path) as world:
        await world.connect("ann")
        async with world.client("ann") as client:
            read = await client.read_resource("mail://me/token")
            assert read.contents[0].text == "token Bearer [credential]"  # type: ignore[union-attr]
            got = await client.get_prompt("greet")
            assert got.messages[0].content.text == "Bearer [credential]"  # type: ignore[union-attr]
        secrets = [*world.authorization.access, *world.authorization.refresh]
        assert secrets
        assert not [one for one in secrets if one in repr(world.gate.events)]
