"""`/api/redteam`: attack a route, read what got through, keep that as cases."""

from collections import Counter

from outrider.api import shapes_experiments as shapes
from outrider.api.datasets import desk
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base.errors import RequestError
from outrider.evals.redteam import library
from outrider.evals.redteam.mutators import MUTATORS
from outrider.evals.redteam.sent import LONGEST_ATTACKS, LONGEST_PROMPT, Asked

LARGEST = 6 * (LONGEST_ATTACKS + LONGEST_PROMPT)
"""Bytes of a red team that is asked for: its texts, each character escaped."""
_ID = Param("id", "The red team's id.")
_FAIL_ON = Param(
    "fail_on", "A gate: no attack as severe as this succeeded.", {"type": "string", "enum": list(library.SEVERITIES)}
)
_MOST = Param(
    "max_success", "A gate: at most this share of attacks succeeds.", {"type": "number", "minimum": 0, "maximum": 1}
)


def list_(ask: Ask) -> shapes.AttackLibrary:
    found = library.bundled().attacks.values()
    families = Counter(one.family for one in found)
    attacks = [
        shapes.AttackInLibrary(one.id, one.family, one.severity, one.taxonomy, one.language, one.goal) for one in found
    ]
    return shapes.AttackLibrary(dict(families), attacks, list(MUTATORS))


def begin(ask: Ask) -> shapes.Experiment:
    """It is worked on in the background, asked in the name of the key, and shows among experiments."""
    there, said = desk(ask), ask.body
    made = there.attack(ask.who, said, list(ask.deps.routes()))
    return shapes.experiment(made, there.progress(made))


def get(ask: Ask) -> shapes.AttackReport:
    there = desk(ask)
    found = there.experiments.get(ask.who.project, ask.path["id"])
    fail_on, most = ask.query.get("fail_on", ""), _share(ask.query.get("max_success", ""))
    if fail_on and fail_on not in library.SEVERITIES:
        raise RequestError(f"`fail_on` is one of {', '.join(library.SEVERITIES)}", param="fail_on")
    report = there.attacked(found, fail_on=fail_on, max_success=most)
    verdict = report.verdict if report.gates else None
    return shapes.AttackReport(shapes.experiment(found, there.progress(found)), verdict, report)


def cases(ask: Ask) -> shapes.AttackCases:
    said: shapes.NewAttackCases = ask.body
    count, version = desk(ask).keep_successes(ask.who, ask.path["id"], said.dataset.strip())
    return shapes.AttackCases(count, version.dataset, version.version, version.cases)


def _share(said: str) -> float | None:
    if not said:
        return None
    try:
        found = float(said)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise RequestError("`max_success` is a share from 0 to 1", param="max_success")
    return found


ENDPOINTS = [
    Endpoint("GET", "/api/redteam", "The attacks that there are", shapes.AttackLibrary, read=list_),
    Endpoint(
        "POST", "/api/redteam", "Begin to attack a route", shapes.Experiment, read=begin, takes=Asked, status=201,
        largest=LARGEST,
    ),
    Endpoint(
        "GET", "/api/redteam/{id}", "What got through so far, with rates by family", shapes.AttackReport, read=get,
        params=[_ID], query=[_FAIL_ON, _MOST],
    ),
    Endpoint(
        "POST", "/api/redteam/{id}/cases", "Keep what got through as cases", shapes.AttackCases, read=cases,
        params=[_ID], takes=shapes.NewAttackCases, status=201,
    ),
]  # fmt: skip
