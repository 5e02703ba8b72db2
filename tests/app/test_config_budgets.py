"""Budgets of the configuration find their way into the journal, once per change."""

import os
from pathlib import Path

import pytest

from outrider.app.config_budgets import ConfigBudgets
from outrider.app.settings import load
from outrider.journal import read
from outrider.journal.events import BudgetSet
from outrider.journal.index import Indexer
from outrider.store import Store, open_store


class Place:
    def __init__(self, folder: Path) -> None:
        self.spool, self.config, self.url = (
            folder / "spool",
            folder / "outrider.yaml",
            f"sqlite:///{folder / 'db.sqlite3'}",
        )
        self.write("budgets: {team: {usd: 5}}")
        self.store: Store = open_store(self.url)
        self.budgets = self.start()

    def start(self, url: str = "") -> ConfigBudgets:
        return ConfigBudgets(load(self.config), self.config, self.spool, url or self.url)

    def write(self, text: str) -> None:
        self.config.write_text(text)
        later = self.config.stat().st_mtime_ns + 1_000_000_000
        os.utime(self.config, ns=(later, later))

    def round(self) -> dict[str, int]:
        """A round of the indexer process; what the store then has, with the number of changes ever made."""
        self.budgets()
        if self.spool.is_dir():
            Indexer(self.spool, self.store).drain()
        return {row.budget.id: row.budget.limit for row in read.list_budgets(self.store)}

    def changes(self) -> int:
        return len(read.budget_changes(self.store))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_what_is_new_changed_or_gone_is_recorded_once(place: Place) -> None:
    assert place.round() == place.round() == {"team": 5_000_000_000}
    assert place.changes() == 1
    place.write("budgets: {team: {usd: 8}, all: {calls: 3}}")
    assert place.round() == place.round() == {"all": 3, "team": 8_000_000_000}
    place.write("budgets: {all: {calls: 3}}")
    assert place.round() == {"all": 3}
    assert place.changes() == 4
    [newest, *_] = read.budget_changes(place.store)
    assert (newest.event.by, newest.event.why) == ("config", "outrider.yaml")  # type: ignore[union-attr]  # the query gave it as any event


def test_a_restart_changes_nothing(place: Place) -> None:
    place.round()
    place.budgets = place.start()
    place.round()
    assert place.changes() == 1
    place.write("budgets: {team: {usd: 6}}")  # while it was down
    place.budgets = place.start()
    assert place.round() == {"team": 6_000_000_000}


def test_a_wrong_file_changes_nothing(place: Place) -> None:
    place.round()
    place.write("budgets: {team: {usd: much}}")
    assert place.round() == {"team": 5_000_000_000}
    place.write("budgets: {}")
    assert place.round() == {}


def test_a_database_that_is_away_is_waited_for(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.budgets = place.start("postgresql://127.0.0.1:9/none")
    assert place.round() == {}
    monkeypatch.setattr(place.budgets, "_url", place.url)
    assert place.round() == {"team": 5_000_000_000}


def test_without_a_file_there_is_nothing_to_do(tmp_path: Path) -> None:
    place = Place(tmp_path)
    ConfigBudgets(load(None, {}), None, place.spool, place.url)()
    assert not [e for e in read.budget_changes(place.store) if isinstance(e.event, BudgetSet)]
