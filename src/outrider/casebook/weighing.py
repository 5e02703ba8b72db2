"""What speaks for an answer as one score, with weights that `benchmarks/casebook_fit.py` fitted on golden questions
(`data/weights.json`): the log-odds that a figure or a sentence answers the question; and, from the scores of all of
them, whether anything answers it.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEATURES = (
    "near",
    "counted",
    "whose",
    "place",
    "share",
    "least",
    "known",
    "lacks",
    "figure",
    "fits",
    "way",
    "before",
    "long",
    "read",
    "told",
)
"""How near it is to the question, how near to what is counted, how near its case is to the question, the case's place;
how much of the question's words it has, how near it comes to the word that it is farthest from, and how near all that
its case says comes to that; whether it lacks the name that is asked for; whether it is a figure, one of the kind that
is asked for, one that went the way that is asked for, one of how it was before where that is asked for; how long it is;
whether it answers, to who reads both together (`knowledge/reader.py`); and whether such a passage is told for such a
question."""
QUESTION = (
    "score",
    "second",
    "together",
    "told",
    "told_most",
    "number",
    "many",
    "words",
    "number_score",
    "number_told",
    "number_near",
    "number_fits",
    "alike",
    "alike_most",
    "near_most",
    "share_most",
    "least_most",
    "read",
    "read_most",
)
"""Of a question with all its candidates: the best score, the second and what they come to together; whether such a
passage is told for such a question, of the best and of any; how surely a number is asked for; how many candidates and
words of content there are; score, `told`, nearness and kind of the best where a number is asked for; how near the best
and the nearest are to the question without its names; the most of any nearness and words; and what the reader says of
the best, and the most that it says of any."""
MANY, WORDS = 20.0, 8.0
"""Candidates and words that count for 1."""
SCALE = 8.0
"""Of products of two unit vectors' parts, beside the parts."""
STEEP = 4.0
"""Of how surely a number is asked for."""


class Weights(msgspec.Struct, frozen=True):
    """`figure` and `sentence`: of the features, where a number is asked for and where not, the bias last. `question`:
    of what is known of a question with all its candidates, the bias last (0 is enough for an answer). `number`: whether
    a number is asked for, by the vector of the question without names, by its form (`facts.form`), and a bias. `asked`,
    `both`, `bias`: which question is told of by a passage, by that vector, and by its product with the passage's."""

    figure: tuple[float, ...]
    sentence: tuple[float, ...]
    question: tuple[float, ...]
    number: tuple[float, ...]
    asked: tuple[float, ...]
    both: tuple[float, ...]
    bias: float


@lru_cache(maxsize=1)
def weights() -> Weights:
    return msgspec.json.decode((files("outrider.casebook") / "data" / "weights.json").read_bytes(), type=Weights)


def score(
    features: Sequence[float], asked: "NDArray[np.float32]", said: "NDArray[np.float32]", form: Sequence[float]
) -> float:
    """How much speaks for a candidate, beside the others."""
    fitted, figure = weights(), number(asked, form)
    every = (*features, told(asked, said), 1.0)
    both = zip(fitted.figure, fitted.sentence, every, strict=True)
    return sum((figure * f + (1 - figure) * s) * one for f, s, one in both)


def enough(features: "Floats") -> float:
    """How much speaks for answering a question (`of_question`); below 0 it is not enough."""
    return sum(w * float(f) for w, f in zip(weights().question, (*features, 1.0), strict=True))


def of_question(
    scores: "Floats", rows: "Floats", told_of: "Floats", numbers: "Floats", alike: "Floats", words: int
) -> "Floats":
    """What is known of a question, in the order of `QUESTION`, from all its candidates: their scores, features, `told`,
    `number`, and likeness to the question without names; and from its words of content."""
    import numpy as np

    best, order = int(scores.argmax()), np.sort(scores)[::-1]
    score, told_best, figure = order[0], told_of[best], numbers[best]
    near, share, least, read = (rows[:, FEATURES.index(name)] for name in ("near", "share", "least", "read"))
    fits = rows[best, FEATURES.index("fits")]
    return np.array([
        score, order[min(1, len(order) - 1)], score + np.log(np.exp(scores - score).sum()),
        told_best, told_of.max(), figure, len(scores) / MANY, words / WORDS,
        figure * score, figure * told_best, figure * near[best], figure * fits,
        alike[best], alike.max(), near.max(), share.max(), least.max(), read[best], read.max(),
    ], np.float64)  # fmt: skip


def number(asked: "NDArray[np.float32]", form: Sequence[float]) -> float:
    """How surely a number is asked for, from 0 to 1; for vectors of another embedder, whether its words say so."""
    wanted, *_ = _arrays()
    if len(asked) + len(form) + 1 != len(wanted):
        return form[0]
    rest = zip(wanted[len(asked) :], (*form, 1.0), strict=True)
    by = float(asked @ wanted[: len(asked)]) + sum(float(w) * f for w, f in rest)
    return 1 / (1 + math.exp(-STEEP * by))


def told(asked: "NDArray[np.float32]", said: "NDArray[np.float32]") -> float:
    """Whether a passage like `said` answers questions like `asked`: about 1 if it does, -1 if not; 0 for vectors of
    another embedder than the one of the weights."""
    _, asked_weights, both_weights, bias = _arrays()
    if len(asked) != len(asked_weights):
        return 0.0
    return float(asked @ asked_weights + (asked * said) @ both_weights * SCALE + bias)


@lru_cache(maxsize=1)
def _arrays() -> "tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], float]":
    import numpy as np

    fitted = weights()
    wanted, asked, both = (np.array(w, np.float32) for w in (fitted.number, fitted.asked, fitted.both))
    return wanted, asked, both, fitted.bias
