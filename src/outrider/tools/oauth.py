"""Users connect their accounts: authorization code with PKCE, after the MCP specification, by the official SDK's parts.

A user is sent to the server with a link, comes back to Outrider with a code, and the tokens go into the vault. What is
on its way is in the store, so that any worker can take the answer. Tokens are refreshed before they expire.
"""

import asyncio
import base64
import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from outrider.base import clock, ids
from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.policy.identity import Who
from outrider.tools.credentials import Owner, Pending, Token, Vault
from outrider.tools.ports import Caller

EARLY_NS = 60_000_000_000
"""A token is refreshed that long before it expires."""
PATIENCE = 15.0
LARGEST = 1_000_000

log = logging.getLogger("outrider.tools")


class Rule(msgspec.Struct, frozen=True):
    """How users connect to one server. What is "" is discovered at `url`."""

    url: str
    client_id: str = ""
    client_secret: str = ""
    scopes: tuple[str, ...] = ()
    authorize_url: str = ""
    token_url: str = ""


class Accounts:
    """`rules` gives the servers that users connect to; `public_url` is where browsers reach Outrider."""

    def __init__(self, vault: Vault, rules: Callable[[], Mapping[str, Rule]], public_url: Callable[[], str]) -> None:
        self._vault, self._rules, self._public_url = vault, rules, public_url
        self._refreshing: dict[Owner, asyncio.Lock] = {}

    # -- connecting -----------------------------------------------------------------------------------------------

    async def link(self, server: str, project: str, user: str) -> str:
        """The URL that `user` opens to connect. Raises RequestError, UpstreamError."""
        rule = self._rule(server)
        if not user:
            raise RequestError("say which user connects: a token belongs to one", code="user_needed", param="user")
        redirect = f"{self._public_url().rstrip('/')}/tools/connected"
        ends = await self._ends(server, rule, redirect)
        state, verifier = ids.token(24), ids.token(32)
        pending = Pending(server, project, user, verifier, redirect, **ends)
        await asyncio.to_thread(self._vault.begin, state, pending)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": pending.client_id,
            "redirect_uri": redirect,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "scope": pending.scope,
            "resource": pending.resource,
        }
        mark = "&" if "?" in pending.authorize_url else "?"
        return pending.authorize_url + mark + urlencode({k: v for k, v in asked.items() if v})

    async def arrived(self, state: str, code: str, issuer: str = "", *, project: str | None = None) -> Owner:
        """Take the answer that a browser brings back. Raises RequestError where nobody waits for it, UpstreamError
        where the server gives no token."""
        pending = await asyncio.to_thread(self._vault.take, state) if state else None
        if pending is None or (project is not None and project != pending.project):
            raise RequestError("this link was used already or is too old; connect again", code="connection_expired")
        if issuer and pending.issuer and not hmac.compare_digest(issuer.rstrip("/"), pending.issuer.rstrip("/")):
            raise RequestError("the answer comes from another authorization server", code="wrong_issuer")
        if not code:
            raise RequestError("the server gave no code: access was not allowed", code="not_allowed")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": pending.redirect,
            "code_verifier": pending.verifier,
            "resource": pending.resource,
        }
        known = Token(
            "", "", 0, pending.scope, pending.token_url, pending.client_id, pending.client_secret, pending.resource
        )
        owner = Owner(pending.server, pending.project, pending.user)
        await asyncio.to_thread(self._vault.put, owner, await self._token(owner.server, known, form))
        return owner

    # -- using ----------------------------------------------------------------------------------------------------

    async def headers(self, server: str, caller: Caller | None) -> Mapping[str, str]:
        """What a call to `server` carries for its user; nothing where users do not connect. Raises RequestError with
        what to do where this one has not. Without a caller (Outrider lists the tools): the newest account's."""
        if server not in self._rules():
            return {}
        if caller is None:
            known = await asyncio.to_thread(self._vault.connections, "", server)
            if not known:
                return {}
            owner = Owner(server, known[0].project, known[0].user)
        else:
            owner = _owner(server, caller.who)
        if not owner.user:
            raise RequestError(
                f"{server!r} is used in the name of a user, and this call names none; send x-outrider-user",
                code="user_needed",
            )
        token = await asyncio.to_thread(self._vault.get, owner)
        if token is None:
            raise RequestError(_invitation(server, owner, self._public_url()), status=403, code="not_connected")
        if token.expires and token.expires - EARLY_NS < clock.now_ns():
            token = await self._refreshed(owner, token)
        return {"authorization": f"Bearer {token.access}"}

    async def known(self, server: str, caller: Caller) -> Sequence[str]:
        """The secrets of the caller's user at `server`, so that they can be taken out of what comes back."""
        if server not in self._rules() or not caller.who.user:
            return ()
        token = await asyncio.to_thread(self._vault.get, _owner(server, caller.who))
        return () if token is None else [one for one in (token.access, token.refresh, token.client_secret) if one]

    async def _refreshed(self, owner: Owner, token: Token) -> Token:
        """A new token. Where another process was quicker, its token is taken."""
        async with self._refreshing.setdefault(owner, asyncio.Lock()):
            present = await asyncio.to_thread(self._vault.get, owner)
            if present is not None and present.access != token.access:
                return present
            if not token.refresh:
                if token.expires > clock.now_ns():
                    return token
                raise RequestError(
                    _invitation(owner.server, owner, self._public_url()), status=403, code="not_connected"
                )
            try:
                form = {"grant_type": "refresh_token", "refresh_token": token.refresh, "resource": token.resource}
                made = await self._token(owner.server, token, form)
            except UpstreamError as error:
                present = await asyncio.to_thread(self._vault.get, owner)
                if present is not None and present.access != token.access:
                    return present
                if error.status not in (400, 401):
                    raise
                await asyncio.to_thread(self._vault.remove, owner)
                words = _invitation(owner.server, owner, self._public_url())
                raise RequestError(words, status=403, code="not_connected") from None
            await asyncio.to_thread(self._vault.put, owner, made)
            return made

    async def _token(self, server: str, known: Token, form: Mapping[str, str]) -> Token:
        """Ask for a token. Raises UpstreamError without anything that the server said: it may repeat secrets."""
        import httpx2

        sent = {k: v for k, v in {**form, "client_id": known.client_id}.items() if v}
        if known.client_secret:
            sent["client_secret"] = known.client_secret
        try:
            async with httpx2.AsyncClient(timeout=PATIENCE, follow_redirects=False) as client:
                answer = await client.post(known.token_url, data=sent, headers={"accept": "application/json"})
        except httpx2.HTTPError as error:
            raise UpstreamError(
                f"the authorization server of {server!r} cannot be reached ({type(error).__name__})"
            ) from None
        if answer.status_code != 200 or len(answer.content) > LARGEST:
            raise UpstreamError(
                f"the authorization server of {server!r} gives no token ({answer.status_code})",
                code="no_token",
                status=answer.status_code,
                retryable=answer.status_code >= 500,
            )
        try:
            said = msgspec.json.decode(answer.content)
            access, lasts = str(said["access_token"]), int(said.get("expires_in") or 0)
            kind = str(said.get("token_type", "Bearer")).lower()
        except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError):
            raise UpstreamError(
                f"the authorization server of {server!r} gave no valid token", code="no_token"
            ) from None
        if kind != "bearer" or not access or not access.isascii() or not access.isprintable():
            raise UpstreamError(f"the authorization server of {server!r} gave a token of another kind", code="no_token")
        return msgspec.structs.replace(
            known,
            access=access,
            refresh=str(said.get("refresh_token") or known.refresh),
            expires=clock.now_ns() + lasts * 1_000_000_000 if lasts else 0,
            scope=str(said.get("scope") or known.scope),
        )

    # -- discovery ------------------------------------------------------------------------------------------------

    def _rule(self, server: str) -> Rule:
        rule = self._rules().get(server)
        if rule is None:
            there = ", ".join(self._rules()) or "none"
            raise RequestError(f"no server {server[:100]!r} has users who connect; there are: {there}", status=404)
        return rule

    async def _ends(self, server: str, rule: Rule, redirect: str) -> dict[str, str]:
        """Where the user is sent and where the token comes from, with the client that Outrider is there."""
        if rule.authorize_url:
            issuer, resource, scope = "", "", " ".join(rule.scopes)
            ends = rule.authorize_url, rule.token_url
            client = rule.client_id, rule.client_secret
        else:
            found = await _discovered(server, rule)
            issuer, resource, scope = found.issuer, found.resource, " ".join(rule.scopes) or found.scope
            ends = found.authorize_url, found.token_url
            client = (
                (rule.client_id, rule.client_secret) if rule.client_id else await _registered(server, found, redirect)
            )
        for url in ends:
            _check_url(server, url)
        if not client[0]:
            raise OutriderError(f"{server!r} registers no clients; set `oauth.client_id`", code="no_client")
        return {
            "authorize_url": ends[0],
            "token_url": ends[1],
            "issuer": issuer,
            "client_id": client[0],
            "client_secret": client[1],
            "scope": scope,
            "resource": resource,
        }


