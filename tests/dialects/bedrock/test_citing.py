"""Citations between Converse and chat."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.dialects.bedrock import citing
from outrider.dialects.bedrock.families import CLAUDE_FORMAT, OWN_FORMAT

SAID = [{"text": "Green."}]
CITATIONS = [
    {"title": "A", "sourceContent": SAID, "location": {"documentChar": {"documentIndex": 0, "start": 0, "end": 6}}},
    {
        "title": "A",
        "source": "a",
        "sourceContent": SAID,
        "location": {"documentPage": {"documentIndex": 1, "start": 2, "end": 3}},
    },
    {"sourceContent": SAID, "location": {"documentChunk": {"documentIndex": 1, "start": 0, "end": 1}}},
    {
        "title": "S",
        "source": "https://s.example",
        "sourceContent": SAID,
        "location": {"searchResultLocation": {"searchResultIndex": 0, "start": 0, "end": 1}},
    },
    {"title": "N", "location": {"newLocation": {"a": 1}}},
]


@pytest.mark.parametrize("citation", CITATIONS)
def test_there_and_back(citation: dict[str, Any]) -> None:
    assert citing.citation(citing.annotation(citation, 0, 5)) == citation


def test_the_form_that_anthropics_callers_know() -> None:
    assert citing.annotation(CITATIONS[0], 3, 9) == {
        "type": "citation",
        "citation": {
            "format": CLAUDE_FORMAT,
            "type": "char_location",
            "cited_text": "Green.",
            "document_index": 0,
            "start_char_index": 0,
            "end_char_index": 6,
            "document_title": "A",
            "start_index": 3,
            "end_index": 9,
        },
    }
    assert citing.annotation(CITATIONS[4], 0, 1)["citation"]["format"] == OWN_FORMAT


@given(st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=6), st.data())
def test_text_is_cut_where_its_citations_are(texts: list[str], data: st.DataObject) -> None:
    notes, expected, at = [], [], 0
    for text in texts:
        found = data.draw(st.lists(st.sampled_from(CITATIONS), max_size=2))
        notes += [citing.annotation(one, at, at + len(text)) for one in found]
        at += len(text)
        if found:
            expected.append({"citationsContent": {"content": [{"text": text}], "citations": found}})
        elif expected and "text" in expected[-1]:
            expected[-1]["text"] += text
        else:
            expected.append({"text": text})
    assert citing.cited("".join(texts), notes) == expected


def test_what_fits_nowhere_is_no_part_of_the_text() -> None:
    web = {"type": "url_citation", "url_citation": {"url": "https://a.example", "start_index": 0, "end_index": 2}}
    foreign = {"type": "citation", "citation": {"format": "google-gemini-v1", "start_index": 0, "end_index": 1}}
    outside = citing.annotation(CITATIONS[0], 2, 99)
    crossing = [citing.annotation(CITATIONS[0], 0, 3), citing.annotation(CITATIONS[1], 1, 4)]
    assert citing.cited("abcd", [web, foreign, outside, 7]) == [{"text": "abcd"}]
    assert [list(block) for block in citing.cited("abcd", crossing)] == [["citationsContent"], ["text"]]
    assert citing.cited("abcd", None) == [{"text": "abcd"}]
