"""Which accounts deserve an alarm."""

from collections.abc import Iterator

import pytest

from outrider.base.budget import Budget, Raise
from outrider.base.clock import HOUR_NS
from outrider.limits.rules import Rules
from outrider.limits.unusual import CHANGE_NS, Found, fractions, period_of, refusals, slopes
from outrider.store import Store

DAY_NS = 24 * HOUR_NS
NOW = 20_000 * DAY_NS + 12 * HOUR_NS
TODAY = 20_000 * DAY_NS
HOUR = NOW // HOUR_NS


def spend(store: Store, amount: int, *, value: str = "", starts: int = TODAY, bucket: int = TODAY) -> None:
    with store.write() as tx:
        tx.execute(
            "INSERT INTO budget_spent (budget, value, starts, holder, bucket, amount, calls)"
            " VALUES ('b', ?, ?, ?, ?, ?, 1)",
            (value, starts, f"h{amount}", bucket, amount),
        )


def refuse(store: Store, at: int, *, value: str = "", starts: int = TODAY, bucket: int = TODAY) -> None:
    with store.write() as tx:
        tx.execute(
            "INSERT INTO budget_spent (budget, value, starts, holder, bucket, amount, calls, refused, refused_at)"
            " VALUES ('b', ?, ?, ?, ?, 0, 0, 1, ?)",
            (value, starts, f"r{at}", bucket, at),
        )


def change(store: Store, budget: Budget, *at: int) -> None:
    """The budget was made at the first time, and changed at the others."""
    with store.write() as tx:
        tx.execute(
            "INSERT INTO budgets (id, measure, origin, at, made_at, actor, why, body)"
            " VALUES (?, '', '', 0, ?, '', '', ?)",
            (budget.id, at[0], b""),
        )
        tx.executemany(
            "INSERT INTO budget_changes (seq, budget, at, body) VALUES (?, ?, ?, ?)",
            [(seq, budget.id, when, b"") for seq, when in enumerate(at)],
        )


def hours(store: Store, amounts: dict[int, int], value: str = "") -> None:
    with store.write() as tx:
        tx.executemany(
            "INSERT INTO spend_hours (budget, value, hour, amount) VALUES ('b', ?, ?, ?)",
            [(value, HOUR + hour, amount) for hour, amount in amounts.items()],
        )


def levels(found: Iterator[Found]) -> list[tuple[str, int, int]]:
    return sorted((f.value, f.level, f.amount) for f in found)


def test_each_part_that_was_reached_is_found(store: Store) -> None:
    rules = Rules([Budget("b", "money", 1000, "day", per="user", alarms=(0.5, 0.8, 1.0))])
    spend(store, 499, value="low")
    spend(store, 300, value="two")
    spend(store, 500, value="two")
    spend(store, 1200, value="over")
    spend(store, 5000, value="yesterday", starts=TODAY - DAY_NS)
    assert levels(fractions(store, rules, NOW)) == [
        ("over", 500, 1200),
        ("over", 800, 1200),
        ("over", 1000, 1200),
        ("two", 500, 800),
        ("two", 800, 800),
    ]
    assert {(f.period, f.limit, f.measure) for f in fractions(store, rules, NOW)} == {(TODAY, 1000, "money")}


def test_a_raise_moves_the_parts(store: Store) -> None:
    budget = Budget("b", "calls", 1000, "day", alarms=(0.5,))
    spend(store, 900)
    raised = Rules([budget], [Raise("b", 1000, NOW + 1)])
    assert levels(fractions(store, raised, NOW)) == []
    assert [f.limit for f in fractions(store, raised, NOW + 1)] == [1000]


