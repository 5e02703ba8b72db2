"""What a query is, read by a parser: whether it only reads, which tables and columns, which functions.

Everything that is not known to read is taken to write: unknown statements, unknown functions, comments that a database
may execute. The parser is sqlglot's; databases differ from it, so a query whose dialect is not told must read only in
every dialect in which it can be read at all.
"""

import functools
import logging
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any, NamedTuple

DIALECTS = ("sqlite", "postgres", "mysql", "duckdb")
"""Tried where nobody says which it is."""
KNOWN = (*DIALECTS, "bigquery", "snowflake", "redshift", "tsql", "oracle", "trino", "clickhouse", "databricks", "spark")
_LONGEST = 50_000
_EXECUTED = re.compile(r"/\*\s*M?!")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_EXPLAIN = re.compile(
    r"\s*explain\b\s*(?:query\s+plan\b|\((?:[\w\s,]|analyze\s+false)*\)|(?:verbose|analyze|extended|format\s*=\s*\w+)\b|\s)*",
    re.IGNORECASE,
)
_PRAGMA = re.compile(r"\s*pragma\s+(?:\w+\.)?(\w+)\s*(?:\(\s*['\"]?[\w.]+['\"]?\s*\))?\s*;?\s*", re.IGNORECASE)


class Fault(NamedTuple):
    """Why a query is refused: a kind of finding, and in words."""

    kind: str
    why: str


@functools.cache
def _lists() -> Mapping[str, frozenset[str]]:
    table = tomllib.loads(resources.files("outrider.guardrails").joinpath("sql.toml").read_text("utf-8"))
    return {name: frozenset(words.split()) for name, words in table.items()}


class Allowed(NamedTuple):
    """What may be read: empty means all. Small letters; tables with or without their schema."""

    tables: frozenset[str] = frozenset()
    columns: Mapping[str, frozenset[str]] = {}
    functions: frozenset[str] = frozenset()


def faults(text: str, dialect: str = "", allowed: Allowed | None = None) -> list[Fault]:
    """Why `text` is no query that only reads what it may; empty: it is one."""
    may = allowed or Allowed()
    if len(text) > _LONGEST:
        return [Fault("unreadable", f"longer than {_LONGEST} characters")]
    if _CONTROL.search(text):
        return [Fault("unreadable", "characters that a database may read otherwise")]
    if _EXECUTED.search(text):
        return [Fault("write", "a comment that MySQL executes")]
    if pragma := _PRAGMA.fullmatch(text):
        if dialect in ("", "sqlite", "duckdb") and pragma[1].lower() in _lists()["pragmas"]:
            return [] if not may.tables else [Fault("table", "a pragma, where tables are listed")]
        return [Fault("write", f"the pragma {pragma[1]}")]
    told: list[list[Fault]] = []
    for one in (dialect,) if dialect else DIALECTS:
        found = _in_dialect(text, one, may)
        if found is not None:
            told.append(found)
    if not told:
        return [Fault("unreadable", "no dialect reads it")]
    return list(dict.fromkeys(fault for found in told for fault in found))


def _in_dialect(text: str, dialect: str, may: Allowed) -> list[Fault] | None:
    """None where it is none of this dialect."""
    import sqlglot
    from sqlglot import exp

    explain = _EXPLAIN.match(text)
    bare = text[explain.end() :] if explain else text
    logger = logging.getLogger("sqlglot")
    before, logger.disabled = logger.disabled, True
    try:
        parsed = [one for one in sqlglot.parse(bare, dialect=dialect) if one is not None]
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError):
        return None
    finally:
        logger.disabled = before
    statements = [one for one in parsed if not isinstance(one, exp.Semicolon)]
    if not statements:
        return [Fault("unreadable", "no statement")]
    if len(statements) > 1:
        return [Fault("several", "more than one statement")]
    return list(_of(statements[0], dialect, may))


def _of(root: Any, dialect: str, may: Allowed) -> Iterator[Fault]:
    from sqlglot import exp

    if isinstance(root, exp.Describe | exp.Show) and not list(root.find_all(exp.Query, exp.DML, exp.Command)):
        if may.tables:
            yield Fault("table", "what a table is, where tables are listed")
        return
    if not isinstance(root, exp.Query | exp.Values | exp.Table):
        yield Fault("write", f"a statement that does not only read: {root.key}")
        return
    refused = (
        exp.DML,
        exp.Create,
        exp.Drop,
        exp.Alter,
        exp.Command,
        exp.Set,
        exp.Pragma,
        exp.Into,
        exp.Attach,
        exp.Lock,
    )
    for node in root.walk():
        if isinstance(node, refused) or type(node).__name__ in _WRITES:
            yield Fault("write", f"a part that does not only read: {node.key}")
        elif isinstance(node, exp.CTE | exp.Subquery) and not isinstance(
            node.this, exp.Query | exp.Values | exp.Table | exp.Join
        ):
            yield Fault("write", f"a part that does not only read: {node.this.key if node.this else node.key}")
        elif isinstance(node, exp.Func):
            yield from _function(node, may)
        elif isinstance(node, exp.Parameter | exp.SessionParameter | exp.PropertyEQ) and dialect == "mysql":
            if isinstance(node, exp.PropertyEQ):
                yield Fault("write", "a variable is set")
        elif isinstance(node, exp.Table):
            yield from _place(node)
    yield from _names(root, may)


