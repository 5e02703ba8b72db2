"""Credentials do not come back: what a server echoes of them is taken out before anything is labelled, recorded or
read. Every upstream is wrapped in this."""

import base64
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import msgspec
from mcp import MCPError

from outrider.base import clock
from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.tools.ports import Caller, Health, Mount, Needs, Tool, ToolResult, Upstream

SHORTEST = 6
"""Characters: what is shorter is no secret, and would be found everywhere."""
GONE = "[credential]"
REFUSED = "credentials_refused"
"""The code of an upstream's error where the server refused the credentials, and did nothing."""
_SCHEMES = ("bearer ", "basic ", "token ", "apikey ")

_Answer = TypeVar("_Answer")

log = logging.getLogger("outrider.tools")


def secrets_of(mount: Mount) -> list[str]:
    """The credentials in a mount's options."""
    found: list[str] = []
    for field in ("headers", "env", "auth"):
        for value in (mount.options.get(field) or {}).values():
            found.append(str(value))
    return found


def spellings(secrets: Iterable[str]) -> list[str]:
    """Each secret in the forms in which it could come back, the longest first."""
    found: set[str] = set()
    for secret in secrets:
        plain = secret.strip()
        for scheme in _SCHEMES:
            if plain.lower().startswith(scheme):
                plain = plain[len(scheme) :].strip()
        if len(plain) < SHORTEST or "{" in plain:
            continue
        raw = plain.encode("utf-8", "surrogatepass")
        found |= {plain, quote(plain, safe=""), raw.hex(), plain[::-1]}
        encoded = base64.b64encode(raw).decode().rstrip("=")
        found |= {encoded, base64.urlsafe_b64encode(raw).decode().rstrip("=")}
        if ":" in plain:  # the parts of a basic credential
            found |= {part for part in plain.split(":") if len(part) >= SHORTEST}
        decoded = _decoded(plain)
        found |= {part for part in (decoded, *decoded.split(":")) if len(part) >= SHORTEST}
    return sorted(found, key=lambda one: (-len(one), one))


def _decoded(text: str) -> str:
    """What a basic credential stands for."""
    try:
        return base64.b64decode(text, validate=True).decode("ascii")
    except ValueError:
        return ""


def cleaned(value: Any, spelled: Sequence[str]) -> Any:
    """A JSON value (or a result's parts) without the secrets. The same object where there is none in it."""
    if isinstance(value, str):
        for secret in spelled:
            if secret in value:
                value = value.replace(secret, GONE)
        return value
    if isinstance(value, Mapping):
        made = {cleaned(key, spelled): cleaned(part, spelled) for key, part in value.items()}
        same = all(made.get(key, GONE) is part for key, part in value.items())
        return value if same else made
    if isinstance(value, list):
        several = [cleaned(part, spelled) for part in value]
        return value if all(a is b for a, b in zip(several, value, strict=True)) else several
    return value


