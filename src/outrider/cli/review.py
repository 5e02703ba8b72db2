"""`outrider review`: queues of answers that people look at, one after the other, by a rubric."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outrider.base import env
from outrider.base.errors import RequestError
from outrider.cli._output import JSON_OPTION, clean, emit_json, emit_line, hint, many, note, say, table
from outrider.cli._record import by
from outrider.cli.context import outrider
from outrider.cli.runs import open_store

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.evals.review.desk import ReviewDesk, Task
    from outrider.evals.review.figures import Figures
    from outrider.evals.review.queues import Queue
    from outrider.evals.review.rubric import Field

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Have people look at answers: queues, rubrics, agreement, cases."
)
_Queue = Annotated[str, typer.Argument(metavar="QUEUE", help="The queue's name.")]
_Project = Annotated[str, typer.Option(help="The project; the first one if not given.")]
_Who = Annotated[str, typer.Option(help="Who reviews; the name you are signed in by if not given.")]
_Adjudicate = Annotated[bool, typer.Option(help="Decide where reviewers disagree.")]


@app.command()
def create(
    ctx: typer.Context,
    name: _Queue,
    where: Annotated[str, typer.Option(help="Runs that this keeps, also later: 'feedback=bad since=7d'.")] = "",
    run: Annotated[list[str] | None, typer.Option(help="A run, RUN or RUN#STEP; may be repeated.")] = None,
    experiment: Annotated[str, typer.Option(help="Answers of this experiment.")] = "",
    variant: Annotated[str, typer.Option(help="Only those of this variant.")] = "",
    judge: Annotated[str, typer.Option(help="Hold this judge of the experiment or rule against people.")] = "",
    rule: Annotated[
        str, typer.Option(help="Runs that the judge of this rule of live traffic judged, also later.")
    ] = "",
    field: Annotated[
        list[str] | None, typer.Option(help="A field: 'right: yes/no | Is it right?', 'tone: kind, rude', 'q: 1..5'.")
    ] = None,
    rubric: Annotated[Path | None, typer.Option(help="A file with a line for each field.")] = None,
    reviewers: Annotated[int, typer.Option(min=1, max=9, help="People for each item.")] = 1,
    open_: Annotated[bool, typer.Option("--open", help="Reviewers see who answered, and each other's marks.")] = False,
    share: Annotated[float, typer.Option(help="The share of what is found that is taken.")] = 1.0,
    most: Annotated[int, typer.Option(min=1, max=20_000, help="Items at most.")] = 1_000,
    project: _Project = "",
    json: bool = JSON_OPTION,
) -> None:
    """Begin a queue of runs that a rule keeps, of runs by name, or of an experiment's answers."""
    from outrider.evals.review import rubric as rubrics
    from outrider.evals.review.queues import Source

    text = "\n".join([*([_text(rubric)] if rubric else []), *(field or [])])
    source = Source(where, tuple(run or ()), experiment, variant, judge, share, most, rule)
    with outrider(ctx).evals() as evals, outrider(ctx).online() as online:
        if not experiment and not rule:
            with open_store(ctx):
                pass  # what is in the spool can be found now
        made = evals.review.create(
            _project(ctx, project), name, source, rubrics.parse(text) if text.strip() else (), reviewers=reviewers,
            blind=not open_, author=by(), live=online.desk().judges(_project(ctx, project)) if rule else (),
        )  # fmt: skip
        count = sum(evals.review.queues.counts(made).values())
    if json:
        emit_json({"id": made.id, "name": made.name, "items": count})
        return
    say(f"{made.name}: {many(count, 'item')}, {many(reviewers, 'reviewer')} for each")
    say(rubrics.written(made.plan.fields))
    hint(f"outrider review label {made.name}")


@app.command("list")
def list_(ctx: typer.Context, project: _Project = "", json: bool = JSON_OPTION) -> None:
    """Queues: how far they are."""
    with outrider(ctx).evals() as evals:
        found = [(one, evals.review.queues.counts(one)) for one in evals.review.queues.newest(_project(ctx, project))]
    if json:
        emit_json([{"name": one.name, "state": one.state, "plan": one.plan, "items": counts} for one, counts in found])
        return
    columns = ("queue", "state", "reviewers", "blind", "waiting", "disputed", "settled")
    table(
        columns,
        [
            (one.name, one.state, str(one.plan.reviewers), "yes" if one.plan.blind else "no",
             *(str(count) for count in counts.values()))
            for one, counts in found
        ],
    )  # fmt: skip
    if not found:
        note("No queue is there yet.")
        hint("outrider review create NAME --where 'feedback=bad since=7d'")


