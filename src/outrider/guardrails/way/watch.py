"""A text that comes piece by piece through its guardrails. What goes on depends on the text alone, never on where it
was cut: it is looked at whenever a sentence or a line ends after STEP characters (or STRIDE characters came), together
with what went before.

Held back is what has not been looked at, and from where a guardrail says that something may go on; at most LONGEST
characters.
"""

import re
from collections.abc import Sequence

import msgspec

from outrider.base import hidden
from outrider.guardrails._contract import Finding
from outrider.guardrails._inspect import Found, look, redacted, strictest
from outrider.guardrails._rules import Active

STRIDE = 400
STEP = 10
PAST = 400
LONGEST = 8_192
_LONGEST_WORD = 200
_ENDS = re.compile(r"[.!?…][\"')\]»”]*\s|[。！？]|\n")


class Watch:
    """One text on its way. `before` is what went on of it already; `found` and `values` say what was met, `blocked` is
    what it ended by."""

    def __init__(self, active: Sequence[Active], *, before: str = "") -> None:
        self._active = active
        self._past, self._held = before[-PAST:], ""
        self._looked = 0  # characters of what is held that were looked at already
        self._length = 0  # characters of the text that have gone on
        self.found: list[Found] = []
        self.values: list[str] = []
        self.blocked: Found | None = None

    def feed(self, text: str) -> str:
        """What may go on now."""
        if self.blocked is not None:
            return ""
        if not self._active:
            return text
        self._held += text
        out = ""
        while self.blocked is None and (end := self._next()) is not None:
            out += self._pass(end, last=False)
        return out

    def end(self) -> str:
        """What is still held, when no more comes."""
        return "" if self.blocked is not None else self._pass(len(self._held), last=True)

    def _next(self) -> int | None:
        """Up to where the text is to be looked at next, once all of that is there."""
        least = self._looked + self._looked // 2  # what waits long is not looked at again and again
        most = least + STRIDE
        found = _ENDS.search(self._held, least + STEP)
        if found is not None and found.end() <= most:
            return found.end()
        return most if len(self._held) >= most else None

    def _pass(self, end: int, *, last: bool) -> str:
        window, before = self._past + self._held[:end], len(self._past)
        met = [one for one in look(window, self._active) if one.finding.end > before]
        keep = len(window) if last else self._kept(window, before, met)
        stop = min((one.finding.start for one in met if one.act in ("block", "ask")), default=None)
        if stop is not None:
            self.blocked = min((one for one in met if one.act in ("block", "ask")), key=lambda one: one.finding.start)
            keep = max(before, min(keep, stop))
        for one in met:
            if one.finding.end <= keep or one is self.blocked:
                self.found.append(_moved(one, self._length - before))
                self.values.append(window[one.finding.start : one.finding.end])
        inside = [_moved(_clipped(one, before), -before) for one in met if one.finding.end <= keep]
        out = redacted(window[before:keep], inside)
        gone = keep - before
        self._past, self._held, self._looked = window[:keep][-PAST:], self._held[gone:], end - gone
        self._length += gone
        return out

    def _kept(self, window: str, before: int, met: Sequence[Found]) -> int:
        """From where the window has to wait."""
        keep = len(window)
        if not window[-1:].isspace():  # cut within a word
            keep = len(window) - len(window[-_LONGEST_WORD:].split()[-1])
        for one in self._active:
            unfinished = getattr(one.guardrail, "unfinished", None)
            if unfinished is not None:
                keep = min(keep, unfinished(window, one.context))
        keep = min(keep, hidden.unfinished(window))
        for last in sorted(met, key=lambda one: -one.finding.start):
            if last.finding.start < keep < last.finding.end:
                keep = last.finding.start
        return len(window) if len(window) - max(keep, before) > LONGEST else max(keep, before)

    @property
    def act(self) -> str:
        """The strictest thing that was found."""
        return strictest(self.found)


def _clipped(one: Found, before: int) -> Found:
    """The part of a finding that has not gone on yet."""
    if one.finding.start >= before:
        return one
    return msgspec.structs.replace(one, finding=msgspec.structs.replace(one.finding, start=before))


def _moved(one: Found, by: int) -> Found:
    found = one.finding
    return msgspec.structs.replace(
        one,
        finding=Finding(max(0, found.start + by), max(0, found.end + by), found.kind, found.score, found.replacement),
    )
