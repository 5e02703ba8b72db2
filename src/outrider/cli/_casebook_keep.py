"""`outrider casebook import`, `report`, `review`, `status`: what comes into the Casebook, and what is said of it."""

from enum import StrEnum
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from outrider.base.errors import ConfigError
from outrider.cli._output import JSON_OPTION, CheckFailed, emit_json, hint, many, note, printable, say, table, when
from outrider.cli._record import by
from outrider.cli.context import Outrider, outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for it
    from outrider.casebook.book import Casebook
    from outrider.casebook.report import Report
    from outrider.knowledge.jobs import Job

keep = typer.Typer(rich_markup_mode=None, add_completion=False)
_NO_ORIGIN = "Nothing was imported yet: `outrider casebook import PATH` does it."


class Mode(StrEnum):
    publish = "publish"
    review = "review"
    judge = "judge"


@keep.command("import")
def import_(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(help="A folder, an archive, a .parquet, .csv, .jsonl or other file, or a URL.")
    ],
    origin: Annotated[str, typer.Option(help="What the set is called; it is imported again under the same name.")] = "",
    mode: Annotated[
        Mode | None,
        typer.Option(help="publish: as it is; review: each waits for a person; judge: rejects what is no deployment."),
    ] = None,
    route: Annotated[
        str, typer.Option(help="A route that reads each entry too (the server must run); default: `casebook.model`.")
    ] = "",
    background: Annotated[
        bool,
        typer.Option("--background", help="Leave it to the server, as a job; `status` says how far it is."),
    ] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Import case studies; what did not change is passed over, and what was interrupted goes on. Exit code 1 if nothing
    could be read."""
    from outrider.casebook import imports, pipeline, report
    from outrider.casebook.modelled import Reader
    from outrider.knowledge.fetch import Options

    here = outrider(ctx)
    name, one, source = origin or _named(source), not imports.is_set(source), pipeline.located(source)
    how = mode or (Mode.judge if one else Mode.publish)
    if background:
        _leave(here, source, name, how, route, json)
        return
    asked = route or here.settings().casebook.model
    model = Reader(here.writer(asked), asked) if asked else None
    with here.casebook() as book:
        found = list(imports.entries_of(source, Options(allow=tuple(here.settings().knowledge.internal_hosts))))
        if not found:
            raise ConfigError(f"{source} has no entries: no Markdown, table or document that is read is in it")
        done = 0
        outcomes: set[str] = set()
        for told in pipeline.Importing(book, name, how.value, by(), model).all(found):
            done += len(told)
            note(f"{done:,} of {len(found):,} entries")
            outcomes |= {entry.outcome for entry in told}
            for fault in told:
                if fault.outcome in ("fault", "rejected"):
                    note(printable(f"{fault.item}: {fault.outcome}: {'; '.join(fault.about.get('reasons', ()))}"))
        made = report.report(book, name)
        waiting = sum(book.library.status(book.collection).waiting.values())
    _tell(made, waiting, json)
    if not outcomes - {"fault"}:
        raise CheckFailed


def _tell(made: "Report", waiting: int, json: bool) -> None:
    from outrider.casebook import report

    if waiting:
        note(f"Words find it all now; {many(waiting, 'vector')} are made in the background of `outrider up`.")
    if json:
        emit_json(made)
        return
    for line in report.lines(made):
        say(line)
    hint(f"outrider casebook report {quote(made.origin)}", "outrider casebook review")


def _leave(here: Outrider, source: str, name: str, how: Mode, route: str, json: bool) -> None:
    """Make the import a job of the server."""
    from outrider.casebook import pipeline
    from outrider.knowledge import waking
    from outrider.knowledge.jobs import Jobs

    if route:
        raise ConfigError("--route does not go with --background: the server asks the route of `casebook.model`")
    with here.casebook() as book:
        job = pipeline.start(Jobs(lambda: book.library.store), source, name, mode=how.value, asker=by())
        waking.wake(here.home / "run")
    if json:
        emit_json(job)
        return
    note(f"{job.id}: a running `outrider up` imports it, and goes on with it after a restart.")
    hint("outrider casebook status")


def _named(source: str) -> str:
    """A name for a set, from where it comes: `snapshot-2026-03.tar.xz` is `snapshot-2026-03`."""
    from outrider.casebook.imports.table import slug

    return slug(source.rstrip("/").rsplit("/", 1)[-1].partition(".")[0])


@keep.command("report")
def report_(
    ctx: typer.Context,
    origin: Annotated[str, typer.Argument(help="The set's name.")] = "",
    entry: Annotated[str, typer.Argument(help="One of its entries.")] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Show what an import found: tags without support, what was mended, merged and left out; also of one entry."""
    from outrider.casebook import report, rows

    with outrider(ctx).casebook() as book:
        known = rows.origins(book.store)
        if not origin and len(known) == 1:
            origin = next(iter(known))
        if origin not in known:
            raise ConfigError(f"no set {origin!r}; there are: {', '.join(sorted(known))}" if known else _NO_ORIGIN)
        if entry:
            found = report.of_entry(book, origin, entry)
            if found is None:
                raise ConfigError(f"the set {origin!r} has no entry {entry!r}")
            if json:
                emit_json({"entry": found.item, "outcome": found.outcome, "case": found.case_id, **found.about})
                return
            say(f"{found.item}: {found.outcome}, case {found.case_id or 'none'}")
            for key, value in found.about.items():
                say(f"{key.replace('_', ' ')}: {', '.join(value) if isinstance(value, list) else value}")
            return
        made = report.report(book, origin)
    if json:
        emit_json(made)
        return
    for line in report.lines(made):
        say(line)


