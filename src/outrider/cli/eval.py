"""`outrider eval`: run a suite, go on with one that stopped, look at what came of it."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outrider.base import clock, env, money
from outrider.base.errors import RequestError
from outrider.cli._eval_diagnose import diagnose
from outrider.cli._eval_online import app as online
from outrider.cli._output import JSON_OPTION, CheckFailed, emit_json, hint, many, note, say, table
from outrider.cli._serving import reached
from outrider.cli.context import outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.cli.context import EvalsView
    from outrider.evals.compare import Report
    from outrider.evals.experiments import Experiment
    from outrider.evals.suite import Suite

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Compare variants on cases, with intervals and gates."
)
app.add_typer(online, name="online")
app.command()(diagnose)
_PROJECT = typer.Option(help="The project; the first one if not given.")
_SERVE = typer.Option(help="Start Outrider for the time of this command, if it does not run.")
_URL = typer.Option(help="Another Outrider's address, asked with OUTRIDER_KEY.")


@app.command()
def run(
    ctx: typer.Context,
    suite: Annotated[Path, typer.Argument(help="A suite: YAML with dataset, variants, evaluators and gates.")],
    url: Annotated[str, _URL] = "",
    project: Annotated[str, _PROJECT] = "",
    fresh: Annotated[bool, typer.Option(help="Ask again what was answered before.")] = False,
    markdown: Annotated[Path | None, typer.Option(help="Write the report here, for a pull request.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the gates here, for a build server.")] = None,
    serve: Annotated[bool, _SERVE] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Run a suite and judge it. Exit code 1 if a gate fails, or if nobody can know yet whether it holds."""
    import msgspec

    from outrider.evals import planning
    from outrider.evals import suite as suites
    from outrider.evals.judging import kin

    loaded = suites.load(suite)
    loaded = msgspec.structs.replace(loaded, reuse=loaded.reuse and not fresh)
    with reached(ctx, loaded, url, serve), outrider(ctx).evals() as evals:
        if kin.asked(loaded):  # refused before anything is kept of it
            kin.check(loaded, evals.ports([], url=url, key=env.get("OUTRIDER_KEY").strip()).families)
        begun = planning.begin(loaded, evals.datasets, evals.experiments, _project(ctx, project))
        note(f"{begun.id}: {many(begun.items, 'answer')}")
        _work(evals, begun, loaded, url, json, markdown, junit)


