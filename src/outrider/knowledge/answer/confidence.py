"""How likely the evidence answers the question: a few features, weighed by a logistic regression.

The weights are fitted by `benchmarks/refusals.py` on questions that are known to be answered or not, among them near
misses (the right company, a fact that is not told) and companies that are not there; see docs/guides/grounded-answers.
"""

import math
from collections.abc import Sequence

import msgspec

from outrider.knowledge.answer.evidence import Weighed, about, content, covered, stems, whole
from outrider.knowledge.verify import check, occurs

FEATURES = (
    "names", "passage", "sentence", "meaning", "weakest", "document_meaning", "kind", "head", "figures",
)  # fmt: skip
WEIGHTS = (5.01, 2.56, 0.87, -0.44, 1.15, 1.49, 2.45, 2.84, 1.86, -12.38)
"""Of the features in their order, and the bias."""
WORDS_ONLY = (4.74, 3.2, 1.03, 0.0, 0.0, 0.0, 2.03, 1.51, 2.37, -10.6)
"""The same where nothing compares by meaning."""
THRESHOLD = 0.545
_LIKE = 0.45
"""Cosine from which two words are taken to mean about the same."""


class Judged(msgspec.Struct):
    """`chance` that the evidence answers, and what is missing in words."""

    chance: float
    why: str
    features: tuple[float, ...]

    @property
    def answers(self) -> bool:
        return self.chance >= THRESHOLD


def weights(*, words_only: bool) -> tuple[float, ...]:
    """Weights of the features, and the bias."""
    return WORDS_ONLY if words_only else WEIGHTS


def judge(weighed: Weighed) -> Judged:
    """Whether to answer."""
    if not weighed.candidates:
        return Judged(0.0, _why(weighed), (0.0,) * len(FEATURES))
    features = features_of(weighed)
    if weighed.question.names and not features[0]:
        return Judged(0.0, _why(weighed), features)
    known = weights(words_only=weighed.likeness is None)
    total = sum(w * f for w, f in zip(known, (*features, 1.0), strict=True))
    return Judged(1 / (1 + math.exp(-max(-30.0, min(30.0, total)))), _why(weighed), features)


def features_of(weighed: Weighed) -> tuple[float, ...]:
    """The features in the order of `FEATURES`, each from 0 to 1, of the best sentence and its document's passages."""
    question, best = weighed.question, weighed.candidates[0]
    document = weighed.hits[best.at].document.id
    own = [i for i, c in enumerate(weighed.candidates) if weighed.hits[c.at].document.id == document]
    text = frozenset[str]().union(*(stems(whole(h)) for h in weighed.hits if h.document.id == document))
    even = dict.fromkeys(question.words, 1.0)
    return (
        best.named,
        covered(question, text, even),
        covered(question, best.stems | stems(about(weighed.hits[best.at])), even),
        *_meaning(weighed, own),
        _kind(weighed, own),
        _head(weighed, own, text),
        _figures_there(weighed, best.at),
    )


def _meaning(weighed: Weighed, own: Sequence[int]) -> tuple[float, float, float]:
    """How near the best sentence comes to the question's tokens, how near the document comes to the one that it is
    farthest from, and to all of them on average."""
    like = weighed.likeness
    if like is None or not like.size:
        return 0.0, 0.0, 0.0
    nearest = like[:, list(own)].max(axis=1)
    return float(like[:, 0].mean()), float(nearest.min()), float(nearest.mean())


def _kind(weighed: Weighed, own: Sequence[int]) -> float:
    """Whether the document has what is wanted: an amount, a date, a name; less if it is an amount of something else."""
    question = weighed.question
    if not question.wants - {"whether", "list"}:
        return 0.5
    found = [i for i in own if weighed.candidates[i].kind]
    if not found or not question.head:
        return float(bool(found))
    head = content(question.head)
    if any(head & weighed.candidates[i].stems for i in found):
        return 1.0
    return 0.5 if weighed.head is not None and max(weighed.head[i] for i in found) >= _LIKE else 0.0


def _head(weighed: Weighed, own: Sequence[int], text: frozenset[str]) -> float:
    """How near the document comes to what is asked for by name."""
    if not weighed.question.head:
        return 0.7
    if content(weighed.question.head) <= text:
        return 1.0
    return 0.0 if weighed.head is None else 0.9 * float(max(weighed.head[i] for i in own))


def _figures_there(weighed: Weighed, at: int) -> float:
    """Whether the figures that the question takes for granted are in the passage."""
    asked = weighed.question.text
    if not any(c.isdigit() for c in asked):
        return 1.0
    flaws = check(asked, [whole(weighed.hits[at])], known=asked)
    return 0.0 if any(f.kind != "name" and any(c.isdigit() for c in f.text) for f in flaws) else 1.0


def _why(weighed: Weighed) -> str:
    """What of the question the evidence does not have."""
    question = weighed.question
    texts = [whole(hit) for hit in weighed.hits]
    missing = [n for n in question.names if not any(occurs(n, t) for t in texts)]
    if missing:
        return f"no passage mentions {', '.join(missing[:3])}"
    there = frozenset[str]().union(*(stems(t) for t in texts))
    lost = [w for w in question.content.split() if content(w) - there]
    if lost:
        return f"no passage says anything about {', '.join(dict.fromkeys(lost[:3]))}"
    return "the passages that were found do not answer it" if texts else "nothing was found"
