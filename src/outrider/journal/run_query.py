"""The run list's queries. Every filter is answered from an index, newest first, whatever the number of runs.

How: each filter on a name becomes a set of name numbers (per project, so a project costs nothing extra), each
threshold a set of size classes. `run_counts` tells which filter keeps fewest runs; that one drives, one index seek per
number, merged by seq; the others are checked on its rows. A period becomes a range of seq through `run_hours`.
"""

import re
from typing import Any, NamedTuple

from outrider.base.clock import HOUR_NS
from outrider.journal.names import clean
from outrider.journal.projections._run_rows import COLUMNS
from outrider.journal.rows import RunFilter, RunPage, RunRow
from outrider.journal.sizes import lower_bound, size_class
from outrider.store import Store
from outrider.store.ports import Row

_MOST_BRANCHES = 120
"""Index seeks that are merged; a filter with more numbers than this is checked on rows instead."""

_NAMED = ("route", "model", "deployment", "key", "status")
_LONGEST_ID = 256


class _Condition(NamedTuple):
    """A column that must have one of some numbers, about how many runs that keeps, and an exact check if the numbers
    stand for size classes whose lowest is cut by the threshold."""

    column: str
    numbers: tuple[int, ...]
    runs: int
    exact: str = ""
    bound: int = 0


class _Plan(NamedTuple):
    conditions: list[_Condition]
    texts: list[tuple[str, str]]
    words: str
    bounds: list[tuple[str, int]]


def list_runs(
    store: Store, where: RunFilter, *, before: int | None = None, after: int | None = None, limit: int = 50
) -> RunPage:
    """Runs that `where` keeps, newest first; `before` pages to older ones, `after` gives the newer ones (live).

    With `after`, at most `limit` of the newest; a gap between them and `after` is seen by `next` being set.
    """
    limit = max(1, limit)
    plan = _plan(store, where)
    if plan is None:
        return RunPage([], None)
    bounds = list(plan.bounds)
    if before is not None:
        bounds.append(("seq < ?", before))
    if after is not None:
        bounds.append(("seq > ?", after))
    sql, params = _page_sql(store.dialect, plan._replace(bounds=bounds), limit + 1)
    found = [RunRow(*_typed(row)) for row in store.query(sql, params)]
    return RunPage(found[:limit], found[limit - 1].seq if len(found) > limit else None)


def explain(store: Store, where: RunFilter, limit: int = 50) -> list[str]:
    """The database's own plan for a page, one line per step (SQLite only); for benchmarks and tests."""
    plan = _plan(store, where)
    if plan is None:
        return []
    sql, params = _page_sql(store.dialect, plan, limit + 1)
    return [str(row[3]) for row in store.query(f"EXPLAIN QUERY PLAN {sql}", params)]


def _plan(store: Store, where: RunFilter) -> _Plan | None:
    """What must hold of a run, or None when nothing can."""
    conditions: list[_Condition] = []
    project = _numbers(store, "project", clean(where.project), 0) if where.project else None
    if project == []:
        return None
    scope = project[0][0] if project else None
    for column in _NAMED:
        value = getattr(where, column)
        if value:
            found = _numbers(store, column, clean(value), scope)
            if not found:
                return None
            conditions.append(_Condition(column, tuple(n for n, _ in found), sum(r for _, r in found)))
    if project and not conditions:
        conditions.append(_Condition("project", (project[0][0],), project[0][1]))
    for column, exact, threshold, above in (
        ("cost_step", "cost", where.min_cost, True),
        ("cost_step", "cost", where.max_cost, False),
        ("duration_step", "duration", where.min_duration, True),
        ("ttft_step", "ttft", where.min_ttft, True),
    ):
        if threshold is not None and not (above and threshold <= 0 and exact != "ttft"):
            condition = _threshold(store, column, exact, threshold, above, scope)
            if not condition.numbers:
                return None
            conditions.append(condition)
    texts = [(c, clean(v, _LONGEST_ID)) for c, v in (("session", where.session), ("user_id", where.user)) if v]
    if texts and project:
        conditions.append(_Condition("project", (project[0][0],), project[0][1]))
    bounds = _period(store, where)
    return None if bounds is None else _Plan(conditions, texts, _words(store.dialect, where.text), bounds)


def _numbers(store: Store, field: str, value: str, scope: int | None) -> list[tuple[int, int]]:
    """(number, runs) of a name, in one project or in all."""
    sql = "SELECT n.id, c.runs FROM names n JOIN run_counts c ON c.name = n.id WHERE n.field = ? AND n.value = ?"
    params: list[int | str] = [field, value[:_LONGEST_ID]]
    if scope is not None:
        sql, params = sql + " AND n.project = ?", [*params, scope]
    return [(row[0], row[1]) for row in store.query(sql, params)]


