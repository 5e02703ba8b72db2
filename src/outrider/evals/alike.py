"""Cases that ask nearly the same: merged before they count twice, and found where a test would be no test.

The same words in another case, spacing or punctuation are the same question. Long texts are compared by MinHash, short
ones by their letters, and, where an embedder is lent, by meaning. Texts with different numbers are never alike, nor is
one that says not: they ask about different things.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from rapidfuzz import fuzz, process

from outrider.evals import datasets
from outrider.evals.records import Case, digest
from outrider.evals.subjects.route import text_of
from outrider.knowledge.doors import Near

LETTERS, MEANING = 93.0, 0.97
"""From when on texts are alike: per cent of letters, cosine of vectors."""
SHORTEST = 12
"""Characters of a text that is compared by its letters."""
RUN = 8
"""Words in a row that two texts do not share by chance."""
_MARKS = re.compile(r"[^\w\s]|_")
_SPACE = re.compile(r"\s+")
_DECIDING = re.compile(r"\d+|\b(?:not|no|never|without|none|nicht|kein\w*|nie|ohne|t)\b")
"""Numbers, and words that turn a question round (`t` is what is left of don't)."""
LONGEST = 2_000
"""Characters of a text that is compared by its letters; longer ones by their runs of words alone."""
Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]


class Alike(msgspec.Struct, frozen=True):
    """Two cases by their ids, and how much alike they are (1: the same words)."""

    case: str
    other: str
    likeness: float


class Merged(msgspec.Struct):
    """What is left of cases, which were merged into another, and which ask the same but expect something else: those
    stay, and somebody should look at them."""

    kept: list[Case]
    merged: list[Alike]
    differ: list[Alike]


def plain(text: str) -> str:
    """A text without differences that do not change what it asks."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _SPACE.sub(" ", _MARKS.sub(" ", folded)).strip()


def asked(case: Case) -> str:
    """What a case asks, as text: its conversation without what the system says."""
    turns = [one for one in case.messages() if one.get("role") not in ("system", "developer")]
    return "\n".join(text_of(one.get("content")) for one in turns)


class Known:
    """Texts that were seen, by id, and the one most like a new text."""

    def __init__(self, embed: Embed | None = None) -> None:
        self._embed = embed
        self._same: dict[str, str] = {}
        self._short: dict[tuple[str, ...], dict[str, str]] = {}
        self._near: dict[tuple[str, ...], Near] = {}
        self._vectors: dict[tuple[str, ...], dict[str, Any]] = {}

    def nearest(self, text: str) -> tuple[str, float] | None:
        """The id of the text that is most like this one, and how much; None if none is alike."""
        said = plain(text)
        if said in self._same:
            return self._same[said], 1.0
        deciding = _deciding(said)
        if deciding in self._near and (found := self._near[deciding].nearest("", said)) is not None:
            return found
        rest = self._short.get(deciding, {})
        if SHORTEST <= len(said) <= LONGEST and rest:
            best = process.extractOne(said, rest, scorer=fuzz.ratio, score_cutoff=LETTERS)
            if best is not None:
                return str(best[2]), round(best[1] / 100, 3)
        return self._by_meaning(said, deciding)

    def _by_meaning(self, said: str, deciding: tuple[str, ...]) -> tuple[str, float] | None:
        known = self._vectors.get(deciding)
        if self._embed is None or not known:
            return None
        import numpy as np

        names = list(known)
        likeness = np.asarray([known[name] for name in names]) @ np.asarray(self._embed([said])[0])
        best = int(likeness.argmax())
        return (names[best], round(float(likeness[best]), 3)) if likeness[best] >= MEANING else None

    def add(self, id_: str, text: str) -> None:
        said = plain(text)
        deciding = _deciding(said)
        self._same.setdefault(said, id_)
        if len(said) <= LONGEST:
            self._short.setdefault(deciding, {})[id_] = said
        self._near.setdefault(deciding, Near()).add(id_, said)
        if self._embed is not None:
            self._vectors.setdefault(deciding, {})[id_] = self._embed([said])[0]


def merge(there: Sequence[Case], new: Sequence[Case], embed: Embed | None = None) -> Merged:
    """The new cases that ask what none of those that are there asks, nor one before it. A case whose tools or other
    fields of the request differ is another one."""
    known: dict[str, Known] = {}
    by_id = {case.id: case for case in (*there, *new)}
    for case in there:
        known.setdefault(_kind(case), Known(embed)).add(case.id, asked(case))
    found = Merged([], [], [])
    for case in new:
        seen = known.setdefault(_kind(case), Known(embed))
        near = seen.nearest(asked(case))
        if near is None or near[0] == case.id:
            found.kept.append(case)
            seen.add(case.id, asked(case))
            continue
        other = by_id[near[0]]
        if case.expected is None or case.expected == other.expected:
            found.merged.append(Alike(case.id, *near))
        else:
            found.kept.append(case)
            found.differ.append(Alike(case.id, *near))
    return found


def between_splits(cases: Sequence[Case], embed: Embed | None = None) -> list[Alike]:
    """Cases that ask what a case of another split asks: what was learned on the one is no test on the other."""
    known: dict[str, Known] = {}
    found = []
    for case in cases:
        text = asked(case)
        for split, seen in known.items():
            if split != case.split and (near := seen.nearest(text)) is not None:
                found.append(Alike(case.id, *near))
        known.setdefault(case.split, Known(embed)).add(case.id, text)
    return found


def in_prompts(cases: Sequence[Case], prompts: Mapping[str, str]) -> list[Alike]:
    """Cases whose question stands in a prompt, as few-shot examples do: `other` is the prompt's name. A long question
    is found by the share of its runs of eight words that the prompt has, too."""
    said = {name: f" {plain(text)} " for name, text in prompts.items()}
    runs = {name: set(_runs(text.split())) for name, text in said.items()}
    found = []
    for case in cases:
        question = plain(_question(case))
        words = question.split()
        if len(question) < SHORTEST:
            continue
        mine = list(_runs(words))
        for name, text in said.items():
            share = sum(run in runs[name] for run in mine) / len(mine) if mine else 0.0
            if f" {question} " in text:
                found.append(Alike(case.id, name, 1.0))
            elif share >= 0.5:
                found.append(Alike(case.id, name, round(share, 3)))
    return found


def _question(case: Case) -> str:
    users = [one for one in case.messages() if one.get("role") == "user"]
    return text_of(users[-1].get("content")) if users else ""


def _runs(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def _deciding(said: str) -> tuple[str, ...]:
    return tuple(sorted(_DECIDING.findall(said)))


def _kind(case: Case) -> str:
    """What beside its words makes a case another one: tools, forms, what the system says, documents."""
    system = [one for one in case.messages() if one.get("role") in ("system", "developer")]
    relevant = {name: case.context[name] for name in ("schema", "database", "collection") if name in case.context}
    return digest([case.fields(), system, relevant])


def split_together(cases: Sequence[Case], share: float) -> list[Case]:
    """Cases that have no split get one, about `share` of them `held-out`, as `datasets.split` gives them; one that is
    alike to another goes to the same side."""
    known, found = Known(), dict[str, Case]()
    for case in [*(one for one in cases if one.split), *(one for one in cases if not one.split)]:
        near = known.nearest(asked(case))
        (chosen,) = datasets.split([case], share)
        if near is not None and not case.split:
            chosen = msgspec.structs.replace(case, split=found[near[0]].split)
        found[case.id] = chosen
        known.add(case.id, asked(case))
    return [found[case.id] for case in cases]
