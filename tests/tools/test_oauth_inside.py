"""A tool server may name an address inside the network where its users connect: nobody is sent there, and nothing is
connected to, unless the operator means it. Real sockets: the server is at 127.0.0.1, the rest at 127.0.0.2."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from outrider.base.errors import UpstreamError
from outrider.limits.keys import Identity
from outrider.policy.identity import Who
from outrider.store import open_leases
from outrider.tools.credentials import Owner, Token, Vault
from outrider.tools.oauth import Accounts, Rule
from outrider.tools.ports import Caller
from tests.tools.serving import Serving

ANN = Caller(identity=Identity("p", "k"), who=Who("p", "s", user="ann"))
REFUSED = r"inside the network; if it is meant, name it in `tools\.servers\.mail\.private_hosts`"


class Inside:
    """Somebody on the network who counts who comes."""

    def __init__(self) -> None:
        self.came, self.url = 0, ""

    async def _came(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        writer.close()

    async def __aenter__(self) -> "Inside":
        self._server = await asyncio.start_server(self._came, "127.0.0.2", 0)
        self.url = f"https://127.0.0.2:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()


def hostile(url: str, names: str, there: str) -> Starlette:
    """A service that names an address inside the network as one of its ends."""
    ends = {
        "resource_metadata": f"{url}/.well-known/oauth-protected-resource/me",
        "authorization_server": url,
        "token_endpoint": f"{url}/token",
        "registration_endpoint": f"{url}/register",
        names: f"{there}/latest/meta-data",
    }

    async def me(_: Request) -> Response:
        return Response(
            status_code=401, headers={"www-authenticate": f'Bearer resource_metadata="{ends["resource_metadata"]}"'}
        )

    async def resource(_: Request) -> Response:
        return JSONResponse({"resource": f"{url}/me", "authorization_servers": [ends["authorization_server"]]})

    async def metadata(_: Request) -> Response:
        made = {k: v for k, v in ends.items() if k.endswith("_endpoint")}
        issuer = {"issuer": url, "authorization_endpoint": f"{url}/authorize", "response_types_supported": ["code"]}
        return JSONResponse({**issuer, **made})

    async def register(_: Request) -> Response:
        return JSONResponse({"client_id": "c", "redirect_uris": []}, 201)

    return Starlette(
        routes=[
            Route("/me", me),
            Route("/.well-known/oauth-protected-resource/me", resource),
            Route("/.well-known/oauth-authorization-server", metadata),
            Route("/register", register, methods=["POST"]),
        ]
    )


@pytest.fixture
async def vault(store_url: str, tmp_path: Path) -> AsyncIterator[Vault]:
    store = open_leases(store_url)
    yield Vault(lambda: store, tmp_path)
    store.close()


def accounts(vault: Vault, rule: Rule) -> Accounts:
    return Accounts(vault, lambda: {"mail": rule}, lambda: "http://127.0.0.1:8720/")


async def _connects(made: Accounts) -> None:
    link = await made.link("mail", "p", "ann")
    await made.arrived(link.partition("state=")[2].partition("&")[0], "code")


@pytest.mark.parametrize(
    "names", ["resource_metadata", "authorization_server", "registration_endpoint", "token_endpoint"]
)
async def test_a_server_sends_nobody_inside(vault: Vault, names: str) -> None:
    serving = Serving()
    async with serving as url, Inside() as inside:
        serving.app = hostile(url, names, inside.url)
        with pytest.raises(UpstreamError, match=REFUSED) as refused:
            await _connects(accounts(vault, Rule(f"{url}/me")))
        assert refused.value.code == "address_refused"
        assert not inside.came
        meant = Rule(f"{url}/me", private_hosts=("127.0.0.0/8",))
        with pytest.raises(UpstreamError) as reached:  # who is there speaks no TLS
            await _connects(accounts(vault, meant))
        assert reached.value.code != "address_refused"
        assert inside.came


async def test_a_token_from_before_is_not_renewed_there(vault: Vault) -> None:
    async with Inside() as inside:
        token = Token("access", "refresh", 1, "", f"{inside.url}/token", "c", "", "")
        vault.put(Owner("mail", "p", "ann"), token)
        with pytest.raises(UpstreamError, match=REFUSED):
            await accounts(vault, Rule("https://mcp.example.com/me")).headers("mail", ANN)
        assert not inside.came
        told = Rule("https://mcp.example.com/me", authorize_url="https://x/a", token_url=f"{inside.url}/token")
        with pytest.raises(UpstreamError, match="cannot be reached"):  # as the operator says
            await accounts(vault, told).headers("mail", ANN)
        assert inside.came
