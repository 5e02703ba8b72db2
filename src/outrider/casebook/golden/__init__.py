"""The golden set: questions about the bundled cases with known answers, and questions that they do not answer."""

from outrider.casebook.golden.questions import Golden, load
from outrider.casebook.golden.score import Score, score

__all__ = ["Golden", "Score", "load", "score"]
