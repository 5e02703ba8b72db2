"""Cases from files."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.evals.cases import body, key, parse, read
from outrider.evals.records import Case


def test_the_three_forms_of_input(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(
        '{"id": "a", "input": "hello", "expected": "hi"}\n\n'
        '{"input": [{"role": "user", "content": "x"}]}\n'
        '{"id": 7, "input": {"messages": [{"role": "user", "content": "y"}], "temperature": 0}}\n'
    )
    first, second, third = read(file)
    assert (first.id, first.messages(), first.source) == ("a", [{"role": "user", "content": "hello"}], "cases.jsonl:1")
    assert len(second.id) == 12
    assert (third.id, third.fields()) == ("7", {"temperature": 0})
    assert key(first) == key(Case("other", "hello", expected="else"))
    assert parse(body(third), "again") == third


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nothing", "f:1: not a JSON object"),
        ("{}", "f:1: a case needs `input`"),
        ('{"input": ""}', "f:1: `input` is a text"),
        ('{"input": []}', "f:1: `input` is a text"),
        ('{"input": [{"content": "x"}]}', "f:1: `input` is a text"),
        ('{"input": {"prompt": "x"}}', "f:1: `input` is a text"),
        ('{"input": "x", "expcted": 1}', "f:1: a case has no field 'expcted'"),
        ('{"input": "x", "tags": "y"}', "f:1: Expected `array`"),
    ],
)
def test_mistakes_are_named_with_their_line(line: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        parse(line.encode(), "f:1")


def test_one_id_is_one_case(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text('{"id": "a", "input": "x"}\n{"id": "a", "input": "y"}\n')
    with pytest.raises(RequestError, match=r"cases\.jsonl:2: the id 'a' was given to another case before"):
        read(file)
    with pytest.raises(RequestError, match="cannot be read"):
        read(tmp_path / "gone.jsonl")


@given(st.binary(max_size=200))
def test_nothing_else_than_a_refusal_comes_of_any_bytes(line: bytes) -> None:
    with contextlib.suppress(RequestError):
        assert parse(line, "f:1").input
