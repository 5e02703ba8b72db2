"""Real servers for tests: an app on a free port, and an OAuth authorization server with something that it protects."""

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import uvicorn
from mcp.server.auth.provider import AccessToken, AuthorizationCode, AuthorizationParams, RefreshToken
from mcp.server.auth.routes import create_auth_routes, create_protected_resource_routes
from mcp.server.auth.settings import ClientRegistrationOptions
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyHttpUrl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class Serving(uvicorn.Server):
    """An app on a free port of 127.0.0.1, in the test's own loop; `make` gets its URL."""

    def __init__(self, app: Any = None) -> None:
        super().__init__(
            uvicorn.Config(self._answer, "127.0.0.1", 0, log_level="error", lifespan="off", interface="asgi3")
        )
        self.app = app
        self._up = asyncio.Event()

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self._up.set()

    async def __aenter__(self) -> str:
        self._task = asyncio.create_task(self.serve())
        await self._up.wait()
        return f"http://127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self.should_exit = True
        await self._task


class Authorization:
    """The SDK's own authorization server (it checks PKCE, redirects and clients), with everything in memory. Whoever
    comes is `user`; `lasts` are seconds of a token."""

    def __init__(self) -> None:
        self.clients: dict[str, OAuthClientInformationFull] = {}
        self.codes: dict[str, AuthorizationCode] = {}
        self.access: dict[str, AccessToken] = {}
        self.refresh: dict[str, RefreshToken] = {}
        self.user, self.lasts, self.number = "ann@service", 3600, 0
        self.refuses = False
        self.stamp = 0
        """Seconds for which the server itself takes a token, if others than it says."""

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return self.clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        self.clients[str(client_info.client_id)] = client_info

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        code = self._new("code")
        self.codes[code] = AuthorizationCode(
            code=code,
            scopes=params.scopes or [],
            expires_at=time.time() + 60,
            client_id=str(client.client_id),
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=True,
            resource=params.resource,
            subject=self.user,
        )
        return f"{params.redirect_uri}?{urlencode({'code': code, 'state': params.state})}"

    async def load_authorization_code(self, client: Any, authorization_code: str) -> AuthorizationCode | None:
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(self, client: Any, authorization_code: AuthorizationCode) -> OAuthToken:
        del self.codes[authorization_code.code]
        return self._token(client, authorization_code.scopes, authorization_code.subject)

    async def load_refresh_token(self, client: Any, refresh_token: str) -> RefreshToken | None:
        return None if self.refuses else self.refresh.get(refresh_token)

    async def exchange_refresh_token(self, client: Any, refresh_token: RefreshToken, scopes: list[str]) -> OAuthToken:
        del self.refresh[refresh_token.token]  # used once, as the better ones do
        return self._token(client, scopes, refresh_token.subject)

    async def load_access_token(self, token: str) -> AccessToken | None:
        return self.access.get(token)

    async def revoke_token(self, token: Any) -> None:
        self.access.pop(token.token, None)

    def _new(self, kind: str) -> str:
        self.number += 1
        return f"{kind}-secret-{self.number:04}-{'x' * 12}"

    def _token(self, client: Any, scopes: list[str], user: str | None) -> OAuthToken:
        access, refresh, about = self._new("access"), self._new("refresh"), {"client_id": str(client.client_id)}
        self.access[access] = AccessToken(
            token=access, scopes=scopes, expires_at=int(time.time()) + (self.stamp or self.lasts), subject=user, **about
        )
        self.refresh[refresh] = RefreshToken(token=refresh, scopes=scopes, subject=user, **about)
        return OAuthToken(access_token=access, expires_in=self.lasts, refresh_token=refresh, scope=" ".join(scopes))


def protected(url: str, authorization: Authorization) -> Starlette:
    """A service at `url` that says who somebody is, and repeats what it was sent (as careless ones do)."""

    async def me(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        found = await authorization.load_access_token(given)
        if found is None or (found.expires_at or 0) < time.time():
            where = f'Bearer resource_metadata="{url}/.well-known/oauth-protected-resource/me"'
            return JSONResponse({"error": "unauthorized"}, 401, headers={"www-authenticate": where})
        return JSONResponse({"user": found.subject, "echo": dict(request.headers)})

    async def document(request: Request) -> Response:
        paths = {"/me": {"get": {"operationId": "me", "responses": {}}}}
        return JSONResponse({"openapi": "3.1.0", "servers": [{"url": url}], "paths": paths})

    options = ClientRegistrationOptions(enabled=True, valid_scopes=["read", "write"], default_scopes=["read"])
    issuer = AnyHttpUrl(url)
    return Starlette(
        routes=[
            *create_auth_routes(authorization, issuer, client_registration_options=options),  # type: ignore[arg-type]
            *create_protected_resource_routes(AnyHttpUrl(f"{url}/me"), [issuer], ["read"]),
            Route("/me", me),
            Route("/openapi.json", document),
        ]
    )


def answered(location: str) -> dict[str, str]:
    """The parameters of a redirect."""
    return {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}
