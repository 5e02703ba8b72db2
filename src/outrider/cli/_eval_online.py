"""`outrider eval online`: scores of live traffic, how they stand and how they were."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from outrider.base import clock, money
from outrider.base.errors import RequestError
from outrider.cli._output import JSON_OPTION, CheckFailed, clean, emit_json, hint, many, note, say, table, when
from outrider.cli.context import outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.calibrate.intervals import Interval
    from outrider.evals.online.desk import OnlineDesk, RuleState, Status
    from outrider.evals.online.series import Point

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Scores of live traffic: how they stand, how they were, a round at once.",
)
_PROJECT = typer.Option(help="The project; the first one if not given.")
LONGEST = 600.0
"""Seconds that `now` waits for a round of the server's."""
LOOK = 0.3


@app.command()
def status(ctx: typer.Context, project: Annotated[str, _PROJECT] = "", json: bool = JSON_OPTION) -> None:
    """Rules, what they drew, how their evaluators stand over the last 24 hours, and today's budget."""
    with outrider(ctx).online() as online:
        found = online.desk().status(_project(ctx, project))
    if json:
        emit_json(found)
        return
    if not found.rules:
        note("There are no rules: evaluation.online.rules in outrider.yaml has them.")
        return
    _head(found)
    rows = [row for rule in found.rules for row in _rows(rule)]
    table(("rule", "draws", "evaluator", "last 24 h [95 %]", "n", "done", "waiting", "failed"), rows)
    for rule in found.rules:
        _notes(rule)
    hint("outrider eval online series RULE", "outrider eval online now")


@app.command()
def series(
    ctx: typer.Context,
    rule: Annotated[str, typer.Argument(help="The rule.")],
    evaluator: Annotated[str, typer.Option(help="Which of its evaluators; the first, or the chain's `verdict`.")] = "",
    hours: Annotated[bool, typer.Option("--hours", help="A line for each hour instead of each day.")] = False,
    since: Annotated[str, typer.Option(help="From then on: `24h`, `7d`, a date.")] = "7d",
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """What holds of all runs by the day or hour, with intervals, and when it changed."""
    from outrider.journal.where import moment

    with outrider(ctx).online() as online:
        desk = online.desk()
        chosen = desk.rule(_project(ctx, project), rule)
        if not chosen.names():
            raise RequestError(f"the rule {rule!r} has no evaluators: it only proposes cases", param="rule")
        name, now = evaluator or chosen.names()[0], clock.now_ns()
        points = desk.series(chosen, name, "hour" if hours else "day", moment("since", since), now)
        changes = [one for one in desk.book.changes(chosen.project, rule) if one.evaluator == name]
    if json:
        emit_json({"rule": rule, "evaluator": name, "points": points, "changes": changes})
        return
    table(
        ("from (UTC)", "mean [95 %]", "scored", "of runs", "said nothing"),
        [(when(p.at), _mean(p), str(p.scored), str(p.seen), str(p.silent)) for p in points if p.seen or p.scored],
        right=("scored", "of runs", "said nothing"),
    )
    for one in changes:
        note(f"{one.said()} with a run of {when(one.since_at)}")
    if not any(p.scored for p in points):
        note(f"Nothing was scored by {name} since then.")
        hint("outrider eval online status")


@app.command()
def now(ctx: typer.Context, json: bool = JSON_OPTION) -> None:
    """Look at live traffic now: draw, and score until nothing is due. Judges need a running Outrider."""
    here = outrider(ctx)
    store = here.open_store()
    try:
        here.index_now(store)
    finally:
        store.close()
    with here.online() as online:
        desk = online.desk()
        if not here.settings().evaluation.online.rules:
            raise RequestError("there are no rules: evaluation.online.rules in outrider.yaml has them", param="rules")
        told = online.round()
        if told is None:
            _wait(desk)
    if json:
        emit_json({"by": "here" if told is not None else "server", "round": told})
    elif told is not None:
        say(f"drew {many(told.drawn, 'run')}, scored {told.scored}, found {many(told.changes, 'change')}")
    else:
        say("the server has looked at it")
    hint("outrider eval online status", json=json)


def _wait(desk: "OnlineDesk") -> None:
    """For a round of whoever works on it. Raises CheckFailed."""
    at, began = desk.ask_for_round(), time.monotonic()
    while desk.book.lead().done < at:
        if time.monotonic() - began > LONGEST:
            note(f"the server has not ended a round within {LONGEST:g} s; it goes on by itself")
            raise CheckFailed
        time.sleep(LOOK)


def _head(found: "Status") -> None:
    words = {
        "waiting": "nobody works on it: `outrider up` does, or `outrider eval online now`",
        "working": "it is worked on",
        "off": "it is off",
    }[found.state]
    last = f", last round at {clock.iso(found.done)}" if found.done else ""
    calls = f"{found.spent.calls}" + (f" of {found.calls}" if found.calls else "")
    cost = f"${money.usd(found.spent.cost)}" + (f" of ${money.usd(found.money)}" if found.money else "")
    say(f"{words}{last}; today (UTC) judges took {calls} calls, {cost}")
    if found.fault:
        note(found.fault)


def _rows(rule: "RuleState") -> list[tuple[str, ...]]:
    counts = (str(rule.counts.done), str(rule.counts.waiting), str(rule.counts.failed))
    rows: list[tuple[str, ...]] = [
        (rule.name, rule.drawn, line.name, _interval(line.lately), str(line.lately.n if line.lately else 0), *counts)
        for line in rule.lines
    ]
    return rows or [(rule.name, rule.drawn, "(proposes cases)", "-", "0", *counts)]


def _notes(rule: "RuleState") -> None:
    for line in rule.lines:
        if line.note:
            note(f"{rule.name}: {line.name}: {line.note}")
    for one in rule.changes[:1]:
        note(f"{rule.name}: {one.said()} at {when(one.since_at)}")
    if rule.counts.why:
        note(f"{rule.name}: {clean(rule.counts.why)}")


def _mean(point: "Point") -> str:
    if point.estimate is None or point.low is None or point.high is None:
        return "-"
    return f"{point.estimate:.3f} [{point.low:.3f}, {point.high:.3f}]"


def _interval(found: "Interval | None") -> str:
    return f"{found.estimate:.3f} [{found.low:.3f}, {found.high:.3f}]" if found is not None else "-"


def _project(ctx: typer.Context, project: str) -> str:
    known = outrider(ctx).settings().projects
    if project and project not in known:
        raise RequestError(f"there is no project {project!r}; there are: {', '.join(known)}", param="project")
    return project or known[0]
