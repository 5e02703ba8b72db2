"""Grants that a user's own words speak for, by rules: for a person to look at, never given by themselves.

A tool whose effect the user asked for by name is proposed, bound to what the words name: addresses, paths, sums, and
the names that stand where a recipient does, each beside its own sum. Who left it to a text to say what is to be done
gets no proposal.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from outrider.policy.clauses import Clause
from outrider.policy.declarations import Declaration, Steer
from outrider.policy.forms import classes_of
from outrider.policy.grants import Grant
from outrider.policy.intent import Intent
from outrider.policy.kinds import kinds_of
from outrider.policy.shades import shade_of
from outrider.policy.tool_verbs import verb_of
from outrider.policy.words import NOUNS, READS

_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"')\]]+")
_EMAIL = re.compile(r"[^\s<>\"',;:()@]{1,100}@[^\s<>\"',;:()@]{1,100}\.\w+")
_ACCOUNT = re.compile(r"\b[a-z]{2}\d{2}(?: ?[a-z0-9]{2,4}){3,8}\b|\+\d[\d ()-]{7,20}\d")
_PATH = re.compile(
    r"(?<![\w:/.-])(?:~?/|\./)?(?:[\w.-]+/)+[\w.-]*\w|(?<![\w/@.-])[\w-]+\.(?!com\b|org\b|net\b)[a-z]{2,4}\b"
)
_A_NAME = (
    r"(?!(?:the|an?|my|his|her|our|their|your|me|us|it|them|him|this|that|every\w*|each|all|any\w*|some\w*|no|both|not|and|or|"
    r"by|with|for|from|about|on|in|at|to|der|die|das|den|dem|ein\w*|le|la|les|el|los|un\w*|il|lo)\b)([^\W\d_][\w'-]*\w)"
)
_SUM = r"(?:[€$£¥]\s?)?\d"
_NAMED = re.compile(
    rf"\b(?:to|tell|pay|invite|message|email|e-mail|mail|text|ask|refund|reimburse|an|à|pour|a|para)\s+{_A_NAME}|"
    rf"\b(?:send|give|write|forward|wire|transfer|show|hand)\s+{_A_NAME}(?=\s+(?:{_SUM}|(?:an?|the|this|that|my|our|some)\b))|"
    rf"^(?:(?:and|und|et|y|e|then|also)\s+)?{_A_NAME}(?=$|[.,;!]|\s+{_SUM})"
)
"""Behind `to` or a verb, and at the beginning of what goes on with a verb: `pay Anna 50 and Bob 900`."""
_WITH = re.compile(rf"\b(?:with|mit|avec|con|met)\s+{_A_NAME}")
_TOGETHER = frozenset(("invite", "create", "book", "share"))
"""Effects to which people are named behind `with`."""
_ID = re.compile(
    r"(?<![\w-])(?=[a-z0-9-]*\d)(?=[a-z0-9-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*(?![\w-])|(?<![\w.,-])\d{5,20}(?![\w.,-])"
)
_ORDER: tuple[Steer, ...] = ("recipient", "path", "url", "id")
_BOUND: frozenset[Steer] = frozenset(_ORDER)


def wanted(asked: Sequence[str], tools: Mapping[str, Declaration]) -> list[Grant]:
    """Grants for what these utterances (folded) ask for, tool by tool; several where they name several sums."""
    intent = Intent(asked)
    if intent.delegated:
        return []
    found: list[Grant] = []
    for tool, labels in sorted(tools.items()):
        verb = labels.verb or verb_of(tool)
        if labels.does == "none" or not verb or not intent.asks(verb, shade_of(verb, tool, labels.verb)):
            continue
        found += _bound(tool, labels, verb, intent)
    return found


class _Named(msgspec.Struct):
    """What a clause names for a tool: values by kind, and sums."""

    values: dict[Steer, list[str]]
    sums: list[Decimal]


def _bound(tool: str, labels: Declaration, verb: str, intent: Intent) -> list[Grant]:
    """Grants with every bound that the tool's arguments need; none where the words name none of a kind it needs."""
    kinds: set[Steer] = set(labels.steers.values()) if labels.steers is not None else {"recipient", "amount", "url"}
    if kinds & {"command"}:
        return []
    mine = [_named(clause, verb, kinds, intent) for clause in intent.clauses]
    sums = "amount" in kinds
    named = _with_sums([one for one in mine if any(one.values.values()) or one.sums]) if sums else mine
    needed = kinds & _BOUND if labels.steers is not None else set[Steer]()
    by_sum: dict[Decimal | None, dict[Steer, list[str]]] = {}
    for one in named:
        values = by_sum.setdefault(max(one.sums) if sums and one.sums else None, {})
        for kind, several in one.values.items():
            values[kind] = list(dict.fromkeys([*values.get(kind, ()), *several]))
    if sums:
        _share_out(by_sum, needed)
    return [
        _grant(tool, values, amount)
        for amount, values in by_sum.items()
        if any(values.values()) or (sums and amount is not None and not needed)
        if all(values.get(kind) for kind in needed) and not (sums and amount is None and labels.steers is not None)
    ]


