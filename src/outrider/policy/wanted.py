"""Grants that a user's own words speak for, by rules: for a person to look at, never given by themselves.

A tool whose effect the user asked for by name is proposed, bound to what the words name: addresses, paths, sums, and
the names that stand where a recipient does. Who left it to a text to say what is to be done gets no proposal.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from outrider.policy.declarations import Declaration, Steer
from outrider.policy.grants import Grant
from outrider.policy.intent import Intent
from outrider.policy.normal import numbers
from outrider.policy.shades import shade_of
from outrider.policy.tool_verbs import verb_of

_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"')\]]+")
_EMAIL = re.compile(r"[^\s<>\"',;:()@]{1,100}@[^\s<>\"',;:()@]{1,100}\.\w+")
_ACCOUNT = re.compile(r"\b[a-z]{2}\d{2}(?: ?[a-z0-9]{2,4}){3,8}\b|\+\d[\d ()-]{7,20}\d")
_PATH = re.compile(
    r"(?<![\w:/])(?:~?/|\./)?(?:[\w.-]+/)+[\w.-]*\w|(?<![\w/@.])[\w-]+\.(?!com\b|org\b|net\b)[a-z]{2,4}\b"
)
_NAMED = re.compile(
    r"\b(?:to|with|for|invite|tell|pay|message|email|ask|an|für|mit|à|pour|avec|con|para)\s+(?!the\b|a\b|my\b|his\b|her\b|"
    r"our\b|their\b|me\b|us\b|it\b|them\b|this\b|that\b|an\b|every|all\b|\d)([^\W\d_][\w'-]+)"
)
_ID = re.compile(
    r"(?<![\w-])(?=[a-z0-9-]*\d)(?=[a-z0-9-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*(?![\w-])|(?<![\w.,-])\d{5,20}(?![\w.,-])"
)


def wanted(asked: Sequence[str], tools: Mapping[str, Declaration]) -> list[Grant]:
    """Grants for what these utterances (folded) ask for, tool by tool."""
    intent = Intent(asked)
    if intent.delegated:
        return []
    text = "\n".join(asked)
    found = []
    for tool, labels in sorted(tools.items()):
        verb = labels.verb or verb_of(tool)
        if labels.does == "none" or not verb or not intent.asks(verb, shade_of(verb, tool, labels.verb)):
            continue
        grant = _bound(tool, text, labels)
        if grant is not None:
            found.append(grant)
    return found


def _bound(tool: str, text: str, labels: Declaration) -> Grant | None:
    """A grant with every bound that the tool's arguments need; None where the words name none of a kind it needs."""
    kinds: set[Steer] = set(labels.steers.values()) if labels.steers is not None else {"recipient", "amount", "url"}
    if kinds & {"command"}:
        return None
    urls = _unique(_URL, text)
    rest = _URL.sub(" ", text)
    addresses = _unique(_EMAIL, rest) + _unique(_ACCOUNT, rest)
    names = [match[1] for match in _NAMED.finditer(_EMAIL.sub(" . ", rest))]
    recipients = list(dict.fromkeys([*addresses, *names])) if "recipient" in kinds else []
    paths = _unique(_PATH, _EMAIL.sub(" ", rest)) if "path" in kinds else []
    ids = _unique(_ID, rest) if "id" in kinds else []
    sums = {one for one in numbers(rest) if one > 0} if "amount" in kinds else set[Decimal]()
    needs = {"recipient": recipients, "path": paths, "id": ids, "amount": sums, "url": urls}
    if labels.steers is not None and any(not needs[kind] for kind in kinds if kind in needs):
        return None
    return Grant(
        (tool,),
        tuple(recipients),
        tuple(paths),
        tuple(urls) if "url" in kinds else (),
        tuple(ids),
        max(sums) if sums else None,
        max(1, len(recipients)),
        note="the user's own words",
    )


def _unique(pattern: re.Pattern[str], text: str) -> list[str]:
    """What it finds, without what would be a pattern in a grant."""
    found = dict.fromkeys(match[0].rstrip(".,;:!?") for match in pattern.finditer(text))
    return [one for one in found if one and "*" not in one]
