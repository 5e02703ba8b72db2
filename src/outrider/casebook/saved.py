"""Saved searches: a query with a name, and what came to it in a week. Every look at one that is due writes down which
cases it finds; the difference from a week ago is its delta, which its feed tells.
"""

from collections.abc import Iterator

import msgspec

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.casebook import rows
from outrider.casebook.facets import Catalogue
from outrider.casebook.find import Finder
from outrider.casebook.language import canonical
from outrider.casebook.rows import LOCK
from outrider.store import Store, Tx

WEEK = 7 * 86_400 * 1_000_000_000
MOST = 200
"""Saved searches of one project."""
_KEPT = 60
"""Weeks that are kept of each."""


class Search(msgspec.Struct, frozen=True):
    """A saved search of a project. `made` is ns."""

    id: str
    name: str
    query: str
    who: str
    made: int


class Change(msgspec.Struct, frozen=True):
    """Something that happened to what a search finds: a case came, changed or went, at `at` (ns) at the latest."""

    case: str
    title: str
    what: str
    at: int


class Delta(msgspec.Struct, frozen=True):
    """What a search finds now (`total`) and what changed `since` (ns)."""

    search: Search
    total: int
    since: int
    changes: list[Change]


def save(store: Store, finder: Finder, project: str, query: str, name: str, who: str) -> Search:
    """Save `query`. Raises RequestError for a wrong query or name, and when a project has too many."""
    asked = finder.read(query)
    name = " ".join(name.split()) or canonical(asked) or "everything"
    if len(name) > 200 or not name.isprintable():
        raise RequestError("a search's name has at most 200 printable characters", param="name")
    now = clock.now_ns()
    made = Search(ids.text(ids.new_id()), name, canonical(asked), who[:200], now)
    found = finder.matching(asked)
    with store.write((LOCK,)) as tx:
        if int(tx.query("SELECT count(*) FROM casebook_searches WHERE project = ?", (project,))[0][0]) >= MOST:
            raise RequestError(f"a project has at most {MOST} saved searches; delete some", status=409, code="too_many")
        tx.execute(
            "INSERT INTO casebook_searches (id, project, name, query, who, made) VALUES (?, ?, ?, ?, ?, ?)",
            (made.id, project, made.name, made.query, made.who, now),
        )
        _write_down(tx, made.id, now, found)
    return made


def searches(store: Store, project: str) -> list[Search]:
    """The project's saved searches, the newest first."""
    listed = store.query(
        "SELECT id, name, query, who, made FROM casebook_searches WHERE project = ? ORDER BY made DESC, id", (project,)
    )
    return [Search(r[0], r[1], r[2], r[3], int(r[4])) for r in listed]


def search(store: Store, project: str, id_: str) -> Search:
    """One of them. Raises RequestError (404)."""
    for found in searches(store, project):
        if found.id == id_:
            return found
    raise RequestError(f"no saved search {id_[:80]!r}", status=404, code="unknown_search", param="id")


def forget(store: Store, project: str, id_: str) -> None:
    """Delete one. Raises RequestError (404)."""
    search(store, project, id_)
    with store.write((LOCK,)) as tx:
        tx.execute("DELETE FROM casebook_search_weeks WHERE search = ?", (id_,))
        tx.execute("DELETE FROM casebook_searches WHERE id = ? AND project = ?", (id_, project))


def delta(store: Store, finder: Finder, project: str, id_: str) -> Delta:
    """What changed for a saved search in the last week, or since it was made."""
    found = search(store, project, id_)
    catalogue = finder.catalogue()
    now = clock.now_ns()
    asked = finder.read(found.query, plain=True)
    present = finder.matching(asked)
    weeks = _weeks(store, id_)
    newest = weeks[0][0] if weeks else 0
    if now - newest >= WEEK:
        with store.write((LOCK,)) as tx:
            _write_down(tx, id_, now, present)
    since, before = next(((at, ids_) for at, ids_ in weeks if now - at >= WEEK), weeks[-1] if weeks else (now, present))
    changes = [*_come(catalogue, present, before, since), *_gone(finder.cases.store, present, before, since)]
    if asked.text:  # which cases are near to words depends on all others: one that stayed as it was is no news
        changes = [change for change in changes if change.at > since]
    return Delta(found, len(present), since, sorted(changes, key=lambda c: (-c.at, c.case)))


def _come(catalogue: Catalogue, present: list[str], before: list[str], since: int) -> Iterator[Change]:
    old = set(before)
    for id_ in present:
        entry = catalogue.entries[catalogue.position[id_]]
        if id_ not in old:
            yield Change(id_, entry.title, "came", max(entry.since, since))
        elif entry.since > since:
            yield Change(id_, entry.title, "changed", entry.since)


def _gone(store: Store, present: list[str], before: list[str], since: int) -> Iterator[Change]:
    """Cases that are found no more: since they were withdrawn, or since they say something else."""
    for id_ in sorted(set(before) - set(present)):
        newest = next(iter(rows.versions(store, id_)), None)
        title, at = (newest.case.title, newest.until or newest.since) if newest is not None else (id_, 0)
        yield Change(id_, title, "went", max(at, since))


def _weeks(store: Store, id_: str) -> list[tuple[int, list[str]]]:
    """(when, case ids) that were written down, the newest first."""
    listed = store.query("SELECT at, cases FROM casebook_search_weeks WHERE search = ? ORDER BY at DESC", (id_,))
    return [(int(at), msgspec.json.decode(cases, type=list[str])) for at, cases in listed]


def _write_down(tx: Tx, id_: str, now: int, found: list[str]) -> None:
    cases = msgspec.json.encode(found).decode()
    tx.execute("DELETE FROM casebook_search_weeks WHERE search = ? AND at <= ?", (id_, now - _KEPT * WEEK))
    tx.execute(
        "INSERT INTO casebook_search_weeks (search, at, cases) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (id_, now, cases),
    )
