"""Who may call which tools: a call needs the user's permission and the agent's, and that of all who handed it down.

Permissions are given, never taken: by the configuration, over the API (kept in the lease store, and journalled), and by
the roles that an identity provider's claims name. What was given anywhere counts. As long as nobody says anything
about users, users may call everything; as soon as one is named, the others may only what `*` may. The same holds for
agents and for keys.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, get_args

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.policy.grants import like
from outrider.policy.identity import Party, Who
from outrider.policy.normal import fold
from outrider.store import Store

Kind = Literal["role", "user", "agent", "key"]
KINDS: tuple[Kind, ...] = get_args(Kind)
KNOWN_FOR_NS = 1_000_000_000
"""How long a process holds what it read: a permission that ended elsewhere ends here within a second."""
MOST_TOOLS = 500
LONGEST = 200

_encode = msgspec.json.encode


class Subject(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one is given: `roles`, and patterns of `tools` in which `*` stands for any text. One that begins with `!`
    takes out what the others of the same list give, in any spelling."""

    roles: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()


class Roster(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who has what. `*` among users, agents and keys stands for everybody who is not named."""

    roles: Mapping[str, tuple[str, ...]] = {}
    users: Mapping[str, Subject] = {}
    agents: Mapping[str, Subject] = {}
    keys: Mapping[str, Subject] = {}
    claims: bool = False
    """Whether an identity provider speaks for users: then one without any role may nothing."""

    def of(self, kind: Kind) -> Mapping[str, Subject]:
        """The named ones of a kind that is no role."""
        found: Mapping[str, Subject] = {"user": self.users, "agent": self.agents, "key": self.keys}.get(kind, {})
        return found

    def allows(self, kind: Kind, name: str, tool: str, roles: Sequence[str] = ()) -> bool:
        """Whether one of them may call a tool. `roles` are further ones that they have."""
        named = self.of(kind)
        if not named and not (kind == "user" and (self.claims or roles)):
            return True
        given = named.get(name) if name and name != "*" else None
        given = given or named.get("*") or Subject()
        lists = [given.tools, *(self.roles.get(role, ()) for role in {*given.roles, *roles})]
        return any(_gives(patterns, tool) for patterns in lists)

    def missing(self) -> list[str]:
        """Roles that somebody is given and that there are not."""
        given = {role for named in (self.users, self.agents, self.keys) for one in named.values() for role in one.roles}
        return sorted(given - set(self.roles))

    def with_(self, stored: Iterable["Stored"]) -> "Roster":
        """The same with what was given over the API."""
        roles, rest = dict(self.roles), {kind: dict(self.of(kind)) for kind in ("user", "agent", "key")}
        for one in stored:
            if one.kind == "role":
                roles[one.name] = (*roles.get(one.name, ()), *one.grants.tools)
            else:
                there = rest[one.kind].get(one.name, Subject())
                rest[one.kind][one.name] = Subject((*there.roles, *one.grants.roles), (*there.tools, *one.grants.tools))
        return Roster(roles, rest["user"], rest["agent"], rest["key"], self.claims)


class Stored(msgspec.Struct, frozen=True):
    """A permission that was given over the API: when (ns), by whom and why."""

    kind: Kind
    name: str
    grants: Subject
    at: int
    by: str
    why: str


class May(msgspec.Struct, frozen=True):
    """Whether the user and the agent may, and in words why not."""

    user: bool = True
    agent: bool = True
    why: tuple[str, ...] = ()


def _gives(patterns: Sequence[str], tool: str) -> bool:
    folded = fold(tool)
    if any(one.startswith("!") and like(folded, fold(one[1:])) for one in patterns):
        return False
    return any(like(tool, one) for one in patterns if not one.startswith("!"))


class Permissions:
    """Permissions of an installation: those of `configured`, and those of the lease store's projects."""

    def __init__(self, store: Callable[[], Store], configured: Callable[[], Roster] = Roster) -> None:
        self._store, self._configured = store, configured
        self._known: dict[str, tuple[int, tuple[Stored, ...]]] = {}
        self._held: Mapping[str, tuple[Stored, ...]] | None = None

    def hold(self, given: Mapping[str, tuple[Stored, ...]]) -> None:
        """Take this, by project, for what was given over the API, whatever the store has."""
        self._held = given

    def roster(self, project: str) -> Roster:
        """Everything that holds in a project."""
        return self._configured().with_(self._recent(project))

    def may(self, who: Who, tool: str, parties: Sequence[Party] = (), chain: Sequence[Party] = ()) -> May:
        """The intersection: of the user, the key and the agent, of all agents that acted in the session before this
        one did, and of everybody in the sessions that handed the task down."""
        roster = self.roster(who.project)
        first = next((at for at, one in enumerate(parties) if one.agent == who.agent), len(parties))
        before = [*chain, *parties[:first]]
        owner = next((one.user for one in (*parties, *chain) if one.user), "")
        user = who.user or ("" if roster.claims else owner)  # who has proof names itself
        users = dict.fromkeys([user, *(one.user for one in before if one.user)])
        keys = dict.fromkeys([who.key, *(one.key for one in before if one.key)])
        agents = dict.fromkeys([who.agent, *(one.agent for one in before if one.agent)])
        not_users = [
            f"the user {_named(one)} may not call {tool}"
            for one in users
            if not roster.allows("user", one, tool, who.roles if one == user else ())
        ]
        not_users += [
            f"the key {_named(one)} may not call {tool}" for one in keys if not roster.allows("key", one, tool)
        ]
        not_agents = [
            f"the agent {_named(one)} may not call {tool}" for one in agents if not roster.allows("agent", one, tool)
        ]
        return May(not not_users, not not_agents, (*not_users, *not_agents))

    def stored(self, project: str) -> list[Stored]:
        """What was given over the API, by kind and name."""
        rows = self._store().query(
            "SELECT kind, name, grants, at, by, why FROM permissions WHERE project = ? ORDER BY kind, name", (project,)
        )
        return [
            Stored(kind, name, msgspec.json.decode(grants, type=Subject), int(at), by, why)
            for kind, name, grants, at, by, why in rows
        ]

    def set(self, project: str, kind: Kind, name: str, grants: Subject, *, by: str, why: str) -> Stored:
        """Give: replaces what was given to the same one over the API. Raises RequestError 400."""
        made = checked(Stored(kind, name, grants, clock.now_ns(), by, why))
        with self._store().write() as tx:
            tx.execute("DELETE FROM permissions WHERE project = ? AND kind = ? AND name = ?", (project, kind, name))
            tx.execute(
                "INSERT INTO permissions (project, kind, name, grants, at, by, why) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (project, kind, name, _encode(grants), made.at, by, why),
            )
        self._known.pop(project, None)
        return made

    def remove(self, project: str, kind: Kind, name: str) -> None:
        """End what was given over the API. Raises RequestError 404."""
        with self._store().write() as tx:
            gone = tx.execute(
                "DELETE FROM permissions WHERE project = ? AND kind = ? AND name = ?", (project, kind, name)
            )
        self._known.pop(project, None)
        if not gone:
            raise RequestError(
                f"nothing was given to the {kind} {name[:80]!r} over the API; outrider.yaml is changed by hand",
                status=404,
                code="unknown_permission",
                param="name",
            )

    def _recent(self, project: str) -> tuple[Stored, ...]:
        if self._held is not None:
            return self._held.get(project, ())
        now = clock.mono_ns()
        found = self._known.get(project)
        if found is None or found[0] < now - KNOWN_FOR_NS:
            found = self._known[project] = now, tuple(self.stored(project))
        return found[1]


def checked(one: Stored) -> Stored:
    """Raises RequestError 400 for what cannot be given."""
    if one.kind not in KINDS:
        raise _bad("kind", f"one of {', '.join(KINDS)}")
    if not one.name or len(one.name) > LONGEST or not one.name.isprintable():
        raise _bad("name", f"1 to {LONGEST} characters in one line")
    if one.kind == "role" and one.grants.roles:
        raise _bad("roles", "a role has tools; users, agents and keys have roles")
    given = (*one.grants.tools, *one.grants.roles)
    if len(given) > MOST_TOOLS or any(not text or len(text) > LONGEST for text in given):
        raise _bad("tools", f"at most {MOST_TOOLS} names or patterns of 1 to {LONGEST} characters")
    if not one.why.strip() or len(one.why) > 500 or not one.why.isprintable():
        raise _bad("why", "say why in one line of at most 500 characters; it is kept with the change")
    return one


def _bad(field: str, text: str) -> RequestError:
    return RequestError(f"{field}: {text}", code="invalid_parameter", param=field)


def _named(name: str) -> str:
    return repr(name[:80]) if name else "that nobody named"
