"""How much meaning counts against words in a collection: the weight of `hybrid`, fitted to questions.

The mean nDCG@10 of every weight is shrunk towards what is known of collections in general, the more the fewer questions
there are; the best of those is taken if, on questions that it was not chosen by, it holds its own against the better
side alone. Else that side is taken.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from outrider.base import clock
from outrider.knowledge import fusion
from outrider.knowledge.evaluate import compared, measures
from outrider.knowledge.evaluate.questions import Question
from outrider.knowledge.library import Library
from outrider.knowledge.ports import Scored
from outrider.knowledge.records import Collection, Query
from outrider.knowledge.strategies import hybrid

WEIGHTS = tuple(step / 20 for step in range(21))
FOLDS = 5
STEEPNESS = 0.15
"""nDCG@10 that a weight loses by its squared distance from the prior, where nothing is known."""
WORTH = {"judged": 30.0, "generated": 150.0}
"""Questions of a kind that weigh as much as what is known of collections in general."""
REACH = {"judged": 1.0, "generated": 0.05}
"""How far from the prior questions of a kind may lead. Generated ones repeat their passages' words: on four public sets
they were best served at 0 to 0.5, the real questions at 0.5 to 0.8, so that they can say little."""
LOSS = 0.005
"""What the chosen weight may fall behind the better side on questions that did not choose it."""


class Fit(msgspec.Struct):
    """A fitted weight: of how many questions and which kind, what nDCG@10 it had on questions it was not chosen by,
    and what words and meaning alone have."""

    weight: float
    questions: int
    of: str
    expected: float
    keyword: float
    vector: float
    moment: int = 0


def fit(
    library: Library,
    collection: Collection,
    questions: Sequence[Question],
    of: str,
    told: Callable[[int], Any] = lambda done: None,
) -> Fit:
    """The weight for `collection` by these questions, which are `judged` or `generated`."""
    curves = []
    for done, question in enumerate(questions):
        told(done)
        curves.append(_curve(library, collection, question))
    found = choose(curves, WORTH[of], REACH[of])
    found.of, found.moment = of, clock.now_ns()
    return found


def keep(library: Library, collection: Collection, found: Fit) -> Collection:
    """Store the weight in the collection: `hybrid`, and all that begin with it, use it from now on."""
    known = library.collection(collection.project, collection.name)
    settings = msgspec.structs.replace(
        known.settings, fitted=known.settings.fitted | {"hybrid": msgspec.to_builtins(found)}
    )
    return library.configure(known, settings)


def choose(curves: Sequence[Sequence[float]], worth: float, reach: float = 1.0) -> Fit:
    """The weight for questions whose nDCG@10 at each of `WEIGHTS` is a curve, at most `reach` from the prior."""
    if not curves:
        return Fit(fusion.PRIOR, 0, "", 0.0, 0.0, 0.0)
    means = _means(curves)
    words, meaning = means[0], means[-1]
    side = 0 if words >= meaning else len(WEIGHTS) - 1
    held = _held_out(curves, worth, reach)
    best = _best(curves, worth, reach)
    if reach >= 1 and held < max(words, meaning) - LOSS and len(curves) >= FOLDS:
        best, held = side, means[side]
    return Fit(WEIGHTS[best], len(curves), "", held, words, meaning)


def _best(curves: Sequence[Sequence[float]], worth: float, reach: float) -> int:
    """The place of the weight with the best mean, shrunk towards the prior."""
    count, means = len(curves), _means(curves)
    level = max(means)
    known = [level - STEEPNESS * (weight - fusion.PRIOR) ** 2 for weight in WEIGHTS]
    shrunk = [(count * m + worth * k) / (count + worth) for m, k in zip(means, known, strict=True)]
    near = [at for at, weight in enumerate(WEIGHTS) if abs(weight - fusion.PRIOR) <= reach + 1e-9]
    return max(near, key=lambda at: (shrunk[at], -abs(WEIGHTS[at] - fusion.PRIOR)))


def _held_out(curves: Sequence[Sequence[float]], worth: float, reach: float) -> float:
    """Mean nDCG@10 of questions at the weight that the others choose."""
    total = 0.0
    for fold in range(FOLDS):
        others = [c for at, c in enumerate(curves) if at % FOLDS != fold]
        place = _best(others, worth, reach) if others else WEIGHTS.index(fusion.PRIOR)
        total += sum(c[place] for at, c in enumerate(curves) if at % FOLDS == fold)
    return total / len(curves)


def _means(curves: Sequence[Sequence[float]]) -> list[float]:
    return [sum(column) / len(curves) for column in zip(*curves, strict=True)]


def _curve(library: Library, collection: Collection, question: Question) -> list[float]:
    """nDCG@10 of one question at each weight."""
    query = Query(question.text, limit=hybrid.DEPTH)
    shelf = library.shelf(collection, query)
    keyword = shelf.keyword(query.text, hybrid.DEPTH)
    vector: Scored = []
    if shelf.has_vectors():
        vector = hybrid.both(shelf, query.text, keyword, shelf.vector(query.text, hybrid.DEPTH))
    hits = shelf.hits(fusion.fused(keyword, vector)[0])
    names = {h.chunk.id: (h.document.source, h.document.id) for h in hits}
    curve = []
    for weight in WEIGHTS:
        ids = [names[id_] for id_, _ in fusion.fused(keyword, vector, weight)[0] if id_ in names]
        curve.append(measures.ndcg(compared.documents(ids, question.judged), question.judged))
    return curve
