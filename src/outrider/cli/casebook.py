"""`outrider casebook`: find, read, compare and ask case studies; serve them to models. Works beside a server."""

from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from outrider.cli._casebook_keep import keep
from outrider.cli._output import JSON_OPTION, CheckFailed, emit_json, hint, many, note, printable, say, table
from outrider.cli._record import by
from outrider.cli.context import outrider

if TYPE_CHECKING:
    from outrider.casebook.find import Finder

app = typer.Typer(
    help="The Casebook: case studies of language models in production, with evidence.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
app.add_typer(keep)
Query = Annotated[
    str, typer.Argument(help='Words, "phrases", -word, field:value (industry:insurance, year:2023..) and cost<-30%.')
]
Narrow = Annotated[str, typer.Option("--query", "-q", help="Only cases that this query finds.")]


class Sort(StrEnum):
    relevance = "relevance"
    year = "year"
    org = "org"
    new = "new"


class Format(StrEnum):
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


@app.command()
def search(
    ctx: typer.Context,
    query: Query = "",
    limit: Annotated[int, typer.Option(min=1, max=100, help="At most so many.")] = 10,
    sort: Annotated[Sort, typer.Option(help="The order.")] = Sort.relevance,
    plain: Annotated[bool, typer.Option("--plain", help="Understand nothing beyond what is written.")] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Find case studies by words and conditions."""
    with outrider(ctx).casebook() as book:
        finder = _finder(book)
        page = finder.find(finder.read(query, plain=plain), sort=sort.value, limit=limit)
    if json:
        emit_json(page)
        return
    if any(chip.understood for chip in page.chips):
        note(f"Understood as: {page.query}")
    rows = [(h.id, h.organisation, str(h.year or ""), "; ".join(_figures(h)), h.what_it_does) for h in page.hits]
    table(("id", "organisation", "year", "figures", "what it does"), rows, spare=("figures",))
    shown = f", {len(rows)} shown" if page.total > len(rows) else ""
    note(f"{many(page.total, 'nearest case' if page.nearest else 'case')} found{shown}.")
    for one in page.hints:
        note(one.text)
    hint(*(f"outrider casebook search {quote(one.query)}" for one in page.hints if one.query))
    hint(*(f"outrider casebook show {h.id}" for h in page.hits[:1]))


def _finder(book: Any) -> "Finder":
    from outrider.casebook.find import Finder

    return Finder(book)


def _figures(found: Any) -> list[str]:
    from outrider.casebook.present import figure

    return [figure(r) for r in found.figures]


@app.command()
def show(
    ctx: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="ID", help="The case's id.")],
    json: bool = JSON_OPTION,
) -> None:
    """Show a case study: every figure and tag with the passage that says it (as Markdown)."""
    from outrider.casebook.present import markdown

    with outrider(ctx).casebook() as book:
        case = book.get(id_)
        text = markdown(case, _finder(book).catalogue().vocabulary)
    if json:
        emit_json(case)
        return
    say(printable(text.rstrip()))
    hint(f"outrider casebook search 'org:\"{case.organisation}\"'")


@app.command()
def ask(
    ctx: typer.Context,
    question: Annotated[str, typer.Argument(help="A question; field:value in it narrows the cases.")],
    route: Annotated[
        str, typer.Option(help="A route that writes the answer (the server must run); without it, cases are quoted.")
    ] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Answer a question from the cases, with checked citations. Exit code 1 if nothing answers it."""
    from outrider.casebook.recording import NAME, ask_recorded
    from outrider.knowledge.recording import Asker

    here = outrider(ctx)
    asker = Asker(here.settings().projects[0], user=by(), name=NAME, source="cli")
    with here.casebook() as book:
        model = here.writer(route) if route else None
        got = ask_recorded(_finder(book), question, asker, model=model, route=route)
    if json:
        emit_json(got)
    else:
        say(printable(got.text))
        cited = {c.number: c for s in got.sentences for c in s.citations}
        for number, one in sorted(cited.items()):
            say(printable(f"[{number}] {one.case}: “{' '.join(one.quote.split())}” {one.url}".rstrip()))
        hint(*(f"outrider casebook show {c}" for c in got.cases[:1]))
    if got.abstained:
        raise CheckFailed


@app.command()
def compare(
    ctx: typer.Context,
    ids: Annotated[list[str], typer.Argument(help="Two to four cases.")],
    json: bool = JSON_OPTION,
) -> None:
    """Put two to four case studies side by side."""
    from outrider.casebook.compare import compare as side_by_side
    from outrider.casebook.present import figure

    with outrider(ctx).casebook() as book:
        got = side_by_side(book, ids, _finder(book).catalogue().vocabulary)
    if json:
        emit_json(got)
        return
    rows = [(r.field, *("; ".join(cell) for cell in r.cells)) for r in got.rows]
    rows += [(f"figure: {f.metric}", *("; ".join(map(figure, cell)) for cell in f.cells)) for f in got.figures]
    table(("", *(c.organisation or c.id for c in got.cases)), rows)


@app.command()
def trends(
    ctx: typer.Context,
    field: Annotated[str, typer.Option(help="technique, tool, industry or application.")] = "technique",
    value: Annotated[list[str] | None, typer.Option(help="Only this value. May be repeated.")] = None,
    query: Narrow = "",
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Shares of deployments by year, with the number of deployments and 95 % intervals."""
    from outrider.casebook.trends import as_csv
    from outrider.casebook.trends import trends as shares

    with outrider(ctx).casebook() as book:
        finder = _finder(book)
        got = shares(finder.catalogue(), finder.read(query), field, value or [])
    if json:
        emit_json(got)
        return
    if csv:
        say(as_csv(got).rstrip("\n"))
        return
    years = [f"{year} (n={n})" for year, n in zip(got.years, got.n, strict=True)]
    rows = [
        (line.label, str(line.total), *(f"{p.share:.0%} [{p.low:.0%}–{p.high:.0%}]" for p in line.points))
        for line in got.lines
    ]
    table((got.field, "cases", *years), rows, right=("cases", *years))
    note(f"{many(got.undated, 'case')} without a year are in no share.")


@app.command()
def export(
    ctx: typer.Context,
    format_: Annotated[Format, typer.Option("--format", "-f", help="What to write.")] = Format.jsonl,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; default: stdout.")] = None,
    query: Narrow = "",
) -> None:
    """Write cases to a file or stdout: JSON lines (everything), CSV or Parquet (a row for each case)."""
    from outrider.casebook.export import export as write

    with outrider(ctx).casebook() as book:
        cases = list(book.all())
        if query:
            finder = _finder(book)
            wanted = set(finder.matching(finder.read(query)))
            cases = [c for c in cases if c.id in wanted]
    with output.open("wb") if output else nullcontext(_stdout()) as out:
        count = write(cases, format_.value, out)
    note(f"{many(count, 'case')} written{f' to {output}' if output else ''}.")


def _stdout() -> BinaryIO:
    import sys

    return sys.stdout.buffer


@app.command()
def mcp(ctx: typer.Context) -> None:
    """Serve the Casebook to a model over MCP on standard input and output, until the other side closes."""
    import anyio

    from outrider.casebook.mcp_server import serve_stdio
    from outrider.casebook.recording import NAME
    from outrider.knowledge.recording import Asker

    here = outrider(ctx)
    asker = Asker(here.settings().projects[0], user=by(), name=NAME, source="mcp")
    with here.casebook() as book:
        finder = _finder(book)
        anyio.run(serve_stdio, lambda: finder, asker)
