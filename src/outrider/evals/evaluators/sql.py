"""Whether a query gives the same rows as the expected one, on a real database."""

import re
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from outrider.base.errors import RequestError
from outrider.evals.evaluators import Ports
from outrider.evals.records import Case, Outcome, Score

WHAT = "the SQL query in the answer gives the rows that the expected query gives"
_FENCE = re.compile(r"```(?:sql)?\s*\n(.*?)```", re.DOTALL | re.IGNORECASE)
MOST_STEPS = 50_000_000
"""Instructions of SQLite after which a query is given up."""
MOST_ROWS = 100_000


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`database` is a SQLite file, opened to be read only; without it the case's context has it as `database`, or
    statements that make one as `schema`. `ordered`: the order of rows counts (it always does where the expected query
    orders)."""

    database: str = ""
    ordered: bool = False


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    if not isinstance(case.expected, str):
        return Score(None, "the case expects no query")
    query = written(outcome.text)
    if not query:
        return Score(0.0, "there is no query in the answer")
    with _Opened(case, options) as database:
        try:
            wanted = _rows(database, case.expected)
        except sqlite3.Error as error:
            raise RequestError(f"the expected query fails: {error}", param="expected") from None
        try:
            found = _rows(database, query)
        except sqlite3.Error as error:
            return Score(0.0, f"the query fails: {error}")
    ordered = options.ordered or "order by" in case.expected.lower()
    same = found == wanted if ordered else Counter(found) == Counter(wanted)
    return Score(float(same), "" if same else f"{len(found)} rows instead of {len(wanted)}, or others")


def written(text: str) -> str:
    """The query in an answer: the last fenced block, or all of it."""
    fenced = _FENCE.findall(text)
    return str(fenced[-1] if fenced else text).strip()


class _Opened:
    """A database that nothing can be written to."""

    def __init__(self, case: Case, options: Options) -> None:
        name = options.database or str(case.context.get("database", ""))
        if name:
            self._connection = sqlite3.connect(f"{Path(name).absolute().as_uri()}?mode=ro", uri=True)
        else:
            self._connection = sqlite3.connect(":memory:")
            self._connection.executescript(str(case.context.get("schema", "")))
        self._connection.execute("PRAGMA query_only = 1")
        self._connection.set_authorizer(_only_reading)

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def _only_reading(action: int, *_: Any) -> int:
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _rows(database: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    database.set_progress_handler(lambda: 1, MOST_STEPS)
    try:
        rows: Sequence[tuple[Any, ...]] = database.execute(query.rstrip().rstrip(";")).fetchmany(MOST_ROWS)
    finally:
        database.set_progress_handler(None, 0)
    return [tuple(round(one, 9) if isinstance(one, float) else one for one in row) for row in rows]
