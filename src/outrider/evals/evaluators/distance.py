"""How much of the answer would have to be written anew."""

import msgspec
from rapidfuzz.distance import Levenshtein

from outrider.evals.evaluators import Ports
from outrider.evals.evaluators.exact import plain, texts
from outrider.evals.records import Case, Outcome, Score

WHAT = "1 minus the edit distance to the expected text, as a part of the longer one"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`at_least`: from this similarity on the answer is right, below it wrong (0: the similarity itself counts)."""

    at_least: float = 0.0
    ignore: tuple[str, ...] = ("case", "space")


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    if case.expected is None:
        return Score(None, "the case expects no text")
    said = plain(outcome.text, options.ignore)
    best = max(Levenshtein.normalized_similarity(plain(one, options.ignore), said) for one in texts(case.expected))
    return Score(float(best >= options.at_least) if options.at_least else best, about={"similarity": round(best, 4)})
