"""What people see of the tools, and do with them: the one way for the command line, the API and the console.

Blocking, from any thread but the loop's own; who may what is asked by those who call this.
"""

import asyncio
import difflib
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from outrider.base import clock
from outrider.base.errors import OutriderError, RequestError
from outrider.policy import lint as labels_lint
from outrider.policy.declarations import Declaration
from outrider.policy.propose import Tool as ProposedFor
from outrider.store import Store
from outrider.tools import lint, measures
from outrider.tools.catalog import Catalog
from outrider.tools.credentials import Connection, Owner, Vault
from outrider.tools.measures import ToolMeasures
from outrider.tools.oauth import Accounts
from outrider.tools.pins import Pin, Pins, digest
from outrider.tools.ports import Tool
from outrider.tools.views import RESERVED, Rules

WEEK_NS = 7 * 86_400 * 1_000_000_000
PATIENCE = 30.0
GRAVITY = ("danger", "warning", "hint")
_T = TypeVar("_T")


class LabelsDesk(Protocol):
    """The part of the policy's desk that looks at labels."""

    def lint(self, project: str, tools: Sequence[ProposedFor], *, since: int = 0) -> labels_lint.Linted: ...


class Parts(msgspec.Struct, frozen=True):
    """What the desk reaches out to. `ready` makes the catalogue; `store` is the journal's; `loop` the one that the
    catalogue lives on; `servers` the configured ones with their kinds."""

    catalog: Catalog
    ready: Callable[[], Awaitable[Any]]
    loop: Callable[[], asyncio.AbstractEventLoop]
    store: Callable[[], Store]
    pins: Pins
    vault: Vault
    accounts: Accounts
    declared: Callable[[Tool], Declaration | None]
    rules: Callable[[], Rules]
    labels: LabelsDesk
    servers: Callable[[], Mapping[str, str]]
    connectable: Callable[[], Sequence[str]]


class ServerState(msgspec.Struct, frozen=True):
    """A tool server: `state` is `idle`, `up` or `down`. `error` and `said` are for who runs Outrider. `since` is ns."""

    name: str
    kind: str
    state: str
    tools: int
    error: str = ""
    said: str = ""
    since: int = 0
    connects: bool = False


Fault = lint.Finding | labels_lint.Finding


class ToolState(msgspec.Struct, frozen=True):
    """A tool, its labels (None: undeclared, so the worst), about how many tokens it takes, what the linters say of it,
    and how it did in the last week (None: it was not called)."""

    tool: Tool
    labels: Declaration | None
    tokens: int
    findings: list[lint.Finding]
    label_findings: list[labels_lint.Finding]
    proposal: Declaration | None
    reasons: list[str]
    measures: ToolMeasures | None
    changed: bool = False

    @property
    def faults(self) -> list[Fault]:
        """What both linters say, the gravest first."""
        both: list[Fault] = [*self.findings, *self.label_findings]
        return sorted(both, key=lambda one: GRAVITY.index(one.level))


class Overview(msgspec.Struct, frozen=True):
    """Everything at once."""

    servers: list[ServerState]
    tools: list[ToolState]
    waiting: list[Pin]
    others: list[lint.Finding]
    """Findings that are of no tool that is there."""
    tokens: int
    searched: bool
    """Whether models see a search instead of all tools."""
    accounts: list[Connection]


