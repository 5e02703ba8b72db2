"""`outrider knowledge search`: passages of a collection, by words, by meaning, with filters."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outrider.cli._output import JSON_OPTION, clean, emit_json, hint, many, note, parse_with, say
from outrider.cli.context import KnowledgeView, Outrider, outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.knowledge.records import Filter, Found

EXCERPT = 240
_CONDITION = re.compile(r"\s*([^=<>!]+?)\s*(>=|<=|!=|=)\s*(.*?)\s*", re.DOTALL)
MODEL = typer.Option(help="A route of the running server that `agentic` plans with, and `rewrite` writes with.")


@contextmanager
def opened(here: Outrider, project: str) -> "Iterator[tuple[KnowledgeView, str]]":
    """The library, and the project that is meant. Raises RequestError for one that is not configured."""
    from outrider.base.errors import RequestError

    known = here.settings().projects
    if project and project not in known:
        raise RequestError(f"there is no project {project[:80]!r}; there are: {', '.join(known)}", param="project")
    with here.knowledge() as knowledge:
        yield knowledge, project or known[0]


def search(
    ctx: typer.Context,
    collection: Annotated[str, typer.Argument(help="The collection.")],
    query: Annotated[list[str], typer.Argument(help="What you look for.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Passages at most.")] = 5,
    strategy: Annotated[str, typer.Option(help="How they are found; the collection's own if not given.")] = "",
    embedding: Annotated[str, typer.Option(help="Which of its named vectors; the collection's own if not given.")] = "",
    filter_: Annotated[
        list[str] | None,
        typer.Option("--filter", help="Metadata that must fit: `author=Anna`, `pages>=2`, `lang!=de`. Repeatable."),
    ] = None,
    model: Annotated[str, MODEL] = "",
    as_of: Annotated[str, typer.Option(help="Documents of a past moment: 30d (ago), 2026-11-22, RFC 3339.")] = "",
    reader: Annotated[
        list[str] | None, typer.Option(help="Search as: `user:anna`, `group:hr`. May be repeated; else as everybody.")
    ] = None,
    project: Annotated[
        str, typer.Option(help="The project that the collection belongs to; the first one if not given.")
    ] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Find passages."""
    from outrider.journal.where import moment
    from outrider.knowledge.recording import Asker, search_run
    from outrider.knowledge.records import EVERYBODY, Query

    at = parse_with(lambda text: moment("as_of", text), "--as-of", as_of) if as_of else 0
    here, chosen = outrider(ctx), parse_with(lambda _: filters(filter_ or []), "--filter", "")
    with opened(here, project) as (knowledge, owner):
        library = knowledge.library()
        known = library.collection(owner, collection)
        who = frozenset({EVERYBODY, f"project:{owner}", *(reader or ())})
        asked = Query(" ".join(query), limit, strategy, embedding, who, chosen, as_of=at)
        found = library.search(known, asked, here.writer(model, "knowledge") if model else None)
        knowledge.record(*search_run(Asker(owner, source="cli"), known, asked, found))
    if json:
        emit_json(found)
        return
    _show(found)
    if not found.hits:
        hint(f"outrider knowledge status {collection}")


def _show(found: "Found") -> None:
    for number, hit in enumerate(found.hits, 1):
        place = " > ".join([hit.document.title, *hit.chunk.headings[-1:]])
        page = f", page {hit.chunk.page}" if hit.chunk.page else ""
        say(f"{number}. {clean(place)}{page}  ({hit.score:.3f})")
        text = clean(hit.chunk.text)
        say(f"   {text[:EXCERPT]}{'…' if len(text) > EXCERPT else ''}")
        say(f"   {clean(hit.document.source)}\n")
    by_words(found)
    note(f"{many(len(found.hits), 'passage')} by {found.strategy} in {found.duration / 1e6:.0f} ms")


def by_words(found: "Found") -> None:
    """Say so where vectors were left out."""
    if found.words_only:
        note(f"By words alone: {clean(found.words_only)}")


def filters(told: Sequence[str]) -> "dict[str, Filter]":
    """Conditions as `field=value`, `!=`, `>=` or `<=`; a field that is named again takes one of several values. Raises
    ValueError."""
    from outrider.knowledge.records import Filter

    found: dict[str, Filter] = {}
    for one in told:
        parts = _CONDITION.fullmatch(one)
        if parts is None:
            raise ValueError(
                f"{one[:80]!r} is no condition: write field=value, field!=value, field>=value, field<=value"
            )
        known, values = found.setdefault(parts[1], Filter()), _values(parts[3])
        if parts[2] == "=":
            known.among += values
        elif parts[2] == "!=":
            known.not_among += values
        elif parts[2] == ">=":
            known.least = values[-1]
        else:
            known.most = values[-1]
    return found


def _values(text: str) -> tuple[Any, ...]:
    """What a value may be in metadata: the text, and the number or truth that it reads as, which is last."""
    if text in ("true", "false"):
        return text, text == "true"
    try:
        number = float(text)
    except ValueError:
        return (text,)
    return (text, int(number) if number.is_integer() else number) if abs(number) < 1e15 else (text,)
