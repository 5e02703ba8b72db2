"""Citations."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outrider.dialects.anthropic import carried, citing

PLACE = {"type": "page_location", "cited_text": "c", "document_index": 0, "start_page_number": 1, "end_page_number": 2}
WEB = {"type": "web_search_result_location", "url": "u", "title": "t", "cited_text": "c", "encrypted_index": "E"}


def url(start: int, end: int, **more: Any) -> dict[str, Any]:
    said = {"url": "https://a", "title": "A", "start_index": start, "end_index": end}
    return {"type": "url_citation", "url_citation": {**said, **more}}


def test_there_and_back() -> None:
    for one in (PLACE, WEB):
        assert citing.citation(citing.annotation(one, 0, 3)) == one


def test_what_others_cite_comes_back_to_them() -> None:
    """In between it is a web search's result, with its own words where only we look."""
    note = url(0, 3, snippet="s")
    made = citing.citation(note)
    assert made is not None
    assert carried.unwrap(made["encrypted_index"]) is not None
    assert citing.annotation(made, 0, 3) == note


def test_what_has_no_address_here_is_none() -> None:
    assert citing.citation({"type": "citation", "citation": {"format": "another"}}) is None
    assert citing.citation({"type": "url_citation", "url_citation": {}}) is None


def test_text_is_cut_where_citations_begin_and_end() -> None:
    made = citing.cited("abcdef", [url(2, 4), url(2, 4, title="B")], foreign=True)
    assert [(block["text"], len(block.get("citations", ()))) for block in made] == [("ab", 0), ("cd", 2), ("ef", 0)]


def test_a_range_that_cannot_be_is_the_whole() -> None:
    (block,) = citing.cited("abc", [url(2, 99)], foreign=True)
    assert (block["text"], len(block["citations"])) == ("abc", 1)


def test_providers_see_no_citations_of_others() -> None:
    assert citing.cited("abc", [url(0, 2)], foreign=False) == [{"type": "text", "text": "abc"}]
    assert citing.cited("abc", "none", foreign=False) == [{"type": "text", "text": "abc"}]


@given(
    st.text("abc", min_size=1, max_size=9), st.lists(st.tuples(st.integers(-1, 10), st.integers(-1, 10)), max_size=6)
)
def test_no_text_and_no_citation_is_lost(text: str, ranges: list[tuple[int, int]]) -> None:
    made = citing.cited(text, [url(start, end) for start, end in ranges], foreign=True)
    assert "".join(block["text"] for block in made) == text
    assert all(block["text"] for block in made)
    assert sum(len(block.get("citations", ())) for block in made) == len(ranges)
