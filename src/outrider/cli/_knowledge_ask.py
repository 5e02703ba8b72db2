"""`outrider knowledge ask`: a collection answers a question in its own sentences, or says that it cannot."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from outrider.cli._output import JSON_OPTION, CheckFailed, emit_json, note, say
from outrider.cli.context import outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.knowledge.answer import Answer
    from outrider.knowledge.library import Library
    from outrider.knowledge.records import Collection

LONGEST_QUOTE = 300


def ask(
    ctx: typer.Context,
    collection: Annotated[str, typer.Argument(help="The collection.")],
    question: Annotated[str, typer.Argument(help="The question, in quotes.")],
    strategy: Annotated[str, typer.Option(help="How passages are found, if not as the collection says.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=50, help="Make the answer from at most so many passages.")] = 6,
    user: Annotated[str, typer.Option(help="Answer from what this user may read as well.")] = "",
    as_of: Annotated[str, typer.Option(help="Ask the documents of a past moment: `2d`, a date, RFC 3339.")] = "",
    project: Annotated[str, typer.Option(help="The collection's project; the first one if not given.")] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Answer a question with citations, in sentences of the documents; without evidence, refuse. Exit code 1 if nothing
    answers it."""
    from outrider.journal import where
    from outrider.knowledge.answer import answer

    moment = where.moment("as_of", as_of) if as_of else 0
    with _opened(ctx, collection, project) as (library, found):
        who = frozenset({"*", f"project:{found.project}", *([f"user:{user}"] if user else [])})
        made = answer(library, found, question, strategy=strategy, limit=limit, principals=who, as_of=moment)
    if json:
        emit_json(made)
    else:
        _show(made)
    if made.abstained:
        raise CheckFailed


@contextmanager
def _opened(ctx: typer.Context, name: str, project: str) -> "Iterator[tuple[Library, Collection]]":
    from outrider.knowledge.embedders import Embedders, loader
    from outrider.knowledge.library import Library
    from outrider.store import open_knowledge

    here = outrider(ctx)
    with closing(open_knowledge(here.database_url)) as store:
        library = Library(store, here.home, Embedders(loader(here.models_dir)))
        yield library, library.collection(project or here.settings().projects[0], name)


def _show(made: "Answer") -> None:
    say(made.text)
    cited = {c.number: c for s in made.sentences for c in s.citations}
    for number, one in sorted(cited.items()):
        quote = " ".join(one.quote.split())[:LONGEST_QUOTE]
        say(f"[{number}] {one.title} ({one.source}, {one.start}–{one.end}): {quote}")
    if made.abstained:
        note(f"{len(made.evidence)} passages were looked at; `outrider knowledge search` shows them.")
