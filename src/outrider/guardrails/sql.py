"""Queries that a model wants run: they only read, one statement, known functions, listed tables and columns.

Beside the check of the text there is the check by the database itself: `plan` asks what a query would cost, `measured`
compares how many rows it gives, and their means, with what is expected, and says no more than whether they are so.
A database account that cannot write is still the better lock; this is the one before it.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from outrider.base.errors import RequestError
from outrider.guardrails._blocks import fenced
from outrider.guardrails._contract import Context, Finding
from outrider.guardrails._sql_database import Run, Unasked, kind_of, reading, url_of, wrong
from outrider.guardrails._sql_read import KNOWN, Allowed, Fault, faults
from outrider.guardrails.way.asking import Waiter

NAME = "sql"
WHAT = "SQL: one statement that only reads, with known functions, and tables and columns that are listed."
STAGES = ("tool_args", "output")
KINDS = ("write", "several", "function", "table", "column", "unreadable", "cost", "result", "unasked")
_SCORES = {"write": 1.0, "several": 1.0, "function": 0.9, "table": 0.9, "column": 0.9, "unreadable": 0.8}


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a result should look like; each is a range: `1..1000`, `0..`, `..1e6`.

    `rows` is their number; `mean`, `least`, `most` and `sum` are of columns of numbers; `nulls` the share of empty
    values and `distinct` the number of different values of a column.
    """

    rows: str = ".."
    mean: dict[str, str] = {}
    least: dict[str, str] = {}
    most: dict[str, str] = {}
    sum: dict[str, str] = {}
    nulls: dict[str, str] = {}
    distinct: dict[str, str] = {}

    def check(self) -> None:
        """Raises ValueError for a range that is none."""
        for name, told in [("rows", self.rows), *((how, one) for how in _HOW for one in getattr(self, how).values())]:
            try:
                _range(told, name)
            except RequestError as error:
                raise ValueError(error.message) from None


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be read, and which database says what that costs."""

    dialect: Annotated[
        str, Meta(description="`sqlite`, `postgres`, `mysql`, `duckdb` …; empty: it must only read in each of these.")
    ] = ""
    tables: Annotated[tuple[str, ...], Meta(description="Tables that may be read. Empty: all.")] = ()
    columns: Annotated[
        dict[str, tuple[str, ...]], Meta(description="Of some tables only these columns: `{customers: [id, city]}`.")
    ] = {}
    functions: Annotated[tuple[str, ...], Meta(description="Further functions that may be called.")] = ()
    arguments: Annotated[
        tuple[str, ...], Meta(description="Arguments of tools that are queries. Empty: all that are checked.")
    ] = ()
    database: Annotated[
        str,
        Meta(
            description="The database that is asked about queries that are to be run: `sqlite:///data/shop.db`, or "
            "`postgresql://…` by reference, such as `${env:REPORTS_URL}`. Empty: none is."
        ),
    ] = ""
    most_cost: Annotated[
        float, Meta(ge=0, description="The highest cost that it may expect of a query, in its own units. 0: any.")
    ] = 0.0
    expected: Annotated[
        Expected | None, Meta(description="What the result of each query has to look like, counted by the database.")
    ] = None
    seconds: Annotated[float, Meta(gt=0, le=60, description="How long one question to the database may take.")] = 5.0

    def __post_init__(self) -> None:
        if self.dialect and self.dialect not in KNOWN:
            raise ValueError(f"no dialect {self.dialect!r}; there are: {', '.join(KNOWN)}")
        if (self.most_cost or self.expected is not None) and not self.database:
            raise ValueError("`most_cost` and `expected` ask a `database`: name it")
        if self.database and (why := wrong(self.database)):
            raise ValueError(why)
        if self.expected is not None:
            self.expected.check()

    def allowed(self) -> Allowed:
        """The lists in small letters."""
        columns = {table.lower(): frozenset(c.lower() for c in names) for table, names in self.columns.items()}
        return Allowed(frozenset(t.lower() for t in self.tables), columns, frozenset(f.lower() for f in self.functions))


def check(text: str, context: Context) -> list[Finding]:
    """Findings of a query (an argument), or of the queries in a text (`output`: those in fences)."""
    options = context.options if isinstance(context.options, Options) else Options()
    if context.where == "output":
        return [
            Finding(at, at + len(query), fault.kind, _SCORES[fault.kind])
            for at, query in fenced(text, ("sql", "sqlite", "postgres", "postgresql", "mysql", "psql", "duckdb"))
            for fault in _kinds(refused(query, options))
        ]
    named = context.argument in options.arguments or not context.argument  # "": arguments that are no JSON
    if not text.strip() or (options.arguments and not named):
        return []
    found = [Finding(0, len(text), fault.kind, _SCORES[fault.kind]) for fault in _kinds(refused(text, options))]
    if found or context.waiter is None or not options.database:
        return found
    return [Finding(0, len(text), kind) for kind in asked(text, options, context.waiter)]


def waits(options: Options) -> bool:
    """Whether a database is asked."""
    return bool(options.database)


def asked(query: str, options: Options, waiter: Waiter | None = None) -> list[str]:
    """What the database has against a query that passed `refused`: `cost`, `result`, or `unasked` where it could not
    say while `waiter` waits. Blocking."""
    found = []
    try:
        url = url_of(options.database)
        kind = kind_of(url)
        with reading(url, options.seconds, waiter) as run:
            if kind and options.most_cost and plan(query, run, kind).cost > options.most_cost:
                return ["cost"]  # it is not run to be counted, either
            if options.expected is not None and not measured(query, run, options.expected).holds:
                found.append("result")
    except (Unasked, TypeError, ValueError, LookupError):  # a mean of no numbers, a plan in another form
        found.append("unasked")
    return found


def refused(text: str, options: Options | None = None) -> list[Fault]:
    """Why a query is refused, in words; empty: it may run."""
    wanted = options or Options()
    return faults(text, wanted.dialect, wanted.allowed())


def _kinds(found: Sequence[Fault]) -> list[Fault]:
    return list({fault.kind: fault for fault in found}.values())


# -- what it would cost -----------------------------------------------------------------------------------------------


class Plan(msgspec.Struct, frozen=True):
    """What the database expects: `cost` in its own units (PostgreSQL: pages and rows; SQLite: rows that are looked at),
    `rows` that come out (0: it does not say), and the tables that are read from end to end."""

    cost: float
    rows: float
    scanned: tuple[str, ...] = ()


def plan(query: str, run: Run, dialect: Literal["postgres", "sqlite"]) -> Plan:
    """Ask the database. The query must have passed `refused`. Raises what `run` raises."""
    bare = _bare(query)
    if dialect == "postgres":
        told = run(f"EXPLAIN (FORMAT JSON) {bare}")[0][0]
        root = (json.loads(told) if isinstance(told, str | bytes) else told)[0]["Plan"]
        scanned = tuple(one["Relation Name"] for one in _nodes(root) if one.get("Node Type") == "Seq Scan")
        return Plan(float(root["Total Cost"]), float(root["Plan Rows"]), scanned)
    steps = [str(row[3]) for row in run(f"EXPLAIN QUERY PLAN {bare}")]
    named = [
        match for step in steps if (match := re.match(r"(SCAN|SEARCH) (?:TABLE )?([\w\"]+)(?: AS \w+)?(.*)", step))
    ]
    sizes = _sizes(bare, run)
    cost = 1.0
    for match in named:
        size = sizes.get(match[2].strip('"').lower(), max(sizes.values(), default=1.0))
        cost *= max(1.0, size) if match[1] == "SCAN" else max(1.0, math.log2(size + 2))
    return Plan(cost, 0.0, tuple(match[2] for match in named if match[1] == "SCAN"))


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def _sizes(query: str, run: Run) -> dict[str, float]:
    """Rows of the tables of a SQLite query, by their largest row ids; under their aliases, too."""
    import sqlglot
    from sqlglot import exp

    found: dict[str, float] = {}
    root = sqlglot.parse_one(query, dialect="sqlite")
    made = {cte.alias.lower() for cte in root.find_all(exp.CTE)}
    for table in root.find_all(exp.Table):
        if table.name.lower() not in made and not isinstance(table.this, exp.Func):
            rows = run(f'SELECT count(*) FROM "{table.name.replace(chr(34), chr(34) * 2)}"')
            found[table.name.lower()] = found[table.alias_or_name.lower()] = float(rows[0][0])
    return found


def _bare(query: str) -> str:
    return query.strip().rstrip(";").strip()


# -- what it gives, without showing it --------------------------------------------------------------------------------

_RANGE = re.compile(r"\s*([-+\d.eE]*)\s*\.\.\s*([-+\d.eE]*)\s*")


class Verdict(msgspec.Struct, frozen=True):
    """Which expectations hold. No value of the data is in it."""

    passed: tuple[str, ...]
    failed: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.failed


_HOW = {
    "mean": "avg({})",
    "least": "min({})",
    "most": "max({})",
    "sum": "sum({})",
    "nulls": "avg(CASE WHEN {} IS NULL THEN 1.0 ELSE 0.0 END)",
    "distinct": "count(DISTINCT {})",
}


def measured(query: str, run: Run, expected: Expected) -> Verdict:
    """Let the database count: one query of aggregates over the proposed one, which must have passed `refused`.

    A mean over fewer than one row holds in no range. Raises RequestError for a range that is none.
    """
    wanted = [("rows", "count(*)", expected.rows)]
    for how, form in _HOW.items():
        for column, told in getattr(expected, how).items():
            wanted.append((f"{how} of {column}", form.format(_column(column)), told))
    ranges = [_range(told, name) for name, _, told in wanted]
    asked = ", ".join(form for _, form, _ in wanted)
    row = run(f"SELECT {asked} FROM (\n{_bare(query)}\n) AS proposed")[0]
    held = [_within(value, low, high) for value, (low, high) in zip(row, ranges, strict=True)]
    names = [name for name, _, _ in wanted]
    return Verdict(
        tuple(name for name, ok in zip(names, held, strict=True) if ok),
        tuple(name for name, ok in zip(names, held, strict=True) if not ok),
    )


def _column(name: str) -> str:
    """With its table: SQLite takes a name in quotes that it does not know for a text."""
    quoted = name.replace('"', '""')
    return f'proposed."{quoted}"'


def _range(told: str, name: str) -> tuple[float, float]:
    match = _RANGE.fullmatch(told)
    try:
        if match:
            return float(match[1] or "-inf"), float(match[2] or "inf")
    except ValueError:
        pass
    raise RequestError(f"{name}: {told!r} is no range; write `1..1000`, `0..` or `..1e6`", param=name)


def _within(value: Any, low: float, high: float) -> bool:
    return value is not None and low <= float(value) <= high