@app.command()
def show(ctx: typer.Context, queue: _Queue, project: _Project = "", json: bool = JSON_OPTION) -> None:
    """One queue: progress, agreement among reviewers, and how fast they are."""
    with outrider(ctx).evals() as evals:
        found = evals.review.get(_project(ctx, project), queue)
        figures = evals.review.figures(found)
    if json:
        emit_json({"queue": found, "figures": figures})
        return
    _tell(found, figures)


@app.command("next")
def next_(
    ctx: typer.Context,
    queue: _Queue,
    who: _Who = "",
    adjudicate: _Adjudicate = False,
    project: _Project = "",
    json: bool = JSON_OPTION,
) -> None:
    """Show the next item. It is kept for you for fifteen minutes."""
    person = _person(who)
    with outrider(ctx).evals() as evals:
        found = evals.review.get(_project(ctx, project), queue)
        task = evals.review.next(found, person, "adjudicate" if adjudicate else "review")
    if json:
        emit_json(None if task is None else {"item": task.place, "shown": task.shown, "fields": found.plan.fields})
    elif task is None:
        note(f"nothing waits for {person} in {found.name}")
    else:
        _show(task)
        asked = " ".join(f"{one.name}=…" for one in found.plan.fields if one.kind != "text")
        hint(f"outrider review label {found.name} --item {task.place} {asked}")


@app.command()
def label(
    ctx: typer.Context,
    queue: _Queue,
    said: Annotated[list[str] | None, typer.Argument(metavar="[FIELD=VALUE]…", help="With --item.")] = None,
    item: Annotated[int, typer.Option(help="Answer this item, which you have, without being asked.")] = -1,
    who: _Who = "",
    number: Annotated[int, typer.Option(min=1, max=10_000, help="How many items to be shown.")] = 1_000,
    adjudicate: _Adjudicate = False,
    project: _Project = "",
) -> None:
    """Go through a queue: `s` passes an item, `u` takes the last one back, `q` ends it. What you said is kept."""
    person = _person(who)
    with outrider(ctx).evals() as evals:
        found = evals.review.get(_project(ctx, project), queue)
        if item >= 0:
            say(evals.review.give(found, item, person, _pairs(said or [])))
        elif said:
            raise RequestError("say of which item: --item N, as `outrider review next` shows it", param="item")
        else:
            _session(evals.review, found, person, number, adjudicate=adjudicate)


@app.command()
def undo(ctx: typer.Context, queue: _Queue, who: _Who = "", project: _Project = "") -> None:
    """Take back what you said last; you have that item again."""
    with outrider(ctx).evals() as evals:
        last = evals.review.undo(evals.review.get(_project(ctx, project), queue), _person(who))
    say(f"item {last.place} is yours again")


@app.command()
def export(
    ctx: typer.Context,
    queue: _Queue,
    to: Annotated[str, typer.Option(help="Make cases of settled items in this dataset.")] = "",
    expected: Annotated[str, typer.Option(help="The field that says what is expected.")] = "",
    accept: Annotated[str, typer.Option(help="The yes/no field: where yes, what was answered is expected.")] = "",
    status: Annotated[str, typer.Option(help="Only items that are waiting, disputed or settled.")] = "",
    project: _Project = "",
) -> None:
    """What came of it, as lines of JSON; or cases of a dataset."""
    with outrider(ctx).evals() as evals:
        found = evals.review.get(_project(ctx, project), queue)
        if not to:
            for one in evals.review.results(found, status):
                emit_line(one)
            return
        made = evals.review.cases(found, to, expected=expected, accept=accept, author=by())
    version, merged = made.put
    say(f"{version.dataset} version {version.version}: {many(version.cases, 'case')}, {made.cases} of them reviewed")
    if merged.merged:
        note(f"{many(len(merged.merged), 'case')} asked what another one asks, and were left out")
    for why in made.left[:10]:
        note(clean(why))


@app.command()
def close(ctx: typer.Context, queue: _Queue, project: _Project = "") -> None:
    """Lend no more items; what was said stays. `reopen` lends them again."""
    with outrider(ctx).evals() as evals:
        say(evals.review.turn(_project(ctx, project), queue, "closed").state)


@app.command()
def reopen(ctx: typer.Context, queue: _Queue, project: _Project = "") -> None:
    """Lend items of a closed queue again."""
    with outrider(ctx).evals() as evals:
        say(evals.review.turn(_project(ctx, project), queue, "open").state)


