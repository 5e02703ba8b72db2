"""`outrider knowledge eval` and `fit`: which way of searching is best here, and how much meaning counts."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outrider.base.errors import RequestError
from outrider.cli._knowledge_search import MODEL, opened
from outrider.cli._output import JSON_OPTION, CheckFailed, emit_json, hint, many, note, say, table
from outrider.cli.context import outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.knowledge.evaluate.compared import Report
    from outrider.knowledge.evaluate.questions import Question
    from outrider.knowledge.library import Library
    from outrider.knowledge.records import Collection

USUAL = "keyword,vector,hybrid,rerank,graph"
_QUERIES = typer.Option(help="Questions: JSON lines with `text` and `relevant`, or a folder as BEIR lays it out.")
_PROJECT = typer.Option(help="The project that the collection belongs to; the first one if not given.")


def eval_(
    ctx: typer.Context,
    collection: Annotated[str, typer.Argument(help="A collection, or a BEIR folder to try strategies on.")],
    queries: Annotated[Path | None, _QUERIES] = None,
    strategies: Annotated[str, typer.Option(help="Those to compare, with commas; `all` for all.")] = USUAL,
    gate: Annotated[list[str] | None, typer.Option(help="Fail unless this holds: `hybrid>=keyword-0.01`.")] = None,
    most: Annotated[int, typer.Option(min=1, help="Ask at most so many questions.")] = 1_000,
    split: Annotated[str, typer.Option(help="The judgements of a BEIR folder: qrels/<split>.tsv.")] = "test",
    model: Annotated[str, MODEL] = "",
    project: Annotated[str, _PROJECT] = "",
    out: Annotated[
        Path | None, typer.Option(help="Write the report here: .json with every value, else Markdown.")
    ] = None,
    json: bool = JSON_OPTION,
) -> None:
    """Compare strategies on judged questions: nDCG@10, recall, MRR with 95 % intervals, latency, CPU and cost.

    Without --queries, questions are made of the collection's own passages: good for telling what is broken, not for
    choosing between strategies. Exit code 1 if a gate does not hold.
    """
    from outrider.knowledge.evaluate import gates, told
    from outrider.knowledge.evaluate.compared import evaluate

    with _asked(ctx, collection, project) as (library, found):
        asked = _questions(library, found, queries or _folder(collection), split, most)
        chosen, planner = _strategies(strategies, model), outrider(ctx).writer(model, "knowledge") if model else None
        report = evaluate(library, found, asked, chosen, model=planner, told=_Progress(len(asked)))
    held = gates.check(report, gate or [])
    if out is not None:
        out.write_bytes(told.json(report) if out.suffix == ".json" else told.markdown(report).encode())
    if json:
        emit_json({"report": report, "gates": [{"gate": text, "holds": ok} for text, ok in held]})
    else:
        _show(report)
        hint(f"outrider knowledge fit {collection}")
    for text, ok in held:
        note(f"{'holds' if ok else 'FAILS'}  {text}")
    if not all(ok for _, ok in held):
        raise CheckFailed


def fit(
    ctx: typer.Context,
    collection: Annotated[str, typer.Argument(help="The collection.")],
    queries: Annotated[Path | None, _QUERIES] = None,
    most: Annotated[int, typer.Option(min=1, help="Use at most so many questions.")] = 200,
    split: Annotated[str, typer.Option(help="The judgements of a BEIR folder: qrels/<split>.tsv.")] = "train",
    project: Annotated[str, _PROJECT] = "",
    try_: Annotated[bool, typer.Option("--try", help="Say the weight, do not keep it.")] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Fit the weight of `hybrid` to a collection: by judged questions, or by some made of its passages."""
    from outrider.knowledge.evaluate import fit as fitting

    with _asked(ctx, collection, project) as (library, known):
        asked = _questions(library, known, queries, split, most)
        progress = _Progress(len(asked))
        found = fitting.fit(
            library, known, asked, "judged" if queries else "generated", lambda done: progress("fit", done)
        )
        if not try_:
            fitting.keep(library, known, found)
    if json:
        emit_json(found)
        return
    say(f"weight {found.weight:.2f} (0: words alone, 1: meaning), by {many(found.questions, f'{found.of} question')}")
    say(f"nDCG@10 {found.expected:.3f} expected; words alone {found.keyword:.3f}, meaning alone {found.vector:.3f}")
    note("Not kept (--try)." if try_ else "Kept: `hybrid`, and all that begin with it, use it from now on.")
    hint(f"outrider knowledge eval {collection}")


