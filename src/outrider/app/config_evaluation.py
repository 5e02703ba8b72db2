"""The settings of evaluation: which live traffic is scored, by whom, and what that may cost."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from outrider.app.config_limits import BudgetAlarms, BudgetRule, Match
from outrider.app.config_values import Count, Duration, Money, Share
from outrider.base.errors import ConfigError, RequestError
from outrider.limits import match, terms
from outrider.providers.embedded import catalogue

BUDGET, TAG = "evaluation.online", match.ONLINE
"""The budget that scores of live traffic have, and the tag under which judges are asked for them."""
EMBEDDED = "embedded/"
LARGEST_HOUR = 3_600


class OnlineRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which live runs are drawn, and who scores them. Its key under `rules` is its name."""

    kind: Annotated[
        Literal["random", "errors", "low-feedback", "rare"],
        Meta(
            description="What is drawn from: all runs; those that failed; those with bad feedback; all runs, the more "
            "often the farther their question is from what was seen."
        ),
    ] = "random"
    where: Annotated[
        str,
        Meta(
            description="Only these runs, in the words of the runs' filters: `route=support cost>0.05`. With "
            "`feedback=bad` a run is drawn from when it first gets bad feedback."
        ),
    ] = ""
    project: Annotated[str, Meta(description="Project whose runs they are; the first one if empty.")] = ""
    share: Annotated[Share | None, Meta(description="The part of them that is drawn, each run by its own lot.")] = None
    per_hour: Annotated[
        Annotated[int, Meta(ge=1, le=LARGEST_HOUR)] | None,
        Meta(description="So many of them in an hour, however many there are. Instead of `share`."),
    ] = None
    evaluators: Annotated[
        tuple[Any, ...],
        Meta(
            description="Evaluators as a suite has them, the cheap ones first. `unsure: [0.3, 0.7]` beside one says "
            "for which scores the next is asked; it is asked, too, where this one says nothing."
        ),
    ] = ()
    measures: Annotated[
        tuple[Any, ...],
        Meta(
            description="What is measured of every drawn run beside its scores: `seconds`, `dollars`, `trajectory`. "
            "A change of these is told, too."
        ),
    ] = ()
    audit: Annotated[
        Share | None,
        Meta(description="Part of the runs of which an evaluator is sure, for which the next is asked; null: none."),
    ] = "5%"
    propose_below: Annotated[
        float, Meta(ge=0.0, le=1.0, description="A score below this proposes the run as a case.")
    ] = 0.5
    propose_per_day: Annotated[
        int, Meta(ge=0, le=10_000, description="So many runs are proposed in a day at most; 0: none.")
    ] = 20


class OnlineBudget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What scores of live traffic may take in a day (UTC), over all rules."""

    usd: Annotated[
        Money | None,
        Meta(description="Dollars; held before a judge is asked, as any budget is. Null: no limit of their own."),
    ] = None
    calls: Annotated[Count | None, Meta(description="Calls of judges; null: no limit.")] = None


class Online(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Live traffic that is scored in the background."""

    every: Annotated[Duration, Meta(ge=1.0, description="How often new runs are looked at.")] = 30.0
    budget: Annotated[OnlineBudget, Meta(description="What scores may take in a day.")] = OnlineBudget()
    embeddings: Annotated[
        str,
        Meta(
            description="What tells which runs are `rare`: an embedded model, a route that serves embeddings (within "
            "the day's budget), or `words`. Empty: the embedded model where it is installed, else words."
        ),
    ] = ""
    rules: Annotated[
        dict[str, OnlineRule], Meta(description="Rules by name. A run may be drawn by several, once by each.")
    ] = {}


class Evaluation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Evaluation that goes on by itself."""

    online: Annotated[Online, Meta(description="Live traffic that is scored in the background.")] = Online()


def budgets(evaluation: Evaluation) -> Mapping[str, BudgetRule]:
    """The budget that holds the day's dollars, before a judge is asked and over all workers; empty without one."""
    online = evaluation.online
    if online.budget.usd is None or not online.rules:
        return {}
    matched, quiet = Match(tag=(TAG,)), BudgetAlarms(at=())
    return {BUDGET: BudgetRule(usd=online.budget.usd, window="day", match=matched, alarms=quiet)}


