"""Which session a tool call belongs to, and whose labels it has. Blocking where the store is asked; use it in threads.

A call that was proposed to this client on `/v1` a moment ago belongs to that session, since only there the user's own
words are known. Else it belongs to the session that the client names. Who names none has one for key, agent and user
together, never a fresh one: a label cannot be washed off by leaving a header out. Where names disagree, each of the
sessions gets the labels of all.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec

from outrider.limits.keys import Identity
from outrider.policy.claims import Claims
from outrider.policy.control import Control
from outrider.policy.events import Inherited
from outrider.policy.identity import Who
from outrider.policy.state import SessionState

META = "outrider/session"
META_USER, META_AGENT, META_PARENT = "outrider/user", "outrider/agent", "outrider/parent"
BAGGAGE = ("outrider.session", "session.id")
LONGEST = 256
REMEMBERED = 10_000

Proposed = Callable[[str, str, str, Mapping[str, Any]], Sequence[str]]
"""The sessions in which a call was proposed: by project, key, tool, arguments; the latest first."""

Void = Callable[[str, str], object]
"""No call of a session is cleared any more: by project and session."""

Vouched = Callable[[Mapping[bytes, bytes]], Claims | None]


class Named(msgspec.Struct, frozen=True):
    """What a request says of itself. `sessions` are those that it names, the strongest first; `connection` is the one
    of an older MCP revision ("": none). `roles` are those that an identity provider vouches for."""

    sessions: tuple[str, ...] = ()
    connection: str = ""
    user: str = ""
    agent: str = ""
    parent: str = ""
    roles: tuple[str, ...] = ()


def named(headers: Mapping[bytes, bytes], meta: Mapping[str, Any], connection: str = "") -> Named:
    """From headers (`x-outrider-*`, `baggage`) and MCP's `_meta`."""
    said = [_header(headers, b"x-outrider-session"), _text(meta.get(META)), _baggage(headers, meta)]
    return Named(
        tuple(dict.fromkeys(one for one in said if one)),
        connection,
        _header(headers, b"x-outrider-user") or _text(meta.get(META_USER)),
        _header(headers, b"x-outrider-agent") or _text(meta.get(META_AGENT)),
        _header(headers, b"x-outrider-parent") or _text(meta.get(META_PARENT)),
    )


def nameless(identity: Identity, said: Named) -> str:
    """The session of a caller that names none."""
    whose = msgspec.json.encode([identity.project, identity.key, said.agent, said.user])
    return f"caller:{hashlib.sha256(whose).hexdigest()[:24]}"


class Belongs:
    """Finds the sessions of calls, and keeps labels together. `proposed` asks what was proposed on `/v1`, `vouched`
    what an identity provider says of the user: that comes before every other word. `void` is told of a session that
    got labels from another one that the caller names: what was cleared without them is judged anew."""

    def __init__(
        self,
        control: Control,
        proposed: Proposed = lambda *_: (),
        vouched: Vouched = lambda _: None,
        void: Void = lambda *_: None,
    ) -> None:
        self._control, self._proposed, self._vouched, self._void = control, proposed, vouched, void
        self._told: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        self._lock = threading.Lock()

    def named(self, headers: Mapping[bytes, bytes], meta: Mapping[str, Any], connection: str = "") -> Named:
        """What a request says of itself, and what others say of it. Raises RequestError 401, 503."""
        said = named(headers, meta, connection)
        claims = self._vouched(headers)
        if claims is None:
            return said
        return msgspec.structs.replace(said, user=claims.user, roles=claims.roles, agent=claims.agent or said.agent)

    def who(self, identity: Identity, said: Named, tool: str = "", arguments: Mapping[str, Any] | None = None) -> Who:
        """Who calls, in which session; its labels are joined. A call belongs to the sessions in which it was proposed,
        whatever it says; where it names one of them it is that one's alone, though others wanted the same. Raises
        RequestError 403 `not_your_session`."""
        found = list(self._proposed(identity.project, identity.key, tool, arguments)) if arguments is not None else []
        its_own = [name for name in said.sessions if name in found]
        names = list(dict.fromkeys([*(its_own or found), *said.sessions]))
        connection = f"mcp:{said.connection}" if said.connection else ""
        if not names:
            names = [nameless(identity, said), *([connection] if connection else [])]
        who = Who(identity.project, names[0], said.user, said.agent, said.roles, identity.key, said.parent)
        lacked = [self._join(who, other) for other in names[1:]]
        if any(lacked):
            self._void(who.project, who.session)
        return who

    def spread(self, identity: Identity, said: Named, who: Who) -> None:
        """After a result: what this caller does later without naming the session has its labels, too."""
        state = self._control.sessions.get(who.project, who.session).state
        if state.taint is None and state.private is None:
            return
        mark = f"{state.taint is not None:d}{state.private is not None:d}"
        others = {nameless(identity, said), *([f"mcp:{said.connection}"] if said.connection else []), *said.sessions}
        for other in others - {who.session}:
            told = (who.project, f"{who.session}\0{other}", mark)
            if self._is_told(told):
                continue
            there = self._control.sessions.get(who.project, other).state
            if _lacks(there, state):
                seq = self._control.sessions.get(who.project, who.session).seq
                receiver = msgspec.structs.replace(who, session=other, parent="")
                self._control.see(receiver, Inherited(who.session, seq, 0, foreign=True))
            self._tell(told)

    def _join(self, who: Who, other: str) -> bool:
        """What `other` has by now, `who`'s session has. One that has its labels from here gives only labels back.
        Whether it had a label that was lacking here."""
        mine = self._control.sessions.get(who.project, who.session)
        there = self._control.sessions.get(who.project, other)
        known = mine.parents.get(other, 0)
        if there.seq <= known or not there.state.step:
            return False
        back, lacking = who.session in there.parents, _lacks(mine.state, there.state)
        if not back or lacking:
            self._control.see(who, Inherited(other, there.seq, known, foreign=back))
        return lacking

    def _is_told(self, one: tuple[str, str, str]) -> bool:
        with self._lock:
            return one in self._told

    def _tell(self, one: tuple[str, str, str]) -> None:
        with self._lock:
            self._told[one] = None
            while len(self._told) > REMEMBERED:
                self._told.popitem(last=False)


def _lacks(mine: SessionState, there: SessionState) -> bool:
    """Whether `there` has a label that `mine` has not."""
    tainted = there.taint is not None and mine.taint is None
    return tainted or (there.private is not None and mine.private is None)


def _text(value: object) -> str:
    """A name as it is kept: printable, bounded."""
    if not isinstance(value, str):
        return ""
    return "".join(sign for sign in value if sign.isprintable()).strip()[:LONGEST]


def _header(headers: Mapping[bytes, bytes], name: bytes) -> str:
    return _text(headers.get(name, b"").decode("utf-8", "replace"))


def _baggage(headers: Mapping[bytes, bytes], meta: Mapping[str, Any]) -> str:
    """The session that W3C baggage names, in the header or in `_meta`."""
    for line in (headers.get(b"baggage", b"").decode("latin-1"), meta.get("baggage")):
        for entry in line.split(",")[:64] if isinstance(line, str) else ():
            name, _, value = entry.partition(";")[0].partition("=")
            if name.strip() in BAGGAGE:
                return _text(unquote(value.strip()))
    return ""
