"""How well the passages were found that an answer rests on."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from outrider.evals.evaluators import Ports
from outrider.evals.records import Case, Outcome, Score
from outrider.knowledge.evaluate import measures

WHAT = "a retrieval measure over the sources that were found, against the case's relevant ones"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`relevant` of the case's context is a list of sources, or grades by source."""

    measure: Literal["recall", "ndcg", "mrr", "all"] = "recall"
    k: int = 10


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    judged = grades(case.context.get("relevant"))
    if not judged:
        return Score(None, "the case names no relevant sources")
    found = sources(outcome)
    measured = {
        "recall": measures.recall,
        "ndcg": measures.ndcg,
        "mrr": measures.reciprocal_rank,
        "all": measures.whole,
    }[options.measure](found, judged, options.k)
    return Score(measured, "" if found else "nothing was retrieved", about={"found": found[: options.k]})


def grades(relevant: Any) -> dict[str, float]:
    """Judgements from either form that a case may have."""
    if isinstance(relevant, Mapping):
        return {str(source): float(grade) for source, grade in relevant.items() if float(grade) > 0}
    return dict.fromkeys(map(str, relevant or ()), 1.0)


def sources(outcome: Outcome) -> list[str]:
    """What was retrieved on the way, the best first, each once."""
    found = [
        str(passage.get("source", ""))
        for step in outcome.steps
        if step.get("kind") == "retrieval"
        for passage in step.get("passages", ())
    ]
    return list(dict.fromkeys(one for one in found if one))
