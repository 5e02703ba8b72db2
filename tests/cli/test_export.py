"""Exports from the command line: to stdout, to a file that is whole or absent."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from outrider.base import ids
from outrider.journal.events import RunRecorded
from tests.cli.conftest import Run

Record = Callable[..., RunRecorded]


def test_export_to_stdout_and_to_a_file(cli: Run, record: Record) -> None:
    made = {ids.text(record().id) for _ in range(3)}
    lines = cli("runs", "export", "--format", "jsonl").out.splitlines()
    assert {json.loads(line)["id"] for line in lines} == made
    said = cli("journal", "export", "-f", "otlp", "-o", "spans.jsonl", "--route", "support")
    assert "3 runs" in said.err
    assert len(Path("spans.jsonl").read_text().splitlines()) >= 1
    assert cli("runs", "export", "-o", "no/such/folder/x").code == 1


def test_export_parquet(cli: Run, record: Record) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    record()
    assert cli("runs", "export", "-f", "parquet", "-o", "runs.parquet").code == 0
    assert parquet.read_table("runs.parquet").num_rows == 1
    assert not list(Path().glob(".*"))
