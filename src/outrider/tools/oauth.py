"""Users connect their accounts: authorization code with PKCE, after the MCP specification, by the official SDK's parts.

A user is sent to the server with a link, comes back to Outrider with a code, and the tokens go into the vault. What is
on its way is in the store, so that any worker can take the answer. Tokens are refreshed before they expire.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import logging
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import msgspec

from outrider.base import clock, ids
from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.policy.identity import Who
from outrider.tools.credentials import Owner, Pending, Token, Vault
from outrider.tools.discovery import PATIENCE, check_url, discovered, registered
from outrider.tools.ports import Caller

if TYPE_CHECKING:
    from outrider.tools.outward import Meant

EARLY_NS = 60_000_000_000
"""A token is refreshed that long before it expires."""
REFUSED_NS = 60_000_000_000
"""A token that a server refuses is refreshed at most so often: it may refuse for another reason."""
LARGEST = 1_000_000
LONGEST = 10 * 365 * 86_400
"""Seconds that a token is believed to last."""
CLAIM_NS = 20_000_000_000
"""How long a process may take to refresh a token before another one tries."""
LOOK = 0.1
MOST_TRIED = 5
"""Accounts that are tried for listing the tools, the newest first."""

log = logging.getLogger("outrider.tools")


class Rule(msgspec.Struct, frozen=True):
    """How users connect to one server. What is "" is discovered at `url`."""

    url: str
    client_id: str = ""
    client_secret: str = ""
    scopes: tuple[str, ...] = ()
    authorize_url: str = ""
    token_url: str = ""
    private_hosts: tuple[str, ...] = ()

    @property
    def meant(self) -> "Meant":
        """Where it leads by the operator's own words, inside the network too."""
        from outrider.tools.outward import meant

        return meant((self.url, self.authorize_url, self.token_url), self.private_hosts)


