"""Alarms are raised once, their messages have an end, and what is usual is known by the hour."""

from collections.abc import Callable

import msgspec

from outrider.base import ids
from outrider.base.clock import HOUR_NS
from outrider.journal import alarm_query as query
from outrider.journal.events import AlarmRaised, AlarmSent, Charge, RunRecorded

from .conftest import AT, Bench

Make = Callable[..., RunRecorded]
HOUR = AT // HOUR_NS


def alarm(**fields: object) -> AlarmRaised:
    made = AlarmRaised(ids.new_id(), "fraction", "team", AT, "anna", 7, 800, 100, 81, by="here")
    return msgspec.structs.replace(made, **fields)  # type: ignore[arg-type]


def test_who_is_first_raises_an_alarm(bench: Bench) -> None:
    first, second, other = alarm(), alarm(by="there"), alarm(level=1000, at=AT + 1)
    bench.put(first, second, other)
    assert [row.event for row in query.list_alarms(bench.store)] == [other, first]
    assert query.unsent_alarms(bench.store, "here") == [first, other]
    assert query.unsent_alarms(bench.store, "there") == []
    assert query.raised(bench.store, "fraction", "team", 7) == {("anna", 800, 100), ("anna", 1000, 100)}
    assert query.raised(bench.store, "slope", "team", 7) == set()
    assert query.list_alarms(bench.store, subject="nobody") == []


def test_a_message_ends_an_alarm(bench: Bench) -> None:
    first = alarm()
    bench.put(first, AlarmSent(first.id, AT + 5, 1, 1, "the second did not take it"))
    assert query.unsent_alarms(bench.store, "here") == []
    (row,) = query.list_alarms(bench.store, subject="team")
    assert (row.sent_at, row.delivered, row.failed, row.error) == (AT + 5, 1, 1, "the second did not take it")


def test_hours_are_summed_by_account_and_forgotten(bench: Bench, run: Make) -> None:
    def charged(hour: int, *amounts: int, value: str = "anna") -> RunRecorded:
        charges = [Charge("team", value, 0, 0, amount) for amount in amounts]
        return run(at=(HOUR + hour) * HOUR_NS + 5, charges=charges)

    again = charged(0, 5)
    bench.put(charged(-1, 3), again, charged(0, 7, 1), charged(0, 100, value="bob"), again, run())
    assert query.hours_of(bench.store, "team", "anna", HOUR - 10, HOUR) == [3, 13]
    assert query.hours_of(bench.store, "team", "anna", HOUR - 10, HOUR - 1) == [3]
    assert sorted(query.spent_in_hour(bench.store, "team", HOUR, 13)) == [("anna", 13), ("bob", 100)]
    bench.put(charged(8 * 24 - 1, 1))
    assert query.hours_of(bench.store, "team", "anna", 0, HOUR + 999) == [1, 13]


def test_accounts_that_spent_enough(bench: Bench, run: Make) -> None:
    charges = [Charge("team", "anna", 7, 1, 5), Charge("team", "bob", 7, 1, 50), Charge("team", "anna", 0, 1, 500)]
    bench.put(run(charges=charges, holder="a"), run(charges=charges[:1], holder="b"))
    assert sorted(query.spent(bench.store, "team", 7, 0, 10)) == [("anna", 10), ("bob", 50)]
    assert query.spent(bench.store, "team", 7, 0, 11) == [("bob", 50)]
    assert query.spent(bench.store, "team", 7, 2, 1) == []


def test_accounts_that_refused_come_with_what_they_spent(bench: Bench, run: Make) -> None:
    """However many there are: they are asked for in parts."""
    bench.put(
        *[run(at=AT + n, charges=[Charge("team", f"u{n:04}", 7, 0, 0)]) for n in range(1100)],
        run(at=AT + 5000, charges=[Charge("team", "u0003", 7, 0, 0)]),
        run(charges=[Charge("team", "u0003", 7, 0, 40)], holder="h"),
        run(charges=[Charge("team", "u0003", 7, 9, 2)], holder="h"),
        run(charges=[Charge("team", "u0003", 8, 9, 99), Charge("other", "u0003", 7, 9, 99)], holder="h"),
    )
    found = query.refused(bench.store, "team", 7, 0, AT - 1)
    assert [value for value, _, _ in found] == [f"u{n:04}" for n in range(1100)]
    assert (found[3], found[4]) == (("u0003", AT + 5000, 42), ("u0004", AT + 4, 0))
    assert query.refused(bench.store, "team", 7, 5, AT + 1099) == [("u0003", AT + 5000, 2)]
    assert query.refused(bench.store, "team", 8, 0, 0) == []
