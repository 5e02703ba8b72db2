"""Grants that a model reads out of the user's own words: what it is asked, and what of its answer holds. Pure.

The model is quarantined: it is told the user's words and the tools that the owner labelled by name, with those labels;
no result, no answer of an agent, no description that a server wrote. Nor is it believed: every value has to be the
user's own, and what the rules read out of the same words for something else stays that.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from outrider.policy.clauses import LEAVES_OUT
from outrider.policy.declarations import Declaration, Steer
from outrider.policy.grants import LONGEST, Grant
from outrider.policy.intent import Intent
from outrider.policy.kinds import other_kind
from outrider.policy.normal import holds, number, plain
from outrider.policy.origins import Origin, Traced, trace
from outrider.policy.quantities import amounts
from outrider.policy.shades import shade_of
from outrider.policy.sources import is_source
from outrider.policy.state import SessionState
from outrider.policy.tool_verbs import class_of, verb_of
from outrider.policy.ways import goes_so
from outrider.policy.words import NOT_BEFORE, NOT_BEHIND, word_set

LONGEST_WORDS = 20_000
"""Characters of the user's words that a model is asked about; more are not read."""
MOST_TOOLS = 200
_MOST = 20
"""Grants of one answer; and values of one bound."""
_MOST_DROPPED = 40
"""Reasons of one answer that are told: more of them nobody reads, and they are kept with the session."""
GRAVE = frozenset(("money", "credentials", "destructive"))
_KINDS: Mapping[str, Steer] = {"recipients": "recipient", "paths": "path", "urls": "url", "ids": "id"}
_TELLS = re.compile(
    r"(?:[^\W\d_][\w'-]*\s){1,5}(?:\w{3,}ed|wrote|sent|said|told|made|gave|left|paid|got|came|went|saw|found|forgot|"
    r"hat|haben|ont|ha|han|heeft)\b"
)
"""`Alice linked an article in general`: what happened."""
_WISHES = word_set("please should must need needs want wants would can could be let bitte soll sollte muss")
_INSTRUCTION = (
    "You are given what a user said to an assistant (`words`, in order), and tools that the assistant may call "
    "(`tools`: what each does, and which arguments steer it). Say which tools the user asks to be used, and for what. "
    "Name a tool only if the user wants its effect, also if they say so indirectly or in another language. Copy "
    "recipients, paths, addresses, ids and amounts exactly as the user wrote them, with the user's name for it where "
    "they gave no id or address; add none. What the user only mentions, asks about, wants read or rules out is not "
    "asked for. Where nothing is, give an empty list."
)
_VALUES = {"type": "array", "items": {"type": "string"}}
_ITEM = {
    "type": "object",
    "properties": {
        "tool": {"type": "string"},
        **dict.fromkeys(_KINDS, _VALUES),
        "amount": {"type": ["string", "null"], "description": "The largest sum of one call."},
        "calls": {"type": "integer", "description": "How many calls."},
    },
    "required": ["tool", *_KINDS, "amount", "calls"],
    "additionalProperties": False,
}
_SCHEMA = {
    "type": "object",
    "properties": {"grants": {"type": "array", "items": _ITEM}},
    "required": ["grants"],
    "additionalProperties": False,
}


class _Item(msgspec.Struct, forbid_unknown_fields=True):
    tool: str
    recipients: list[str] = []
    paths: list[str] = []
    urls: list[str] = []
    ids: list[str] = []
    amount: str | int | float | None = None
    calls: int = 1


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    grants: list[_Item]


class Reading(msgspec.Struct, frozen=True):
    """What holds of a model's answer, and what does not, in words."""

    grants: tuple[Grant, ...] = ()
    dropped: tuple[str, ...] = ()