class _Found(msgspec.Struct, frozen=True):
    authorize_url: str
    token_url: str
    register_url: str
    issuer: str
    resource: str
    scope: str


async def _discovered(server: str, rule: Rule) -> _Found:
    """What a protected resource and its authorization server publish (RFC 9728, RFC 8414). Raises UpstreamError."""
    import httpx2
    from mcp.client.auth import OAuthFlowError
    from mcp.client.auth.utils import (
        build_oauth_authorization_server_metadata_discovery_urls,
        build_protected_resource_metadata_discovery_urls,
        create_oauth_metadata_request,
        extract_resource_metadata_from_www_auth,
        extract_scope_from_www_auth,
        get_client_metadata_scopes,
        handle_auth_metadata_response,
        handle_protected_resource_response,
        validate_metadata_issuer,
    )

    try:
        async with httpx2.AsyncClient(timeout=PATIENCE, follow_redirects=False) as client:
            first = await client.get(rule.url)
            hinted = extract_resource_metadata_from_www_auth(first) if first.status_code in (401, 403) else None
            resource = None
            for url in build_protected_resource_metadata_discovery_urls(hinted, rule.url):
                resource = await handle_protected_resource_response(
                    await client.send(create_oauth_metadata_request(url))
                )
                if resource is not None:
                    break
            issuer = str(resource.authorization_servers[0]) if resource is not None else None
            metadata: Any = None
            for url in build_oauth_authorization_server_metadata_discovery_urls(issuer, rule.url):
                goes_on, metadata = await handle_auth_metadata_response(
                    await client.send(create_oauth_metadata_request(url))
                )
                if metadata is not None or not goes_on:
                    break
            if metadata is None:
                raise UpstreamError(
                    f"{server!r} publishes no authorization server; set `oauth.authorize_url` and `oauth.token_url`",
                    code="no_authorization_server",
                    retryable=False,
                )
            if issuer is not None:
                validate_metadata_issuer(metadata, issuer)
            scope = get_client_metadata_scopes(
                extract_scope_from_www_auth(first), resource, metadata, ["authorization_code", "refresh_token"]
            )
    except (httpx2.HTTPError, OAuthFlowError) as error:
        raise UpstreamError(
            f"the authorization server of {server!r} cannot be found ({type(error).__name__})",
            code="no_authorization_server",
        ) from None
    return _Found(
        str(metadata.authorization_endpoint),
        str(metadata.token_endpoint),
        str(metadata.registration_endpoint or ""),
        str(metadata.issuer),
        str(resource.resource) if resource is not None else "",
        scope or "",
    )


