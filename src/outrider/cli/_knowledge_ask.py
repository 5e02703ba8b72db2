"""`outrider knowledge ask`: a collection answers a question in its own sentences, or says that it cannot."""

from typing import TYPE_CHECKING, Annotated

import typer

from outrider.cli._knowledge_search import by_words, opened
from outrider.cli._output import JSON_OPTION, CheckFailed, emit_json, note, parse_with, say
from outrider.cli.context import outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.knowledge.answer import Answer

LONGEST_QUOTE = 300


def ask(
    ctx: typer.Context,
    collection: Annotated[str, typer.Argument(help="The collection.")],
    question: Annotated[str, typer.Argument(help="The question, in quotes.")],
    strategy: Annotated[str, typer.Option(help="How passages are found, if not as the collection says.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=50, help="Make the answer from at most so many passages.")] = 6,
    user: Annotated[str, typer.Option(help="Answer from what this user may read as well.")] = "",
    reader: Annotated[
        list[str] | None, typer.Option(help="Ask as: `user:anna`, `group:hr`. May be repeated; else as everybody.")
    ] = None,
    as_of: Annotated[str, typer.Option(help="Ask the documents of a past moment: `2d`, a date, RFC 3339.")] = "",
    project: Annotated[str, typer.Option(help="The collection's project; the first one if not given.")] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Answer a question with citations, in sentences of the documents; without evidence, refuse. Exit code 1 if nothing
    answers it."""
    from outrider.journal import where
    from outrider.knowledge.answer import answer
    from outrider.knowledge.recording import Asker, answer_run
    from outrider.knowledge.records import EVERYBODY, Query

    at = parse_with(lambda text: where.moment("as_of", text), "--as-of", as_of) if as_of else 0
    with opened(outrider(ctx), project) as (knowledge, owner):
        library = knowledge.library()
        known = library.collection(owner, collection)
        who = frozenset({EVERYBODY, f"project:{owner}", *([f"user:{user}"] if user else []), *(reader or ())})
        made = answer(library, known, question, strategy=strategy, limit=limit, principals=who, as_of=at)
        asked = Query(question, limit, strategy, principals=who, as_of=at)
        knowledge.record(*answer_run(Asker(owner, "", user[:200], "knowledge.ask", "cli"), known, asked, made))
    if json:
        emit_json(made)
    else:
        _show(made)
    if made.abstained:
        raise CheckFailed


def _show(made: "Answer") -> None:
    say(made.text)
    cited = {(c.number, c.start): c for s in made.sentences for c in s.citations}
    for (number, _), one in sorted(cited.items()):
        quote = " ".join(one.quote.split())[:LONGEST_QUOTE]
        say(f"[{number}] {one.title} ({one.source}, {one.start}–{one.end}): {quote}")
    by_words(made.found)
    if made.abstained:
        note(f"{len(made.evidence)} passages were looked at; `outrider knowledge search` shows them.")