def _share_out(by_sum: dict[Decimal | None, dict[Steer, list[str]]], needed: set[Steer]) -> None:
    """What is named without a sum belongs to the one that there is, where that lacks it, and to none of several."""
    rest = by_sum.get(None)
    if rest is None or len(by_sum) != 2:
        return
    only = next(values for amount, values in by_sum.items() if amount is not None)
    for kind in needed or set(rest):
        only[kind] = only.get(kind) or rest.get(kind, [])
    del by_sum[None]


def _with_sums(named: Sequence[_Named]) -> list[_Named]:
    """`Anna and Bob 50 each`: who stands before the sum has it, too."""
    found: list[_Named] = []
    for at, one in enumerate(named):
        behind = named[at + 1] if at + 1 < len(named) else None
        sums = one.sums or (behind.sums if behind is not None else [])
        found.append(_Named(one.values, sums))
    return found


def _named(clause: Clause, verb: str, kinds: set[Steer], intent: Intent) -> _Named:
    """What a clause names, as far as it is meant for this effect."""
    text = clause.text
    rest = _URL.sub(" ", text)
    bare = _EMAIL.sub(" . ", rest)
    asks = verb in clause.verbs
    addresses = [*_unique(_EMAIL, rest), *_unique(_ACCOUNT, rest)]
    found_names = [*_NAMED.finditer(bare), *(_WITH.finditer(bare) if verb in _TOGETHER else ())]
    names = [name for match in found_names if asks and _is_a_name(name := next(filter(None, match.groups())))]
    found: dict[Steer, list[str]] = {
        "recipient": [*addresses, *names],
        "path": _unique(_PATH, _EMAIL.sub(" ", rest)),
        "id": _unique(_ID, rest),
        "url": _unique(_URL, text),
    }
    values: dict[Steer, list[str]] = {
        kind: [one for one in several if intent.meant(verb, kind, one)]
        for kind, several in found.items()
        if kind in kinds
    }
    sums = [
        one.number for one in clause.numbers if asks and one.amount and one.number > 0 and not (one.share or one.lasts)
    ]
    marked = [one.number for one in clause.numbers if asks and one.marked]
    return _Named(values, marked or sums)


def _is_a_name(word: str) -> bool:
    return not (kinds_of(word) or classes_of(word) or word in READS or word in NOUNS)


def _grant(tool: str, values: Mapping[Steer, Sequence[str]], amount: Decimal | None) -> Grant:
    recipients, paths, urls, ids = (tuple(values.get(kind, ())) for kind in _ORDER)
    calls = max(1, len(recipients) or len(paths) or len(ids))
    return Grant((tool,), recipients, paths, urls, ids, amount, calls, note="the user's own words")


def _unique(pattern: re.Pattern[str], text: str) -> list[str]:
    """What it finds, without what would be a pattern in a grant."""
    found = dict.fromkeys(match[0].rstrip(".,;:!?") for match in pattern.finditer(text))
    return [one for one in found if one and "*" not in one]
