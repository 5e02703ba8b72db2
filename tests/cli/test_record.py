"""Changes on the command line are in the journal and in the store when the command returns."""

import getpass
from pathlib import Path

import pytest

from outrider.app.main import Installation
from outrider.cli._record import by, record
from outrider.journal import read
from outrider.journal.events import KeyRevoked
from outrider.limits.keys import new_key


def test_a_change_is_in_the_store_at_once(home: Path) -> None:
    here = Installation()
    store = here.open_store()
    _, event = new_key("default", "laptop")
    record(here, store, event)
    record(here, store, KeyRevoked(event.public, 5, by()))
    row = read.find_key(store, event.public)
    store.close()
    assert row is not None
    assert row.revoked_at == 5


def test_an_account_without_a_name_is_nobody_in_particular(monkeypatch: pytest.MonkeyPatch) -> None:
    assert by().startswith("cli:")

    def nameless() -> str:
        raise OSError("no such account")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert by() == "cli"
