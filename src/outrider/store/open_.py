"""Opening a store by URL: `sqlite:///path/to/file` or `postgresql://…`; the schema is brought up to date."""

from outrider.base.errors import ConfigError
from outrider.store.migrate import migrate
from outrider.store.ports import Schema, Store


def open_store(url: str, schema: Schema = "journal") -> Store:
    """The store at `url`, migrated. Raises ConfigError for a URL of another kind, StoreUnavailable if it is away."""
    store = connect(url)
    try:
        migrate(store, schema)
    except BaseException:
        store.close()
        raise
    return store


def open_leases(url: str) -> Store:
    """The lease store that belongs to the store at `url`.

    On SQLite a file of its own beside it (`outrider.leases.db`), since what is lent is waited for and the indexer
    writes for long; on PostgreSQL tables in the same database. Raises as `open_store`.
    """
    return open_store(beside(url, "leases"), "leases")


def open_knowledge(url: str) -> Store:
    """The store of documents that belongs to the store at `url`.

    On SQLite a file of its own beside it (`outrider.knowledge.db`), since an import writes for long; on PostgreSQL
    tables in the same database. Raises as `open_store`.
    """
    return open_store(beside(url, "knowledge"), "knowledge")


def open_casebook(url: str) -> Store:
    """The Casebook's store that belongs to the store at `url`: `outrider.casebook.db` on SQLite. Raises as
    `open_store`."""
    return open_store(beside(url, "casebook"), "casebook")


def open_evals(url: str) -> Store:
    """The store of datasets and experiments that belongs to the store at `url`: `outrider.evals.db` on SQLite. Raises
    as `open_store`."""
    return open_store(beside(url, "evals"), "evals")


def beside(url: str, schema: Schema) -> str:
    """Where `schema` is kept that belongs to the store at `url`."""
    if not url.startswith("sqlite:///"):
        return url
    folder, _, name = url.rpartition("/")
    return f"{folder}/{name.rpartition('.')[0] or name}.{schema}.db"


def connect(url: str) -> Store:
    """The store at `url` as it is, without bringing its schema up to date."""
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        from outrider.store.sqlite import SqliteStore

        if not rest.startswith("/") or len(rest) < 2:
            raise ConfigError("a SQLite URL looks like `sqlite:////var/lib/outrider/outrider.sqlite3` (a file path)")
        return SqliteStore(rest[1:])
    if scheme in ("postgres", "postgresql"):
        from outrider.store.postgres import PostgresStore

        return PostgresStore(url)
    raise ConfigError(f"no store for {scheme!r}: use `sqlite:///path/to/file` or `postgresql://user@host/database`")
