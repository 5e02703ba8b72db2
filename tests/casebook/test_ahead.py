"""What other processes extract is what this one extracts."""

import sys
from collections.abc import Iterator

import pytest

from outrider.casebook import ahead
from outrider.casebook.entries import Entry

BODY = "The assistant is live in production and answers 40% of the tickets by retrieval-augmented generation. " * 20


def entry(number: int) -> Entry:
    return Entry(f"case-{number}", "", f"An assistant, number {number}", organisation="Acme inc", year=2024, body=BODY)


def parts(count: int) -> Iterator[ahead.Part]:
    for number in range(count):
        yield ahead.Part("set", [entry(2 * number), entry(2 * number + 1)], ["Acme", ""])


def test_other_processes_give_the_same_in_the_same_order() -> None:
    wanted = [(part, ahead.done(part)) for part in parts(5)]
    assert list(ahead.ahead(list(parts(5)), 2)) == wanted
    assert wanted[0][1][0].made.case.organisation == "Acme"
    assert wanted[0][1][0].made.case.techniques
    assert wanted[0][1][0].verdict.found["production"]


def test_the_work_is_done_here_where_no_process_can_be_had_or_one_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [(part, ahead.done(part)) for part in parts(3)]
    for command in ("/nowhere/python", "/bin/false"):
        monkeypatch.setattr(sys, "executable", command)
        assert list(ahead.ahead(list(parts(3)), 2)) == wanted


def test_few_entries_are_done_without_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    assert [len(found) for _, found in ahead.ahead(list(parts(1)))] == [2]


def test_who_stops_early_leaves_no_process_behind() -> None:
    made = ahead.ahead(list(parts(4)), 2)
    next(made)
    made.close()
    assert list(ahead.ahead([])) == []