def question(asked: Sequence[str], tools: Mapping[str, Declaration]) -> dict[str, Any]:
    """The fields of a chat request about these utterances. It holds nothing that is not in the arguments."""
    told = [
        {"name": name, "does": one.does, "verb": one.verb, "steered_by": dict(one.steers or {})}
        for name, one in readable(tools).items()
    ]
    words = msgspec.json.encode({"words": list(asked), "tools": told}).decode()
    return {
        "messages": [{"role": "system", "content": _INSTRUCTION}, {"role": "user", "content": words}],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "grants", "strict": True, "schema": _SCHEMA},
        },
    }


def readable(tools: Mapping[str, Declaration]) -> dict[str, Declaration]:
    """The tools that a grant can be read for: labelled by their own name, with an effect and with all that steers it;
    none that is given a command."""
    found = {
        name: one
        for name, one in sorted(tools.items())
        if "*" not in name and one.does != "none" and one.steers and "command" not in one.steers.values()
    }
    return dict(list(found.items())[:MOST_TOOLS])


def held(answer: str, state: SessionState, tools: Mapping[str, Declaration], until: int) -> Reading:
    """What of an answer holds in a session. A grant ends at `until` (ns) at the latest."""
    try:
        items = msgspec.json.decode(_bare(answer), type=_Answer).grants
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Reading(dropped=("the answer: it is no JSON of the form that was asked for",))
    if state.intent.delegated:
        return Reading(dropped=("all: the user left it to a text to say what is to be done",))
    grants, dropped = list[Grant](), list[str]()
    if len(items) > _MOST:
        dropped.append(f"{len(items) - _MOST} more grants than {_MOST}")
    known, named = readable(tools), set[tuple[str, str, str]]()
    for item in items[:_MOST]:
        if item.tool not in known:
            dropped.append(f"{_shown(item.tool)}: no tool of this name is labelled with an effect and what steers it")
            continue
        made = _Check(item, known[item.tool], state).grant(dropped)
        if made is None:
            continue
        values = {(item.tool, field, plain(value)) for field in _KINDS for value in getattr(made, field)}
        if values <= named:
            dropped.append(f"{item.tool}: it is in another grant already")
            continue
        named |= values
        grants.append(msgspec.structs.replace(made, until=until))
    if len(dropped) > _MOST_DROPPED:
        dropped[_MOST_DROPPED:] = [f"and {len(dropped) - _MOST_DROPPED} more"]
    return Reading(tuple(grants), tuple(dropped))


