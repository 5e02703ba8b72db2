"""Which runs a rule keeps, in the words of the runs' filters."""

from typing import Any

import pytest

from outrider.base import ids
from outrider.evals.online import rules
from outrider.journal.events import RunRecorded


def run(**fields: Any) -> RunRecorded:
    made: dict[str, Any] = {
        "route": "support",
        "model": "m",
        "cost": 50,
        "duration": 9,
        "preview": "Where is my parcel?",
    }
    return RunRecorded(**({"id": ids.new_id(), "project": "p", "at": 0, "name": "chat.completions"} | made | fields))


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("", True),
        ("route=support model=m status=ok", True),
        ("route=other", False),
        ("status=error", False),
        ("cost>0.00000004", True),
        ("cost>0.00000005", False),
        ("cost<0.00000005", False),
        ("text='my par'", True),
        ("text='par my'", False),
        ("text=refund", False),
        ("duration>1s", False),
        ("ttft>1ms", False),
        ("user=anna", False),
    ],
)
def test_filters(words: str, kept: bool) -> None:
    rule = rules.Rule("r", "p", where=rules.where(words, "p", "random")[0])
    assert rule.keeps(run()) is kept


def test_feedback_is_a_word_of_its_own() -> None:
    found, complained = rules.where("feedback=bad route=support", "p", "errors")
    assert (found.route, complained) == ("support", True)
    assert rules.where("text='feedback=bad'", "p", "random")[1] is False


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({}, True),
        ({"name": "messages"}, True),
        ({"name": "embeddings"}, False),
        ({"name": "tool"}, False),
        ({"status": "cancelled"}, False),
        ({"status": "running"}, False),
        ({"tags": ["replay:1"]}, False),
        ({"tags": ["eval:exp"]}, False),
        ({"tags": ["judge:exp"]}, False),
        ({"tags": ["mine"]}, True),
    ],
)
def test_what_is_live_traffic(fields: dict[str, Any], kept: bool) -> None:
    assert rules.Rule("r", "p").keeps(run(**fields)) is kept
    assert not rules.Rule("r", "q").keeps(run(**fields))