async def _registered(server: str, found: _Found, redirect: str) -> tuple[str, str]:
    """Outrider as a client of an authorization server (RFC 7591). Raises UpstreamError."""
    import httpx2

    if not found.register_url:
        return "", ""
    _check_url(server, found.register_url)
    about = {
        "client_name": "Outrider",
        "redirect_uris": [redirect],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        **({"scope": found.scope} if found.scope else {}),
    }
    try:
        async with httpx2.AsyncClient(timeout=PATIENCE, follow_redirects=False) as client:
            answer = await client.post(found.register_url, json=about)
        said = msgspec.json.decode(answer.content[:LARGEST]) if answer.status_code in (200, 201) else {}
        return str(said.get("client_id") or ""), str(said.get("client_secret") or "")
    except (httpx2.HTTPError, msgspec.DecodeError, AttributeError) as error:
        raise UpstreamError(
            f"the authorization server of {server!r} does not register Outrider ({type(error).__name__})",
            code="no_client",
        ) from None


def _check_url(server: str, url: str) -> None:
    """Tokens go over TLS, or stay on this machine. Raises UpstreamError."""
    parts = urlsplit(url)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise UpstreamError(
            f"the authorization server of {server!r} is not reached over https", code="not_secure", retryable=False
        )


def _owner(server: str, who: Who) -> Owner:
    return Owner(server, who.project, who.user)


def _invitation(server: str, owner: Owner, public_url: str) -> str:
    return (
        f"the user {owner.user!r} has not connected their account at {server!r}. They can do so at "
        f"{public_url.rstrip('/')}/tools?connect={server} or with `outrider tools connect {server} --user {owner.user}`"
    )