@contextmanager
def _asked(ctx: typer.Context, name: str, project: str) -> "Iterator[tuple[Library, Collection]]":
    """The collection of that name, or a new one in a temporary place made of the folder of that name."""
    from outrider.knowledge.embedders import Embedders, loader
    from outrider.knowledge.evaluate import folders
    from outrider.knowledge.library import Library
    from outrider.store import open_knowledge

    here, folder = outrider(ctx), _folder(name)
    if folder is None:
        with opened(here, project) as (knowledge, owner):
            yield knowledge.library(), knowledge.library().collection(owner, name)
        return
    embedders = Embedders(loader(here.models_dir), threads=2)
    with tempfile.TemporaryDirectory() as home, closing(open_knowledge(f"sqlite:///{home}/trial.db")) as store:
        library = Library(store, Path(home), embedders)
        collection = library.create("trial", "trial")
        note(f"{many(folders.ingest(library, collection, folder), 'document')} of {folder.name} read; embedding …")
        folders.embed_all(library, collection)
        yield library, library.collection("trial", "trial")


def _folder(name: str) -> Path | None:
    return Path(name) if (Path(name) / "corpus.jsonl").is_file() else None


def _questions(
    library: "Library", collection: "Collection", queries: Path | None, split: str, most: int
) -> "list[Question]":
    from outrider.knowledge.evaluate import generate, questions

    if queries is not None:
        sources = {source: id_ for source, (id_, _) in library.sources(collection).items()}
        asked, unknown = questions.placed(questions.read(queries, split)[:most], sources)
        if unknown:
            told = f"{many(len(unknown), 'document')} that the questions name are not in {collection.name!r}"
            note(f"{told}, such as {unknown[0][:200]!r}: nothing finds them. Name a document by its source or id.")
        return asked
    made = generate.questions(library, collection, min(most, 200))
    if not made:
        raise RequestError(
            f"{collection.name!r} has no passages to make questions of: add documents, or give --queries",
            param="queries",
        )
    note(f"{many(len(made), 'question')} made of the collection's own passages; --queries takes judged ones")
    return made


def _strategies(asked: str, model: str = "") -> list[str]:
    from outrider.base import plugins

    known = plugins.names("outrider.knowledge.strategies")
    if asked == "all":
        return [name for name in known if name != "agentic" or model]  # that one needs a model
    named = [name.strip() for name in asked.split(",") if name.strip()]
    for name in named:
        if name not in known:
            raise RequestError(f"there is no strategy {name[:80]!r}; there are: {', '.join(known)}", param="strategies")
    return list(dict.fromkeys(named)) or USUAL.split(",")


class _Progress:
    """Says on a terminal how far it is."""

    def __init__(self, total: int) -> None:
        import sys

        self._total, self._shown = total, sys.stderr.isatty()

    def __call__(self, what: str, done: int) -> None:
        if self._shown:
            end = "\n" if done >= self._total else "\r"
            typer.echo(f"  {what:10} {done} of {self._total}{end}", err=True, nl=False)


def _show(report: "Report") -> None:
    from outrider.knowledge.evaluate import told
    from outrider.knowledge.evaluate.compared import MAIN, MEASURES

    columns = ("strategy", *MEASURES, f"{MAIN} against {report.simplest}", "ms", "CPU ms", "$ per 1,000")
    table(columns, [told.cells(report, result) for result in report.results], spare=("recall@10", "recall@100"))
    say(report.verdict)
