"""Dangerous mistakes in declarations: found in the schemas of tools and in what they were seen to do.

`danger` opens a door: a hostile text could use it. `warning` is likely wrong, `hint` worth a look.
"""

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from outrider.policy.declarations import Declaration, Effect, words_of
from outrider.policy.propose import (
    Proposal,
    Tool,
    named_effect,
    propose,
    samples_private,
    sends_out,
    steering,
    written_by_others,
)
from outrider.policy.traffic import Sample, Traffic, texts

Level = Literal["danger", "warning", "hint"]
_WEIGHT: dict[Effect, int] = {"none": 0, "internal": 1, "external": 2, "destructive": 3, "money": 3, "credentials": 3}
_AIMS = ("recipient", "url", "command", "amount", "path", "id")
_FREE_WORDS = 5
"""Words in a row from which a value is a text that somebody wrote."""
_WRITTEN = (
    "subject",
    "title",
    "name",
    "body",
    "text",
    "message",
    "description",
    "comment",
    "note",
    "content",
    "summary",
)
_DONE = ("sent", "created", "deleted", "updated", "removed", "posted", "saved", "booked", "transferred", "cancelled")


class Finding(msgspec.Struct, frozen=True):
    """A mistake: which kind (`code`), what it lets through, and what to write instead."""

    tool: str
    level: Level
    code: str
    text: str
    remedy: str


class Linted(msgspec.Struct, frozen=True):
    """Findings, the gravest first, and proposals for tools without labels, those first that most questions hang on;
    how many tools were looked at."""

    findings: list[Finding]
    proposals: list[Proposal]
    tools: int

    @property
    def dangers(self) -> int:
        return sum(one.level == "danger" for one in self.findings)


def lint(
    tools: Sequence[Tool],
    declared: Callable[[str], Declaration | None],
    traffic: Traffic | None = None,
    labels: Mapping[str, Declaration] | None = None,
) -> Linted:
    """Look at every tool. `labels` are those of the configuration by name, to find some that name no tool."""
    seen = traffic or Traffic()
    findings: list[Finding] = []
    proposals = []
    for tool in tools:
        found, samples = declared(tool.name), seen.of(tool.name)
        if found is None:
            proposals.append(propose(tool, samples, seen.aimed[tool.name]))
            continue
        for check in _CHECKS:
            findings += check(tool, found, samples)
    names = [tool.name for tool in tools]
    for label in labels or {}:
        if names and not any(_covers(label, name) for name in names):
            findings.append(
                Finding(label, "warning", "no-such-tool", "these labels are of no tool that is there",
                        "mend the name; until then the tool that was meant has the worst labels")
            )  # fmt: skip
    order = ("danger", "warning", "hint")
    proposals.sort(key=lambda one: -one.aimed)
    findings.sort(key=lambda one: (order.index(one.level), one.tool, one.code))
    return Linted(findings, proposals, len(tools))


def _covers(label: str, name: str) -> bool:
    return label == name or (label.endswith("*") and name.startswith(label[:-1]))


def _effect(tool: Tool, labels: Declaration, samples: Sequence[Sample]) -> list[Finding]:
    """It does more than is said."""
    named = named_effect(tool)
    destroys = tool.annotations.get("destructiveHint") is True
    if labels.does == "none":
        why = f"its name or description says so ({named[1]})" if named else ""
        if not why and (destroys or tool.annotations.get("readOnlyHint") is False):
            why = "its server says that it changes something"
        if not why and (word := _reports_a_deed(samples)):
            why = f"its answers say {word!r}"
        if why:
            does = named[0] if named else "external"
            text = f"it is declared to do nothing, and does something: {why}. Nothing of it would be asked about"
            return [Finding(tool.name, "danger", "effect-called-none", text, f"does: {does}")]
        return []
    if named and _WEIGHT[named[0]] > _WEIGHT[labels.does]:
        text = f"it is declared {labels.does}, and {named[1]} speaks for {named[0]}: the milder rules would hold"
        level: Level = "danger" if labels.does == "internal" else "warning"
        return [Finding(tool.name, level, "effect-understated", text, f"does: {named[0]}")]
    return []


def _reports_a_deed(samples: Sequence[Sample]) -> str:
    for one in samples:
        for _, text in texts(one.result):
            words = text.lower().split()[:8] if len(text) < 200 else []
            if found := next((word for word in _DONE if word in (w.strip(".,!:") for w in words)), ""):
                return found
    return ""


def _leaves(tool: Tool, labels: Declaration, samples: Sequence[Sample]) -> list[Finding]:
    """What it is asked goes out."""
    if labels.does != "none" or labels.leaves or not (why := sends_out(tool)):
        return []
    text = f"what it is asked leaves the house ({why}), and its labels do not say so: data could be carried out in it"
    return [Finding(tool.name, "danger", "leaves-missing", text, "leaves: true")]