class ToolDesk:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    # -- looking --------------------------------------------------------------------------------------------------

    def overview(self, project: str, *, since: int = 0) -> Overview:
        """All tools as they are now, with what they did since (ns; the last week if 0)."""
        parts = self._parts
        tools = self.tools()
        waiting = parts.pins.waiting()
        found = lint.lint(tools, waiting, parts.catalog.left_out)
        labelled = parts.labels.lint(project, [_proposed_for(tool) for tool in tools]) if tools else None
        done = {one.tool: one for one in self.measures(project, since=since)}
        changed = {pin.name for pin in waiting}
        names = {tool.name for tool in tools}
        states = [self._state(tool, found, labelled, done.get(tool.name), tool.name in changed) for tool in tools]
        rules, servers = parts.rules(), self._servers(tools)
        unfit = [] if any(one.error for one in servers) else lint.unfit(rules.masks, names.union(RESERVED))
        return Overview(
            servers,
            states,
            waiting,
            [one for one in found.findings if one.tool not in names] + unfit,
            found.total,
            rules.above is not None and len(tools) > rules.above,
            parts.vault.connections(project),
        )

    def show(self, project: str, name: str) -> ToolState:
        """One tool. Raises RequestError 404 with the nearest name."""
        found = self.overview(project)
        for one in found.tools:
            if one.tool.name == name:
                return one
        near = difflib.get_close_matches(name, [one.tool.name for one in found.tools], 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise RequestError(f"no tool {name[:100]!r} is there{hint}", status=404, code="unknown_tool")

    def tools(self) -> list[Tool]:
        """The tools of all servers, asked for anew where that is due; composite tools come last."""
        found: list[Tool] = self._wait(self._listed())
        return [tool for tool in found if tool.name not in RESERVED]

    def measures(self, project: str, *, since: int = 0) -> list[ToolMeasures]:
        """How tools did since a moment (ns; the last week if 0)."""
        return measures.measures(self._parts.store(), project, since or clock.now_ns() - WEEK_NS)

    def waiting(self) -> list[Pin]:
        """Tools that changed since they were accepted. The servers are asked first."""
        rules = self._parts.rules()
        self._parts.pins.changed([tool for tool in self.tools() if rules.pinned(tool.upstream)])
        return self._parts.pins.waiting()

    def connections(self, project: str) -> list[Connection]:
        return self._parts.vault.connections(project)

    # -- doing ----------------------------------------------------------------------------------------------------

    def accept(self, name: str, who: str, mark: str = "") -> None:
        """Take over what a tool says now. Raises RequestError."""
        self._parts.pins.accept(name, who, mark)

    def link(self, server: str, project: str, user: str) -> str:
        """Where `user` goes to connect their account. Raises RequestError, UpstreamError."""
        return self._wait(self._parts.accounts.link(server, project, user))

    def expected(self, state: str) -> Owner | None:
        """Whose answer a browser brings back with this state; it stays to be taken."""
        return self._parts.vault.expected(state)

    def arrived(self, state: str, code: str, issuer: str = "") -> Owner:
        """Take the answer that a browser brings back. Raises RequestError, UpstreamError."""
        return self._wait(self._parts.accounts.arrived(state, code, issuer))

    def disconnect(self, server: str, project: str, user: str) -> None:
        """Forget an account. Raises RequestError 404."""
        if not self._parts.vault.remove(Owner(server, project, user)):
            raise RequestError(f"{user!r} is not connected at {server!r}", status=404, code="not_connected")

    # -- inside ---------------------------------------------------------------------------------------------------

    async def _listed(self) -> list[Tool]:
        await self._parts.ready()
        return list(await self._parts.catalog.tools())

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run it on the catalogue's loop."""
        running = asyncio.run_coroutine_threadsafe(work, self._parts.loop())
        try:
            return running.result(PATIENCE)
        except TimeoutError:
            running.cancel()
            raise OutriderError(f"the tools did not answer within {PATIENCE:g} s", code="tools_busy") from None

    def _servers(self, tools: Sequence[Tool]) -> list[ServerState]:
        connects = self._parts.connectable()
        found = []
        for name, kind in self._parts.servers().items():
            place = self._parts.catalog.places.get(name)
            if place is None:
                found.append(ServerState(name, kind, "idle", 0, connects=name in connects))
                continue
            health = place.upstream.health()
            error = place.listed.error or health.last_error
            count = sum(tool.upstream == name for tool in tools)
            state = "down" if place.listed.error else health.state
            found.append(ServerState(name, kind, state, count, error, health.said, health.since, name in connects))
        return found

    def _state(
        self,
        tool: Tool,
        found: lint.Linted,
        labelled: labels_lint.Linted | None,
        done: ToolMeasures | None,
        changed: bool,
    ) -> ToolState:
        labels = self._parts.declared(tool) or tool.declaration
        proposals = {one.tool: one for one in labelled.proposals} if labelled is not None and labels is None else {}
        proposal = proposals.get(tool.name)
        return ToolState(
            tool,
            labels,
            found.tokens[tool.name],
            [one for one in found.findings if one.tool == tool.name],
            [one for one in labelled.findings if one.tool == tool.name] if labelled is not None else [],
            proposal.declaration if proposal is not None else None,
            list(proposal.reasons) if proposal is not None else [],
            done,
            changed,
        )


def mark_of(tool: Tool) -> str:
    """What `accept` may be given: the beginning of the digest of what a tool says."""
    return digest(tool)[:16]


def _proposed_for(tool: Tool) -> ProposedFor:
    return ProposedFor(tool.name, tool.description, tool.input_schema, tool.output_schema, tool.annotations)
