"""Add-ons are found by their file name."""

import pytest

from outrider.base import plugins


def test_names_are_the_public_modules() -> None:
    found = plugins.names("outrider.journal.projections")
    assert {"keys", "runs", "usage"} <= set(found)
    assert not [n for n in found if n.startswith("_")]
    assert found == sorted(found)


def test_load() -> None:
    assert plugins.load("outrider.journal.projections", "runs").__name__ == "outrider.journal.projections.runs"
    with pytest.raises(LookupError, match="there are: alarms, budgets, configurations, feedback, keys"):
        plugins.load("outrider.journal.projections", "nothing")
