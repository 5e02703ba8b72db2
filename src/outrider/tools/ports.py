"""What the parts of the tool gateway meet through: tools, results, callers, and the Protocols between them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from outrider.base.errors import RequestError
from outrider.base.ports import Transport
from outrider.limits.keys import Identity
from outrider.policy.declarations import Declaration
from outrider.policy.identity import Who
from outrider.tools.session import Named

HOUSE = "outrider"
"""The upstream of tools that Outrider has itself (search, reading on, composites)."""
ANY_OBJECT: Mapping[str, Any] = {"type": "object"}


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool. `name` is how callers, labels, rules, records and metrics know it; `own` is its name at `upstream`.

    `declaration` is what its server says about it, where that may be believed (None: nobody said). `idempotent`: a
    second call does nothing that the first did not, so a call that failed may be tried again. `wire` has what MCP says
    of a tool beside these fields (icons, `_meta`), and is passed on.
    """

    name: str
    own: str = ""
    upstream: str = ""
    title: str = ""
    description: str = ""
    input_schema: Mapping[str, Any] = msgspec.field(default_factory=lambda: ANY_OBJECT)
    output_schema: Mapping[str, Any] | None = None
    annotations: Mapping[str, Any] = {}
    declaration: Declaration | None = None
    idempotent: bool = False
    wire: Mapping[str, Any] = {}


class Needs(msgspec.Struct, frozen=True):
    """An upstream needs something of the client before it goes on (MCP `input_required`): requests by a name each, and
    a state that comes back with the answers."""

    requests: Mapping[str, Any]
    state: str | None = None


class ToolResult(msgspec.Struct, kw_only=True):
    """What a tool answered. `content` are MCP's content blocks in their wire form; `structured` is JSON (None: none).

    `is_error`: the tool failed in a way that the model should read. `needs`: it did not answer yet.
    """

    content: list[dict[str, Any]] = []
    structured: Any = None
    is_error: bool = False
    meta: dict[str, Any] = {}
    needs: Needs | None = None


def text_result(text: str, *, is_error: bool = False) -> ToolResult:
    """A result of one text."""
    return ToolResult(content=[{"type": "text", "text": text}], is_error=is_error)


class Back(Protocol):
    """The way to the client while its call runs. `ask` sends it a request of an upstream (elicitation, sampling, roots)
    and gives the answer; it raises RequestError where the client cannot be asked."""

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None: ...
    async def log(self, level: str, said: Any, logger: str | None = None) -> None: ...
    async def ask(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]: ...


class Silent:
    """A `Back` for callers that cannot be told anything before the answer."""

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        return

    async def log(self, level: str, said: Any, logger: str | None = None) -> None:
        return

    async def ask(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        raise RequestError(
            f"the client cannot be asked ({method}): it has no way to answer during a call", code="cannot_ask_client"
        )


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, and how. `named` is what the request says of itself, from which `who` follows. `view` is what follows
    `/mcp/` in the path: a server or a mask. `client` is the program's name and version as it says them. `can` are the
    client's MCP capabilities. `answers` and `state` are what a client sends with a call that it makes again after
    `Needs`."""

    identity: Identity
    who: Who
    named: Named = Named()
    back: Back = Silent()
    view: str = ""
    client: str = ""
    revision: str = ""
    can: Mapping[str, Any] = {}
    headers: Mapping[bytes, bytes] = {}
    meta: Mapping[str, Any] = {}
    tags: tuple[str, ...] = ()
    trace: bytes = b""
    parent_span: int = 0
    answers: Mapping[str, Any] | None = None
    state: str | None = None
    origin: str = ""
    """Scheme, host and port under which the client reaches Outrider."""
    within: bytes = b""
    """The run that this call is a part of (a composite tool's); b"": none."""


class Health(msgspec.Struct, frozen=True):
    """How an upstream is. `last_error` and `said` (the end of its stderr) are for people who run Outrider only."""

    state: str
    """`idle` (not started), `up`, `down`."""
    last_error: str = ""
    since: int = 0
    said: str = ""
    server: str = ""
    revision: str = ""


class Upstream(Protocol):
    """One tool server. `list` gives its tools under their own names (`name` equals `own`); `call` raises UpstreamError
    when no answer came. `close` ends it; it may be used again after that. All are cancelled by their deadlines."""

    name: str

    async def list(self) -> Sequence[Tool]: ...
    async def call(self, tool: Tool, arguments: Mapping[str, Any], caller: Caller) -> ToolResult: ...
    async def close(self) -> None: ...
    def health(self) -> Health: ...


class ToolRule(msgspec.Struct, frozen=True):
    """What the owner says of one tool. None: as its server's, or no limit. `price` is nano-dollars a call."""

    timeout: float | None = None
    at_once: int | None = None
    price: int = 0


class Mount(msgspec.Struct, frozen=True, kw_only=True):
    """A configured tool server. `options` are the fields of its settings that its kind reads (`command`, `env`, `url`,
    `headers` …), secrets in plain: never shown. `prefix` stands before the names of its tools, with its `__`. `only`:
    its tools that exist here, with `*` (empty: all). `trusted`: labels that it declares are believed. `timeout` is
    seconds; `retries` are further tries of tools that are idempotent."""

    name: str
    kind: str
    options: Mapping[str, Any] = {}
    prefix: str = ""
    trusted: bool = False
    only: tuple[str, ...] = ()
    timeout: float = 60.0
    retries: int = 2
    at_once: int = 32
    rules: Mapping[str, ToolRule] = {}

    def rule(self, own: str) -> ToolRule:
        return self.rules.get(own, _NO_RULE)


_NO_RULE = ToolRule()


class Own(msgspec.Struct, frozen=True):
    """What Outrider lends to upstreams: its folder for files, where the configuration is, and a credential for a user
    at a server, asked for at each call (no caller: for listing the tools). `connect` opens connections to the place of
    a URL, on the running loop, which cost less than the SDK's (None: there are only those)."""

    home: Path
    config: Path | None = None
    credential: Callable[[str, Caller | None], Awaitable[Mapping[str, str]]] | None = None
    connect: Callable[[str], Transport] | None = None


class ToolCall(msgspec.Struct, kw_only=True):
    """One call on its way through `Calls`. `tool` and `arguments` are the real ones, also where a mask shows others."""

    id: bytes
    caller: Caller
    tool: Tool
    arguments: Mapping[str, Any]
    declaration: Declaration
    asked: tuple[str, Mapping[str, Any]] = ("", {})
    """The name and the arguments as the caller wrote them."""
    attrs: dict[str, Any]
    """Small facts for the tool step of the record; never payloads."""
    doubts: list[str] = []
    """Why a person has to see the call, whatever the policy says."""


class Stage(Protocol):
    """Looks at every call: `before` policy judges it, and after its result was labelled and before the model reads it.
    Both give what goes on, and may raise RequestError."""

    async def before(self, call: ToolCall) -> Mapping[str, Any]: ...
    async def after(self, call: ToolCall, result: ToolResult) -> ToolResult: ...