def _trust(tool: Tool, labels: Declaration, samples: Sequence[Sample]) -> list[Finding]:
    """What others write is not trusted."""
    found = []
    if labels.trust == "trusted":
        free = sorted(
            {path or "its answer" for path in _free_texts(tool, samples) if _label(labels, path) == "trusted"}
        )
        word = written_by_others(tool) if labels.does == "none" else ""
        word = word or ("fetch" if labels.leaves or (labels.does == "none" and sends_out(tool)) else "")
        if free:
            text = f"it is declared trusted, and answers with texts that somebody wrote ({', '.join(free[:5])})"
            found.append(Finding(tool.name, "danger", "trusted-but-written", text, _untrust(labels, free)))
        elif word and not labels.fields:
            text = f"it is declared trusted, and {word!r} in its name speaks of what others write"
            if word not in words_of(tool.name):
                text = "it is declared trusted, and answers with what the outer world says"
            remedy = "trust: untrusted, with `fields` for what the system makes itself"
            level: Level = "warning" if samples else "danger"
            found.append(Finding(tool.name, level, "trusted-but-written", text, remedy))
    for pattern, trust in labels.fields.items():
        if trust != "trusted":
            continue
        last = pattern.replace("[]", "").split(".")[-1].lower()
        free = sorted({path for path in _free_texts(tool, samples) if _matches(pattern, path)})
        if free:
            text = f"the field {pattern} is declared trusted, and has texts that somebody wrote"
            found.append(Finding(tool.name, "danger", "trusted-free-text", text, f"leave {pattern} out of `fields`"))
        elif last in _WRITTEN or "*" in last:
            text = f"the field {pattern} is declared trusted, and by its name somebody writes it"
            level = "warning" if samples else "danger"
            found.append(Finding(tool.name, level, "trusted-free-text", text, f"leave {pattern} out of `fields`"))
    return found


def _untrust(labels: Declaration, free: Sequence[str]) -> str:
    if labels.does == "none" or "its answer" in free:
        return "trust: untrusted, with `fields` for what the system makes itself"
    return "trust: untrusted, or " + ", ".join(f"`{path}: untrusted`" for path in free[:5]) + " in `fields`"


def _free_texts(tool: Tool, samples: Sequence[Sample]) -> set[str]:
    """Paths of answers whose values somebody wrote: several words in a row that are no words of the arguments alone."""
    found: dict[str, set[str]] = {}
    for one in samples:
        for path, text in texts(one.result):
            if len(text.split()) >= _FREE_WORDS:
                found.setdefault(path, set()).add(text)
    many = len(samples) >= 5
    return {path for path, seen in found.items() if not (many and len(seen) == 1)}  # a set phrase is the system's own


def _matches(pattern: str, path: str) -> bool:
    return fnmatchcase(path.replace("[]", ""), pattern.replace("[]", ""))


def _label(labels: Declaration, path: str) -> str:
    return next((trust for pattern, trust in labels.fields.items() if _matches(pattern, path)), labels.trust)


def _echo(tool: Tool, labels: Declaration, samples: Sequence[Sample]) -> list[Finding]:
    """A trusted reply that repeats what it was given makes trusted what was not."""
    found = []
    trusted = labels.trust == "trusted" or "trusted" in labels.fields.values()
    echoed = sorted({name for one in samples for name in one.echoed})
    if trusted and echoed and not labels.echoes:
        text = (
            f"its trusted reply repeats its arguments ({', '.join(echoed)}): what others wrote would come back trusted"
        )
        found.append(Finding(tool.name, "danger", "echo", text, "echoes: true, and trust: untrusted"))
    if labels.trust == "trusted" and any(one.foreign for one in samples):
        text = "its trusted answers have texts that the session had read from others before"
        found.append(Finding(tool.name, "danger", "echo-of-others", text, "trust: untrusted"))
    return found


def _arguments(tool: Tool, labels: Declaration, samples: Sequence[Sample]) -> list[Finding]:
    """Arguments that steer, and are not said to."""
    found = []
    names = {**tool.arguments, **{name: {} for one in samples for name in one.arguments if name not in tool.arguments}}
    for name, schema in names.items():
        wanted, given = steering(name, schema), labels.said(name)
        if given is not None or wanted not in _AIMS:
            continue
        how = "content" if name in labels.carries else "nothing"
        text = f"{name} is declared to be {how}, and by its name it is a {wanted}: others could say where the call goes"
        level: Level = "warning" if labels.does == "none" and not labels.leaves else "danger"
        found.append(Finding(tool.name, level, "steers-missing", text, f"steers: {{{name}: {wanted}}}"))
    if tool.arguments:
        for name in (*(labels.steers or ()), *labels.carries):
            if name not in tool.arguments:
                text = (
                    f"its labels speak of the argument {name}, which it has not: the one that was meant steers nothing"
                )
                found.append(
                    Finding(tool.name, "warning", "no-such-argument", text, f"one of {', '.join(tool.arguments)}")
                )
        if labels.steers is not None and tool.inputSchema.get("additionalProperties") is True and labels.does != "none":
            text = "it takes arguments that its schema does not name, and with `steers` most of those steer nothing"
            found.append(Finding(tool.name, "warning", "open-arguments", text, "leave `steers` out: then all steer"))
    return found


def _privacy(tool: Tool, labels: Declaration, samples: Sequence[Sample]) -> list[Finding]:
    if labels.privacy == "public" and samples_private(samples):
        text = "it is declared public, and its answers have fields that speak of people or accounts"
        return [Finding(tool.name, "warning", "public-but-private", text, "privacy: private")]
    return []


_CHECKS = (_effect, _leaves, _trust, _echo, _arguments, _privacy)
