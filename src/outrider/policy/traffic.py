"""What tools were called with and what they answered, from recorded sessions: for the linter. Bounded."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from outrider.policy.decide import Call
from outrider.policy.events import Judged, Returned
from outrider.policy.judging import judged
from outrider.policy.normal import fold
from outrider.policy.origins import Origin
from outrider.policy.rules import Rules
from outrider.policy.sessions import Session, Sessions
from outrider.policy.state import SessionState

MOST_SAMPLES = 50
"""Answers of a tool that are looked at."""
MOST_TOOLS = 2000
LARGEST = 200_000
"""Bytes of an answer; of a larger one its shape says enough elsewhere."""
SNIPPET = 24
"""Characters of a text that are not the same by chance."""

_json = msgspec.json.Decoder()
_WORD = re.compile(r"\w+")


class Sample(msgspec.Struct, frozen=True):
    """One call with its answer. `echoed` are arguments whose text the answer repeats; `foreign` says that it has a text
    which the session had read from others before (in another tool's answer)."""

    arguments: Mapping[str, Any]
    result: Any
    echoed: tuple[str, ...] = ()
    foreign: bool = False


class Traffic:
    """Samples by tool."""

    def __init__(self) -> None:
        self.samples: dict[str, list[Sample]] = {}
        self.aimed: Counter[str] = Counter()  # calls that were asked about, by the tool that said where they go

    def of(self, tool: str) -> list[Sample]:
        return self.samples.get(tool, [])

    def wants(self, event: Returned) -> bool:
        """Whether this answer is one more to look at."""
        return len(event.result) <= LARGEST and len(self.of(event.tool)) < MOST_SAMPLES

    def add(self, tool: str, sample: Sample) -> None:
        if tool in self.samples or len(self.samples) < MOST_TOOLS:
            kept = self.samples.setdefault(tool, [])
            if len(kept) < MOST_SAMPLES:
                kept.append(sample)


def recorded(
    sessions: Sessions, project: str, since: int = 0, most: int = 2000, *, rules: Rules | None = None
) -> Traffic:
    """The traffic of the sessions that were used last. With rules, calls that were asked about are looked at again, for
    what said where they go. Blocking."""
    traffic = Traffic()
    for id_ in sessions.newest(project, since)[:most]:
        asked: dict[str, Mapping[str, Any]] = {}
        for session, event in sessions.replay(project, id_):
            if isinstance(event, Judged) and event.arguments:
                asked[event.tool] = _json.decode(event.arguments)
                if rules is not None and event.verdict == "ask":
                    traffic.aimed.update(_aimed_by(session, event, asked[event.tool], rules))
            elif isinstance(event, Returned) and traffic.wants(event):
                arguments = asked.get(event.tool, {})
                traffic.add(event.tool, sample(arguments, _json.decode(event.result), session.state))
    return traffic


def _aimed_by(session: Session, event: Judged, arguments: Mapping[str, Any], rules: Rules) -> set[str]:
    """The tools whose untrusted answers say where a call goes."""
    call = Call(event.tool, arguments, event.declaration, event.description, event.agent)
    traced = judged(session, call, rules, event.at).traced
    return {one.tool for one in traced if one.origin == Origin.UNTRUSTED and one.tool}


def sample(arguments: Mapping[str, Any], result: Any, before: SessionState | None = None) -> Sample:
    """A call and its answer, looked at: `before` is the session as it was."""
    said = "\n".join(fold(text) for _, text in texts(result))
    echoed = tuple(
        name
        for name, value in arguments.items()
        if any(len(folded) >= SNIPPET // 2 and folded in said for _, text in texts(value) if (folded := fold(text)))
    )
    foreign = False
    if before is not None and said:
        given = "\n".join(fold(text) for _, text in texts(arguments))
        parts = _snippets(said)
        foreign = any(part in text for text in before.untrusted_texts() for part in parts if part not in given)
    return Sample(arguments, result, echoed, foreign)


def _snippets(said: str) -> list[str]:
    """Pieces of a text that would not be elsewhere by chance: some words in a row."""
    found = []
    for line in said.split("\n")[:200]:
        words = list(_WORD.finditer(line))
        for at in range(0, max(0, len(words) - 4), 5):
            piece = line[words[at].start() : words[at + 4].end()]
            if len(piece) >= SNIPPET:
                found.append(piece)
    return found[:100]


def texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a value with its path (`items[].subject`)."""
    for at, one in scalars(value, path):
        if isinstance(one, str):
            yield at, one


def scalars(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar of a JSON value with its path. A text that is JSON itself is looked into."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            value = _json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            pass
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from scalars(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from scalars(part, f"{path}[]")
    elif value is not None:
        yield path, value
