"""What is wrong with how tools describe themselves: cost in tokens, overlap, vague names, hidden texts, instructions.

Descriptions come from servers that may be somebody else's, and a model reads every one of them: they are treated as
text that others wrote. Whether their labels are right is `outrider.policy.lint`'s question.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from outrider.guardrails import Context, hidden_text, injection
from outrider.policy.declarations import words_of
from outrider.tools.masks import MaskRule, matches, named_well
from outrider.tools.pins import Pin
from outrider.tools.ports import Tool
from outrider.tools.search import stems

Level = Literal["danger", "warning", "hint"]
LARGE, HUGE_LIST = 800, 20_000
"""Tokens of one tool, and of all together, from which on it is said."""
SHORTEST = 20
"""Characters of a description that says something."""
ALIKE = 0.8
"""Cosine of two descriptions from which on they overlap."""
MOST_COMPARED = 1_500
_TOKEN = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af]|[^\W_\x00-\u024f]{1,3}|[^\W_]{1,9}|[^\w\s]|_")
_VAGUE_WORDS = (
    "do run exec execute process handle perform call action actions tool tools function operation op task helper util "
    "utils misc data info thing things item items object stuff general generic main default test my new use make get "
    "set input output value param arg args x y z foo bar tmp"
)
_VAGUE = frozenset(_VAGUE_WORDS.split())
_ORDER = ("danger", "warning", "hint")
_ORDERS = re.compile(
    r"<(?:important|system|secret|instructions?|assistant|user)>|\[/?(?:inst|system)\]|"
    r"\b(?:before|after|when(?:ever)?)\s+(?:using|calling|invoking)\s+(?:any|every|another|other|all)\b|"
    r"\b(?:do\s+not|don'?t|never|without)\s+(?:tell(?:ing)?|mention(?:ing)?|show(?:ing)?|inform(?:ing)?|reveal(?:ing)?|"
    r"notify(?:ing)?|ask(?:ing)?)\s+(?:this\s+to\s+|it\s+to\s+)?(?:the\s+|to\s+the\s+)?user\b|"
    r"\b(?:ignore|disregard|override|forget)\s+(?:all\s+|any\s+|the\s+|your\s+|other\s+)*"
    r"(?:previous|prior|above|other|earlier|system|safety)\b|"
    r"\b(?:do|does)\s+(?:this|so|it)\s+(?:silently|secretly|quietly)\b|\bfrom\s+now\s+on\b|\bsystem\s+prompt\b|"
    r"\buser\s+has\s+already\s+(?:approved|agreed|consented|authori[sz]ed|confirmed)\b|"
    r"(?:~|\$HOME|/root)/\.(?:ssh|aws|env|netrc|npmrc|gnupg)\b|\.ssh/|\bid_rsa\b|/etc/(?:passwd|shadow)",
    re.IGNORECASE,
)
_URGES = re.compile(
    r"\byou\s+must\s+(?:always|never|first|also)\b|\balways\s+(?:add|append|send|b?cc|copy|forward)\b|"
    r"\b(?:otherwise|or\s+else),?\s+(?:the|this)\s+tool\b|"
    r"\b(?:change|replace)\s+(?:its|the|their)\s+(?:recipient|address|destination|account)\b",
    re.IGNORECASE,
)
FALSE_ALARMS = 0.002
"""Share of harmless texts that the detector may flag here. At 1 in 100 it flagged 99 of the 2,963 functions of the
Berkeley Function Calling Leaderboard, and the official file server; so it flags 4 of them."""
_json = msgspec.json.Encoder().encode


class Finding(msgspec.Struct, frozen=True):
    """What is wrong with a tool: which kind (`code`), in words, where (`description`, an argument), and what to do."""

    tool: str
    level: Level
    code: str
    text: str
    remedy: str
    where: str = ""


class Linted(msgspec.Struct, frozen=True):
    """Findings, the gravest first; about how many tokens each tool takes in a tool list, and all together."""

    findings: list[Finding]
    tokens: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.tokens.values())

    @property
    def dangers(self) -> int:
        return sum(one.level == "danger" for one in self.findings)


def unfit(masks: Mapping[str, MaskRule], names: Collection[str]) -> list[Finding]:
    """What masks say of tools that are not there: one that was to be left out by a mistyped name is shown."""
    findings = []
    for mask, rule in masks.items():
        conditions = [rule.when, *(one.when for one in rule.tools.values())]
        said = {
            "without": rule.without,
            "only": rule.only,
            "tools": tuple(rule.tools),
            "when": tuple(name for when in conditions for name in (*when.after, *when.before)),
        }
        findings += [
            Finding(f"mask {mask}", "warning", "no-such-tool", f"`{where}` names {pattern}, which fits no tool",
                    "mend the name; until then this part of the mask does nothing")
            for where, patterns in said.items()
            for pattern in dict.fromkeys(patterns)
            if not any(matches(name, (pattern,)) for name in names)
        ]  # fmt: skip
    return findings


def lint(tools: Sequence[Tool], waiting: Sequence[Pin] = (), left_out: Mapping[str, str] | None = None) -> Linted:
    """Look at every tool, at those that changed and wait to be accepted, and at those that are not offered at all."""
    findings: list[Finding] = []
    tokens = {tool.name: tokens_of(tool) for tool in tools}
    names = {tool.name: tool for tool in tools}
    for tool in tools:
        findings += _name(tool)
        findings += _words(tool)
        findings += _arguments(tool)
        findings += _size(tool, tokens[tool.name])
        findings += _poisoned(tool, names)
    findings += _overlaps(tools)
    findings += [_changed(pin) for pin in waiting]
    for name, why in (left_out or {}).items():
        findings.append(Finding(name, "warning", "left-out", f"it is not offered: {why}", "mend the mask or the name"))
    if sum(tokens.values()) > HUGE_LIST:
        findings.append(
            Finding("*", "warning", "many-tokens", f"all tools together take about {sum(tokens.values()):,} tokens in"
                    " each request", "leave some out with masks, or let them be searched (tools.search.above)")
        )  # fmt: skip
    return Linted(sorted(findings, key=lambda one: (_ORDER.index(one.level), one.tool, one.code, one.where)), tokens)


def tokens_of(tool: Tool) -> int:
    """About how many tokens a tool takes in a tool list: pieces of words and signs, as most models count them."""
    said = {"name": tool.name, "description": tool.description, "parameters": tool.input_schema}
    return len(_TOKEN.findall(_json(said).decode()))


# -- single tools -----------------------------------------------------------------------------------------------------


def _name(tool: Tool) -> Iterator[Finding]:
    if not named_well(tool.name):
        yield Finding(
            tool.name, "warning", "name-not-taken", "some providers do not take this name",
            "give it one of at most 64 letters, digits, _ and - with a mask",
        )  # fmt: skip
    words = words_of(tool.own or tool.name)
    if words and all(word in _VAGUE for word in words):
        yield Finding(
            tool.name, "warning", "vague-name", "its name does not say what it does",
            "rename it with a mask, such as `search_invoices`",
        )  # fmt: skip


def _words(tool: Tool) -> Iterator[Finding]:
    said = " ".join(tool.description.split())
    if not said:
        yield Finding(tool.name, "warning", "no-description", "it says nothing of itself", "describe it with a mask")
    elif len(said) < SHORTEST or {*stems(said)} <= {*stems(tool.name)}:
        yield Finding(
            tool.name, "hint", "short-description", "its description says no more than its name",
            "say when to use it, and when not", "description",
        )  # fmt: skip


def _arguments(tool: Tool) -> Iterator[Finding]:
    properties = tool.input_schema.get("properties")
    if not isinstance(properties, Mapping):
        return
    bare, vague = [], []
    said = {*stems(tool.description)}
    for name, schema in properties.items():
        spoken = {*stems(" ".join(words_of(name)))} - _VAGUE
        if not _described(schema) and not (spoken and spoken <= said):
            bare.append(name)
        if len(name) < 2 or all(word in _VAGUE for word in words_of(name)):
            vague.append(name)
    if bare:
        yield Finding(
            tool.name, "hint", "arguments-not-described", f"nothing says what these are: {_some(bare)}",
            "describe them in the schema, or in the description", bare[0],
        )  # fmt: skip
    if vague:
        yield Finding(
            tool.name, "hint", "vague-arguments", f"these names do not say what goes there: {_some(vague)}",
            "describe them, or set them with a mask", vague[0],
        )  # fmt: skip


def _described(schema: Any) -> bool:
    """Whether something in a schema says what goes there: a description at any depth, or a choice of values."""
    if isinstance(schema, Mapping):
        said = isinstance(schema.get("description"), str) and schema["description"].strip()
        return bool(said) or any(key in schema for key in ("enum", "const", "$ref")) or _described([*schema.values()])
    return isinstance(schema, list | tuple) and any(_described(part) for part in schema)


def _size(tool: Tool, tokens: int) -> Iterator[Finding]:
    if tokens > LARGE:
        yield Finding(
            tool.name, "warning", "large", f"it takes about {tokens:,} tokens in each request that lists it",
            "hide arguments that nobody needs with a mask, or make a composite tool of it",
        )  # fmt: skip


# -- text that is meant for the model ---------------------------------------------------------------------------------


def texts_of(tool: Tool) -> Iterator[tuple[str, str]]:
    """Every text of a tool that a model reads, and where it stands."""
    yield "name", tool.name
    yield "title", tool.title
    yield "description", tool.description
    yield from _texts_in(tool.input_schema, "arguments")
    yield from _texts_in(tool.output_schema, "result")


def _texts_in(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield where, str(key)
            yield from _texts_in(part, f"{where}.{key}"[:120])
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts_in(part, where)


def _poisoned(tool: Tool, names: Mapping[str, Tool]) -> Iterator[Finding]:
    """Texts that are hidden from people, that give orders, or that speak about the tools of other servers."""
    gathered: dict[str, list[str]] = {}
    context = Context()
    for where, text in texts_of(tool):
        if len(text) < 3:
            continue
        for found in hidden_text.check(text, context):
            yield Finding(
                tool.name, "danger", "hidden-text", f"{found.kind.replace('_', ' ')}: a model reads what people do not"
                " see", "do not accept this server's tools before you know why", where,
            )  # fmt: skip
            break
        if "<!--" in text or "\x1b" in text:
            yield Finding(
                tool.name, "danger", "hidden-text", "comments or terminal codes that people do not see",
                "do not accept this server's tools before you know why", where,
            )  # fmt: skip
        if (order := _ORDERS.search(text)) is not None:
            gathered.setdefault("orders", []).append(f"{where}: “{' '.join(order[0].split())}”")
        elif (urge := _URGES.search(text)) is not None:
            gathered.setdefault("urges", []).append(f"{where}: “{' '.join(urge[0].split())}”")
        elif len(text) >= 40 and injection.found_in(text, FALSE_ALARMS):
            gathered.setdefault("urges", []).append(f"{where}, a detector says, which can be wrong")
        gathered.setdefault("others", []).extend(_others(tool, text, names))
    if gathered.get("orders"):
        yield Finding(
            tool.name, "danger", "gives-orders", f"it tells the model what to do: {_some(gathered['orders'])}",
            "read it; describe the tool yourself with a mask, or leave the server out",
        )  # fmt: skip
    elif gathered.get("urges"):
        yield Finding(
            tool.name, "warning", "reads-like-orders", f"it may tell the model what to do: {_some(gathered['urges'])}",
            "read it; if it does, describe the tool yourself with a mask",
        )  # fmt: skip
    if gathered.get("others"):
        yield Finding(
            tool.name, "warning", "speaks-of-others", "it speaks of tools of other servers: "
            + _some(sorted(set(gathered["others"]))), "a server has no business there: describe the tool yourself",
        )  # fmt: skip


def _others(tool: Tool, text: str, names: Mapping[str, Tool]) -> list[str]:
    """Tools of other servers that a text names; one word alone may be any word."""
    if len(names) > MOST_COMPARED or len(text) > 20_000:
        return []
    found = set(re.findall(r"[A-Za-z0-9_-]{5,}", text))
    own = {one.own for one in names.values() if one.upstream == tool.upstream}
    return [
        other.name
        for other in names.values()
        if other.upstream != tool.upstream
        and (other.name in found or (other.own in found and other.own not in own and len(words_of(other.own)) > 1))
    ]


def _changed(pin: Pin) -> Finding:
    return Finding(
        pin.name, "danger", "changed", f"the server changed {_some(pin.changed)} since it was accepted; it is withheld",
        f"look at it (`outrider tools show {pin.name}`), then `outrider tools accept {pin.name}`",
    )  # fmt: skip


# -- several tools ----------------------------------------------------------------------------------------------------


def _overlaps(tools: Sequence[Tool]) -> Iterator[Finding]:
    """Pairs whose names and descriptions are nearly the same words: a model cannot tell which of them to take."""
    counted = [Counter(stems(f"{tool.own or tool.name} {tool.description[:2000]}")) for tool in tools[:MOST_COMPARED]]
    having = Counter(word for words in counted for word in words)
    weights = [
        {word: count * math.log1p(len(counted) / having[word]) for word, count in words.items()} for words in counted
    ]
    sizes = [math.sqrt(sum(weight * weight for weight in one.values())) for one in weights]
    for at, first in enumerate(weights):
        for other in range(at + 1, len(weights)):
            second = weights[other]
            small, large = (first, second) if len(first) < len(second) else (second, first)
            dot = sum(weight * large.get(word, 0.0) for word, weight in small.items())
            if len(small) >= 3 and dot >= ALIKE * sizes[at] * sizes[other]:
                yield Finding(
                    tools[at].name, "warning", "overlap", f"it says nearly the same as {tools[other].name}",
                    "leave one of them out with a mask, or say what sets them apart",
                )  # fmt: skip


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(one[:80] for one in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
