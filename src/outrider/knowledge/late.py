"""Late interaction: a question's tokens against a passage's, by the token vectors of the collection's embedder."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outrider.knowledge.ports import Matrix


def maxsim(question: "Matrix", passage: "Matrix") -> float:
    """How well a passage answers each token of the question, on the average: the mean over the question's tokens of the
    nearest token's cosine. Rows are unit vectors, one for each token; nothing has no likeness (0)."""
    if not len(question) or not len(passage):
        return 0.0
    return float((question @ passage.T).max(axis=1).mean())


def nearest(question: "Matrix", passages: "Sequence[Matrix]") -> "Matrix":
    """For each passage and each token of the question, the cosine of the passage's nearest: (passages, tokens)."""
    import numpy as np

    found = np.zeros((len(passages), len(question)), np.float32)
    for at, passage in enumerate(passages):
        if len(passage):
            found[at] = (question @ passage.T).max(axis=1)
    return found
