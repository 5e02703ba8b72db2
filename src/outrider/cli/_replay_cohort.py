"""`outrider replay --where`: all runs that a query finds, as one experiment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import typer

from outrider.base import money
from outrider.cli._output import many, note, parse_with
from outrider.cli.context import outrider
from outrider.cli.runs import open_store


class Wanted(msgspec.Struct, frozen=True):
    """What was asked for on the command line. `changed` are fields of the requests."""

    where: str
    project: str
    limit: int
    budget: str
    concurrency: int
    changed: Mapping[str, Any]
    live: tuple[str, ...]
    stand_ins: Path | None
    url: str
    as_of: int = 0


def cohort(ctx: typer.Context, wanted: Wanted, json: bool) -> None:
    """Replay them and say what came of it. Raises CheckFailed where it stopped."""
    from outrider.cli import eval as evaluation
    from outrider.evals import cohort as cohorts
    from outrider.evals import production
    from outrider.replay import query, stand_ins

    if wanted.stand_ins is not None:
        stand_ins.load(wanted.stand_ins)
    project = evaluation._project(ctx, wanted.project)
    budget: int = parse_with(_dollars, "--budget", wanted.budget) if wanted.budget else 0
    with open_store(ctx) as store:
        words, bad = production.FEEDBACK_BAD.subn(" ", f" {wanted.where} ")
        among = production.with_bad_feedback(store, project) if bad else None
        found = query.find(store, query.parse(words, project), wanted.limit, among)
    suite = cohorts.suite(
        f"replay {wanted.where}"[:150].strip(),
        wanted.changed,
        wanted.live,
        stand_ins=str(wanted.stand_ins.resolve()) if wanted.stand_ins is not None else "",
        as_of=wanted.as_of,
        budget=budget,
        concurrency=wanted.concurrency,
    )
    with outrider(ctx).evals() as evals:
        begun = cohorts.begin(suite, found, evals.datasets, evals.experiments, project)
        note(f"{begun.id}: {many(len(found), 'recorded conversation')}")
        evaluation._work(evals, begun, suite, wanted.url, json, None, None)


def _dollars(text: str) -> int:
    try:
        found = money.nano(text.removeprefix("$"))
    except (ArithmeticError, ValueError):
        found = 0
    if found <= 0:
        raise ValueError(f"expected dollars such as 0.05, not {text[:40]!r}")
    return found
