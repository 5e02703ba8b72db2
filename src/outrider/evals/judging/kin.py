"""A judge of the subject's own family is refused: models prefer what they would have said themselves."""

from collections.abc import Callable

from outrider.base.errors import RequestError
from outrider.evals.evaluators import Evaluator
from outrider.evals.suite import Suite

Families = Callable[[str], frozenset[str]]


def judges(suite: Suite) -> list[Evaluator]:
    """The evaluators of a suite whose scores a model says."""
    return [one for one in suite.evaluators if one.judge]


def asked(suite: Suite) -> list[tuple[Evaluator, str]]:
    """The evaluators of a suite that ask a route, and the route: judges, and those that have one in the option that
    their module names as `ASKS`."""
    found = [(one, str(one.options.model)) for one in judges(suite)]
    named = [(one, str(getattr(one.options, getattr(one.module, "ASKS", ""), ""))) for one in suite.evaluators]
    return found + [(one, route) for one, route in named if route]


def of_variants(suite: Suite, families: Families) -> dict[str, frozenset[str]]:
    """Whose models answer, by variant. What is no route has nobody's."""
    return {one.name: families(one.model) if one.model else frozenset() for one in suite.variants}


def check(suite: Suite, families: Families | None) -> None:
    """Raises RequestError for a judge whose models are of the family of a variant's, unless it says `same_family`.
    `families` None: nobody can be asked, and nobody judges."""
    if families is None:
        return
    for judge, route in asked(suite):
        if judge.options.same_family:
            continue
        theirs = families(route)
        for name, own in of_variants(suite, families).items():
            if both := sorted(theirs & own):
                raise RequestError(
                    f"the judge {judge.name!r} ({route}) and the variant {name!r} are of one family"
                    f" ({both[0]}), and models prefer their own: choose a judge of another family, or say"
                    " `same_family: true` and look at `outrider judges measure`",
                    code="same_family",
                    param="evaluators",
                )
