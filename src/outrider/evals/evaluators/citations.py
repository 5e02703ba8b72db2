"""Whether what an answer says stands in the sources that it names."""

import msgspec

from outrider.evals.evaluators import Ports
from outrider.evals.records import Case, Outcome, Score

WHAT = "the share of a grounded answer's claims that their citations support"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to choose: the check is the one of grounded answers."""


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    claims = [claim for claim in outcome.about.get("claims", ()) if isinstance(claim, dict)]
    if not claims:
        return Score(None, "the answer names no claims with sources: ask a route with `knowledge`")
    bad = [claim for claim in claims if not claim.get("supported")]
    reason = f"not supported: {str(bad[0].get('text', ''))[:120]}" if bad else ""
    return Score(1 - len(bad) / len(claims), reason, about={"claims": len(claims)})