@keep.command("review")
def review_(
    ctx: typer.Context,
    id_: Annotated[
        str, typer.Argument(metavar="[ID]", help="A proposal; without it, those that wait are listed.")
    ] = "",
    accept: Annotated[bool, typer.Option("--accept", help="Publish it.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Turn it down; say why by --reason.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for its author and the record.")] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Look at entries and corrections that wait for a person, and decide."""
    from outrider.casebook import review

    if accept and reject:
        raise ConfigError("a proposal is accepted or rejected: give one of --accept and --reject")
    with outrider(ctx).casebook() as book:
        if not id_:
            _list(book, json)
            return
        if accept:
            case = review.accept(book, id_, by=by(), reason=reason)
            note(f"{case.id} is published as version {case.number}.")
            return
        if reject:
            review.reject(book, id_, by=by(), reason=reason)
            note(f"{id_} is rejected.")
            return
        found = review.get(book, id_)
        changes = review.changes(book, found)
    if json:
        emit_json({"proposal": found, "changes": changes})
        return
    say(f"{found.case_id}: {'a new case' if not found.base else f'a change of version {found.base}'} by {found.who}")
    for change in changes:
        say(printable(f"\n{change.field}\n- {change.before or '(nothing)'}\n+ {change.after or '(nothing)'}"))
    hint(f"outrider casebook review {id_} --accept", f'outrider casebook review {id_} --reject --reason "…"')


def _list(book: "Casebook", json: bool) -> None:
    from outrider.casebook import review

    waiting, all_ = review.queue(book), review.waiting(book)
    if json:
        emit_json(waiting)
        return
    table(("id", "case", "by", "why", "since (UTC)"), [(r.id, r.case_id, r.who, r.why, when(r.at)) for r in waiting])
    shown = f", the {len(waiting)} oldest are shown" if all_ > len(waiting) else ""
    note(f"{many(all_, 'proposal')} {'waits' if all_ == 1 else 'wait'}{shown}.")
    hint(*(f"outrider casebook review {r.id}" for r in waiting[:1]))


@keep.command()
def status(ctx: typer.Context, json: bool = JSON_OPTION) -> None:
    """Show how many cases there are, from which sets, what waits for a person and what for its vectors."""
    from collections import Counter

    from outrider.casebook import review, rows

    with outrider(ctx).casebook() as book:
        cases, texts = book.all(), book.library.status(book.collection)
        origins = Counter(case.origin for case in cases)
        imports, reviews = rows.origins(book.store), review.waiting(book)
        jobs = _jobs(book)
    if json:
        about = {"cases": len(cases), "origins": origins, "imports": imports, "reviews": reviews, "texts": texts}
        emit_json(about | {"jobs": jobs})
        return
    say(f"{many(len(cases), 'case')}: " + ", ".join(f"{count:,} {origin}" for origin, count in origins.items()))
    say(f"{texts.documents:,} texts, {texts.chunks:,} passages")
    for name, count in texts.vectors.items():
        say(f"vectors {name}: {count:,} there, {texts.waiting.get(name, 0):,} to come")
    say(f"{many(reviews, 'proposal')} to review")
    for job in jobs:
        of = f"{job.done:,} of {job.total:,} entries" if job.total else "not begun"
        why = job.about.get("why")
        say(f"import {job.made['origin']}: {job.status}, {of}, {many(job.faults, 'fault')}{f' ({why})' if why else ''}")


def _jobs(book: "Casebook") -> "list[Job]":
    """The newest imports that were left to the server."""
    from outrider.casebook import pipeline
    from outrider.casebook.book import COLLECTION, PROJECT
    from outrider.knowledge.jobs import Jobs

    newest = Jobs(lambda: book.library.store).newest(PROJECT, COLLECTION, most=50)
    return [job for job in newest if job.kind == pipeline.KIND][:5]
