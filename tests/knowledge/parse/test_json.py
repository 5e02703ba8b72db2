"""JSON, JSONL, notebooks; XML of any kind."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import Unreadable
from tests.knowledge.parse import made

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def test_each_record_is_a_block() -> None:
    records = [{"id": 1, "who": {"name": "Ann"}, "tags": ["a", "b"]}, {"id": 2, "who": {"name": "Bob"}, "ok": True}]
    expected = "id: 1\nwho.name: Ann\ntags: a, b\n\nid: 2\nwho.name: Bob\nok: yes"
    assert made.read("a.json", json.dumps(records).encode()).text == expected
    assert made.read("a.jsonl", "\n".join(map(json.dumps, records)).encode()).text == expected
    assert made.read("unnamed", json.dumps(records).encode()).text == expected


def test_an_object_is_divided_at_its_lists() -> None:
    parsed = made.read("a.json", json.dumps({"title": "T", "n": 1, "rows": [{"a": 1}, {"a": 2}]}).encode())
    assert (parsed.title, parsed.text) == ("T", "title: T\nn: 1\n\nrows.a: 1\n\nrows.a: 2")


def test_a_notebook_is_its_cells() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "\n", "Words."]},
        {"cell_type": "code", "source": "print(1)", "outputs": [{"text": ["1\n"]}]},
    ]
    parsed = made.read("a.ipynb", json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}).encode())
    assert [b.kind for b in parsed.blocks] == ["heading", "text", "code", "code"]


@pytest.mark.parametrize("body", ['{"a": ', '{"a": 1}\n{"b": ', "[" * 5_000, "[" * 100 + "]" * 100])
def test_what_is_no_json_is_told(body: str) -> None:
    with pytest.raises(Unreadable, match=r"JSON|nested|no text"):
        made.read("a.json", body.encode())


@given(VALUES)
def test_any_json(value: object) -> None:
    try:
        made.read("a.json", json.dumps(value).encode())
    except Unreadable as fault:
        assert "no text" in fault.message or "empty" in fault.message  # noqa: PT017


def test_xml_gives_its_words_and_no_entity() -> None:
    laughs = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    parsed = made.read("a.xml", f"{laughs}<x><title>Top</title><p>one <b>two</b> three &a; &f;</p></x>".encode())
    assert parsed.text.replace("\n", " ").startswith("Top one two three")
    assert "root" not in parsed.text
    assert parsed.title == "Top"
