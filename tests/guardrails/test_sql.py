"""Queries that only read, and that databases agree: nothing that passed has ever changed one."""

import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.guardrails import Context, _sql_read
from outrider.guardrails.sql import Expected, Options, check, measured, plan, refused

WRITES = [
    "delete from a",
    "with x as (delete from a returning *) select * from x",
    "select pg_read_file('/etc/passwd')",
    "select pg_catalog.pg_read_file('/etc/passwd')",
    "select \"pg_read_file\"('/etc/passwd')",
    "attach database 'x' as y",
    "select 1 into outfile '/tmp/x'",
    "select /*!50000 1; delete from x */ from t",
    "explain analyze delete from x",
    "copy x to program 'sh'",
    "copy (select 1) to '/tmp/x'",
    "select * from t for update",
    "select 1; drop table x",
    "select 1; ; delete from x",
    "select * into y from x",
    "select load_extension('x')",
    "select set_config('a','b',false)",
    "do $$ begin end $$",
    "select lo_import('x')",
    "select nextval('s')",
    "pragma writable_schema=1",
    "pragma journal_mode(delete)",
    "vacuum",
    "insert into a values (1)",
    "replace into a values (1)",
    "update a set x=1",
    "merge into a using b on 1=1 when matched then delete",
    "truncate a",
    "create table a(x)",
    "create temp table a as select 1",
    "drop table a",
    "alter table a add x",
    "grant all on a to b",
    "begin; select 1",
    "set role x",
    "call f()",
    "exec xp_cmdshell 'x'",
    "select dblink('x','y')",
    "select * from dblink('x','y') as t(a int)",
    "select pg_sleep(100)",
    "select sleep(10)",
    "select benchmark(1,1)",
    "select pg_terminate_backend(1)",
    "select xp_cmdshell('x')",
    "select load_file('/etc/passwd')",
    "select readfile('x')",
    "select writefile('x','y')",
    "select * from pg_shadow",
    "select * from pg_catalog.pg_authid",
    "select * from mysql.user",
    "select query_to_xml('delete from a',true,true,'')",
    "select table_to_xml('a',true,true,'')",
    "select database_to_xml(true,true,'')",
    "select ts_stat('select 1')",
    "select crosstab('delete')",
    "select fts3_tokenizer('x', 'y')",
    "listen x",
    "notify x",
    "lock table x",
    "prepare x as delete from a",
    "execute x",
    "explain (analyze) delete from a",
    "select pg_notify('a','b')",
    "select * from read_csv('/etc/passwd')",
    "select * from '/etc/passwd'",
    "with a as (select 1) insert into b select * from a",
    "with a as (insert into b values (1) returning 1) select 1",
    "select 1 union (delete from a returning 1)",
    "select (delete from a returning 1)",
    "reindex",
    "analyze",
    "cluster",
    "refresh materialized view x",
    "handler a open",
    "load data infile 'x' into table a",
    "select 1\x00; drop table x",
    "select f(1)",
    "select my_write_function(id) from x",
    "import foreign schema x from server y into z",
    "explain analyze select pg_sleep(3)",
    "table a; delete from b",
    "reset all",
    "kill 5",
]
READS = [
    "select * from orders",
    "select id, sum(amount) from orders where created > '2024-01-01' group by id having sum(amount)>1 order by 2 desc limit 10",  # noqa: E501
    "with x as (select * from a) select count(*) from x join b on x.id=b.id",
    "select 1 union all select 2",
    "explain select * from a",
    "explain query plan select * from a",
    "explain (format json) select * from a",
    "values (1),(2)",
    "select case when a>1 then 'x' else 'y' end from t -- comment",
    "select date('now'), strftime('%Y', d) from t",
    "select row_number() over (partition by a order by b) from t",
    "select * from (select a from t) s where a in (select b from u) and exists (select 1 from v)",
    "pragma table_info(x)",
    "select name from sqlite_master",
    "select table_name from information_schema.tables",
    "select 'delete from a; drop table b'",
    'select "update" from t',
    "select a /* delete */ from t",
    "select coalesce(a,b), lower(c), round(avg(x),2), json_extract(d,'$.a') from t",
    "with recursive c(n) as (select 1 union all select n+1 from c where n<10) select n from c",
    "select * from a left join b using (id) cross join c;",
    "select count(distinct x) filter (where y) from t",
    "select a::text, now(), current_date - interval '1 day' from t",
    "select jsonb_path_query(a, '$.x') from t",
    "select extract(year from d), date_trunc('month', d) from t",
    "select string_agg(a, ',') from t",
]
LISTED = Options(dialect="postgres", tables=("orders", "customers"), columns={"customers": ("id", "city")})
NAMES = [
    ("select * from orders", True),
    ("select id, city from customers", True),
    ("select name from customers", False),
    ("select * from customers", False),
    ("select c.* from customers c", False),
    ("select c.name from customers c", False),
    ("select count(*) from customers", True),
    ("select * from secrets", False),
    ("with secrets as (select 1 as a) select * from secrets", True),
    ("with x as (select * from secrets) select * from x", False),
    ("select (select name from customers limit 1)", False),
    ("select c from customers c", False),
    ("select id as name from customers where name=1", False),
    ("select o.id from orders o join customers c on c.id=o.cid where c.city=1", True),
    ("select name from customers, (select 1) x", False),
    ("select 1 from orders o where exists (select 1 from customers c where c.name = o.x)", False),
    ("select 1 from orders o natural join customers c", False),
    ("select 1 from orders o join customers c using (name)", False),
    ("select city as a from customers order by a", True),
    ("select row_to_json(c) from customers c", False),
    ("select 1 from public.secrets", False),
    ("select * from other.orders", False),
    ("select x from (select name as x from customers) y", False),
    ("table customers", False),
    ("select 1 from orders where id in (table secrets)", False),
    ("select * from orders, lateral (select name from customers) x", False),
    ("with orders as (select * from orders) select * from orders", True),
    ("with customers as (select 1 as name) select name from customers", True),
    ("select to_jsonb(customers) from customers", False),
]


