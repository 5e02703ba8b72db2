import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.console.retrievals import read
from outrider.journal.events import Step

STEP = Step(1, "retrieval", "handbook", attrs={"strategy": "hybrid", "query": "tea"})


def test_what_was_found_leads_to_its_place() -> None:
    row = {
        "document": "d1",
        "version": 2,
        "source": "tea.md",
        "start": 3,
        "end": 9,
        "score": 1.5,
        "parts": {"keyword": 1},
    }
    told = read(STEP, json.dumps({"asked": ["tea"], "hits": [row]}).encode())
    assert told is not None
    assert (told.query, told.strategy, told.asked) == ("tea", "hybrid", ["tea"])
    [one] = told.found
    assert (one.title, one.score, one.parts) == ("tea.md", 1.5, [("keyword", 1.0)])
    assert one.href == "/knowledge/handbook/documents/d1?version=2&at=3-9#here"


def test_a_step_of_somebody_else_is_shown_as_it_is() -> None:
    assert read(Step(1, "retrieval", "theirs", attrs={"top_k": 3}), None) is None
    assert read(Step(1, "retrieval", "theirs"), b"not json") is None


NAMES = st.sampled_from(["document", "score", "parts", "title", "start"])
LEAVES = st.none() | st.booleans() | st.floats() | st.text(max_size=5)
ANYTHING = st.recursive(LEAVES, lambda t: st.lists(t, max_size=3) | st.dictionaries(NAMES, t, max_size=4))


@pytest.mark.parametrize("name", ["hits", "kept"])
@given(value=ANYTHING)
def test_nothing_of_a_body_is_trusted(name: str, value: Any) -> None:
    read(STEP, json.dumps({name: value, "as_of": value, "asked": value}).encode())
