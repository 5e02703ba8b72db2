"""Queries on a real database."""

import sqlite3
from pathlib import Path

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome, Score

SCHEMA = "CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y'), (2, 'y');"


def score(said: str, wanted: str = "SELECT a, b FROM t", **options: object) -> Score:
    case = Case("q", "x", expected=wanted, context={"schema": SCHEMA})
    return named("sql", options).score(case, Outcome(text=said), Ports())


def test_rows_count_and_not_the_words() -> None:
    assert score("```sql\nSELECT a, b FROM t ORDER BY a DESC;\n```").value == 1.0
    assert score("SELECT DISTINCT a, b FROM t").value == 0.0, "how often a row comes counts"
    assert score("SELECT a, b FROM t ORDER BY a DESC", "SELECT a, b FROM t ORDER BY a").value == 0.0
    assert "fails" in score("SELECT c FROM t").reason
    assert "the expected query fails" in score("SELECT 1", "SELECT c FROM t").reason


def test_nothing_is_written_and_nothing_else_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    with sqlite3.connect(file) as database:
        database.executescript(SCHEMA)
    database.close()
    before = file.read_bytes()
    for attack in (
        "DELETE FROM t", "DROP TABLE t", f"ATTACH '{tmp_path / 'new.db'}' AS n", "PRAGMA query_only = 0",
        "WITH x AS (SELECT 1) INSERT INTO t SELECT 3, 'z'", "SELECT 1; DELETE FROM t", "VACUUM", "BEGIN IMMEDIATE",
    ):  # fmt: skip
        found = score(attack, database=str(file))
        assert found.value == 0.0, attack
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_an_endless_query_is_given_up() -> None:
    found = score("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n")
    assert "interrupted" in found.reason
