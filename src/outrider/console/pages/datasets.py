"""Datasets: the newest version of each; one with its versions, its cases, and what changed between two versions."""

from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from starlette.routing import Route

from outrider.console.edge import Edge, View
from outrider.console.pages.experiments import desk_of
from outrider.evals.datasets import Change, Version
from outrider.evals.records import Case
from outrider.journal import where

PAGE = 25
MOST_NAMED = 200
LONGEST = 600
"""Characters of a question or an expectation that the list shows."""


class Card(msgspec.Struct):
    name: str
    href: str
    version: Version


class Context(msgspec.Struct):
    """The newest version of each dataset."""

    cards: list[Card]


class Shown(msgspec.Struct):
    """A case in the list."""

    id: str
    asks: str
    expects: str
    tags: list[str]
    split: str
    source: str
    labelled: str


class Dataset(msgspec.Struct):
    """A version of a dataset. `change` is what it has that the version `against` has not."""

    name: str
    href: str
    version: Version
    versions: list[Version]
    cases: list[Shown]
    first: int
    previous: str
    next: str
    against: int
    change: Change | None
    left: int


def href(name: str, **query: Any) -> str:
    """The address of a dataset's page."""
    said = urlencode({key: value for key, value in query.items() if value})
    return f"/datasets/{quote(name, safe='')}" + (f"?{said}" if said else "")


def load(view: View) -> Context:
    found = desk_of(view).datasets.newest(view.session.project)
    return Context([Card(one.dataset, href(one.dataset), one) for one in found])


def _number(view: View, name: str) -> int:
    return where.whole(name, view.query[name], 0, 2**31) if view.query.get(name) else 0


def load_one(view: View) -> Dataset:
    datasets, project, name = desk_of(view).datasets, view.session.project, view.path["name"]
    number, against, first = (_number(view, key) for key in ("version", "against", "first"))
    version = datasets.version(project, name, number)
    change = datasets.difference(project, name, against, version.version) if against else None
    listed = datasets.page(version, project, first, PAGE)
    named = [change.added, change.removed, change.changed] if change is not None else []
    left = sum(max(0, len(ids) - MOST_NAMED) for ids in named)
    return Dataset(
        name,
        href(name),
        version,
        datasets.versions(project, name),
        [_shown(case) for case in listed],
        first,
        href(name, version=number, first=max(0, first - PAGE)) if first else "",
        href(name, version=number, first=first + PAGE) if first + PAGE < version.cases else "",
        against,
        Change(*(ids[:MOST_NAMED] for ids in named)) if change is not None else None,
        left,
    )


def _shown(case: Case) -> Shown:
    asks = case.messages()[-1].get("content", "")
    expects = "" if case.expected is None else _plain(case.expected)
    return Shown(
        case.id, _plain(asks)[:LONGEST], expects[:LONGEST], list(case.tags), case.split, case.source, case.labelled
    )


def _plain(said: Any) -> str:
    return said if isinstance(said, str) else msgspec.json.encode(said).decode()


def routes(edge: Edge) -> list[Route]:
    return [
        *edge.page("/datasets", load, "datasets.html"),
        *edge.page("/datasets/{name:path}", load_one, "dataset.html"),
    ]
