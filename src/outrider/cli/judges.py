"""`outrider judges`: say what you think of answers, and see what a judge is worth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outrider.base import clock, env
from outrider.base.errors import RequestError
from outrider.cli._output import JSON_OPTION, clean, emit_json, hint, many, note, say, table
from outrider.cli.context import outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from collections.abc import Callable, Iterable

    from outrider.calibrate.corrected import Corrected
    from outrider.calibrate.intervals import Interval
    from outrider.evals.evaluators import Evaluator
    from outrider.evals.experiments import Experiment
    from outrider.evals.judging.measure import Bias, Calibration
    from outrider.evals.suite import Suite

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Hold judges against people: labels, agreement, leanings, corrections.",
)
_EXPERIMENT = typer.Argument(help="Its id or name; the newest of that name.")
_JUDGE = typer.Option(help="Which judge of the suite; the first one if not given.")
_PROJECT = typer.Option(help="The project; the first one if not given.")
LEANINGS = (("position", "the answer shown first"), ("length", "longer answers"), ("own", "its own family"))


@app.command()
def label(
    ctx: typer.Context,
    experiment: Annotated[str, _EXPERIMENT],
    judge: Annotated[str, _JUDGE] = "",
    who: Annotated[str, typer.Option(help="Whose labels these are; the name you are signed in by if not given.")] = "",
    number: Annotated[int, typer.Option(min=1, max=10_000, help="How many answers to be shown.")] = 20,
    seen: Annotated[bool, typer.Option(help="Show what the judge says; the label is not blind then.")] = False,
    project: Annotated[str, _PROJECT] = "",
) -> None:
    """Say what you think of answers that a judge judged, drawn at random. `q` ends it; what you said is kept."""
    from outrider.evals.judging import session

    person = who or env.get("USER").strip()
    if not person:
        raise RequestError("say who labels: --who NAME", param="who")
    with outrider(ctx).evals() as evals:
        found, _, chosen = _judge(ctx, project, experiment, judge, evals.experiments.get)
        cases = {
            one.id: one for one in evals.datasets.cases(found.project, found.plan["dataset"], found.plan["version"])
        }
        waiting = session.draw(evals.experiments, evals.labels, found, chosen, person, number)
        for at, one in enumerate(waiting, 1):
            say(f"-- {at}/{len(waiting)}  {one.done.item.case_id}")
            say(_printable(session.text(cases.get(one.done.item.case_id), chosen, one)))
            words = session.choices(chosen, one)
            if seen:
                verdict = one.done.scores[chosen.name]
                say(f"[the judge: {clean(verdict.label)}. {clean(verdict.reason)}]")
            said = _asked(list(words))
            if said is None:
                break
            evals.labels.add(
                found.project, found.id, chosen.name, one.done, person, words[said],
                beside=one.beside, blind=not seen, drawn=True,
            )  # fmt: skip
        if not waiting:
            note(f"{person} has labelled every answer that {chosen.name} judged")
    hint(f"outrider judges measure {experiment}")


@app.command()
def measure(
    ctx: typer.Context,
    experiment: Annotated[str, _EXPERIMENT],
    judge: Annotated[str, _JUDGE] = "",
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """How far a judge agrees with people, which way it leans, whether that changes, and its scores corrected."""
    from outrider.evals.judging.measure import measure as measured

    with outrider(ctx).evals() as evals:
        found, suite, chosen = _judge(ctx, project, experiment, judge, evals.experiments.get)
        known = measured(evals.experiments, evals.labels, found, suite, chosen)
    if json:
        emit_json({**{name: getattr(known, name) for name in known.__struct_fields__}, "words": known.standing.words})
        return
    _tell(known)
    hint(f"outrider judges label {experiment}")


@app.command("agreement")
def agreement_(
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines or a JSON list: a row a thing, a column a rater.")],
    rater: Annotated[
        list[str] | None, typer.Option(help="A rater's column; repeat it. If not given: all but `id`, `item`, `case`.")
    ] = None,
    case: Annotated[str, typer.Option(help="The column that says which rows are about one thing.")] = "",
    people: Annotated[str, typer.Option(help="The column of people's scores, empty where nobody said.")] = "",
    judge: Annotated[str, typer.Option(help="The column of the judge's scores, to be corrected by people's.")] = "",
    json: bool = JSON_OPTION,
) -> None:
    """How far raters of a file agree: raw, kappa and AC1 with intervals; and a judge's scores corrected by people's."""
    from outrider.evals.judging import ratings

    said = ratings.read(file)
    columns = {name for row in said for name in row}
    found = ratings.held(said, rater or (), case or ("case" if "case" in columns else ""), people, judge)
    if json:
        emit_json(found)
        return
    known = found.agreement
    kappa = "Cohen's kappa" if known.raters == 2 else "Fleiss's kappa"
    row = (", ".join(found.raters), *map(_exact, (known.raw, known.kappa, known.ac1)), str(known.raw.n))
    table(("raters", "raw", kappa, "Gwet's AC1", "n"), [row])
    if found.confusion:
        heading = "{} says \\ {} says".format(*found.raters)
        table(
            (heading, *found.labels),
            [(name, *map(str, row)) for name, row in zip(found.labels, found.confusion, strict=True)],
        )
    if found.corrected is not None:
        _corrected([("all", found.corrected)], _exact)


@app.command("labels")
def labels_(
    ctx: typer.Context,
    project: Annotated[str, _PROJECT] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 20,
    json: bool = JSON_OPTION,
) -> None:
    """What people said, the newest first."""
    with outrider(ctx).evals() as evals:
        found = evals.labels.newest(_project(ctx, project), limit)
    if json:
        emit_json(found)
        return
    table(
        ("when", "who", "rubric", "value", "experiment", "place", "blind", "drawn"),
        [
            (clock.iso(one.at), one.who, one.rubric, f"{one.value:g}", one.experiment, str(one.place),
             "yes" if one.blind else "no", "yes" if one.drawn else "no")
            for one in found
        ],
    )  # fmt: skip


def _project(ctx: typer.Context, project: str) -> str:
    known = outrider(ctx).settings().projects
    if project and project not in known:
        raise RequestError(f"there is no project {project!r}; there are: {', '.join(known)}", param="project")
    return project or known[0]


def _judge(
    ctx: typer.Context, project: str, experiment: str, judge: str, get: Any
) -> "tuple[Experiment, Suite, Evaluator]":
    from outrider.evals import planning
    from outrider.evals.judging import kin

    found = get(_project(ctx, project), experiment)
    suite = planning.read(found.plan)
    judges = kin.judges(suite)
    chosen = next((one for one in judges if judge in ("", one.name)), None)
    if chosen is None:
        there = ", ".join(one.name for one in judges) or "none; `judge` and `prefer` are evaluators of a suite"
        named = f" {judge!r}" if judge else ""
        raise RequestError(f"{found.name} has no judge{named}; there are: {there}", param="judge")
    return found, suite, chosen


def _printable(text: str) -> str:
    """A text whose lines stay, without what could steer a terminal."""
    return "\n".join(clean(line) for line in text.splitlines())


def _asked(words: list[str]) -> str | None:
    """One of the words, by its beginning or number; None: the person ends it."""
    shown = "  ".join(f"{at} {word}" for at, word in enumerate(words, 1))
    while True:
        try:
            said = str(typer.prompt(f"{shown}  q end", prompt_suffix=" > ", err=True)).strip().lower()
        except typer.Abort:
            return None
        if said in ("q", "quit"):
            return None
        if said in words:
            return said
        if said.isdigit() and 1 <= int(said) <= len(words):
            return words[int(said) - 1]
        note(f"{clean(said)!r} is none of them")


def _tell(known: "Calibration") -> None:
    found = known.standing.agreement
    say(f"{known.judge}: {known.model}, {many(known.labels, 'label')}, {known.standing.standing}")
    if known.standing.words:
        note(known.standing.words)
    if known.labels:
        rows = [("people and judge", *map(_interval, (found.raw, found.kappa, found.ac1)), str(found.raw.n))]
        if known.people is not None:
            among = known.people
            rows.append(("people", *map(_interval, (among.raw, among.kappa, among.ac1)), str(among.raw.n)))
        table(("agreement", "raw", "kappa", "AC1", "n"), rows)
        table(
            ("people say \\ judge says", *(str(at + 1) for at in range(len(known.confusion)))),
            [(str(at + 1), *map(str, row)) for at, row in enumerate(known.confusion)],
        )
    leanings = [(words, getattr(known, name)) for name, words in LEANINGS]
    if any(one for _, one in leanings):
        table(("leans towards", "by [95 %]", "p", "n", ""), [_leaning(words, one) for words, one in leanings if one])
    if known.flips is not None:
        say(f"the order decides in {_interval(known.flips)} of {many(known.flips.n, 'comparison')}")
    if known.corrected:
        _corrected(known.corrected.items())
    for one in known.drift:
        way = "down" if one.down else "up"
        say(f"agreement went {way} to {one.mean:.2f}, {many(one.since, 'label')} after the first 50")


def _interval(one: "Interval") -> str:
    return f"{one.estimate:.2f} {one.ends()}"


def _exact(one: "Interval") -> str:
    """With two digits more: to be held against figures of others."""
    return f"{one.estimate:.4f} {one.ends(4)}"


def _corrected(found: "Iterable[tuple[str, Corrected]]", shown: "Callable[[Interval], str]" = _interval) -> None:
    table(
        ("variant", "judge alone", "people alone", "corrected", "labels", "as good as so many times the labels"),
        [
            (name, shown(one.judge), shown(one.people), shown(one.corrected), str(one.people.n), f"{one.gain:.2f}")
            for name, one in found
        ],
    )  # fmt: skip


def _leaning(words: str, one: "Bias") -> tuple[str, str, str, str, str]:
    found = one.difference
    return words, str(found), f"{one.p:.2g}", str(found.n), "leans" if one.found else ""
