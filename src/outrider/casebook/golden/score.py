"""How well the Casebook answers golden questions: what is found, what is said, what is refused."""

import re
from collections.abc import Iterable

import msgspec

from outrider.base import clock
from outrider.calibrate.intervals import Interval, share
from outrider.casebook.ask import CaseAnswer, ask, ranked_cases, retrieve, scoped
from outrider.casebook.find import Finder
from outrider.casebook.golden.questions import Golden
from outrider.casebook.language import parse
from outrider.knowledge.ports import Model
from outrider.knowledge.verify import check

DEPTH = 5
_CHUNKS = 30


class Asked(msgspec.Struct, frozen=True):
    """What became of one question. `rank` is the place of the first case that answers it (0: not found),
    `right` whether the answer has what it must have, `unsupported` counts figures that the cited passages lack."""

    golden: Golden
    rank: int
    refused: bool
    right: bool
    unsupported: int
    text: str
    why: str
    confidence: float
    ms: float
    cited: bool = False


class Score(msgspec.Struct, frozen=True):
    """Shares with 95 % intervals. `recall` is of answerable questions with an answering case among the first five;
    `refused` of unanswerable, `answered` of answerable ones; `right` of answerable ones with the known answer in the
    text; `unsupported` is a count of figures; `ms` is the median time of an answer."""

    recall: Interval
    answered: Interval
    right: Interval
    cited: Interval
    refused: Interval
    unsupported: int
    ms: float
    asked: list[Asked]


def score(finder: Finder, questions: Iterable[Golden], *, model: Model | None = None, strategy: str = "") -> Score:
    """Ask every question."""
    asked = [_one(finder, g, model, strategy) for g in questions]
    able = [a for a in asked if a.golden.answerable]
    unable = [a for a in asked if not a.golden.answerable]
    return Score(
        recall=share(sum(0 < a.rank <= DEPTH for a in able), len(able)),
        answered=share(sum(not a.refused for a in able), len(able)),
        right=share(sum(a.right for a in able), len(able)),
        cited=share(sum(a.cited for a in able), len(able)),
        refused=share(sum(a.refused for a in unable), len(unable)),
        unsupported=sum(a.unsupported for a in asked),
        ms=sorted(a.ms for a in asked)[len(asked) // 2] if asked else 0.0,
        asked=asked,
    )


def _one(finder: Finder, golden: Golden, model: Model | None, strategy: str) -> Asked:
    catalogue = finder.catalogue()
    words, scope = scoped(catalogue, parse(golden.question, catalogue.vocabulary), golden.question)
    found = retrieve(finder, words, scope, strategy=strategy, limit=_CHUNKS)
    ranked = ranked_cases(catalogue, found)
    begun = clock.mono_ns()
    answer = ask(finder, golden.question, model=model, strategy=strategy)
    ms = (clock.mono_ns() - begun) / 1e6
    return Asked(
        golden=golden,
        rank=next((n for n, id_ in enumerate(ranked, 1) if id_ in golden.cases), 0),
        refused=answer.abstained,
        right=not answer.abstained and has_all(answer.text, golden.strings),
        unsupported=unsupported(answer),
        text=answer.text,
        why=answer.why,
        confidence=answer.confidence,
        ms=ms,
        cited=any(c.case in golden.cases for s in answer.sentences for c in s.citations),
    )


def has_all(text: str, strings: Iterable[Iterable[str]]) -> bool:
    """Whether one of each group is in the text, as a word or a number of its own."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text.lower())
    return all(any(_in(s.lower(), plain) for s in group) for group in strings)


def _in(wanted: str, text: str) -> bool:
    wanted = re.sub(r"(?<=\d),(?=\d{3})", "", wanted)
    if wanted[:1].isdigit():
        return re.search(rf"(?<![\d.]){re.escape(wanted)}(?![\d]|\.\d)", text) is not None
    return wanted in text


def unsupported(answer: CaseAnswer) -> int:
    """How many figures of an answer the passages that their sentences cite do not have."""
    if answer.abstained:
        return 0
    found = [f for s in answer.sentences for f in check(s.text, [c.quote for c in s.citations])]
    return sum(f.kind != "name" for f in found)