@pytest.mark.parametrize("dialect", ["", "sqlite", "postgres", "mysql"])
@pytest.mark.parametrize("query", WRITES)
def test_what_does_not_only_read_is_refused(query: str, dialect: str) -> None:
    assert refused(query, Options(dialect=dialect)) != []


@pytest.mark.parametrize("query", READS)
def test_queries_pass(query: str) -> None:
    assert refused(query) == []


@pytest.mark.parametrize(("query", "may"), NAMES)
def test_only_listed_tables_and_columns_are_read(query: str, may: bool) -> None:
    assert (refused(query, LISTED) == []) == may


def test_further_functions_can_be_allowed() -> None:
    assert [one.kind for one in refused("select my_score(a) from t")] == ["function"]
    assert refused("select my_score(a) from t", Options(functions=("my_score",))) == []


def test_where_the_dialect_is_not_told_it_must_read_in_each() -> None:
    query = r"select 'a\' ; drop table t; -- '"
    assert refused(query, Options(dialect="mysql")) == []
    assert {one.kind for one in refused(query)} == {"several"}


def test_a_finding_covers_the_query() -> None:
    (found,) = check("drop table t", Context("tool_args", argument="query"))
    assert (found.start, found.end, found.kind) == (0, 12, "write")
    assert check("drop table t", Context("tool_args", argument="title", options=Options(arguments=("query",)))) == []
    text = "Run:\n```sql\ndelete from t\n```"
    (found,) = check(text, Context("output"))
    assert text[found.start : found.end] == "delete from t\n"


def test_an_unknown_dialect_says_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"no dialect 'qql'.*sqlite"):
        Options(dialect="qql")


# -- real databases ---------------------------------------------------------------------------------------------------

TABLES = "CREATE TABLE orders (id integer, amount integer, name text); CREATE TABLE t (a integer, b text);"
ROWS = "INSERT INTO orders VALUES (1, 10, 'x'), (2, 20, 'y'), (3, 60, NULL); INSERT INTO t VALUES (1, 'q');"


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "a.sqlite3", isolation_level=None)
    connection.executescript(TABLES + ROWS)
    yield connection
    connection.close()


