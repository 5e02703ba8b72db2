import json
from typing import Any

import pytest

from outrider.base.errors import RequestError
from outrider.gateway.surface.embeddings import parse_embeddings, preview


def body(**fields: Any) -> bytes:
    return json.dumps({"model": "m", **fields}).encode()


@pytest.mark.parametrize("given", ["text", ["a", "b"], [1, 2, 3], [[1], [2, 3]]])
def test_every_form_of_input(given: Any) -> None:
    assert parse_embeddings(body(input=given, encoding_format="base64", new_field=1)).input == given


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "input"),
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", 1]}, "input"),
        ({"input": {"a": 1}}, "input"),
        ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
        ({"input": "a", "dimensions": 0}, "dimensions"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_embeddings(body(**fields))
    assert (caught.value.status, caught.value.param) == (400, param)


def test_preview_is_the_first_text() -> None:
    assert preview(parse_embeddings(body(input=["a\nb" * 200, "c"]))).startswith("a ba b")
    assert preview(parse_embeddings(body(input=[1, 2]))) == ""
