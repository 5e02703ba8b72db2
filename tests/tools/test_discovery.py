"""What a tool server publishes of where its users connect is looked at before anybody goes there."""

from collections.abc import Callable
from typing import Any

import pytest
from mcp.server.auth.routes import create_auth_routes
from mcp.server.auth.settings import ClientRegistrationOptions
from pydantic import AnyHttpUrl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from outrider.base.errors import UpstreamError
from outrider.tools.discovery import check_url, discovered, registered
from outrider.tools.outward import meant
from tests.tools.serving import Authorization, Serving, protected


def service(url: str, resource: str) -> Starlette:
    """One that says that it is `resource`."""

    async def about(_: Request) -> Response:
        return JSONResponse({"resource": resource, "authorization_servers": [f"{url}/"], "scopes_supported": ["read"]})

    options = ClientRegistrationOptions(enabled=True, valid_scopes=["read"], default_scopes=["read"])
    routes: list[Any] = create_auth_routes(Authorization(), AnyHttpUrl(url), client_registration_options=options)  # type: ignore[arg-type]
    return Starlette(routes=[*routes, Route("/.well-known/oauth-protected-resource/me", about)])


async def test_what_is_published_is_found() -> None:
    serving = Serving()
    async with serving as url:
        serving.app = protected(url, Authorization())
        found = await discovered("mail", f"{url}/me", meant([url]))
        assert (found.resource, found.scope) == (f"{url}/me", "read")
        assert found.token_url == f"{url}/token"
        client, secret = await registered("mail", found, "http://127.0.0.1:8720/tools/connected", meant([url]))
        assert client
        assert not secret


@pytest.mark.parametrize(
    "resource",
    [
        lambda url: "https://mail.example.com/me",
        lambda url: url.replace("http://", "https://") + "/me",
        lambda url: f"{url}/other",
        lambda url: f"{url}/me/more",
    ],
)
async def test_a_server_that_says_it_is_another_one_gets_no_token_for_that(resource: Callable[[str], str]) -> None:
    serving = Serving()
    async with serving as url:
        serving.app = service(url, resource(url))
        with pytest.raises(UpstreamError) as refused:
            await discovered("mail", f"{url}/me", meant([url]))
        assert refused.value.code == "another_resource"


async def test_the_resource_may_be_the_whole_of_which_the_server_is_a_part() -> None:
    serving = Serving()
    async with serving as url:
        serving.app = service(url, url)
        assert (await discovered("mail", f"{url}/me", meant([url]))).resource.rstrip("/") == url


@pytest.mark.parametrize(
    "url", ["http://evil.example/a", "ftp://x/a", "//x/a", "javascript:alert(1)", "http://10.0.0.1"]
)
def test_tokens_go_over_tls_or_stay_here(url: str) -> None:
    with pytest.raises(UpstreamError):
        check_url("mail", url)
    check_url("mail", "https://evil.example/a")
    check_url("mail", "http://localhost:1/a")
