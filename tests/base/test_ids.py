"""Run ids are UUIDv7, in order, and come back from their text."""

import uuid

import pytest

from outrider.base import clock, ids


def test_ids_are_version_7_and_increase(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [ids.new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {uuid.UUID(bytes=i).version for i in made} == {7}
    assert {uuid.UUID(bytes=i).variant for i in made} == {uuid.RFC_4122}


def test_order_survives_a_clock_that_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ids.new_id()
    monkeypatch.setattr(clock, "now_ns", lambda: 1)
    later = [ids.new_id() for _ in range(10_000)]  # more than one millisecond's counter holds
    assert [first, *later] == sorted([first, *later])


def test_text_and_back() -> None:
    made = ids.new_id()
    assert ids.parse(ids.text(made)) == ids.parse(made.hex()) == made
    with pytest.raises(ValueError, match="badly formed"):
        ids.parse("nonsense")


def test_tokens_differ() -> None:
    assert len(ids.token(24)) == 48
    assert ids.token() != ids.token()
