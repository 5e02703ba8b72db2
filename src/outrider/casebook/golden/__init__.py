"""The golden set: questions about the bundled cases, and about the public database, with known answers, and questions
that they do not answer."""

from outrider.casebook.golden.questions import Golden, load, placed, public
from outrider.casebook.golden.score import Score, score

__all__ = ["Golden", "Score", "load", "placed", "public", "score"]