_WRITES = {"TruncateTable", "LoadData", "Transaction", "Commit", "Rollback", "Kill", "Grant", "Revoke", "Analyze"} | {
    *("Cache", "Uncache", "Refresh", "Detach", "Use", "Comment", "Export", "Install", "Execute", "ExecuteSql")
}
"""Kinds of statements, by the parser's names: not every release has all of them."""


def _function(node: Any, may: Allowed) -> Iterator[Fault]:
    from sqlglot import exp

    anonymous = isinstance(node, exp.Anonymous | exp.AnonymousAggFunc | exp.CombinedAggFunc | exp.ParameterizedAgg)
    name = (node.name if anonymous else node.sql_name()).lower()
    if name in may.functions:
        return
    if (anonymous and name not in _lists()["pure"]) or (not anonymous and name in _lists()["impure"]):
        yield Fault("function", f"the function {name}, which is not known to be harmless")


def _place(node: Any) -> Iterator[Fault]:
    """A table that is a file or lies on another server."""
    if re.search(r"[/\\:*?]|\.(?:csv|json|parquet|db|txt|xlsx?|gz|sqlite3?)$", node.name, re.IGNORECASE):
        yield Fault("function", "a table that is a file")
    schema = (node.db or "").lower()
    name = node.name.lower()
    listed = _lists()
    secret = schema in ("pg_catalog", "mysql", "performance_schema", "sys") or name.startswith("pg_")
    if secret and name not in listed["catalogues"]:
        yield Fault("table", f"the system table {name}")


# -- names ------------------------------------------------------------------------------------------------------------


def _names(root: Any, may: Allowed) -> Iterator[Fault]:
    """Tables and columns that are read and not listed."""
    if not may.tables and not may.columns:
        return
    import sqlglot
    from sqlglot import exp
    from sqlglot.optimizer.scope import traverse_scope

    try:
        scopes = list(traverse_scope(root)) if isinstance(root, exp.Query) else []
    except (sqlglot.errors.SqlglotError, LookupError, AttributeError, TypeError, ValueError, RecursionError) as error:
        yield Fault("unreadable", f"its names cannot be told apart ({type(error).__name__})")
        return
    seen: set[int] = set()
    for scope in scopes:
        tables = {alias: one for alias, one in scope.sources.items() if isinstance(one, exp.Table)}
        seen |= {id(one) for one in tables.values()}
        yield from (fault for one in tables.values() for fault in _table(one, may))
        yield from _columns(scope, tables, may)
    for one in root.find_all(exp.Table):
        if id(one) not in seen and not _is_named_here(one, root):
            yield from _table(one, may)


def _is_named_here(table: Any, root: Any) -> bool:
    from sqlglot import exp

    return not table.db and any(cte.alias.lower() == table.name.lower() for cte in root.find_all(exp.CTE))


def _full(table: Any) -> tuple[str, ...]:
    """The names that a table goes by: the whole one first."""
    parts = [part.name.lower() for part in table.parts]
    return tuple(".".join(parts[at:]) for at in range(len(parts)))


_DEFAULT = ("public", "main", "dbo")
"""Schemas that need not be said."""


def _table(table: Any, may: Allowed) -> Iterator[Fault]:
    names = _full(table)
    known = may.tables | may.columns.keys()
    plain = len(names) == 2 and table.db.lower() in _DEFAULT and names[1] in known
    if may.tables and names[0] not in known and not plain:
        yield Fault("table", f"the table {names[0]}, which is not listed")


def _columns(scope: Any, tables: Mapping[str, Any], may: Allowed) -> Iterator[Fault]:
    """Columns of tables of which only some are listed. A name without its table must be one of them."""
    from sqlglot import exp

    narrow = {alias: cols for alias, table in tables.items() if (cols := _listed(table, may)) is not None}
    around, outer = dict(narrow), scope.parent
    while outer is not None:
        for alias, source in outer.sources.items():
            if isinstance(source, exp.Table) and (cols := _listed(source, may)) is not None:
                around.setdefault(alias, cols)
        outer = outer.parent
    if not around:
        return
    every = frozenset().union(*around.values())
    if narrow and any(not isinstance(star.parent, exp.Count | exp.Column) for star in scope.find_all(exp.Star)):
        yield Fault("column", "all columns of a table of which only some are listed")
    for join in scope.find_all(exp.Join):
        shared = {one.name.lower() for one in join.args.get("using") or ()}
        if join.method == "NATURAL" or shared - every:
            yield Fault("column", "a join by columns that are not listed")
    named = {one.alias.lower() for one in getattr(scope.expression, "expressions", ()) if one.alias}
    for column in scope.find_all(exp.Column):
        name, of = column.name.lower(), column.table
        if isinstance(column.this, exp.Star):
            if not of or of in narrow:
                yield Fault("column", "all columns of a table of which only some are listed")
        elif of in around and name not in around[of]:
            yield Fault("column", f"the column {of}.{name}, which is not listed")
        elif not of and name not in every and not (isinstance(column.parent, exp.Ordered) and name in named):
            yield Fault("column", f"the column {name}, which is not listed (or say of which table it is)")


def _listed(table: Any, may: Allowed) -> frozenset[str] | None:
    return next((may.columns[name] for name in _full(table) if name in may.columns), None)


def tables_of(text: str, dialect: str) -> Sequence[str]:
    """Names of all tables that a query reads, without those that it makes itself."""
    import sqlglot
    from sqlglot import exp

    root = sqlglot.parse_one(text, dialect=dialect or None)
    return sorted({_full(one)[0] for one in root.find_all(exp.Table) if not _is_named_here(one, root)})
