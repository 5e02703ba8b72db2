"""The answer has the form of a pattern."""

import msgspec

from outrider.base.errors import RequestError
from outrider.evals import patterns
from outrider.evals.evaluators import Ports
from outrider.evals.records import Case, Outcome, Score

WHAT = "a regular expression is found in the answer"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`pattern` in Python's syntax; without it the case's `expected` is the pattern. `whole`: all of the answer has to
    be it. `absent`: it must not be found."""

    pattern: str = ""
    whole: bool = False
    absent: bool = False


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    pattern = options.pattern or case.expected
    if not isinstance(pattern, str) or not pattern:
        return Score(None, "there is no pattern")
    try:
        compiled = patterns.compiled(pattern)
    except ValueError as error:
        raise RequestError(str(error), param="pattern") from None
    try:
        found = patterns.search(compiled, outcome.text.strip() if options.whole else outcome.text, whole=options.whole)
    except patterns.TooLong as fault:
        return Score(None, str(fault))
    return Score(float((found is None) == options.absent))
