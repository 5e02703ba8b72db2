"""The shapes of calls that wait for a person: what was asked, who may decide, what became of it. Pure."""

import hashlib
from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec

from outrider.policy.declarations import Effect
from outrider.policy.normal import fold
from outrider.store.ports import Row

State = Literal["pending", "approved", "denied", "used", "expired"]
STATES: tuple[State, ...] = get_args(State)
LASTS_NS = 3_600 * 1_000_000_000
"""How long a call waits, and how long an approval may be used, where nothing else is configured."""

encode = msgspec.json.Encoder(order="deterministic").encode
COLUMNS = (
    "id, project, session, digest, state, plan, asked, expires, decided, decider, note, opened, about, used, separated,"
    " asker, told, untold"
)


class Terms(msgspec.Struct, frozen=True):
    """What holds for calls that wait: for which effects another person than the agent's own user has to decide, and
    how long (ns) a call waits and an approval may be used."""

    separated: frozenset[Effect] = frozenset(get_args(Effect))
    lasts: int = LASTS_NS


class Decider(msgspec.Struct, frozen=True):
    """Who decides. `name` is what the record says, `key` the public part of their key, `known_as` other names of
    theirs. `operator`: a browser that signed in by a link, or the command line: no agent has those. `through` is the
    place: `console`, `api`, `cli`."""

    name: str
    key: str = ""
    known_as: tuple[str, ...] = ()
    operator: bool = False
    through: str = ""

    def is_one_of(self, *names: str) -> bool:
        """Whether these are names of theirs, in whatever spelling."""
        mine = {fold(one) for one in (self.name, self.key, *self.known_as)} - {""}
        return any(fold(one) in mine for one in names)


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value of the call and where it came from."""

    path: str
    value: str
    kind: str
    origin: str
    step: int = 0
    tool: str = ""


class About(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person decides about. `arguments` is the call's JSON; `reasons` are rules in words, `rules` their names.
    `steering` is the worst origin of what decides where the effect goes; `tainted`: the session had read what others
    wrote."""

    tool: str
    arguments: msgspec.Raw
    agent: str = ""
    user: str = ""
    reasons: tuple[str, ...] = ()
    values: tuple[Shown, ...] = ()
    carried: tuple[Shown, ...] = ()
    rules: tuple[str, ...] = ()
    effect: str = ""
    steering: str = ""
    tainted: bool = False


class Approval(msgspec.Struct, frozen=True):
    """A call that waits, or waited. Times are nanoseconds, 0: not yet. `opened` is when a person first looked at it.
    `separated`: its user may not decide; `key` is the one that its agent calls with. `told` is when people were told,
    `untold` why somebody was not."""

    id: str
    project: str
    session: str
    digest: str
    state: State
    plan: str
    asked: int
    expires: int
    decided: int
    decider: str
    note: str
    opened: int
    about: About
    used: int = 0
    separated: bool = True
    key: str = ""
    told: int = 0
    untold: str = ""

    def barred(self, by: Decider) -> str:
        """Why this one may not decide about it; "" if they may. The agent never may, whatever is configured."""
        if not by.operator and self.key and by.key == self.key:
            return "the agent calls with this very key: sign in by a link, or use a key of your own"
        if not by.operator and by.is_one_of(self.about.agent):
            return "who asks does not decide: another person has to"
        if self.separated and by.is_one_of(self.about.user):
            return "for a call with this effect the agent's own user does not decide: another person has to"
        return ""


def digest(session: str, tool: str, arguments: Mapping[str, Any]) -> str:
    """What an approval is bound to: the call, whole. Arguments in another order are the same call."""
    return hashlib.sha256(encode([session, tool, dict(arguments)])).hexdigest()


def approval(row: Row, now: int) -> Approval:
    """The approval of a row of `COLUMNS`."""
    (id_, project, session, bound, state, plan, asked, expires, decided, decider, note, opened, about, used, separated,
     key, told, untold) = row  # fmt: skip
    if state in ("pending", "approved") and int(expires) <= now:
        state = "expired"
    return Approval(
        id_, project, session, bound, state, plan, int(asked), int(expires), int(decided), decider, note, int(opened),
        msgspec.json.decode(bytes(about), type=About), int(used), bool(separated), key, max(0, int(told)), untold,
    )  # fmt: skip
