"""`outrider costs`: sums by anything."""

import json
from collections.abc import Callable

import pytest

from outrider.journal.events import RunRecorded
from tests.cli.conftest import Run

Record = Callable[..., RunRecorded]


@pytest.mark.parametrize("by", ["model", "route", "key", "deployment", "project", "day", "hour"])
def test_costs_sum(cli: Run, record: Record, by: str) -> None:
    record()
    record()
    shown = json.loads(cli("costs", "--by", by, "--json").out)
    assert shown["cost"] == 54_000
    assert sum(r["calls"] for r in shown["rows"]) == 2
    assert "$0.000054" in cli("costs", "--by", by).out