def _threshold(store: Store, column: str, exact: str, threshold: int, above: bool, scope: int | None) -> _Condition:
    """Size classes on the right side of a threshold; an exact check only if it cuts through a class."""
    sql = "SELECT n.id, n.value, c.runs FROM names n JOIN run_counts c ON c.name = n.id WHERE n.field = ?"
    params: list[int | str] = [column]
    if scope is not None:
        sql, params = sql + " AND n.project = ?", [*params, scope]
    border = size_class(threshold)
    found = [
        (number, runs)
        for number, value, runs in store.query(sql, params)
        if (int(value) >= border if above else int(value) <= border)
    ]
    whole = lower_bound(border) == threshold if above else lower_bound(border + 1) == threshold + 1
    check = "" if whole else f"{exact} >= ?" if above else f"{exact} <= ?"
    return _Condition(column, tuple(n for n, _ in found), sum(r for _, r in found), check, threshold)


def _period(store: Store, where: RunFilter) -> list[tuple[str, int]] | None:
    """Bounds on seq and on the start for a period; None when no run is in it."""
    if where.since is None and where.until is None:
        return []
    since = where.since if where.since is not None else 0
    until = where.until if where.until is not None else 1 << 62
    first, last = store.query(
        "SELECT min(first_seq), max(last_seq) FROM run_hours WHERE hour >= ? AND hour <= ?",
        (since // HOUR_NS, (until - 1) // HOUR_NS),
    )[0]
    if first is None:
        return None
    return [("seq >= ?", first), ("seq <= ?", last), ("at >= ?", since), ("at < ?", until)]


def _words(dialect: str, text: str) -> str:
    """A search in the database's own words: all of the words, the last one may be a beginning."""
    words = re.findall(r"\w+", clean(text, 500))[:20]
    if not words:
        return ""
    if dialect == "sqlite":
        return " ".join(f'"{word}"' for word in words) + "*"
    return " & ".join(f"'{word}'" for word in words) + ":*"


def _page_sql(dialect: str, plan: _Plan, limit: int) -> tuple[str, list[int | str]]:
    """The page's statement: one driver by index, everything else checked on its rows."""
    driver = min((c for c in plan.conditions if len(c.numbers) <= _MOST_BRANCHES), key=lambda c: c.runs, default=None)
    checks, params = _checks(dialect, plan, None if plan.texts or plan.words else driver)
    tail = f" ORDER BY seq DESC LIMIT {limit}"
    if plan.words and dialect == "sqlite":
        # FTS5 walks its postings backwards by rowid; CROSS JOIN keeps the planner from starting elsewhere.
        source = "runs_text t CROSS JOIN runs ON runs.seq = t.rowid"
        checks = ["runs_text MATCH ?", *[re.sub(r"^seq ", "t.rowid ", c) for c in checks]]
        inner = f"SELECT seq FROM {source} WHERE {' AND '.join(checks)} ORDER BY t.rowid DESC LIMIT {limit}"
        return _rows_sql(inner), [plan.words, *params]
    if plan.texts or plan.words or driver is None:
        if plan.words:
            checks, params = ["search @@ to_tsquery('simple', ?)", *checks], [plan.words, *params]
        where = f" WHERE {' AND '.join(checks)}" if checks else ""
        return _rows_sql(f"SELECT seq FROM runs{where}{tail}"), params
    branches, all_params = [], []
    for number in driver.numbers:
        where = " AND ".join([f"{driver.column} = ?", *checks])
        branches.append(f"SELECT * FROM (SELECT seq FROM runs WHERE {where}{tail}) AS part")
        all_params += [number, *params]
    return _rows_sql(" UNION ALL ".join(branches) + tail), all_params


def _checks(dialect: str, plan: _Plan, driver: _Condition | None) -> tuple[list[str], list[int | str]]:
    """Conditions besides the driver. On SQLite a leading + keeps their columns from choosing another index."""
    plus = "+" if dialect == "sqlite" else ""
    checks: list[str] = []
    params: list[int | str] = []
    for column, value in plan.texts:
        checks.append(f"{column} = ?")
        params.append(value)
    for condition in plan.conditions:
        if condition is not driver:
            checks.append(f"{plus}{condition.column} IN ({','.join(map(str, condition.numbers))})")
        if condition.exact:
            checks.append(condition.exact)
            params.append(condition.bound)
    for check, bound in plan.bounds:
        checks.append(check)
        params.append(bound)
    return checks, params


def _rows_sql(seqs: str) -> str:
    """Whole rows, with names, for the seqs that a query gives."""
    named = {"project", "status", "route", "model", "deployment", "key", "name", "source", "provider", "error", "cache"}
    columns = []
    for field in RunRow.__struct_fields__:
        column = {"user": "user_id"}.get(field, field)
        if column in named:
            columns.append(f"(SELECT value FROM names WHERE names.id = r.{column})")
        else:
            assert column in COLUMNS
            columns.append(f"r.{column}")
    return f"SELECT {', '.join(columns)} FROM runs r WHERE r.seq IN ({seqs}) ORDER BY r.seq DESC"


def _typed(row: Row) -> list[Any]:
    """NULL means an empty name."""
    fields = RunRow.__struct_fields__
    return [
        bool(value) if field == "stream" else "" if value is None else value
        for field, value in zip(fields, row, strict=True)
    ]
