"""What speaks for an answer as one score, with weights that `benchmarks/casebook_fit.py` fitted on golden questions
(`data/weights.json`): the log-odds that a figure or a sentence answers the question, above what is enough.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
    "long",
    "told",
)
"""How near it is to the question, how near to what is counted, how near its case is to the question, the case's place;
how much of the question's words it has, how near it comes to the word that it is farthest from, and how near all that
its case says comes to that; whether it lacks the name that is asked for; whether it is a figure, one of the kind that
is asked for, one that went the way that is asked for; how long it is; and whether such a passage is told for such a
question."""
SCALE = 8.0
"""Of products of two unit vectors' parts, beside the parts."""


class Weights(msgspec.Struct, frozen=True):
    """`figure` and `sentence`: of the features, where a number is asked for and where not, the bias last (0 is enough
    for an answer). `asked`, `both`, `bias`: which question is told of by a passage, by the vector of the question
    without names, and by its product with the passage's."""

    figure: tuple[float, ...]
    sentence: tuple[float, ...]
    asked: tuple[float, ...]
    both: tuple[float, ...]
    bias: float


@lru_cache(maxsize=1)
def weights() -> Weights:
    return msgspec.json.decode((files("outrider.casebook") / "data" / "weights.json").read_bytes(), type=Weights)


def score(
    features: Sequence[float], asked: "NDArray[np.float32]", said: "NDArray[np.float32]", *, figure: bool
) -> float:
    """How much speaks for a candidate; below 0 it is not enough. `figure`: the question asks for a number."""
    fitted = weights()
    every = (*features, told(asked, said), 1.0)
    return sum(w * f for w, f in zip(fitted.figure if figure else fitted.sentence, every, strict=True))


def told(asked: "NDArray[np.float32]", said: "NDArray[np.float32]") -> float:
    """Whether a passage like `said` answers questions like `asked`: about 1 if it does, -1 if not; 0 for vectors of
    another embedder than the one of the weights."""
    asked_weights, both_weights, bias = _arrays()
    if len(asked) != len(asked_weights):
        return 0.0
    return float(asked @ asked_weights + (asked * said) @ both_weights * SCALE + bias)


@lru_cache(maxsize=1)
def _arrays() -> "tuple[NDArray[np.float32], NDArray[np.float32], float]":
    import numpy as np

    fitted = weights()
    return np.array(fitted.asked, np.float32), np.array(fitted.both, np.float32), fitted.bias
