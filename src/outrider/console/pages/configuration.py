"""Configurations that were in force: their history, one of them as it was, and what it changed."""

import difflib

import msgspec
from starlette.routing import Route

from outrider.base.errors import ConfigError, RequestError
from outrider.console.edge import Edge, View
from outrider.journal import config_query
from outrider.journal.config_query import Period

LOOKED_AT = 1_000
"""Starts and changes that the history is made of."""
MOST_LINES = 6_000
"""Lines of a configuration that are shown and compared; of more the command line shows all."""
AROUND = 3
SHORT = 12


class Entry(msgspec.Struct):
    """A configuration as long as it was in force: from `since` to `until` (ns; 0: it is), `times` it was taken over."""

    sha256: str
    since: int
    until: int
    why: str
    version: str
    times: int
    place: str
    href: str


class Context(msgspec.Struct):
    """The history, the newest first; `installations` is how many share the store. `looked_at` is of how many starts and
    changes it is, if there are older ones (0: of all)."""

    entries: list[Entry]
    installations: int
    looked_at: int = 0


class Change(msgspec.Struct):
    """A line of a comparison: `what` is new, gone, same, or place (where it is)."""

    what: str
    text: str


class OneContext(msgspec.Struct):
    """One configuration: when it was in force (`entry`), its `text`, and what is other than in `before` (`choices`:
    what it can be compared with; "": nothing was before). `cut`: the text is its beginning; `compared`: neither was too
    long to compare. `problem` says why there is no text."""

    sha256: str
    entry: Entry | None
    text: str
    lines: int
    cut: bool
    before: str
    choices: list[Entry]
    changes: list[Change]
    problem: str = ""
    compared: bool = True


def may_see(view: View) -> bool:
    """A configuration is of all projects: only who runs Outrider sees it."""
    return view.deps.config_lines is not None and view.who.runs_outrider


def load(view: View) -> Context:
    entries = _entries(view)
    looked_at = sum(one.times for one in entries)
    houses = len({one.place.partition("/")[0] for one in entries})
    return Context(entries, houses, looked_at if looked_at >= LOOKED_AT else 0)


def load_one(view: View) -> OneContext:
    entries, sha = _entries(view), str(view.path["sha"])
    row = config_query.find_configuration(view.store, sha)
    if row is None:
        raise RequestError(f"no configuration {sha[:SHORT]!r} is on record", status=404, code="configuration_not_found")
    mine = next((one for one in entries if one.sha256 == row.sha256.hex()), None)
    page = OneContext(row.sha256.hex(), mine, "", 0, False, "", [], [])
    page.choices = [one for one in entries if one.sha256 != page.sha256]
    page.before = _before(view, entries, mine)
    try:
        found = _lines(view, page.sha256)
        page.lines, page.cut, page.text = len(found), len(found) > MOST_LINES, "\n".join(found[:MOST_LINES])
        older = _lines(view, page.before) if page.before else []
        page.compared = max(len(found), len(older)) <= MOST_LINES
        if page.before and page.compared:
            page.changes = _changes(older, found)
    except ConfigError as error:
        page.problem = error.message
    return page


def _entries(view: View) -> list[Entry]:
    if not may_see(view):
        raise RequestError(
            "the configuration is of all projects: sign in by a link (`outrider keys link`) to see it",
            status=403,
            code="not_allowed",
        )
    entries: list[Entry] = []
    until: dict[str, int] = {}
    for one in config_query.list_periods(view.store, LOOKED_AT):
        entries.append(_entry(one, until.get(one.house, 0)))
        until[one.house] = one.row.at
    return entries


def _entry(one: Period, until: int) -> Entry:
    row, sha = one.row, one.row.sha256.hex()
    return Entry(sha, row.at, until, row.why, row.version, one.times, row.place, f"/configuration/{sha}")


def _before(view: View, entries: list[Entry], mine: Entry | None) -> str:
    """What it is compared with: what was asked for, else what was in force before it in the same installation."""
    asked = view.query.get("before", "")
    if asked:
        row = config_query.find_configuration(view.store, asked)
        if row is None:
            raise RequestError(
                f"no configuration {asked[:SHORT]!r} is on record", status=404, code="configuration_not_found"
            )
        return row.sha256.hex()
    if mine is None:
        return ""
    house, older = mine.place.partition("/")[0], entries[entries.index(mine) + 1 :]
    return next((one.sha256 for one in older if one.place.partition("/")[0] == house), "")


def _lines(view: View, sha: str) -> list[str]:
    row = config_query.find_configuration(view.store, sha)
    text = config_query.configuration_text(view.store, row) if row is not None else None
    if text is None or view.deps.config_lines is None:
        raise ConfigError(f"the text of the configuration {sha[:SHORT]} was given up when the spool was full")
    return view.deps.config_lines(text)


def _changes(before: list[str], after: list[str]) -> list[Change]:
    kinds = {"+": "new", "-": "gone", "@": "place"}
    compared = list(difflib.unified_diff(before, after, lineterm="", n=AROUND))[2:]
    return [Change(kinds.get(line[:1], "same"), line if line.startswith("@@") else line[1:]) for line in compared]


def routes(edge: Edge) -> list[Route]:
    return [
        *edge.page("/configuration", load, "configuration.html"),
        *edge.page("/configuration/{sha}", load_one, "configuration_one.html"),
    ]
