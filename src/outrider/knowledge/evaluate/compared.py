"""Strategies asked the same questions: measures with intervals, paired against the simplest, and what to make of it."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from outrider.base.errors import RequestError, UpstreamError
from outrider.calibrate import intervals, paired
from outrider.calibrate.intervals import Interval
from outrider.calibrate.paired import Difference
from outrider.knowledge.evaluate import measures
from outrider.knowledge.evaluate.questions import Question
from outrider.knowledge.library import Library
from outrider.knowledge.ports import Model
from outrider.knowledge.records import Collection, Query

SIMPLEST = ("keyword", "vector", "hybrid", "rewrite", "rerank", "graph", "multihop", "agentic")
"""The simpler first: where none is better, the first is taken."""
MEASURES: dict[str, Callable[[Sequence[str], measures.Judged], float]] = {
    "ndcg@10": measures.ndcg,
    "recall@10": measures.recall,
    "recall@100": lambda ranked, judged: measures.recall(ranked, judged, 100),
    "mrr@10": measures.reciprocal_rank,
    "all@8": measures.whole,
}
MAIN = "ndcg@10"
PASSAGES = 150
"""Passages that are asked for, so that a hundred documents are among them."""


class Result(msgspec.Struct):
    """What one strategy reached. `scores` has each question's value by measure, in the questions' order. Times are
    milliseconds for a question, `cost` nano-dollars for all."""

    strategy: str
    measured: dict[str, Interval]
    scores: dict[str, list[float]]
    wall_ms: Interval
    cpu_ms: float
    cost: int = 0
    against: dict[str, Difference] = {}
    p: float = 1.0


class Report(msgspec.Struct):
    """Strategies compared. `best` is the simplest that no other is significantly better than, `verdict` says so."""

    collection: str
    questions: int
    simplest: str
    results: list[Result]
    best: str
    verdict: str

    def of(self, strategy: str) -> Result:
        for result in self.results:
            if result.strategy == strategy:
                return result
        known = ", ".join(r.strategy for r in self.results)
        raise RequestError(f"{strategy!r} was not evaluated; these were: {known}", param="gate")


def evaluate(
    library: Library,
    collection: Collection,
    questions: Sequence[Question],
    strategies: Sequence[str],
    *,
    model: Model | None = None,
    principals: frozenset[str] = frozenset({"*"}),
    told: Callable[[str, int], Any] = lambda strategy, done: None,
) -> Report:
    """Ask every strategy every question. `told` hears how far it is. Raises RequestError for an unknown strategy."""
    ordered = sorted(strategies, key=lambda s: (SIMPLEST.index(s) if s in SIMPLEST else len(SIMPLEST), s))
    results = [_result(library, collection, questions, s, model, principals, told) for s in ordered]
    return compared(collection.name, results)


def compared(name: str, results: list[Result]) -> Report:
    """The report on results that were asked the same questions, the simplest first."""
    first = results[0]
    for other in results[1:]:
        other.against = {m: paired.compare(other.scores[m], first.scores[m]) for m in MEASURES}
    chances = paired.holm([r.against[MAIN].p for r in results[1:]])
    for result, p in zip(results[1:], chances, strict=True):
        result.p = p
    best = first
    for other in results[1:]:
        gain = paired.compare(other.scores[MAIN], best.scores[MAIN])
        if other.p < 0.05 and gain.better:
            best = other
    return Report(name, len(first.scores[MAIN]), first.strategy, results, best.strategy, _verdict(first, best, results))


def _verdict(first: Result, best: Result, results: list[Result]) -> str:
    if best is first and len(results) == 1:
        return f"{first.strategy} alone was asked: name others to compare"
    if best is first:
        return f"None is significantly better than {first.strategy}, the simplest: keep it. More questions may tell."
    rivals = [r.strategy for r in results if r is not best and r is not first and _close(r, best)]
    told = f"{best.strategy} is better than {first.strategy} by {best.against[MAIN]} {MAIN} (p = {best.p:.2g})"
    return told + (f"; not told apart from it: {', '.join(rivals)}." if rivals else ".")


def _close(result: Result, best: Result) -> bool:
    return not paired.compare(result.scores[MAIN], best.scores[MAIN]).worse


def _result(
    library: Library,
    collection: Collection,
    questions: Sequence[Question],
    strategy: str,
    model: Model | None,
    principals: frozenset[str],
    told: Callable[[str, int], Any],
) -> Result:
    scores: dict[str, list[float]] = {name: [] for name in MEASURES}
    walls: list[float] = []
    cost, begun = 0, time.process_time()
    for done, question in enumerate(questions):
        told(strategy, done)
        found = library.search(
            collection, Query(question.text, limit=PASSAGES, strategy=strategy, principals=principals), model
        )
        if found.words_only:
            raise UpstreamError(f"{strategy} was not measured, since vectors are not to be had: {found.words_only}")
        ranked = documents([(h.document.source, h.document.id) for h in found.hits], question.judged)
        for name, measure in MEASURES.items():
            scores[name].append(measure(ranked, question.judged))
        walls.append(found.duration / 1e6)
        cost += found.cost
    told(strategy, len(questions))
    cpu = (time.process_time() - begun) * 1000 / max(1, len(questions))
    measured = {name: intervals.mean(values) for name, values in scores.items()}
    return Result(strategy, measured, scores, intervals.mean(walls), cpu, cost)


def documents(hits: Sequence[tuple[str, str]], judged: measures.Judged) -> list[str]:
    """Hits of passages, as (source, id), as documents: each where its first passage stands, named as it was judged."""
    return list(dict.fromkeys(id_ if id_ in judged else source for source, id_ in hits))
