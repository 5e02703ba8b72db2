"""How much goes to a provider at a time."""

import pytest

from outrider.base.budget import Amount
from outrider.base.ports import WireRequest
from outrider.gateway.batches import load
from outrider.gateway.batches.load import Load, fitting, total
from outrider.limits.kept import Share

MONEY = Share("money", "", 0, "money", "month")
CALLS = Share("calls", "", 0, "calls", "month")
WIRE = WireRequest("POST", "/", [])


def test_a_load_is_full_by_lines_or_by_bytes_and_takes_one_line_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "PART_LINES", 2)
    monkeypatch.setattr(load, "PART_BYTES", 10)
    small, large = WireRequest("POST", "/", [], b"12345"), WireRequest("POST", "/", [], b"x" * 50)
    one = Load()
    assert not one.is_full(large)
    one.add(1, small, Amount())
    assert one.is_full(large)
    assert not one.is_full(small)
    one.add(2, small, Amount())
    assert one.is_full(WireRequest("POST", "/", []))


def test_as_many_lines_fit_as_every_account_has_room_for() -> None:
    lines = [Amount(10, 1, 2, 1), Amount(30, 1, 2, 1), Amount(5, 1, 2, 1)]
    assert total(lines) == Amount(45, 3, 6, 3)
    assert fitting(lines, (), ()) == 3
    assert fitting(lines, (MONEY,), (45,)) == 3
    assert fitting(lines, (MONEY,), (44,)) == 2
    assert fitting(lines, (MONEY,), (39,)) == 1
    assert fitting(lines, (MONEY, CALLS), (45, 2)) == 2
    assert fitting(lines, (MONEY, CALLS), (9, 3)) == 0


def test_the_last_lines_are_never_too_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "PART_LINES", 10)
    taken, waiting = list[int](), Load(least=4)
    for number in range(1, 26):
        if waiting.is_full(WIRE):
            taken.append(len(waiting.take(last=False)))
        waiting.add(number, WIRE, Amount())
    last = waiting.take(last=True)
    assert (taken, len(last), last[-1][0], waiting.size) == ([10, 10], 5, 25, 0)


def test_long_lines_wait_until_there_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "PART_BYTES", 10)
    monkeypatch.setattr(load, "MOST_BYTES", 100)
    long, waiting = WireRequest("POST", "/", (), b"x" * 12), Load(least=3)
    for number in range(6):
        assert not waiting.is_full(long)
        waiting.add(number, long, Amount())
    assert waiting.is_full(long)
    assert [number for number, _, _ in waiting.take(last=False)] == [0, 1, 2]
    assert not waiting.is_full(long)
    assert waiting.is_full(WireRequest("POST", "/", (), b"x" * 65))