@app.command()
def resume(
    ctx: typer.Context,
    experiment: Annotated[str, typer.Argument(help="Its id or name; the newest of that name.")],
    url: Annotated[str, _URL] = "",
    project: Annotated[str, _PROJECT] = "",
    markdown: Annotated[Path | None, typer.Option(help="Write the report here, for a pull request.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the gates here, for a build server.")] = None,
    serve: Annotated[bool, _SERVE] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Go on with an experiment that was stopped or cut off. What was answered is not asked again."""
    from outrider.evals import planning
    from outrider.evals.redteam.campaign import PLAN

    with outrider(ctx).evals() as evals:
        found = evals.experiments.get(_project(ctx, project), experiment)
        if PLAN in found.plan:
            raise RequestError(f"{found.id} is a red team: `outrider redteam --resume {found.id}` goes on with it")
        loaded = planning.read(found.plan)
        with reached(ctx, loaded, url, serve):
            _work(evals, found, loaded, url, json, markdown, junit)


@app.command()
def show(
    ctx: typer.Context,
    experiment: Annotated[str, typer.Argument(help="Its id or name; the newest of that name.")],
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """The report on an experiment as far as it is."""
    from outrider.evals import planning

    with outrider(ctx).evals() as evals:
        found = evals.experiments.get(_project(ctx, project), experiment)
        _tell(_report(evals, found, planning.read(found.plan)), json)


@app.command("list")
def list_(
    ctx: typer.Context,
    project: Annotated[str, _PROJECT] = "",
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
    json: bool = JSON_OPTION,
) -> None:
    """Experiments, the newest first."""
    import msgspec

    with outrider(ctx).evals() as evals:
        found = evals.experiments.newest(_project(ctx, project), limit)
        rows = [(one, evals.experiments.progress(one.id)) for one in found]
    if json:
        about = [(msgspec.to_builtins(one), msgspec.to_builtins(far)) for one, far in rows]
        emit_json([{**one, "plan": None, **far, "cost": money.usd(far["cost"])} for one, far in about])
        return
    table(
        ("experiment", "name", "status", "answers", "cost", "created"),
        [
            (one.id, one.name, one.status, f"{far.done}/{far.items}", f"${money.usd(far.cost)}", clock.iso(one.created))
            for one, far in rows
        ],
    )
    hint("outrider eval show EXPERIMENT", json=json)


@app.command()
def diff(
    ctx: typer.Context,
    experiment: Annotated[str, typer.Argument(help="Its id or name; the newest of that name.")],
    score: Annotated[str, typer.Option(help="By which evaluator; the first one if not given.")] = "",
    variant: Annotated[str, typer.Option(help="Which variant beside the baseline; the first other one.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="Cases to show.")] = 10,
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """The cases that got better or worse, with both answers side by side."""
    from outrider.evals import planning

    with outrider(ctx).evals() as evals:
        found = evals.experiments.get(_project(ctx, project), experiment)
        report = _report(evals, found, planning.read(found.plan))
        wanted = next(
            (one for one in report.against if score in ("", one.score) and variant in ("", one.variant)), None
        )
        if wanted is None:
            raise RequestError("there is no such comparison: the experiment needs a second variant and an evaluator")
        cases = [*wanted.lost, *wanted.gained][:limit]
        answers = {case: list(evals.experiments.done(found.id, case=case)) for case in cases}
    shown: list[dict[str, Any]] = [
        {
            "case": case,
            "change": "worse" if case in wanted.lost else "better",
            "answers": [
                {"variant": one.item.variant, "turn": one.item.turn, "run": one.outcome.run,
                 "score": one.scores[wanted.score].value, "reason": one.scores[wanted.score].reason,
                 "text": one.outcome.text or one.outcome.error}
                for one in answers[case] if one.item.variant in (wanted.variant, wanted.baseline)
            ],
        }
        for case in cases
    ]  # fmt: skip
    if json:
        emit_json(shown)
        return
    if said := next((one.note for one in report.measured if one.score == wanted.score), ""):
        note(f"{wanted.score}: {said}")
    for one in shown:
        say(f"{one['change']}: {one['case']}")
        for answer in one["answers"]:
            say(f"  {answer['variant']} [{answer['score']}] {_short(answer['text'])}  {answer['reason']}")


@app.command()
def stop(
    ctx: typer.Context,
    experiment: Annotated[str, typer.Argument(help="Its id or name.")],
    project: Annotated[str, _PROJECT] = "",
) -> None:
    """Ask whoever works on an experiment to stop; `resume` goes on with it."""
    with outrider(ctx).evals() as evals:
        found = evals.experiments.stop(_project(ctx, project), experiment)
    say(f"{found.id} is {found.status}")
    hint(f"outrider eval resume {found.id}")


@app.command("evaluators")
def evaluators_(json: bool = JSON_OPTION) -> None:
    """What answers can be held against."""
    from outrider.evals.evaluators import kinds

    if json:
        emit_json(kinds())
        return
    table(("evaluator", "what it does"), list(kinds().items()))


def _project(ctx: typer.Context, project: str) -> str:
    known = outrider(ctx).settings().projects
    if project and project not in known:
        raise RequestError(f"there is no project {project!r}; there are: {', '.join(known)}", param="project")
    return project or known[0]


def _work(
    evals: "EvalsView",
    experiment: "Experiment",
    suite: "Suite",
    url: str,
    json: bool,
    markdown: Path | None,
    junit: Path | None,
) -> None:
    """Work until there is nothing left, then judge. Raises CheckFailed."""
    from outrider.evals import planning, report
    from outrider.evals.runner import Runner

    plan = experiment.plan
    cases = planning.by_digest(evals.datasets.cases(experiment.project, plan["dataset"], plan["version"]))
    opens = evals.opens([f"eval:{experiment.id}"], url=url, key=env.get("OUTRIDER_KEY").strip())
    ports = evals.ports([f"judge:{experiment.id}"], url=url, key=env.get("OUTRIDER_KEY").strip())
    runner = Runner(evals.experiments, experiment, suite, cases, opens, ports, _progress())
    ended = asyncio.run(runner.run())
    found = _report(evals, ended, suite)
    if markdown is not None:
        markdown.write_text(report.markdown(found))
    if junit is not None:
        junit.write_text(report.junit(found))
    _tell(found, json)
    if not found.complete:
        note(f"{ended.id} stopped: {ended.about.get('why', '')}; `outrider eval resume {ended.id}` goes on")
        raise CheckFailed
    if found.verdict != "passed":
        raise CheckFailed


def _report(evals: "EvalsView", experiment: "Experiment", suite: "Suite") -> "Report":
    from outrider.evals.compare import report
    from outrider.evals.judging.notes import notes

    said = notes(evals.experiments, evals.labels, experiment.project, suite)
    return report(experiment.id, suite, evals.experiments.done(experiment.id), items=experiment.items, notes=said)


def _tell(report: "Report", json: bool) -> None:
    from outrider.evals.report import against_words

    if json:
        emit_json(report)
        return
    against: Mapping[tuple[str, str], Any] = {(one.score, one.variant): one for one in report.against}
    rows = []
    for one in report.measured:
        mean = f"{one.mean.estimate:.3g} [{one.mean.low:.3g}, {one.mean.high:.3g}] {one.unit}" if one.mean.n else "-"
        other = against.get((one.score, one.variant))
        rows.append((one.score, one.variant, mean, str(one.mean.n), against_words(other) if other else ""))
    table(("score", "variant", "mean [95 %]", "n", "against the baseline"), rows)
    for one in report.measured:
        if one.silent:
            note(f"{one.score} says nothing about {many(one.silent, 'answer')} of {one.variant}: {one.why}")
    for name, said in dict.fromkeys((one.score, one.note) for one in report.measured if one.note):
        note(f"{name}: {said}")
    for held in report.gates:
        say(f"{held.verdict}: {held.gate} ({held.reason})")
    for name, count in report.failed.items():
        if count:
            note(f"{name}: {many(count, 'answer')} failed")
    hint(f"outrider eval diff {report.experiment}")


def _progress() -> Callable[[int, int, int], None]:
    """Says how far it is, at every tenth."""
    told = [-1]

    def tell(items: int, done: int, cost: int) -> None:
        tenth = done * 10 // max(1, items)
        if tenth > told[0]:
            told[0] = tenth
            note(f"{done}/{items}  ${money.usd(cost)}")

    return tell


def _short(text: str) -> str:
    return " ".join(text.split())[:160]
