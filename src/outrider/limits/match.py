"""Which calls a limit covers, and for whom it counts: compiled once, asked for every request. Pure.

Budgets and rates share these words: `match` names the calls (every given scope must have one of the values), `per`
divides the limit into one for each value of a scope.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from operator import attrgetter

from outrider.base.budget import Scope, Subject

Values = tuple[str, ...]
Cover = Callable[[Subject], Values]
"""The values that the limit counts the call for: `()` does not cover it, `("",)` is the one shared account.

A call has more than one value only for `per="tag"`. A call without a value in the scope `per` (no user was named)
is not covered: there is nobody to count it for.
"""

ONLINE = "eval:online"
"""The tag of our own judges of live traffic: only their calls count for a limit that matches it."""
EVERYBODY: Values = ("",)
NOBODY: Values = ()


def cover(match: Mapping[Scope, Values], per: Scope | None = None) -> Cover:
    """The function that says for a call whom it counts for."""
    tests = tuple((attrgetter(scope), frozenset(values)) for scope, values in match.items() if scope != "tag")
    tags = frozenset(match["tag"]) if "tag" in match else None
    given = _given(per, tags)
    if not tests and tags is None:
        return given

    def covering(subject: Subject) -> Values:
        for value_of, wanted in tests:
            if value_of(subject) not in wanted:
                return NOBODY
        if tags is not None and tags.isdisjoint(subject.tags):
            return NOBODY
        return given(subject)

    return covering


def _given(per: Scope | None, tags: frozenset[str] | None) -> Cover:
    """The values of the scope `per`; of tags only those that matched."""
    if per is None:
        return lambda subject: EVERYBODY
    if per == "tag":
        return lambda subject: tuple(dict.fromkeys(t for t in subject.tags if t and (tags is None or t in tags)))
    value_of: Callable[[Subject], str] = attrgetter(per)

    def given(subject: Subject) -> Values:
        value = value_of(subject)
        return (value,) if value else NOBODY

    return given


def scopes_of(limits: Iterable[tuple[Mapping[Scope, Values], Scope | None]]) -> frozenset[Scope]:
    """What these limits (their `match` and `per`) look at."""
    return frozenset(scope for match, per in limits for scope in (*match, *((per,) if per else ())))


def known_by(limits: Iterable[tuple[Mapping[Scope, Values], Scope | None]]) -> Callable[[Subject], Hashable]:
    """The function that says what of a subject these limits look at, in the order of the scopes' names: those for whom
    it is the same are covered the same."""
    scopes = scopes_of(limits)
    if not scopes:
        return lambda subject: None
    return attrgetter(*sorted("tags" if scope == "tag" else scope for scope in scopes))
