"""`outrider datasets`: cases from files, from production and from feedback; what versions have; what is alike."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.cli._datasets_words import conversation, told_alike, told_merged
from outrider.cli._output import JSON_OPTION, CheckFailed, clean, emit_json, hint, many, note, say, table
from outrider.cli._record import by
from outrider.cli.context import outrider
from outrider.cli.runs import open_store

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.evals.alike import Embed
    from outrider.evals.records import Case
    from outrider.store import Store

app = typer.Typer(no_args_is_help=True, help="Cases in versions: from files, runs and feedback.", rich_markup_mode=None)
Name = Annotated[str, typer.Argument(help="The dataset's name.")]
Project = Annotated[str, typer.Option(help="The project; the first one if not given.")]
AtVersion = Annotated[int, typer.Option("--version", min=0, help="Which version; the newest if not given.")]
Meaning = Annotated[bool, typer.Option("--meaning", help="Compare by meaning too, with the configured embedder.")]


@app.command("list")
def list_(ctx: typer.Context, project: Project = "", json: bool = JSON_OPTION) -> None:
    """Datasets, each with its newest version."""
    with outrider(ctx).evals() as evals:
        found = evals.datasets.newest(_project(ctx, project))
    if json:
        emit_json(found)
        return
    columns = ("dataset", "version", "cases", "made", "by", "note")
    table(columns, [(v.dataset, str(v.version), str(v.cases), clock.iso(v.created), v.author, v.note) for v in found])
    if not found:
        note("No dataset is there yet.")
        hint("outrider datasets add FILE", "outrider datasets from-runs NAME --where 'status=error since=7d'")


@app.command()
def show(
    ctx: typer.Context,
    name: Name,
    case: Annotated[str, typer.Option(help="One case, whole, by its id.")] = "",
    version: AtVersion = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Cases to show.")] = 20,
    project: Project = "",
    json: bool = JSON_OPTION,
) -> None:
    """A dataset: its versions and the first cases, or one case."""
    with outrider(ctx).evals() as evals:
        where = _project(ctx, project)
        found = evals.datasets.cases(where, name, version)
        versions = evals.datasets.versions(where, name)
    if case:
        one = next((c for c in found if c.id == case), None)
        if one is None:
            raise RequestError(f"{name!r} has no case {case[:80]!r}", param="case")
        emit_json(one)
        return
    if json:
        emit_json({"versions": versions, "cases": found[:limit]})
        return
    for v in versions[:10]:
        say(f"version {v.version}  {many(v.cases, 'case')}  {clock.iso(v.created)}  {v.author}  {clean(v.note)}")
    columns = ("case", "split", "labelled", "asks", "expects")
    table(columns, [(c.id, c.split, _label(c), conversation(c), _short(c.expected)) for c in found[:limit]])
    if len(found) > limit:
        note(f"{len(found) - limit} more: --limit {len(found)}")


@app.command()
def add(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file of cases, or a BEIR folder.")],
    name: Annotated[str, typer.Option(help="The dataset; the file's name without its ending if not given.")] = "",
    form: Annotated[
        str, typer.Option(help="What form the file has; `forms` lists them. Recognised if not given.")
    ] = "",
    field: Annotated[str, typer.Option(help="Which variable or input is asked, where there are several.")] = "",
    split: Annotated[str, typer.Option(help="The split of a BEIR folder.")] = "",
    replace: Annotated[bool, typer.Option(help="The version has these cases only.")] = False,
    merge: Annotated[
        bool, typer.Option("--merge", help="Leave out what asks nearly the same as another case.")
    ] = False,
    why: Annotated[str, typer.Option("--note", help="What is to be known of the version.")] = "",
    project: Project = "",
    json: bool = JSON_OPTION,
) -> None:
    """Take cases from a file: our own, or one of promptfoo, Inspect, OpenAI evals, LangSmith, Ragas, BEIR."""
    from outrider.evals import importers

    found = importers.read(file, form, importers.Options(field=field, split=split))
    if not json:
        note(f"{file.name} is {found.form}: {many(len(found.cases), 'case')}")
        for one in found.notes:
            note(one)
    _put(ctx, name or file.stem or file.name, found.cases, project, replace, merge, why or f"from {file.name}", json)


@app.command("forms")
def forms_(json: bool = JSON_OPTION) -> None:
    """What forms of files `add` takes."""
    from outrider.evals import importers

    if json:
        emit_json(importers.forms())
        return
    table(("form", "what it is"), list(importers.forms().items()))


@app.command("from-runs")
def from_runs(
    ctx: typer.Context,
    name: Name,
    runs: Annotated[list[str] | None, typer.Argument(help="Runs, each RUN or RUN#STEP.")] = None,
    where: Annotated[str, typer.Option(help="Runs that this keeps: 'route=support cost>0.05 since=7d'.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The most runs that --where takes.")] = 1_000,
    accept: Annotated[bool, typer.Option(help="What was answered is what is expected (labelled: model).")] = False,
    keep_alike: Annotated[bool, typer.Option(help="Keep what asks nearly the same as another case.")] = False,
    meaning: Meaning = False,
    project: Project = "",
    json: bool = JSON_OPTION,
) -> None:
    """Runs or steps become cases, with what was recorded: tool results, passages, the answer."""
    from outrider.evals import adding, production

    if bool(runs) == bool(where):
        raise RequestError("give runs, or --where", param="where")
    in_ = _project(ctx, project)
    found, left = [], []
    with open_store(ctx) as store:
        with outrider(ctx).evals() as evals:
            evals.proposals.gather(store, in_)  # before they are taken: afterwards they would wait again
        named = (_named(store, in_, one) for one in runs or ())
        for said in (ids.text(run.id) for run in production.chosen(store, in_, where, limit)) if where else named:
            try:
                found.append(adding.of_run(store, in_, said, accept=accept))
            except RequestError as error:
                if not where:
                    raise
                left.append(error.message)
    for why in left[:5]:
        note(why)
    if left:
        note(f"{many(len(left), 'run')} gave no case")
    if not found:
        raise RequestError("no run is there that could become a case", param="where")
    _put(ctx, name, found, in_, False, not keep_alike, f"from {where or many(len(found), 'run')}", json, meaning)


@app.command()
def proposals(
    ctx: typer.Context,
    dismiss: Annotated[str, typer.Option(help="This run shall not become a case.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    project: Project = "",
    json: bool = JSON_OPTION,
) -> None:
    """Runs that should perhaps become cases, because feedback on them was bad. `from-runs` takes them."""
    from outrider.evals.proposals import words
    from outrider.journal.feedback_query import feedback_on

    where = _project(ctx, project)
    with outrider(ctx).evals() as evals, open_store(ctx) as store:
        evals.proposals.gather(store, where)
        if dismiss:
            evals.proposals.dismiss(where, dismiss, by())
        found = evals.proposals.list(where, "waiting", limit)
        told = {one.run: feedback_on(store, where, run=ids.parse(one.run), limit=1) for one in found}
    if json:
        emit_json(found)
        return
    table(
        ("run", "why", "when", "said"),
        [(one.run, one.why, clock.iso(one.at), clean("".join(map(words, told[one.run])))[:80]) for one in found],
    )
    if not found:
        note("Nothing is proposed: no feedback was bad, or all of it was decided on.")
    hint(*(f"outrider datasets from-runs NAME {one.run}" for one in found[:1]))


@app.command()
def diff(
    ctx: typer.Context,
    name: Name,
    old: Annotated[int, typer.Argument(help="A version; the one before the newest if not given.")] = 0,
    new: Annotated[int, typer.Argument(help="A version; the newest if not given.")] = 0,
    project: Project = "",
    json: bool = JSON_OPTION,
) -> None:
    """What a version has that another has not."""
    with outrider(ctx).evals() as evals:
        where = _project(ctx, project)
        newest = evals.datasets.version(where, name, new).version
        if not old and newest == 1:
            raise RequestError(f"{name!r} has one version only", param="old")
        found = evals.datasets.difference(where, name, old or newest - 1, newest)
    if json:
        emit_json(found)
        return
    for word, names in (("added", found.added), ("removed", found.removed), ("changed", found.changed)):
        say(f"{word}: {len(names)}")
        for one in names[:20]:
            say(f"  {one}")


@app.command()
def export(
    ctx: typer.Context,
    name: Name,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; default: stdout.")] = None,
    version: AtVersion = 0,
    project: Project = "",
) -> None:
    """Write a version as JSON lines, which `add` and suites read."""
    from outrider.evals.cases import body

    with outrider(ctx).evals() as evals:
        found = evals.datasets.cases(_project(ctx, project), name, version)
    lines = b"".join(body(one) + b"\n" for one in found)
    if output is None:
        sys.stdout.write(lines.decode())
        return
    output.write_bytes(lines)
    note(f"{many(len(found), 'case')} written to {output}.")


@app.command()
def split(
    ctx: typer.Context,
    name: Name,
    held_out: Annotated[float, typer.Option(min=0.01, max=0.99, help="About this share is held out.")] = 0.3,
    project: Project = "",
    json: bool = JSON_OPTION,
) -> None:
    """Cases without a split get one, `train` or `held-out`; those that are alike get the same."""
    from outrider.evals.alike import split_together

    with outrider(ctx).evals() as evals:
        where = _project(ctx, project)
        found = split_together(evals.datasets.cases(where, name), held_out)
        made = evals.datasets.save(where, name, found, author=by(), note=f"split: {held_out:g} held out")
    counts = {side: sum(case.split == side for case in found) for side in sorted({case.split for case in found})}
    if json:
        emit_json({"version": made.version, "splits": counts})
        return
    say(f"version {made.version}: {', '.join(f'{count} {side}' for side, count in counts.items())}")


@app.command()
def check(
    ctx: typer.Context,
    name: Name,
    suite: Annotated[Path | None, typer.Option(help="A suite, whose prompts must not have the cases.")] = None,
    prompt: Annotated[list[Path] | None, typer.Option(help="A prompt that must not have the cases.")] = None,
    version: AtVersion = 0,
    meaning: Meaning = False,
    project: Project = "",
    json: bool = JSON_OPTION,
) -> None:
    """Find what makes a test none: cases of two splits that are alike, and cases that stand in a prompt as examples.
    Exit code 1 if there is any."""
    from outrider.evals import alike

    with outrider(ctx).evals() as evals:
        found = evals.datasets.cases(_project(ctx, project), name, version)
        embed = evals.ports().embed if meaning else None
        shared = alike.between_splits(found, embed)
    in_prompts = alike.in_prompts(found, _prompts(suite, prompt or ()))
    if json:
        emit_json({"between_splits": shared, "in_prompts": in_prompts})
    else:
        told_alike(shared, "is alike to a case of another split,")
        told_alike(in_prompts, "stands in the prompt")
        if not shared and not in_prompts:
            say(f"{many(len(found), 'case')}: none stands in a prompt, none is in two splits")
    if shared or in_prompts:
        raise CheckFailed


def _prompts(suite: Path | None, files: Sequence[Path]) -> dict[str, str]:
    from outrider.evals import suite as suites

    found = {}
    for file in files:
        try:
            found[file.name] = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RequestError(f"{file} cannot be read: {error}", param="prompt") from None
    if suite is not None:
        for variant in suites.load(suite).variants:
            messages = variant.set.get("messages") or ()
            found[variant.name] = "\n".join([variant.prompt, *(str(one.get("content")) for one in messages)])
    return found


def _put(
    ctx: typer.Context,
    name: str,
    cases: "list[Case]",
    project: str,
    replace: bool,
    merge: bool,
    why: str,
    json: bool,
    meaning: bool = False,
) -> None:
    """A new version with these cases, and what was merged into others."""
    from outrider.evals import adding

    where = _project(ctx, project)
    with outrider(ctx).evals() as evals:
        embed: Embed | None = evals.ports().embed if meaning else None
        known = evals.datasets.versions(where, name)
        made, left = adding.put(
            evals.datasets, where, name, cases, merge=merge, replace=replace, embed=embed, author=by(), note=why
        )
        evals.proposals.taken(where, cases, name, by())
    if json:
        emit_json({"version": made, "merged": left.merged, "differ": left.differ})
        return
    told_merged(left)
    fresh = not known or made.version > known[0].version
    say(f"{name}: version {made.version} with {many(made.cases, 'case')}{'' if fresh else ' (nothing is new)'}")
    hint(f"outrider datasets show {name}")


def _project(ctx: typer.Context, project: str) -> str:
    known = outrider(ctx).settings().projects
    if project and project not in known:
        raise RequestError(f"there is no project {project!r}; there are: {', '.join(known)}", param="project")
    return project or known[0]


def _named(store: "Store", project: str, said: str) -> str:
    """`last` is the newest run."""
    from outrider.evals import production

    if said != "last":
        return said
    return next((ids.text(run.id) for run in production.chosen(store, project, "", 1)), said)


def _label(case: "Case") -> str:
    return case.labelled if case.expected is not None else ""


def _short(value: Any) -> str:
    return "" if value is None else clean(value if isinstance(value, str) else repr(value))[:60]