def _session(desk: "ReviewDesk", queue: "Queue", who: str, number: int, *, adjudicate: bool) -> None:
    done = 0
    while done < number:
        task = desk.next(queue, who, "adjudicate" if adjudicate else "review")
        if task is None:
            note(f"nothing waits for {who} in {queue.name}")
            break
        _show(task)
        answers = _answers(queue.plan.fields, task.before)
        if answers == "q":
            break
        if answers == "u":
            try:
                desk.undo(queue, who)
            except RequestError as error:
                note(error.message)
            continue
        if answers == "s":
            desk.skip(queue, task.place, who)
            continue
        try:
            note(f"-> {desk.give(queue, task.place, who, answers)}")
            done += 1
        except RequestError as error:
            if error.status != 409:
                raise
            note(error.message)  # the item went to somebody else while it was read
    hint(f"outrider review show {queue.name}")


def _answers(fields: "tuple[Field, ...]", before: Any) -> Any:
    """What is said to each field; or one of the letters q, u, s."""
    found: dict[str, Any] = {}
    for field in fields:
        while True:
            words = field.words()
            shown = "  ".join(f"{at} {word}" for at, word in enumerate(words, 1))
            if not words:
                shown = "a text, or nothing" if field.kind == "text" else f"{field.low} to {field.high}"
            last = f" ({clean(str(before[field.name]))})" if field.name in before else ""
            try:
                said = str(
                    typer.prompt(f"{field.name}: {clean(field.question)}\n{shown}{last}", "", prompt_suffix=" > ",
                                 show_default=False, err=True)
                ).strip()  # fmt: skip
            except typer.Abort:
                return "q"
            if said in ("q", "u", "s"):
                return said
            value = said or before.get(field.name, "")
            if field.kind == "text":
                found[field.name] = value
                break
            if field.kind != "score" and str(value).isdigit() and 1 <= int(value) <= len(words):
                value = words[int(value) - 1]
            if str(value) in words or (not words and str(value).lstrip("-").isdigit()):
                found[field.name] = value
                break
            note(f"{clean(said)!r} is none of them" if said else "say one of them")
    return found


def _show(task: "Task") -> None:
    from outrider.evals.review.desk import others

    say(f"-- item {task.place}  {task.counts['waiting']} waiting, {task.counts['disputed']} disputed")
    shown = task.shown
    if shown.problem:
        note(clean(shown.problem))
    for part in (*shown.asked, *shown.passages, *shown.answers):
        say(f"[{clean(part.name)}]\n{_printable(part.text)}")
    if shown.expected:
        say(f"[expected]\n{_printable(shown.expected)}")
    for name, value in shown.facts.items():
        say(f"{name}: {clean(value)}")
    names = others(task)
    for mark in task.said:
        answers = ", ".join(f"{name} {clean(str(value))}" for name, value in mark.answers.items())
        say(f"[{clean(names[mark.who])}] {answers}")


def _tell(queue: "Queue", figures: "Figures") -> None:
    items = ", ".join(f"{count} {name}" for name, count in figures.items.items())
    say(f"{queue.name} ({queue.state}): {items}; {many(figures.doubly, 'item')} with two reviewers or more")
    rows = [
        (one.field, *(str(x) for x in (one.agreement.raw, one.agreement.kappa, one.agreement.ac1)),
         str(one.agreement.raw.n))
        for one in figures.agreements
        if one.agreement is not None
    ]  # fmt: skip
    if rows:
        table(("reviewers agree on", "raw [95 %]", "kappa", "AC1", "n"), rows)
    if figures.paces:
        paces = [*figures.paces, *([figures.all] if figures.all is not None and len(figures.paces) > 1 else [])]
        table(
            ("who", "reviewed", "adjudicated", "median", "per hour"),
            [
                (one.who, str(one.reviewed), str(one.adjudicated), f"{one.median_seconds:.1f} s", f"{one.per_hour:.0f}")
                for one in paces
            ],
        )
    if figures.items["disputed"]:
        hint(f"outrider review label {queue.name} --adjudicate")


def _pairs(said: list[str]) -> dict[str, str]:
    found = {}
    for one in said:
        name, equals, value = one.partition("=")
        if not equals:
            raise RequestError(f"{one[:60]!r} says nothing: write FIELD=VALUE", param="said")
        found[name] = value
    return found


def _person(who: str) -> str:
    person = who or env.get("USER").strip()
    if not person:
        raise RequestError("say who reviews: --who NAME", param="who")
    return person


def _project(ctx: typer.Context, project: str) -> str:
    known = outrider(ctx).settings().projects
    if project and project not in known:
        raise RequestError(f"there is no project {project!r}; there are: {', '.join(known)}", param="project")
    return project or known[0]


def _printable(text: str) -> str:
    """A text whose lines stay, without what could steer a terminal."""
    return "\n".join(clean(line) for line in text.splitlines())


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"{path} cannot be read: {error}", param="rubric") from None
