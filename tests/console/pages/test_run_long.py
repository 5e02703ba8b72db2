"""A trace of 100,000 steps: its page and every page of its steps show a few hundred of them, whatever there is."""

import urllib.request
from pathlib import Path

import pytest

from outrider.app import paths
from outrider.base import ids
from outrider.journal import read
from outrider.journal.append import Journal
from outrider.journal.events import RunRecorded, Step, StepsRecorded
from outrider.journal.index import Indexer
from outrider.store import open_store
from outrider.testing.running import running

STEPS, PART = 100_000, 2_000


@pytest.mark.slow
def test_a_trace_of_many_steps_is_opened_page_by_page(tmp_path: Path) -> None:
    run = ids.new_id()
    url = f"sqlite:///{tmp_path / 'home' / 'outrider.sqlite3'}"
    (tmp_path / "home").mkdir()
    journal, store = Journal(paths.spool(tmp_path / "home")), open_store(url)
    journal.append_now(RunRecorded(run, "default", 1, "agent", 10**9, source="otlp", steps=[Step(1, "code", "agent")]))
    for at in range(2, STEPS + 1, PART):
        steps = [Step(n, "tool", f"step {n}", start=n, duration=1, parent=max(1, n // 10))
                 for n in range(at, min(at + PART, STEPS + 1))]  # fmt: skip
        journal.append_now(StepsRecorded(run, "default", 1, steps, source="otlp"))
    journal.close()
    Indexer(paths.spool(tmp_path / "home"), store).drain()
    (row,) = read.list_runs(store, read.RunFilter()).rows
    assert row.steps == STEPS
    assert [one.id for one in read.list_steps(store, run, offset=50_000, limit=3)] == [50_001, 50_002, 50_003]
    store.close()
    with running("embedded: {enabled: false}\nauth: off\nproviders: {}", tmp_path / "home", store_url=url) as outrider:
        page_of = f"/runs/{ids.text(run)}"
        wanted = {page_of: "step 2", f"{page_of}/steps?offset=50000": "step 50001",
                  f"{page_of}/steps?offset=99900": "step 100000"}  # fmt: skip
        for path, first in wanted.items():
            with urllib.request.urlopen(outrider.url + path, timeout=30) as answer:
                page = answer.read().decode()
            assert first in page
            assert len(page) < 400_000
            assert ("offset=" in page) == ("99900" not in path), "a next page, but for the last one"
