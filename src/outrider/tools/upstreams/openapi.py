"""HTTP services that an OpenAPI document describes, as tools: one for each operation.

Requests go to the one server that the configuration (or else the document) names, and nowhere else: redirects are not
followed, arguments cannot change host or path, addresses inside the network need to be meant.
"""

import asyncio
import base64
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpcore2
import jsonschema_rs
import msgspec
import yaml

from outrider.base import clock, yaml_text
from outrider.base.errors import ConfigError, RequestError, UpstreamError
from outrider.policy.declarations import Declaration, declared
from outrider.tools.outward import Guarded, Meant
from outrider.tools.ports import Caller, Health, Mount, Own, Tool, ToolResult, text_result
from outrider.tools.upstreams._operations import Document, Operation, Scheme
from outrider.tools.upstreams._requests import Request, encoded
from outrider.tools.upstreams.mcp_http import filled

LARGEST_DOCUMENT = 16_000_000
LONGEST_ERROR = 4_000
CONNECTING = 10.0
SILENCE = 60.0
SAFE = ("GET", "HEAD")

log = logging.getLogger("outrider.tools")


class _Known(msgspec.Struct, frozen=True):
    tool: Tool
    operation: Operation
    check: Any


class OpenApiUpstream:
    """The operations of one document. It is read when it is first asked for."""

    def __init__(self, mount: Mount, own: Own) -> None:
        self.name, self._mount, self._own = mount.name, mount, own
        self._known: dict[str, _Known] | None = None
        self._schemes: dict[str, Scheme] = {}
        self._base = ""
        self._pool: httpcore2.AsyncConnectionPool | None = None
        self._loading = asyncio.Lock()
        self._error, self._since, self._faults = "", 0, ""

    async def list(self) -> Sequence[Tool]:
        return [one.tool for one in (await self._loaded()).values()]

    async def call(self, tool: Tool, arguments: Mapping[str, Any], caller: Caller) -> ToolResult:
        known = (await self._loaded()).get(tool.own)
        if known is None:
            raise RequestError(f"no tool {tool.own!r} is at {self.name!r} any more", status=404, code="unknown_tool")
        _check(known, arguments)
        try:
            request = encoded(known.operation, arguments)
        except UnicodeEncodeError:
            raise RequestError("an argument has characters that no encoding has (lone surrogates)") from None
        headers = {key.lower(): filled(str(value), caller) for key, value in (self._option("headers") or {}).items()}
        if self._own.credential is not None:
            headers |= {k.lower(): v for k, v in (await self._own.credential(self.name, caller)).items()}
        self._sign(known.operation, request, headers)
        status, kind, body = await self._send(request, headers)
        return _answered(known.operation, status, kind, body, self.name)

    async def close(self) -> None:
        pool, self._pool, self._known = self._pool, None, None
        if pool is not None:
            await pool.aclose()

    def health(self) -> Health:
        state = "down" if self._error else "up" if self._known is not None else "idle"
        return Health(state, self._error, self._since, said=self._faults, server=self._base)

    def _option(self, name: str) -> Any:
        return self._mount.options.get(name)

    # -- the document ---------------------------------------------------------------------------------------------

    async def _loaded(self) -> Mapping[str, _Known]:
        async with self._loading:
            if self._known is None:
                self._since = clock.now_ns()
                try:
                    self._known = await self._load()
                    self._error = ""
                except (ConfigError, UpstreamError) as error:
                    self._error = error.message
                    raise UpstreamError(error.message, code="tool_server_unavailable") from None
            return self._known

    async def _load(self) -> dict[str, _Known]:
        where = str(self._option("openapi"))
        remote = where.startswith(("http://", "https://"))
        text = await self._fetched(where) if remote else await asyncio.to_thread(self._read, where)
        document = await asyncio.to_thread(_parsed, text, where)
        self._base = self._server(document, where if remote else "")
        self._schemes = document.schemes()
        operations, faults = await asyncio.to_thread(document.operations)
        for fault in faults:
            log.warning("%s: left out: %s", self.name, fault)
        self._faults = "\n".join(faults)
        return {one.name: self._tool(one, believed=not remote or self._mount.trusted) for one in operations}

    def _read(self, where: str) -> bytes:
        folder = self._own.config.parent if self._own.config is not None else Path()
        try:
            return (folder / where).read_bytes()
        except OSError as error:
            raise ConfigError(f"openapi: {where!r} cannot be read: {error.strerror or error}") from None

    async def _fetched(self, where: str) -> bytes:
        async with self._new_pool(where) as pool:
            status, _, body = await _exchange(pool, Request("GET", where), {}, LARGEST_DOCUMENT, self.name)
        if status != 200:
            raise UpstreamError(f"openapi: {_plain(where)} answered {status}", code="tool_server_unavailable")
        return body

    def _server(self, document: Document, where: str) -> str:
        """The base URL that requests go to."""
        given = str(self._option("url") or "")
        named = given or next(iter(document.servers()), "") or "/"
        base = urljoin(where, named) if where else named
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ConfigError(f"{self.name}: the document names no server to call; say it with `url`")
        return base.rstrip("/")

    def _tool(self, one: Operation, *, believed: bool) -> _Known:
        labels: Declaration | None = None
        if believed and one.labels is not None:
            try:
                labels = declared(one.labels, one.name)
            except ValueError as error:
                log.warning("what %s declares is not used: %s", self.name, error)
        tool = Tool(
            name=one.name,
            own=one.name,
            upstream=self.name,
            title=one.title,
            description=one.description or f"{one.method} {one.path}",
            input_schema=one.schema,
            output_schema=one.output,
            annotations={"readOnlyHint": one.method in SAFE, "destructiveHint": one.method == "DELETE"},
            declaration=labels,
            idempotent=one.method in SAFE or (labels is not None and labels.idempotent),
            wire={"outrider/instructions": one.instructions} if believed and one.instructions else {},
        )
        return _Known(tool, one, _validator(one.schema))

    # -- requests -------------------------------------------------------------------------------------------------

    def _sign(self, operation: Operation, request: Request, headers: dict[str, str]) -> None:
        """Put the credentials where the service wants them: those of `auth`, by the names of its security schemes."""
        given: Mapping[str, str] = self._option("auth") or {}
        for names in operation.security:
            if not all(name in given and name in self._schemes for name in names):
                continue
            for name in names:
                scheme, secret = self._schemes[name], str(given[name])
                if scheme.kind == "apiKey" and scheme.place == "query":
                    request.query.append((scheme.field, secret))
                elif scheme.kind == "apiKey" and scheme.place == "cookie":
                    request.cookies.append((scheme.field, secret))
                elif scheme.kind == "apiKey":
                    headers[scheme.field.lower()] = secret
                elif scheme.scheme == "basic":
                    headers["authorization"] = "Basic " + base64.b64encode(secret.encode()).decode()
                else:
                    headers["authorization"] = f"Bearer {secret}"
            return

    async def _send(self, request: Request, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        if self._pool is None:
            self._pool = self._new_pool(self._base)
        request.url = self._base + request.path
        if request.query:
            request.url += "?" + "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in request.query)
        largest = int(self._option("largest_answer") or 16_000_000)
        return await _exchange(self._pool, request, headers, largest, self.name)

    def _new_pool(self, url: str) -> httpcore2.AsyncConnectionPool:
        """Connections to the host of `url` alone. An address that the configuration itself names is meant."""
        host = urlsplit(url).hostname or ""
        meant = [urlsplit(str(self._option(field) or "")).hostname for field in ("url", "openapi")]
        allow = [*(self._option("private_hosts") or ()), *(one for one in meant if one)]
        guard = Guarded(self.name, Meant(tuple(allow)), only=host)
        return httpcore2.AsyncConnectionPool(
            max_connections=self._mount.at_once, keepalive_expiry=30.0, network_backend=guard
        )


def open(mount: Mount, own: Own) -> OpenApiUpstream:
    return OpenApiUpstream(mount, own)


def _parsed(text: bytes, where: str) -> Document:
    """JSON or YAML. Raises ConfigError."""
    if len(text) > LARGEST_DOCUMENT:
        raise ConfigError(f"{_plain(where)}: larger than {LARGEST_DOCUMENT} bytes")
    try:
        raw = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            raw = yaml_text.load(text)
        except yaml_text.TooMuch as fault:
            raise ConfigError(f"{_plain(where)}:{fault.line}: {fault.problem}") from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise ConfigError(f"{_plain(where)}: neither JSON nor YAML ({type(error).__name__})") from None
    try:
        return Document(raw, _plain(where))
    except (TypeError, AttributeError, RecursionError) as error:
        raise ConfigError(f"{_plain(where)}: no OpenAPI document ({type(error).__name__})") from None


def _plain(where: str) -> str:
    """Without a query, which may hold a secret."""
    return where.partition("?")[0]


def _validator(schema: Mapping[str, Any]) -> Any:
    """Checks arguments; None where the schema is none that can be used."""
    try:
        return jsonschema_rs.validator_for(dict(schema), offline=True)
    except (ValueError, jsonschema_rs.ReferencingError):
        return None


def _check(known: _Known, arguments: Mapping[str, Any]) -> None:
    """Raises RequestError that names the first fault."""
    fault = next(known.check.iter_errors(dict(arguments)), None) if known.check is not None else None
    if fault is not None:
        where = ".".join(map(str, fault.instance_path))
        raise RequestError(
            f"{known.tool.own} cannot take {f'`{where}`' if where else 'these arguments'}: {fault.message[:300]}",
            code="invalid_arguments",
            param=where or None,
        )
    known_names = {one.name for one in known.operation.arguments}
    if unknown := [name for name in arguments if name not in known_names]:
        raise RequestError(f"{known.tool.own} has no argument {unknown[0][:100]!r}", code="invalid_arguments")


async def _exchange(
    pool: httpcore2.AsyncConnectionPool, request: Request, headers: Mapping[str, str], largest: int, name: str
) -> tuple[int, str, bytes]:
    """Status, media type and body. Raises UpstreamError; its text holds neither URL nor headers."""
    sent = {"user-agent": "outrider", "accept-encoding": "identity", "accept": "application/json, */*;q=0.5"}
    if request.media:
        sent["content-type"] = request.media
    sent |= {**dict(request.headers), **headers}
    if request.cookies:
        sent["cookie"] = "; ".join(f"{k}={v}" for k, v in request.cookies)
    timeout = {"connect": CONNECTING, "read": SILENCE, "write": SILENCE, "pool": SILENCE}
    try:
        async with pool.stream(
            request.method,
            request.url,
            headers=[(k.encode("latin-1"), v.encode("latin-1")) for k, v in sent.items()],
            content=request.body,
            extensions={"timeout": timeout},
        ) as response:
            kinds = [v.decode("latin-1") for k, v in response.headers if k.lower() == b"content-type"]
            parts, size = [], 0
            async for part in response.aiter_stream():
                size += len(part)
                if size > largest:
                    raise UpstreamError(
                        f"the answer of {name!r} is larger than {largest} bytes; ask for less of it",
                        code="answer_too_large",
                        retryable=False,
                    )
                parts.append(part)
            return response.status, kinds[0] if kinds else "", b"".join(parts)
    except UnicodeEncodeError:  # headers are latin-1
        raise RequestError("an argument that goes into a header has characters that a header cannot have") from None
    except httpcore2.TimeoutException:
        raise UpstreamError(f"{name!r} did not answer in time", code="tool_timeout") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
        raise UpstreamError(f"{name!r} cannot be reached ({type(error).__name__})", code="tool_server_gone") from None


def _answered(operation: Operation, status: int, kind: str, body: bytes, name: str) -> ToolResult:
    """An answer as a result. What the model can mend (4xx) is one of its own; the rest raises UpstreamError."""
    if status in (401, 403):
        raise UpstreamError(
            f"{name!r} refuses the credentials that Outrider has for it ({status})",
            code="credentials_refused",
            status=status,
            retryable=False,
        )
    if status == 429 or status >= 500:
        again = status in (429, 502, 503, 504)
        raise UpstreamError(f"{name!r} answered {status}", code="tool_server_failed", status=status, retryable=again)
    media = kind.partition(";")[0].strip().lower()
    if status >= 300:
        told = body[:LONGEST_ERROR].decode("utf-8", "replace") if status >= 400 else "it wants to send us elsewhere"
        return text_result(f"{operation.name} failed with {status}: {told}", is_error=True)
    if not body:
        return text_result(f"done ({status})")
    if media.endswith("json"):
        try:
            value = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UpstreamError(f"{name!r} gave no valid JSON", code="tool_server_invalid_answer") from None
        made = text_result(body.decode("utf-8"))
        made.structured = value if isinstance(value, dict) else None
        return made
    if media.startswith(("image/", "audio/")):
        block = {"type": media.partition("/")[0], "data": base64.b64encode(body).decode(), "mimeType": media}
        return ToolResult(content=[block])
    try:
        return text_result(body.decode("utf-8"))
    except UnicodeDecodeError:
        return text_result(f"{len(body)} bytes of {media or 'an unknown type'}, which are no text")
