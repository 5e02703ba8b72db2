"""The view that a caller has of the tools: pinned ones, under their masks, with a search where they are many."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import ids
from outrider.policy.declarations import UNDECLARED, Declaration
from outrider.policy.identity import Who
from outrider.policy.sessions import Sessions
from outrider.tools.composite import Composite
from outrider.tools.masks import CALL_TOOL, MaskRule, Offered, Opened, Seen, View, matches, view
from outrider.tools.paging import READ_MORE, read_more_tool
from outrider.tools.pins import Pins
from outrider.tools.ports import HOUSE, Caller, Tool
from outrider.tools.search import SEARCH_TOOLS, call_tool, search_tool

RESERVED = (SEARCH_TOOLS, CALL_TOOL, READ_MORE)
"""Names of Outrider's own tools: a server's tool of such a name is left out."""
PUT = "outrider/put"
OWN_LABELS = Declaration(trust="trusted", privacy="public", does="none", steers={}, idempotent=True)
"""Of Outrider's own tools: what they say of tools is not kept as anybody's words."""


class Rules(msgspec.Struct, frozen=True):
    """What the configuration says about views. `pinned` says whether a server's tools are pinned. `above` is the number
    of tools from which on they are searched (None: never), `always` those that are listed all the same."""

    masks: Mapping[str, MaskRule] = {}
    composites: Mapping[str, Composite] = {}
    pinned: Callable[[str], bool] = lambda _: False
    above: int | None = None
    found: int = 5
    always: tuple[str, ...] = ()


class Views:
    """Makes views. `inside` marks callers that are composite tools: they see everything."""

    def __init__(
        self,
        rules: Callable[[], Rules],
        sessions: Sessions,
        pins: Pins,
        declared: Callable[[Tool], Declaration | None],
    ) -> None:
        self.rules, self._sessions, self._pins, self._declared = rules, sessions, pins, declared
        self.inside = ids.token()

    async def __call__(self, caller: Caller, tools: Sequence[Tool]) -> View:
        rules = self.rules()
        if not rules.masks and self._pins.settled([tool for tool in tools if _pinned(rules, tool)]):
            return self.of(caller, tools)  # nothing of it is in the store, and a thread costs more than the view
        return await asyncio.to_thread(self.of, caller, tools)

    def of(self, caller: Caller, tools: Sequence[Tool]) -> View:
        """The view of a caller. Blocking. Raises StoreUnavailable."""
        rules = self.rules()
        withheld = self._pins.changed([tool for tool in tools if _pinned(rules, tool)])
        tools = [tool for tool in tools if _is_theirs(rules, tool)]
        tools = [tool for tool in tools if tool.name not in withheld]
        if caller.view == self.inside:
            return _Inside([Offered(tool, tool) for tool in tools], caller)
        if not caller.view or caller.view in rules.masks:
            tools = [*tools, *self._composites(rules, tools)]
        found = view(tools, rules.masks, caller.who, self._seen(rules, caller.who), caller.view, reserved=RESERVED)
        left_out = [*(f"{name}: it changed and waits to be accepted" for name in sorted(withheld)), *found.left_out]
        return _with_house(rules, found, left_out)

    def seen(self, who: Who) -> Seen:
        """What masks look at in a session."""
        session = self._sessions.get(who.project, who.session)
        state = session.state
        return Seen(state.taint is not None, state.private is not None, frozenset(session.called))

    def _seen(self, rules: Rules, who: Who) -> Seen:
        return self.seen(who) if rules.masks else Seen()

    def _composites(self, rules: Rules, tools: Sequence[Tool]) -> list[Tool]:
        """Composite tools all of whose parts are there."""
        parts = {tool.name: tool for tool in tools}
        made = []
        for name, one in rules.composites.items():
            if all(step.tool in parts for step in one.steps):
                used = [parts[step.tool] for step in one.steps]
                labels = {tool.name: self._declared(tool) or tool.declaration or UNDECLARED for tool in used}
                made.append(msgspec.structs.replace(one.tool(name, parts, labels), upstream=HOUSE))
        return made


def _is_theirs(rules: Rules, tool: Tool) -> bool:
    return tool.name not in RESERVED and tool.name not in rules.composites


def _pinned(rules: Rules, tool: Tool) -> bool:
    return _is_theirs(rules, tool) and rules.pinned(tool.upstream)


def _with_house(rules: Rules, found: View, left_out: Sequence[str]) -> View:
    """A view with Outrider's own tools: reading on in large results, and where tools are many, the search."""
    reads = _ours(read_more_tool())
    if not found.offered:
        return View([], left_out)
    if rules.above is None or len(found.offered) <= rules.above:
        return View([*found.offered, reads], left_out)
    searches = _ours(search_tool(rules.found))
    always = [one.shown for one in found.offered if matches(one.shown.name, rules.always)]
    listed = [*always, searches.shown, call_tool(), reads.shown]
    return View([*found.offered, searches, reads], left_out, listed)


def _ours(tool: Tool) -> Offered:
    made = msgspec.structs.replace(tool, upstream=HOUSE, declaration=OWN_LABELS)
    return Offered(made, made)


class _Inside(View):
    """What the steps of a composite tool may call. Values that its definition has are the operator's words."""

    def __init__(self, offered: Sequence[Offered], caller: Caller) -> None:
        super().__init__(offered)
        self._put: Sequence[Any] = caller.meta.get(PUT) or ()

    def open(self, name: str, arguments: Mapping[str, Any]) -> Opened:
        return msgspec.structs.replace(super().open(name, arguments), put=tuple(self._put))
