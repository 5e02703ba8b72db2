"""The answer has the expected texts in it."""

import msgspec

from outrider.evals.evaluators import Ports
from outrider.evals.evaluators.exact import plain, texts
from outrider.evals.records import Case, Outcome, Score

WHAT = "the answer has the expected texts in it, and none of the forbidden ones"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`texts` are looked for instead of the case's `expected`; `any`: one of them is enough; `never` must not be
    there."""

    texts: tuple[str, ...] = ()
    any: bool = False
    never: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ("case", "space")


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    wanted = list(options.texts) or ([] if case.expected is None else texts(case.expected))
    if not wanted and not options.never:
        return Score(None, "nothing is looked for")
    said = plain(outcome.text, options.ignore)
    bad = [one for one in options.never if plain(one, options.ignore) in said]
    if bad:
        return Score(0.0, f"it says {bad[0]!r}")
    missing = [one for one in wanted if plain(one, options.ignore) not in said]
    if options.any and len(missing) < len(wanted):
        missing = []
    share = 1 - len(missing) / len(wanted) if wanted else 1.0
    return Score(share, f"it does not say {missing[0]!r}" if missing else "")