class _Check:
    """One item of an answer, beside the user's words."""

    def __init__(self, item: _Item, labels: Declaration, state: SessionState) -> None:
        self._item, self._labels, self._state = item, labels, state
        self._intent: Intent = state.intent
        self._verb = class_of(labels.verb) or verb_of(item.tool)
        self._asked = self._intent.asks(self._verb, shade_of(self._verb, item.tool, labels.verb))

    def grant(self, dropped: list[str]) -> Grant | None:
        """The grant, as far as it holds; what does not goes to `dropped`."""
        item, tool = self._item, self._item.tool
        if self._labels.does in GRAVE and not self._asked:
            dropped.append(f"{tool}: the rules do not read in the user's words that they ask for it")
            return None
        if why := self._elsewhere():
            dropped.append(f"{tool}: {why}")
            return None
        amount, why = self._amount()
        if why:
            dropped.append(f"{tool}: {why}")
            return None
        kinds = set((self._labels.steers or {}).values())
        bounds: dict[str, Any] = {}
        for field, kind in _KINDS.items():
            good = []
            for value in getattr(item, field)[:_MOST]:
                why = self._fault(value, kind, amount) if kind in kinds else f"nothing of {tool} is steered by it"
                if why:
                    dropped.append(f"{tool}, {field} {_shown(value)}: {why}")
                elif value not in good:
                    good.append(value)
            bounds[field] = tuple(good)
        many = max(map(len, bounds.values()))
        if not many:
            dropped.append(f"{tool}: nothing is left that says where it may go")
            return None
        calls = min(max(1, item.calls), many)
        return Grant((tool,), **bounds, amount=amount, calls=calls, note="a model's reading of the user's words")

    def _elsewhere(self) -> str:
        """What is wrong with the tool itself, where the rules read that its effect is wanted: "" if nothing is."""
        clauses, tool = self._intent.clauses, self._item.tool
        if not goes_so(self._verb, tool, "", clauses):
            return "the user wants it told in another way"
        if other_kind(self._verb, tool, list(self._labels.steers or {}), clauses, self._state.tools):
            return "the user wants it done to another kind of thing"
        return ""

    def _amount(self) -> tuple[Decimal | None, str]:
        """The sum that bounds it (None: it moves none), and what is wrong with it."""
        if "amount" not in (self._labels.steers or {}).values():
            return None, ""
        said = "" if self._item.amount is None else str(self._item.amount)
        found = number(plain(said))
        if found is None or found not in amounts(self._state.asked):
            return None, f"{_shown(said) or 'no amount'} is no sum that the user said"
        if self._intent.says_another(self._verb, found):
            return None, f"{_shown(said)} is not how much the user said for this"
        return found, ""

    def _fault(self, value: str, kind: Steer, amount: Decimal | None) -> str:
        """What is wrong with a value, "" if nothing is."""
        if not value or len(value) > LONGEST or "*" in value:
            return "it is no single value"
        traced = trace(self._state, kind, value, kind)
        if any(one.origin not in (Origin.USER, Origin.LINKED) for one in traced):
            return "the user did not say it, nor is it of a trusted record that they named"
        said = [one.by for one in traced]
        if not all(self._meant(kind, one) for one in said):
            return "the user did not name it for this"
        if amount is not None and not self._intent.paired(said, amount):
            return "the user said another sum for it"
        return ""

    def _meant(self, kind: Steer, said: str) -> bool:
        return meant(self._intent, self._verb, kind, said, asked=self._asked, does=self._labels.does)


def meant(intent: Intent, verb: str, kind: Steer, said: str, *, asked: bool, does: str) -> bool:
    """Whether the rules read it so, too, or cannot read the words in which it stands. Of what is grave the rules have
    to read all."""
    if asked and intent.meant(verb, kind, said):
        return True
    naming = [clause for clause in intent.clauses if holds(clause.text, said)]
    unread = any(not clause.verbs and not clause.reads for clause in naming)
    return does not in GRAVE and unread and not any(_ruled_out(one.text, said) for one in naming)


def stands(grant: Grant, state: SessionState, verb: str, traced: Sequence[Traced], *, asked: bool, does: str) -> bool:
    """Whether a grant that a model read says that the user meant a call: nothing grave, with nothing said since. What
    the call names is held against the words, too: the grant may have more of them ("from Eve")."""
    if not 0 < grant.read == len(state.asked) or does in GRAVE or state.intent.delegated:
        return False
    named = [one for one in traced if one.by and one.kind in _KINDS.values()]
    return all(meant(state.intent, verb, one.kind, one.by, asked=asked, does=does) for one in named)


def _ruled_out(text: str, said: str) -> bool:
    """Whether a clause leaves out or denies something, tells what happened, or names this as where something comes
    from."""
    words = set(text.split())
    if _TELLS.match(text) and words.isdisjoint(_WISHES):
        return True
    no = not words.isdisjoint(NOT_BEFORE) or not words.isdisjoint(NOT_BEHIND) or LEAVES_OUT.search(text) is not None
    return no or is_source(text, said)


def _bare(answer: str) -> str:
    """An answer without the fence that models like to put around JSON."""
    said = answer.strip()
    if said.startswith("```") and said.endswith("```"):
        said = said[3:-3].strip().removeprefix("json")
    return said


def _shown(text: str) -> str:
    """A model's words as they may be shown: short, and printable."""
    return "".join(one for one in text[:60] if one.isprintable())
