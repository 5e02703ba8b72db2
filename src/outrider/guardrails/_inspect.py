"""Texts through their guardrails: the one way, whichever URL they come by."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from outrider.base import hidden
from outrider.guardrails._contract import ACTS, Act, Context, Finding
from outrider.guardrails._rules import Active, Rules

Cover = Callable[[str, str], str]
"""Gives a placeholder for a value of a kind."""


class Found(msgspec.Struct, frozen=True, gc=False):
    """One finding and what it leads to. `text` is the place of its text in the list; `how` names the encoding that it
    was hidden in ("": none); `tainting` says that it makes the session untrusted."""

    text: int
    rule: str
    guardrail: str
    finding: Finding
    act: Act
    how: str = ""
    tainting: bool = False
    reversible: bool = False


class Inspected(msgspec.Struct, frozen=True):
    """`texts` are what may go on, with redactions; `act` the strictest that was found."""

    texts: Sequence[str]
    found: Sequence[Found] = ()
    act: Act = "allow"

    @property
    def taints(self) -> bool:
        """Whether a detector says that the session has read what should not be obeyed."""
        return any(one.tainting for one in self.found)

    def facts(self, texts: Sequence[str]) -> dict[str, Any]:
        """For the step of the record: rules, kinds and counts, and what tells findings apart without saying them.
        `texts` are those that were inspected."""
        return facts(self.found, [texts[one.text][one.finding.start : one.finding.end] for one in self.found])

    @property
    def reasons(self) -> list[str]:
        """In words, without what was found."""
        told = {f"{one.guardrail}: {words(one)} (rule {one.rule})": None for one in self.found if one.act != "allow"}
        return list(told)


def words(one: Found) -> str:
    return one.finding.kind.replace("_", " ") + (f", hidden in {one.how}" if one.how else "")


MOST_TOLD = 50


def facts(found: Sequence[Found], values: Sequence[str]) -> dict[str, Any]:
    """What a step says of findings: never the values, only digests of them, which say whether two are the same."""
    told: list[dict[str, Any]] = []
    for one, value in list(zip(found, values, strict=True))[:MOST_TOLD]:
        said: dict[str, Any] = {"rule": one.rule, "kind": one.finding.kind, "act": one.act}
        said |= {"at": [one.text, one.finding.start, one.finding.end], "score": round(one.finding.score, 3)}
        said |= {"digest": hashlib.blake2b(value.encode("utf-8", "replace"), digest_size=6).hexdigest()}
        told.append(said | ({"hidden_in": one.how} if one.how else {}))
    counts: dict[str, int] = {}
    for one in found:
        name = f"{one.guardrail}.{one.finding.kind}"
        counts[name] = counts.get(name, 0) + 1
    return {"findings": told, "counts": counts} if found else {}


def inspect(texts: Sequence[str], context: Context, rules: Rules, cover: Cover | None = None) -> Inspected:
    """Check texts that stand together (the messages of a request, the parts of a result). `cover` gives placeholders
    for rules that redact reversibly; without it they redact for good."""
    active = rules.covering(context)
    if not active:
        return Inspected(texts)
    found = [one for at, text in enumerate(texts) if text for one in look(text, active, at)]
    if not found:
        return Inspected(texts)
    told = list(texts)
    for at in {one.text for one in found if one.act == "redact"}:
        told[at] = redacted(texts[at], [one for one in found if one.text == at], cover)
    return Inspected(told, found, strictest(found))


def strictest(found: Sequence[Found]) -> Act:
    return max((one.act for one in found), key=ACTS.index, default="allow")


def look(text: str, active: Sequence[Active], at: int = 0) -> Iterator[Found]:
    """What the guardrails find in a text: as it is shown to people, as it came, and in what is packed into it."""
    shown = hidden.shown(text)
    packed = hidden.packed(text)
    for one in active:
        raw = getattr(one.guardrail, "RAW", False)
        for finding in one.guardrail.check(text if raw else shown.text, one.context):
            if finding.score >= one.rule.threshold:
                yield _found(one, at, finding if raw else _placed(finding, shown))
        for inner in () if raw else packed:
            for finding in one.guardrail.check(inner.text, one.context):
                if finding.score >= one.rule.threshold:
                    whole = Finding(inner.start, inner.end, finding.kind, finding.score)
                    yield _found(one, at, whole, inner.how)
                    break


def _found(one: Active, at: int, finding: Finding, how: str = "") -> Found:
    act = one.rule.act(finding.kind)
    tainting = act != "allow" and bool(getattr(one.guardrail, "TAINTS", False))
    return Found(at, one.name, one.guardrail.NAME, finding, act, how, tainting, one.rule.placeholders)


def _placed(finding: Finding, shown: hidden.Shown) -> Finding:
    if shown.places is None:
        return finding
    start, end = shown.span(finding.start, finding.end)
    return msgspec.structs.replace(finding, start=start, end=end)


def redacted(text: str, found: Sequence[Found], cover: Cover | None = None) -> str:
    """The text with its `redact` findings replaced; of those that overlap, the first, then the longer."""
    out, last = "", 0
    ordered = sorted((one for one in found if one.act == "redact"), key=lambda o: (o.finding.start, -o.finding.end))
    for one in ordered:
        start, end = one.finding.start, one.finding.end
        if end <= last:
            continue
        if start < last:  # its beginning is gone with the one before: so is the rest
            last = end
            continue
        out += text[last:start] + _instead(text[start:end], one, cover)
        last = end
    return out + text[last:]


def _instead(value: str, one: Found, cover: Cover | None) -> str:
    if one.reversible and cover is not None and not one.how:
        return cover(one.finding.kind, value)
    return mask(one)


def mask(one: Found) -> str:
    """What a redaction for good writes in the place of a finding."""
    given = one.finding.replacement
    return f"[{one.finding.kind.upper()}]" if given is None else given