def test_a_rolling_window_counts_what_it_still_covers(store: Store) -> None:
    rules = Rules([Budget("b", "money", 1000, "3600", alarms=(0.5,))])
    spend(store, 501, starts=0, bucket=NOW - HOUR_NS // 2)
    spend(store, 5000, starts=0, bucket=NOW - 2 * HOUR_NS)
    assert levels(fractions(store, rules, NOW)) == [("", 500, 501)]
    budget = rules.budgets["b"]
    assert period_of(budget, NOW) == NOW
    assert period_of(budget, NOW + HOUR_NS - 1) == NOW
    assert period_of(budget, NOW + HOUR_NS) == NOW + HOUR_NS


@pytest.mark.parametrize(
    "budget",
    [
        Budget("b", "money", 1000, "run", alarms=(0.5,)),
        Budget("b", "money", 1000, "day", alarms=()),
        Budget("b", "money", 0, "day", alarms=(0.5,)),
        Budget("other", "money", 1000, "day", alarms=(0.5,)),
    ],
)
def test_budgets_without_alarms_have_none(store: Store, budget: Budget) -> None:
    spend(store, 5000)
    spend(store, 5001, starts=0)
    assert levels(fractions(store, Rules([budget]), NOW)) == []


def test_an_account_that_refuses_is_found_whatever_it_spent(store: Store) -> None:
    budget = Budget("b", "money", 1000, "day", per="user")
    refuse(store, NOW - 9, value="anna")
    refuse(store, NOW - 5, value="anna")
    spend(store, 300, value="anna")
    spend(store, 400, value="anna")
    spend(store, 999, value="bob")
    refuse(store, TODAY - 1, value="carl", starts=TODAY - DAY_NS, bucket=TODAY - DAY_NS)
    assert list(refusals(store, Rules([budget]), NOW)) == [Found("refusal", "b", "anna", TODAY, 0, 1000, 700)]
    other = [Budget("b", "money", 1000, "day", alarms=()), Budget("c", "money", 1000, "day")]
    assert [list(refusals(store, Rules([one]), NOW)) for one in other] == [[], []]


def test_a_refusal_says_nothing_about_a_limit_that_was_set_after_it(store: Store) -> None:
    budget, made, raised = Budget("b", "money", 1000, "day"), NOW - 3600 * 10**9, NOW - 60 * 10**9
    rules = Rules([budget], [Raise("b", 500, NOW + 1)])
    change(store, budget, made, raised)
    refuse(store, raised - 1)
    refuse(store, raised + CHANGE_NS // 2)  # by a worker that did not know it yet, or so it may be
    assert list(refusals(store, rules, NOW)) == []
    refuse(store, raised + CHANGE_NS + 1)
    assert [found.limit for found in refusals(store, rules, NOW)] == [1500]


def test_a_new_budget_may_refuse_at_once(store: Store) -> None:
    budget = Budget("b", "money", 1000, "day")
    change(store, budget, NOW - 5)
    refuse(store, NOW - 6)
    assert list(refusals(store, Rules([budget]), NOW)) == []
    refuse(store, NOW - 5)
    assert [found.limit for found in refusals(store, Rules([budget]), NOW)] == [1000]


def test_a_refusal_in_a_rolling_window_counts_where_it_happened(store: Store) -> None:
    rules = Rules([Budget("b", "money", 1000, "3600")])
    refuse(store, NOW - 2 * HOUR_NS, starts=0, bucket=NOW - 2 * HOUR_NS)
    assert list(refusals(store, rules, NOW)) == []
    refuse(store, NOW - 1, starts=0, bucket=NOW - HOUR_NS // 60)
    for later in (0, HOUR_NS // 2):
        assert [found.period for found in refusals(store, rules, NOW + later)] == [NOW - HOUR_NS]
    assert list(refusals(store, rules, NOW + 2 * HOUR_NS)) == []


def sloped(store: Store, limit: int = 1_000_000) -> list[tuple[str, int, int]]:
    rules = Rules([Budget("b", "money", limit, "day", slope=10.0)])
    return sorted((f.value, f.amount, f.usual) for f in slopes(store, rules, NOW))


def test_ten_times_the_usual_hour_is_found(store: Store) -> None:
    hours(store, {-3: 2000, -24: 3000, -160: 4000, 0: 29_999})
    assert sloped(store) == []
    hours(store, {-3: 2000, -24: 3000, -160: 4000, 0: 30_000}, "b")
    assert sloped(store) == [("b", 30_000, 3000)]
    (found,) = slopes(store, Rules([Budget("b", "money", 1_000_000, "day", slope=10.0)]), NOW)
    assert (found.what, found.period, found.level, found.limit) == ("slope", TODAY, 10_000, 0)


def test_what_came_late_is_found_in_the_last_hour(store: Store) -> None:
    hours(store, {-3: 2000, -24: 3000, -160: 4000, -1: 30_000})
    assert sloped(store) == [("", 30_000, 3000)]


def test_tiny_sums_raise_nothing(store: Store) -> None:
    hours(store, {-3: 1, -24: 1, -160: 1, 0: 9_999}, "tiny")
    hours(store, {-3: 1, -24: 1, -160: 1, 0: 10_000}, "not tiny")
    assert sloped(store) == [("not tiny", 10_000, 1000)]


def test_nothing_is_usual_without_a_past(store: Store) -> None:
    hours(store, {-3: 2000, -24: 3000, 0: 900_000})
    hours(store, {-169: 2000, -170: 2000, -3: 2000, -24: 3000, 0: 900_000}, "long ago")
    assert sloped(store) == []