class Redacting:
    """An upstream whose answers, errors and messages have no credentials in them."""

    def __init__(self, inner: Upstream, mount: Mount, credential: "Credential | None" = None) -> None:
        self.inner, self.name = inner, inner.name
        self._fixed, self._credential = spellings(secrets_of(mount)), credential

    async def list(self) -> Sequence[Tool]:
        began = clock.mono_ns()
        try:
            found = await self.inner.list()
        except UpstreamError as error:
            if self._credential is None or error.code != REFUSED or error.status != 401:
                raise
            if not await self._credential.renewed(self.name, None, began):
                raise
            found = await self.inner.list()
        return [_described(tool, self._fixed) for tool in found] if self._fixed else found

    async def call(self, tool: Tool, arguments: Mapping[str, Any], caller: Caller) -> ToolResult:
        result, spelled = await self._asked(caller, lambda told: self.inner.call(tool, arguments, told))
        if spelled:
            result.content = cleaned(result.content, spelled)
            result.structured = cleaned(result.structured, spelled)
            result.meta = cleaned(result.meta, spelled)
            if result.needs is not None:  # its state is the server's own, and goes back to it
                result.needs = Needs(cleaned(result.needs.requests, spelled), result.needs.state)
        return result

    async def close(self) -> None:
        await self.inner.close()

    def health(self) -> Health:
        found = self.inner.health()
        said, error = cleaned(found.said, self._fixed), cleaned(found.last_error, self._fixed)
        return Health(found.state, error, found.since, said, found.server, found.revision)

    def __getattr__(self, name: str) -> Any:
        """What only some kinds of upstreams can do (resources, prompts)."""
        found = getattr(self.inner, name)
        if name == "listed":
            return partial(self._listed, found)
        return partial(self._read, found) if name in ("read", "prompt", "complete") else found

    async def _listed(self, listed: Callable[[str], Awaitable[Sequence[Any]]], kind: str) -> Sequence[Any]:
        found: Sequence[Any] = cleaned(await listed(kind), self._fixed)
        return found

    async def _read(self, ask: Callable[..., Awaitable[dict[str, Any]]], *said: Any) -> dict[str, Any]:
        *given, caller = said
        raw, spelled = await self._asked(caller, lambda told: ask(*given, told))
        state = raw.get("requestState")
        found: dict[str, Any] = cleaned(raw, spelled)
        return {**found, "requestState": state} if state is not None else found

    async def _asked(
        self, caller: Caller, ask: Callable[[Caller], Awaitable[_Answer]]
    ) -> tuple[_Answer, Sequence[str]]:
        """What is answered, and what is to be taken out of it: also a token that was another one before the call."""
        before = await self._spelled(caller)
        told = msgspec.structs.replace(caller, back=_Told(caller, self._spelled)) if self._secret else caller
        try:
            found = await self._again(caller, lambda: ask(told))
        except OutriderError as error:
            raise _said_again(error, _both(before, await self._spelled(caller))) from None
        except MCPError as error:
            spelled = _both(before, await self._spelled(caller))
            error.error.message = cleaned(error.error.message, spelled)
            error.error.data = cleaned(error.error.data, spelled)
            raise
        return found, _both(before, await self._spelled(caller))

    async def _again(self, caller: Caller, ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """Ask once more where the server refused a user's token, and there is another one now."""
        began = clock.mono_ns()
        try:
            return await ask()
        except UpstreamError as error:
            if self._credential is None or error.code != REFUSED or error.status != 401:
                raise
            if not await self._credential.renewed(self.name, caller, began):
                raise
        return await ask()

    @property
    def _secret(self) -> bool:
        """Whether there is anything that could come back."""
        return bool(self._fixed) or self._credential is not None

    async def _spelled(self, caller: Caller) -> Sequence[str]:
        if self._credential is None:
            return self._fixed
        own = await self._credential.known(self.name, caller)
        return [*spellings(own), *self._fixed] if own else self._fixed


class _Told:
    """The way to the client for what a server says during a call."""

    def __init__(self, caller: Caller, spelled: Callable[[Caller], Awaitable[Sequence[str]]]) -> None:
        self._caller, self._spelled = caller, spelled

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        said = cleaned(message, await self._spelled(self._caller)) if message else message
        await self._caller.back.progress(progress, total, said)

    async def log(self, level: str, said: Any, logger: str | None = None) -> None:
        await self._caller.back.log(level, cleaned(said, await self._spelled(self._caller)), logger)

    async def ask(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return await self._caller.back.ask(method, cleaned(params, await self._spelled(self._caller)))


def _both(before: Sequence[str], after: Sequence[str]) -> Sequence[str]:
    return after if before == after else [*after, *(one for one in before if one not in after)]


def _described(tool: Tool, spelled: Sequence[str]) -> Tool:
    fields = ("title", "description", "input_schema", "output_schema", "annotations", "wire")
    changed = {field: made for field in fields if (made := cleaned(said := getattr(tool, field), spelled)) is not said}
    return msgspec.structs.replace(tool, **changed) if changed else tool


class Credential(Protocol):
    """The tokens that a caller's user has at a server, where there are any. `renewed`: the server refused one; whether
    it may be asked again. It raises OutriderError with what to do."""

    async def known(self, server: str, caller: Caller) -> Sequence[str]: ...
    async def renewed(self, server: str, caller: Caller | None, since: int) -> bool: ...


def _said_again(error: OutriderError, spelled: Sequence[str]) -> OutriderError:
    """The same error, its text cleaned."""
    message = cleaned(error.message, spelled)
    if message == error.message:
        return error
    if isinstance(error, UpstreamError):
        return UpstreamError(
            message, code=error.code, status=error.status, retryable=error.retryable, retry_after=error.retry_after
        )
    if isinstance(error, RequestError):
        return RequestError(message, status=error.status, code=error.code, param=error.param)
    return OutriderError(message, code=error.code)
