"""Settings of tools: where they are, who sees which of them, what is made of several."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from outrider.app.config_values import REFERENCE, Dollars, Duration, Secret, Size, Words
from outrider.policy.declarations import Declaration
from outrider.tools.composite import Composite
from outrider.tools.masks import MaskRule
from outrider.tools.masks import problems_of as mask_problems

SOURCES = ("url", "command", "openapi", "python")
"""Fields of a server of which one says where its tools are."""
NUL = "a NUL character cannot be in it: no program, file or address has one"
_SECRET = re.compile(r"auth|key|token|secret|cookie|passw|credential")


class OAuth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Each user allows Outrider to act for them. What is not given is discovered as MCP servers publish it."""

    client_id: Annotated[str, Meta(description="Client that is registered with the authorization server.")] = ""
    client_secret: Annotated[Secret | None, Meta(description="Its secret, by reference, if it has one.")] = None
    scopes: Annotated[Words, Meta(description="Scopes that are asked for.")] = ()
    authorize_url: Annotated[str, Meta(description="Where users are sent, if it is not discovered.")] = ""
    token_url: Annotated[str, Meta(description="Where tokens come from, if it is not discovered.")] = ""


class ToolRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one tool of a server is called."""

    timeout: Annotated[
        Annotated[Duration, Meta(ge=0.1)] | None, Meta(description="Longest call; the server's if absent.")
    ] = None
    at_once: Annotated[
        Annotated[int, Meta(ge=1, le=10_000)] | None, Meta(description="Calls of it at the same time; null: no limit.")
    ] = None
    largest: Annotated[
        Annotated[Size, Meta(ge=200)] | None,
        Meta(description="Result that is given whole; `tools.largest` if absent."),
    ] = None
    price: Annotated[Dollars, Meta(description="What a call costs, in dollars; counted by budgets.")] = 0
    instructions: Annotated[
        str, Meta(description="How to use its result: shown to the model beside it, in your name.")
    ] = ""
    always: Annotated[bool, Meta(description="Show the instructions with every result, not once in a session.")] = False


class ToolServer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place that tools come from: `url` or `command` (MCP), `openapi`, or `python`. Its key is its name."""

    url: Annotated[str, Meta(description="MCP server over Streamable HTTP; with `openapi`: where the service is.")] = ""
    command: Annotated[Words, Meta(description="MCP server over stdio: the program and its arguments.")] = ()
    openapi: Annotated[str, Meta(description="OpenAPI 3.0 or 3.1 document: a file from this folder, or a URL.")] = ""
    python: Annotated[
        str, Meta(description="Python functions marked with `@outrider.tool`: a module, or a file from this folder.")
    ] = ""
    env: Annotated[dict[str, Secret], Meta(description="Environment of `command`; nothing else is passed on.")] = {}
    cwd: Annotated[str, Meta(description="Folder that `command` runs in; this file's if empty.")] = ""
    headers: Annotated[
        dict[str, Secret],
        Meta(description="Headers of every request. `{user}`, `{agent}`, `{session}`, `{project}` stand for who asks."),
    ] = {}
    auth: Annotated[
        dict[str, Secret],
        Meta(description="For `openapi`: credentials by the names of its security schemes, by reference."),
    ] = {}
    oauth: Annotated[OAuth | None, Meta(description="Ask each user to connect their account; null: no.")] = None
    prefix: Annotated[
        str | None,
        Meta(description="What its tools' names begin with, before `__`. Absent: its name, or nothing if it is alone."),
    ] = None
    only: Annotated[Words, Meta(description="Its tools that exist here, with `*`. Empty: all.")] = ()
    trusted: Annotated[
        bool,
        Meta(description="Believe the labels that it declares for its tools: it is under your control."),
    ] = False
    labels: Annotated[
        dict[str, Declaration], Meta(description="Labels of its tools by their names there; `tools.labels` go first.")
    ] = {}
    tools: Annotated[dict[str, ToolRule], Meta(description="Rules for single tools, by their names there.")] = {}
    timeout: Annotated[Duration, Meta(ge=0.1, description="Longest call.")] = 60.0
    retries: Annotated[int, Meta(ge=0, le=5, description="Further tries of tools that are declared idempotent.")] = 2
    at_once: Annotated[int, Meta(ge=1, le=10_000, description="Calls to it at the same time.")] = 32
    largest_answer: Annotated[Size, Meta(ge=1000, description="Answer that is read at all.")] = 16_000_000
    private_hosts: Annotated[
        Words,
        Meta(
            description="Hosts and networks inside your network that an `openapi` service, or the authorization server"
            " of an `oauth` one, may be at."
        ),
    ] = ()

    @property
    def kind(self) -> str:
        """The module of `outrider.tools.upstreams` that speaks with it."""
        if self.openapi:
            return "openapi"
        return "python" if self.python else "mcp_stdio" if self.command else "mcp_http"


class ToolSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a caller has many tools, the model sees a search instead of all of them."""

    above: Annotated[
        int | None, Meta(description="Tools from which on they are searched; null: all are always listed.")
    ] = 40
    found: Annotated[int, Meta(ge=1, le=50, description="Tools that a search gives.")] = 5
    always: Annotated[Words, Meta(description="Tools that are listed all the same, with `*`.")] = ()
    embeddings: Annotated[bool, Meta(description="Rank by meaning too, where the embedded model is installed.")] = True


class Tools(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of tools, where they are, and who sees which."""

    labels: Annotated[
        dict[str, Declaration],
        Meta(description="What tools return and do, by name; `ab*`: all that begin so. Undeclared: the worst."),
    ] = {}
    servers: Annotated[dict[str, ToolServer], Meta(description="Where tools come from, by name.")] = {}
    masks: Annotated[
        dict[str, MaskRule],
        Meta(description="What of the tools is shown to whom. All that fit hold together."),
    ] = {}
    composites: Annotated[dict[str, Composite], Meta(description="Tools that call several others, by name.")] = {}
    search: Annotated[ToolSearch, Meta(description="Searching among many tools.")] = ToolSearch()
    largest: Annotated[
        Size, Meta(ge=200, description="Result that is given whole; the rest of a larger one is read in parts.")
    ] = 32_000
    keep_rest: Annotated[Duration, Meta(ge=60.0, description="How long the rest of a result can be read.")] = 86_400.0
    public_url: Annotated[
        str,
        Meta(description="Where browsers reach Outrider, for the way back from sign-ins. Empty: the local address."),
    ] = ""
    asks: Annotated[
        Literal["auto", "hold", "retry"],
        Meta(
            description="How clients learn that a person has to decide: `auto` has the client show the page where it"
            " can, and holds the call otherwise; `hold` always holds it; `retry` answers at once."
        ),
    ] = "auto"
    hold: Annotated[Duration, Meta(description="How long a call is held that waits for a person.")] = 20.0
    pin: Annotated[
        bool,
        Meta(description="Withhold tools whose description or arguments changed until you accept them."),
    ] = True


def problems_of(tools: Tools) -> Iterator[tuple[tuple[str, ...], str]]:
    """Paths below `tools`, and what is wrong there."""
    for name, server in tools.servers.items():
        for path, message in _server(name, server):
            yield ("servers", name, *path), message
    for name, mask in tools.masks.items():
        for path, message in mask_problems(mask):
            yield ("masks", name, *path), message
    for name, composite in tools.composites.items():
        for message in composite.problems():
            yield ("composites", name), message


def _server(name: str, server: ToolServer) -> Iterator[tuple[tuple[str, ...], str]]:
    if not name or not all(c.isalnum() or c in "-_" for c in name) or "__" in name or len(name) > 40:
        yield (), "a server's name has at most 40 letters, digits, - and single _"
    given = [field for field in SOURCES if getattr(server, field)]
    if not given or (len(given) > 1 and given != ["url", "openapi"]):
        yield (), f"say where its tools are by one of {', '.join(SOURCES)}, not {len(given)} of them"
    if server.url:
        parts = urlsplit(server.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            yield ("url",), "expected a URL such as https://tools.example.com/mcp"
        elif parts.username or parts.password:
            yield ("url",), "credentials do not belong in a URL; write them as headers with ${env:NAME}"
    for field, secrets in (("headers", server.headers), ("env", server.env), ("auth", server.auth)):
        for key, value in secrets.items():
            if (field == "auth" or _SECRET.search(key.lower())) and not REFERENCE.search(value.reference):
                yield (field, key), "a secret does not belong in this file; write ${env:NAME} and export NAME"
    for field in (*SOURCES, "cwd", "env"):
        if "\0" in "".join(getattr(server, field)):
            yield (field,), NUL
    if server.oauth is not None and not server.url and not server.openapi:
        yield ("oauth",), "only servers with a `url` or `openapi` have users who connect"
    if server.oauth is not None and bool(server.oauth.authorize_url) != bool(server.oauth.token_url):
        yield ("oauth",), "give both `authorize_url` and `token_url`, or none of them"


def absolute(folder: Path, where: str) -> str:
    """A file as seen from the configuration's folder; a URL or a module's name as it is."""
    if "://" in where or not (where.endswith((".py", ".json", ".yaml", ".yml")) or "/" in where):
        return where
    return str(folder / where)
