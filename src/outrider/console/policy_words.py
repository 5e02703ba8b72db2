"""Approvals, sessions and rules in the console's words: origins with a sign, states, times to go. Pure."""

from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec

from outrider.base import clock
from outrider.policy import present
from outrider.policy.grants import Grant as Granted
from outrider.policy.pending import Approval, State
from outrider.policy.present import Line, ends, lines, plain

__all__ = [
    "ORIGINS",
    "STATES",
    "VERDICTS",
    "Brief",
    "Call",
    "Granted",
    "brief",
    "call",
    "doubts",
    "query",
    "sentence",
    "to_go",
    "union",
    "why",
]

ORIGINS: dict[str, tuple[str, str, str]] = {
    "user": ("good", "✓", "the user's words"),
    "operator": ("good", "✓", "the operator's words"),
    "linked": ("good", "✓", "belongs to what the user named"),
    "described": ("plain", "◆", "belongs to what the user named, says a text of others"),
    "neutral": ("plain", "·", "carries nothing"),
    "trusted": ("plain", "◆", "trusted data"),
    "made_up": ("warn", "?", "made up by the model"),
    "untrusted": ("bad", "▲", "from a text of others"),
    "": ("plain", "¶", "content"),
}
"""By origin: how it is coloured, its sign, its words: never colour alone."""
STATES: dict[State, tuple[str, str]] = {
    "pending": ("running", "waits"),
    "approved": ("ok", "approved, not used yet"),
    "used": ("ok", "approved and used"),
    "denied": ("error", "refused"),
    "expired": ("cancelled", "expired"),
}
VERDICTS = {"allow": ("ok", "allowed"), "ask": ("running", "asked"), "deny": ("error", "refused")}
SHORT = 5
"""Values of a call that a list shows."""
LONGEST = 160


class Brief(msgspec.Struct):
    """A value in a list: its path, its beginning, its origin as (colour, sign, words), and how many things are odd."""

    path: str
    text: str
    origin: tuple[str, str, str]
    odd: int
    parts: tuple[str, ...] = ()


class Call(msgspec.Struct):
    """A call in a list. `left` is how many of its values are not shown; `why` the first reason in words."""

    id: str
    tool: str
    agent: str
    user: str
    effect: str
    session: str
    state: str
    dot: str
    asked: int
    expires: int
    decided: int
    decider: str
    note: str
    values: list[Brief]
    left: int
    why: list[str]


def call(one: Approval, *, whole: bool = False) -> Call:
    """A call as lists show it; `whole`: with all that steers it, for somebody who decides about it there."""
    dot, state = STATES[one.state]
    all_ = lines(one.about)
    most = max(SHORT, sum(bool(line.origin) for line in all_)) if whole else SHORT
    return Call(
        id=one.id, tool=plain(one.about.tool, 80), agent=plain(one.about.agent, 60), user=plain(one.about.user, 60),
        effect=one.about.effect, session=one.session, state=state, dot=dot, asked=one.asked, expires=one.expires,
        decided=one.decided, decider=plain(one.decider, 60), note=plain(one.note, 200),
        values=[brief(line, whole=whole and bool(line.origin)) for line in all_[:most]],
        left=max(0, len(all_) - most), why=why(one),
    )  # fmt: skip


def brief(line: Line, *, whole: bool = False) -> Brief:
    said = " ".join(line.text.split()) if whole else ends(line.text, LONGEST)
    return Brief(line.path, said, ORIGINS[line.origin], len(line.warnings), line.parts)


def why(one: Approval) -> list[str]:
    """The rules that asked, in words, without their names."""
    said = [plain(reason, 300) for reason in one.about.reasons[: max(1, len(one.about.rules))]]
    return [text.partition(": ")[2] or text for text in said]


def doubts(one: Approval) -> list[str]:
    """What has to be checked before this is approved."""
    return present.doubts(one.about)


def query(**values: str) -> str:
    """The part of an address behind `?`."""
    return urlencode(values)


def union(several: Sequence[Approval]) -> list[tuple[str, list[tuple[str, tuple[str, str, str]]]]]:
    """What calls touch together: by kind of argument, each value once, with its worst origin."""
    found: dict[str, dict[str, str]] = {}
    for one in several:
        for value in one.about.values:
            there = found.setdefault(value.kind, {})
            text = ends(value.value, LONGEST)
            there[text] = max(there.get(text, "neutral"), value.origin, key=present.WORST.index)
    return [(kind, [(text, ORIGINS[origin]) for text, origin in values.items()]) for kind, values in found.items()]


def sentence(text: str) -> str:
    """With a capital letter; what else is in it stays as it is, since it may quote a call."""
    return text[:1].upper() + text[1:]


def to_go(until: int, now: int | None = None) -> str:
    """`12 s`, `34 min`, `5 h`, `3 days` until then; `over` afterwards."""
    seconds = round((until - (clock.now_ns() if now is None else now)) / 1e9)
    if seconds <= 0:
        return "over"
    for size, unit in ((172_800, "days"), (7_200, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds // {'days': 86_400, 'h': 3_600, 'min': 60}[unit]} {unit}"
    return f"{seconds} s"
