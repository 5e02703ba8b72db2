"""Bringing a schema up to date: numbered plain SQL files, each applied once, in order, in one transaction.

Concurrent starts are safe: the write transaction waits for other writers, and the version is read inside it.
"""

from importlib.resources import files

from outrider.base.errors import ConfigError
from outrider.store.ports import Dialect, Schema, Store, Tx

_FOLDERS: dict[Schema, str] = {
    "journal": "migrations",
    "leases": "migrations/leases",
    "knowledge": "migrations/knowledge",
    "casebook": "migrations/casebook",
    "evals": "migrations/evals",
}
_VERSIONS: dict[Schema, str] = {
    "journal": "schema_version",
    "leases": "leases_version",
    "knowledge": "knowledge_version",
    "casebook": "casebook_version",
    "evals": "evals_version",
}
"""The table that holds the version: on PostgreSQL all schemas are in one database."""


def migrations(dialect: Dialect, schema: Schema = "journal") -> list[tuple[int, str]]:
    """(version, SQL) of every migration of `schema` for `dialect`, ascending."""
    folder = files("outrider.store") / _FOLDERS[schema] / dialect
    found = [(int(f.name.split("_")[0]), f.read_text("utf-8")) for f in folder.iterdir() if f.name.endswith(".sql")]
    return sorted(found)


def migrate(store: Store, schema: Schema = "journal", *, to: int | None = None) -> int:
    """Apply what is missing of `schema` (up to version `to`); returns the version now in place.

    Raises ConfigError when the database was made by a newer Outrider, and then changes nothing.
    """
    known, table = migrations(store.dialect, schema), _VERSIONS[schema]
    newest = known[-1][0]
    if to is None and _version_seen(store, table) == newest:
        return newest
    with store.write() as tx:
        tx.execute(f"CREATE TABLE IF NOT EXISTS {table} (version INTEGER NOT NULL)")
        version = current(tx, table)
        if version > newest:
            raise ConfigError(
                f"the database has schema version {version}, this Outrider knows up to {newest}: "
                "run the newer Outrider, or use another database"
            )
        for number, sql in known:
            if number > version and (to is None or number <= to):
                for statement in statements(sql):
                    tx.execute(statement)
                tx.execute(f"DELETE FROM {table}")
                tx.execute(f"INSERT INTO {table} (version) VALUES (?)", (number,))
                version = number
    return version


def current(tx: Tx, table: str) -> int:
    """The version inside a transaction; 0 for a new database."""
    rows = tx.query(f"SELECT version FROM {table}")
    return int(rows[0][0]) if rows else 0


def statements(sql: str) -> list[str]:
    """Single statements of a migration. They end with `;` at the end of a line; comments stand on their own lines."""
    lines = [line for line in sql.splitlines() if not line.lstrip().startswith("--")]
    return [part.strip() for part in f"{chr(10).join(lines)}\n".split(";\n") if part.strip()]


def _version_seen(store: Store, table: str) -> int:
    """The version by reading only, so that a start beside a busy writer does not wait; 0 when there is no table."""
    catalog = {
        "sqlite": f"SELECT 1 FROM sqlite_master WHERE name = '{table}'",
        "postgres": f"SELECT 1 FROM pg_tables WHERE tablename = '{table}' AND schemaname = current_schema()",
    }[store.dialect]
    if not store.query(catalog):
        return 0
    rows = store.query(f"SELECT version FROM {table}")
    return int(rows[0][0]) if rows else 0
