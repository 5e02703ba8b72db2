"""Lines of a file: the same ones however the file comes, and what is wrong with bad ones."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.gateway.batches import lines
from outrider.gateway.batches.lines import Cutter, Line, check
from outrider.gateway.batches.rows import Fault
from tests.gateway.batches.conftest import jsonl, line

CHAT = "/v1/chat/completions"


def cut(pieces: list[bytes], longest: int = 1000) -> list[tuple[lines.Place, bytes]]:
    cutter = Cutter(longest)
    found = [one for piece in pieces for one in cutter.feed(piece)]
    return found + cutter.rest()


@given(
    st.lists(st.binary(max_size=20).map(lambda b: b.replace(b"\n", b"n").replace(b"\r", b"r"))),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
    st.lists(st.integers(0, 300)),
)
def test_any_cutting_gives_the_same_lines(texts: list[bytes], end: bytes, closed: bool, cuts: list[int]) -> None:
    whole = end.join(texts) + (end if closed else b"")
    marks = sorted({min(c, len(whole)) for c in cuts} | {0, len(whole)})
    found = cut([whole[a:b] for a, b in pairwise(marks)])
    assert [(place.number, text) for place, text in found] == [
        (number, text) for number, text in enumerate(texts, 1) if text.strip()
    ]
    assert all(whole[p.offset : p.offset + p.size] == text for p, text in found)


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_line_that_is_too_long_is_cut_off_and_those_behind_it_are_whole(size: int) -> None:
    whole = b"a\n" + b"x" * 5000 + b"\nb\n"
    found = cut([whole[at : at + size] for at in range(0, len(whole), size)], 100)
    assert [(p.number, len(text) > 100) for p, text in found] == [(1, False), (2, True), (3, False)]
    assert found[2] == (lines.Place(3, 5003, 1), b"b")
    fault = check(2, found[1][1], CHAT, 100)
    assert isinstance(fault, Fault)
    assert (fault.code, fault.line) == ("line_too_large", 2)


def test_a_good_line() -> None:
    raw = jsonl(line("a", seed=1)).strip()
    found = check(1, b"\xef\xbb\xbf" + raw, CHAT, 1000)
    assert isinstance(found, Line)
    assert (found.custom_id, lines.model_of(found)) == ("a", "scripted-chat")
    assert json.loads(bytes(found.body))["seed"] == 1


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"custom_id": None}, "missing_required_parameter", "custom_id"),
        ({"custom_id": 7}, "invalid_type", "custom_id"),
        ({"custom_id": ""}, "invalid_type", "custom_id"),
        ({"custom_id": "x" * 513}, "invalid_custom_id", "custom_id"),
        ({"method": None}, "missing_required_parameter", "method"),
        ({"method": ["POST"]}, "invalid_type", "method"),
        ({"method": "GET"}, "invalid_method", "method"),
        ({"url": None}, "missing_required_parameter", "url"),
        ({"url": 1}, "invalid_type", "url"),
        ({"url": "/v1/embeddings"}, "url_mismatch", "url"),
        ({"body": []}, "invalid_type", "body"),
        ({"body": {}}, "missing_required_parameter", "body.model"),
        ({"body": {"model": 1}}, "invalid_request", "body"),
        ({"body": {"model": "m", "stream": True}}, "invalid_request", "body.stream"),
    ],
)
def test_what_is_wrong_with_a_line(change: dict[str, object], code: str, param: str) -> None:
    fault = check(3, jsonl({**line("a"), **change}), CHAT, 1000)
    assert isinstance(fault, Fault)
    assert (fault.code, fault.param, fault.line) == (code, param, 3)


@pytest.mark.parametrize("raw", [b"{", b"[]", b"7", b'{"custom_id": "\xff"}', b"[" * 100_000, b"{} {}"])
def test_what_is_no_json_object(raw: bytes) -> None:
    fault = check(1, raw, CHAT, 1_000_000)
    assert isinstance(fault, Fault)
    assert fault.code == "invalid_json_line"


def test_a_line_without_a_body() -> None:
    fault = check(1, b'{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions"}', CHAT, 1000)
    assert isinstance(fault, Fault)
    assert (fault.code, fault.param) == ("missing_required_parameter", "body")