def limits(evaluation: Evaluation) -> tuple[int, int]:
    """A day's nano-dollars and calls; 0: no limit."""
    budget = evaluation.online.budget
    usd = terms.amount("usd", budget.usd) if budget.usd is not None else 0
    return usd, terms.amount("calls", budget.calls) if budget.calls is not None else 0


def problems_of(
    evaluation: Evaluation, projects: Sequence[str], taken: Mapping[str, object]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where something is wrong, and what. `taken` are names of budgets."""
    online = evaluation.online
    if BUDGET in taken and budgets(evaluation):
        yield ("online", "budget"), f"`budgets` has one named {BUDGET!r}, which is the name of this one: rename that"
    for key in ("usd", "calls"):
        said = getattr(online.budget, key)
        if said is not None and terms.amount(key, said) <= 0:
            yield ("online", "budget", key), "nothing could be scored by a judge: give more than 0, or leave it out"
    if online.embeddings.startswith(EMBEDDED):
        try:
            kind = catalogue.find(online.embeddings.removeprefix(EMBEDDED)).kind
        except ConfigError as error:
            yield ("online", "embeddings"), error.message
        else:
            if kind != "embed":
                yield ("online", "embeddings"), f"{online.embeddings!r} makes no embeddings"
    for name, rule in online.rules.items():
        for path, message in _problems(name, rule, projects):
            yield ("online", "rules", name, *path), message


def _problems(name: str, rule: OnlineRule, projects: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    from outrider.evals.online import rules

    if name == "rounds":
        yield (), "this name is taken by the API: choose another"
    if not rules.NAME.fullmatch(name):
        yield (), "a rule's name has up to 63 small letters, digits, dots, dashes and underscores"
    if rule.project and rule.project not in projects:
        yield ("project",), f"unknown project {rule.project!r}; there are: {', '.join(projects)}"
    try:
        rules.where(rule.where, rule.project, rule.kind)
    except RequestError as error:
        yield ("where",), error.message
    if (rule.share is None) == (rule.per_hour is None):
        yield (), "say how much is drawn: `share: 5%` or `per_hour: 20`, one of the two"
    if rule.kind == "rare" and rule.per_hour is not None:
        yield ("per_hour",), "the kind `rare` draws a `share`: what is rare has other chances than the rest"
    for key in ("share", "audit"):
        said = getattr(rule, key)
        if said is not None and terms.share(said) > 1:
            yield (key,), f"{said} is more than all of them"
    if not rule.evaluators and not rule.measures and rule.kind not in ("errors", "low-feedback"):
        yield ("evaluators",), "nobody scores what is drawn: name at least one, such as [refusal]"
    try:
        chain = rules.chain(rule.evaluators)
    except RequestError as error:
        yield ("evaluators", error.param or "0"), error.message
        return
    try:
        rules.measures(rule.measures, [step.evaluator.name for step in chain])
    except RequestError as error:
        yield ("measures", error.param or "0"), error.message


def made(evaluation: Evaluation, projects: Sequence[str]) -> "list[Any]":
    """The rules as those who draw read them, of settings that were checked."""
    from outrider.evals.online import rules

    found = []
    for name, rule in evaluation.online.rules.items():
        project = rule.project or projects[0]
        where, complained = rules.where(rule.where, project, rule.kind)
        chain = rules.chain(rule.evaluators)
        measured = rules.measures(rule.measures, [step.evaluator.name for step in chain])
        found.append(
            rules.Rule(
                name, project, rule.kind, where, _part(rule.share), rule.per_hour or 0, chain, _part(rule.audit),
                rule.propose_below, rule.propose_per_day, complained, measured,
            )
        )  # fmt: skip
    return found


def _part(said: str | None) -> float:
    return terms.share(said) if said is not None else 0.0