@pytest.fixture
def post(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute((TABLES + ROWS + "CREATE SEQUENCE s").encode())
        connection.execute("SET statement_timeout = 2000")
        yield connection


_PARTS = ["select", "*", "1", "a", "id", "from", "orders", "t", "where", "=", "(", ")", ",", "union", "all", "with", "x", "as", ";", "--", "/*", "*/", "'", '"', "delete", "drop", "table", "insert", "into", "values", "update", "set", "returning", "explain", "analyze", "query plan", "pragma", "user_version", "count", "limit", "nextval", "'s'", "$$", "e'", "\\", "attach", "'y'", "create", "temp", "view", "vacuum", "order by", "for update", "exists", "in", "not", "null", "case", "when", "then", "end", "cast", "::text", "||", "setval", "replace", "on conflict do nothing", "lock", "begin", "commit", "copy", "to", "stdout", "do", "\n", "\t", "`", "[", "]", "#", "/*!", "0x", "u&'", "lateral", "join", "on", "true", "group by", "having", "tablesample", "values (1)", "truncate", "listen", "lo_create", "set_config", "pg_advisory_lock", "notify", "call", "reindex", "comment on", "grant", "alter", "add", "x''", "json", "->", "->>", "rowid"]  # noqa: E501  # fmt: skip
_SPLICED = st.tuples(
    st.sampled_from([*READS, *WRITES]), st.sampled_from([*READS, *WRITES]), st.integers(0, 60), st.integers(0, 60)
)
_QUERIES = st.one_of(
    st.lists(st.sampled_from(_PARTS), min_size=2, max_size=9).map(" ".join),
    st.lists(st.sampled_from(_PARTS), min_size=1, max_size=6).map(lambda p: "select 1 " + " ".join(p)),
    st.lists(st.sampled_from(_PARTS), min_size=1, max_size=6).map(
        lambda p: "with x as (" + " ".join(p) + ") select * from x"
    ),
    _SPLICED.map(lambda s: s[0][: s[2]] + s[1][s[3] :]),
    st.sampled_from([*READS, *WRITES]),
)
_HARD = settings(
    max_examples=5 * settings().max_examples,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def _lite_state(connection: sqlite3.Connection) -> object:
    told = [connection.execute(f"SELECT * FROM {table}").fetchall() for table in ("orders", "t", "sqlite_master")]
    facts = [
        connection.execute(f"PRAGMA {one}").fetchall() for one in ("user_version", "database_list", "schema_version")
    ]
    return told, facts, connection.total_changes


@_HARD
@given(query=_QUERIES)
def test_nothing_that_passed_changes_sqlite(lite: sqlite3.Connection, query: str) -> None:
    if refused(query, Options(dialect="sqlite")) and refused(query):
        return
    before = _lite_state(lite)
    try:
        list(itertools.islice(lite.execute(query), 1000))
    except (sqlite3.Error, sqlite3.Warning):
        pass
    assert _lite_state(lite) == before, query
    assert not lite.in_transaction, query


def _post_state(connection: psycopg.Connection[Any]) -> object:
    tables = [connection.execute(f"SELECT * FROM {table}".encode()).fetchall() for table in ("orders", "t")]
    return (
        tables,
        connection.execute("SELECT last_value, is_called FROM s").fetchall(),
        connection.execute("SELECT count(*), max(oid) FROM pg_class").fetchall(),
        connection.execute("SELECT name, setting FROM pg_settings").fetchall(),
        connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchall(),
        connection.execute("SELECT count(*) FROM pg_largeobject_metadata").fetchall(),
        connection.execute("SELECT count(*) FROM pg_listening_channels()").fetchall(),
    )


@_HARD
@given(query=_QUERIES)
def test_nothing_that_passed_changes_postgresql(post: psycopg.Connection[Any], query: str) -> None:
    if refused(query, Options(dialect="postgres")) and refused(query):
        return
    before = _post_state(post)
    try:
        post.execute(query.encode())
    except psycopg.Error:
        pass
    assert post.info.transaction_status == psycopg.pq.TransactionStatus.IDLE, query
    assert _post_state(post) == before, query


def _run_lite(connection: sqlite3.Connection) -> Any:
    return lambda query: connection.execute(query).fetchall()


def _run_post(connection: psycopg.Connection[Any]) -> Any:
    def run(query: str) -> Sequence[Sequence[Any]]:
        return connection.execute(query.encode()).fetchall()

    return run


def test_what_a_query_costs_in_sqlite(lite: sqlite3.Connection) -> None:
    lite.execute(
        "WITH RECURSIVE c(n) AS (SELECT 4 UNION ALL SELECT n + 1 FROM c WHERE n < 1000) INSERT INTO orders SELECT n, n, 'z' FROM c"  # noqa: E501
    )
    run = _run_lite(lite)
    one = plan("select * from orders o;", run, "sqlite")
    assert (one.cost, one.scanned) == (1000.0, ("o",))
    assert plan("select * from orders a, orders b, orders c", run, "sqlite").cost == 1e9
    assert plan("select * from orders where rowid = 5", run, "sqlite").cost < 20
    assert plan("with x as (select 1) select * from x", run, "sqlite").cost < 2000


def test_what_a_query_costs_in_postgresql(post: psycopg.Connection[Any]) -> None:
    post.execute("INSERT INTO orders SELECT n, n, 'z' FROM generate_series(4, 1000) n")
    post.execute("ANALYZE orders")
    run = _run_post(post)
    one = plan("select * from orders", run, "postgres")
    assert (one.rows, one.scanned) == (1000.0, ("orders",))
    many = plan("select * from orders a, orders b", run, "postgres")
    assert many.rows == 1_000_000
    assert many.cost > 100 * one.cost


EXPECTED = Expected(
    rows="1..10", mean={"amount": "0..1e3"}, least={"amount": "11.."}, nulls={"name": "..0.2"}, distinct={"id": "3..3"}
)


def test_results_are_compared_without_being_shown(lite: sqlite3.Connection, post: psycopg.Connection[Any]) -> None:
    for run in (_run_lite(lite), _run_post(post)):
        told = measured("select id, amount, name from orders; ", run, EXPECTED)
        assert told.passed == ("rows", "mean of amount", "distinct of id")
        assert told.failed == ("least of amount", "nulls of name")
        assert not told.holds
        assert measured("select * from orders where id > 9", run, Expected(mean={"amount": ".."})).failed == (
            "mean of amount",
        )
        assert measured("select * from orders -- all", run, Expected(rows="3..3")).holds


def test_a_range_that_is_none_is_refused(lite: sqlite3.Connection) -> None:
    with pytest.raises(RequestError, match="rows: 'few' is no range"):
        measured("select 1", _run_lite(lite), Expected(rows="few"))


def test_tables_that_a_query_reads() -> None:
    query = "with x as (select * from a.b) select * from x join C on true"
    assert list(_sql_read.tables_of(query, "postgres")) == ["a.b", "c"]
