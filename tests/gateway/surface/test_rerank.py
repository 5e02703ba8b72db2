import json
from typing import Any

import pytest

from outrider.base.errors import RequestError
from outrider.gateway.surface.rerank import finished, parse_rerank, preview

RESULTS = [
    {"index": 0, "relevance_score": 0.1},
    {"index": 1, "relevance_score": 0.9},
    {"index": 2, "relevance_score": -2},
]


def body(**fields: Any) -> bytes:
    return json.dumps({"model": "m", "query": "q", "documents": ["a", {"text": "b", "id": 7}, "c"], **fields}).encode()


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"query": ""}, "query"),
        ({"query": None}, "query"),
        ({"documents": []}, "documents"),
        ({"documents": "a"}, "documents"),
        ({"documents": ["a", 1]}, "documents[1]"),
        ({"top_n": 0}, "top_n"),
        ({"model": ""}, "model"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_rerank(body(**fields))
    assert (caught.value.status, caught.value.param) == (400, param)


def test_the_best_come_first_and_nothing_else_is_touched() -> None:
    said = json.dumps({"id": "1", "results": RESULTS, "meta": {"billed_units": {"search_units": 1}}}).encode()
    answer = json.loads(finished(parse_rerank(body(new=1)), said))
    assert answer == {
        "id": "1",
        "results": [RESULTS[1], RESULTS[0], RESULTS[2]],
        "meta": {"billed_units": {"search_units": 1}},
    }


def test_as_many_as_asked_for_with_the_callers_own_documents() -> None:
    asked = parse_rerank(body(top_n=2, return_documents=True))
    answer = json.loads(
        finished(asked, json.dumps({"results": [{**one, "document": "cut"} for one in RESULTS]}).encode())
    )
    assert [one["document"] for one in answer["results"]] == [{"text": "b", "id": 7}, {"text": "a"}]


def test_documents_only_where_they_are_wanted() -> None:
    said = json.dumps({"results": [{**RESULTS[0], "document": {"text": "a"}}]}).encode()
    assert json.loads(finished(parse_rerank(body()), said))["results"] == [RESULTS[0]]


def test_what_else_a_result_says_is_kept() -> None:
    said = json.dumps({"results": [{**RESULTS[0], "relevant_spans": [[0, 4]]}]}).encode()
    assert json.loads(finished(parse_rerank(body()), said))["results"] == [{**RESULTS[0], "relevant_spans": [[0, 4]]}]


def test_an_index_that_nobody_sent() -> None:
    said = json.dumps({"results": [{"index": 9, "relevance_score": 1, "document": {"text": "?"}}]}).encode()
    (one,) = json.loads(finished(parse_rerank(body(return_documents=True)), said))["results"]
    assert one["document"] == {"text": "?"}


def test_the_preview_is_the_query() -> None:
    assert preview(parse_rerank(body(query="what\n is it"))) == "what is it"