class Accounts:
    """`rules` gives the servers that users connect to; `public_url` is where browsers reach Outrider; `connected` hears
    of the server at which somebody has connected an account."""

    def __init__(
        self,
        vault: Vault,
        rules: Callable[[], Mapping[str, Rule]],
        public_url: Callable[[], str],
        connected: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._vault, self._rules, self._public_url, self._connected = vault, rules, public_url, connected
        self._refreshing: dict[Owner, asyncio.Lock] = {}
        self._refused: dict[Owner, int] = {}
        self._renewed: dict[Owner, int] = {}
        self._going: set[asyncio.Future[Token]] = set()

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
        self._connected(owner.server)
        return owner

    # -- using ----------------------------------------------------------------------------------------------------

    async def headers(self, server: str, caller: Caller | None) -> Mapping[str, str]:
        """What a call to `server` carries for its user; nothing where users do not connect. Raises RequestError with
        what to do where this one has not. Without a caller (Outrider lists the tools): the newest account's that can be
        used; nothing where there is none."""
        if server not in self._rules():
            return {}
        if caller is not None:
            return _bearer(await self._usable(_owner(server, caller.who)))
        for one in (await asyncio.to_thread(self._vault.connections, "", server))[:MOST_TRIED]:
            with contextlib.suppress(RequestError, UpstreamError):
                return _bearer(await self._usable(Owner(server, one.project, one.user)))
        return {}

    async def _usable(self, owner: Owner) -> Token:
        if not owner.user:
            raise RequestError(
                f"{owner.server!r} is used in the name of a user, and this call names none; send x-outrider-user",
                code="user_needed",
            )
        token = await asyncio.to_thread(self._vault.get, owner)
        if token is None:
            raise self._invitation(owner)
        if token.expires and token.expires - EARLY_NS < clock.now_ns():
            token = await self._refreshed(owner, token)
        return token

    async def renewed(self, server: str, caller: Caller | None, since: int) -> bool:
        """`server` refused what `headers` gave (after `since`, monotonic): whether there is something else by now.
        Raises RequestError where the user has to connect again, UpstreamError where nobody's account is left."""
        if server not in self._rules():
            return False
        if caller is None:
            raise UpstreamError(
                f"{server!r} lists its tools to those alone who have connected an account, and no account that it takes"
                f" is known: outrider tools connect {shlex.quote(server)} --user NAME",
                code="not_connected",
                retryable=False,
            )
        owner = _owner(server, caller.who)
        token, now = await asyncio.to_thread(self._vault.get, owner), clock.mono_ns()
        if token is None:
            raise self._invitation(owner)
        last, lock = self._refused.get(owner, 0), self._refreshing.setdefault(owner, asyncio.Lock())
        if lock.locked() or max(last, self._renewed.get(owner, 0)) >= since > 0:
            async with lock:  # another call of theirs was refused, and this one may have had the token of before
                return True
        if not token.refresh or (last and now - last < REFUSED_NS):
            raise self._invitation(owner, "is connected, but their account is refused")
        self._refused[owner] = now
        await self._refreshed(owner, token)
        self._renewed[owner] = clock.mono_ns()
        return True

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
                raise self._invitation(owner)
            if (present := await self._claimed(owner, token)) is not None:
                return present
            going = asyncio.ensure_future(self._exchanged(owner, token))
            self._going.add(going)  # also if the caller leaves: the token that it has now is worth nothing afterwards
            going.add_done_callback(self._going.discard)
            return await asyncio.shield(going)

    async def _claimed(self, owner: Owner, token: Token) -> Token | None:
        """None once this process alone may refresh it; a token that another process got meanwhile. Servers that see a
        refresh token twice take it for stolen."""
        until = clock.mono_ns() + CLAIM_NS
        while not await asyncio.to_thread(self._vault.claim, owner, CLAIM_NS):
            if clock.mono_ns() > until:
                break
            await asyncio.sleep(LOOK)  # another process has no event to wait for
        present = await asyncio.to_thread(self._vault.get, owner)
        if present is not None and present.access == token.access:
            return None
        await asyncio.to_thread(self._vault.release, owner)
        if present is None:
            raise self._invitation(owner)
        return present

    async def _exchanged(self, owner: Owner, token: Token) -> Token:
        try:
            return await self._exchange(owner, token)
        finally:
            await asyncio.to_thread(self._vault.release, owner)

    async def _exchange(self, owner: Owner, token: Token) -> Token:
        form = {"grant_type": "refresh_token", "refresh_token": token.refresh, "resource": token.resource}
        try:
            made = await self._token(owner.server, token, form)
        except UpstreamError as error:
            if error.status not in (400, 401):
                raise
            await asyncio.to_thread(self._vault.remove, owner, token)
            if (present := await asyncio.to_thread(self._vault.get, owner)) is not None:
                return present
            raise self._invitation(owner) from None
        await asyncio.to_thread(self._vault.put, owner, made)
        return made

    async def _token(self, server: str, known: Token, form: Mapping[str, str]) -> Token:
        """Ask for a token. Raises UpstreamError without anything that the server said: it may repeat secrets."""
        import httpx2

        from outrider.tools.outward import client

        sent = {k: v for k, v in {**form, "client_id": known.client_id}.items() if v}
        if known.client_secret:
            sent["client_secret"] = known.client_secret
        try:
            async with client(server, self._rule(server).meant, PATIENCE, LARGEST) as way:
                answer = await way.post(known.token_url, data=sent, headers={"accept": "application/json"})
        except httpx2.HTTPError as error:
            raise UpstreamError(
                f"the authorization server of {server!r} cannot be reached ({type(error).__name__})"
            ) from None
        if answer.status_code != 200:
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
            expires=clock.now_ns() + min(lasts, LONGEST) * 1_000_000_000 if lasts > 0 else 0,
            scope=str(said.get("scope") or known.scope),
        )

    def _invitation(self, owner: Owner, why: str = "has not connected their account") -> RequestError:
        """What to do, with a command that a shell takes as it is: anybody may have chosen these names."""
        command = shlex.join(["outrider", "tools", "connect", owner.server, "--user", owner.user])
        return RequestError(
            f"the user {owner.user!r} {why} at {owner.server!r}. They can do so at {self._public_url().rstrip('/')}"
            f"/tools?connect={quote(owner.server)} or with `{command} --project {shlex.quote(owner.project)}`",
            status=403,
            code="not_connected",
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
            known = rule.client_id, rule.client_secret
        else:
            found = await discovered(server, rule.url, rule.meant)
            issuer, resource, scope = found.issuer, found.resource, " ".join(rule.scopes) or found.scope
            ends = found.authorize_url, found.token_url
            known = rule.client_id, rule.client_secret
            if not rule.client_id:
                known = await registered(server, found, redirect, rule.meant)
        for url in ends:
            check_url(server, url)
        if not known[0]:
            raise OutriderError(f"{server!r} registers no clients; set `oauth.client_id`", code="no_client")
        return {
            "authorize_url": ends[0],
            "token_url": ends[1],
            "issuer": issuer,
            "client_id": known[0],
            "client_secret": known[1],
            "scope": scope,
            "resource": resource,
        }


def _owner(server: str, who: Who) -> Owner:
    return Owner(server, who.project, who.user)


def _bearer(token: Token) -> Mapping[str, str]:
    return {"authorization": f"Bearer {token.access}"}
