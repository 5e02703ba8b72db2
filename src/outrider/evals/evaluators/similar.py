"""The answer means what the expected text means, as far as an embedder can tell."""

import msgspec

from outrider.evals.evaluators import Ports
from outrider.evals.evaluators.exact import texts
from outrider.evals.records import Case, Outcome, Score

WHAT = "cosine similarity of the answer and the expected text, by the embedded embedder"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`at_least`: from this similarity on the answer is right, below it wrong (0: the similarity itself counts)."""

    at_least: float = 0.0


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    if case.expected is None:
        return Score(None, "the case expects no text")
    if ports.embed is None:
        return Score(None, "there is no embedder: `outrider models install` brings one")
    said, *wanted = ports.embed([outcome.text, *texts(case.expected)])
    best = max(0.0, *(sum(a * b for a, b in zip(said, one, strict=True)) for one in wanted))
    return Score(float(best >= options.at_least) if options.at_least else min(1.0, best))
