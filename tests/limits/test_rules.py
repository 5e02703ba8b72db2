"""Budgets in force: accounts of a call, limits with raises."""

from outrider.base.budget import Budget, Raise, Subject
from outrider.limits.rules import Rules

ALL = Budget("all", "money", 100)
TEAM = Budget("team", "money", 50, match={"team": ("search",)}, per="user")
RUN = Budget("run", "calls", 5, window="run")


def test_no_budget_covers_nothing() -> None:
    assert Rules().covering(Subject("p")) == ()


def test_a_call_is_covered_by_every_budget_that_matches() -> None:
    rules = Rules([ALL, TEAM, RUN])
    assert rules.covering(Subject("p", team="search", user="anna", tree="t1")) == (
        (ALL, ""),
        (TEAM, "anna"),
        (RUN, "t1"),
    )
    assert rules.covering(Subject("p", team="other", user="anna", tree="t2")) == ((ALL, ""), (RUN, "t2"))
    assert rules.covering(Subject("p", team="search")) == ((ALL, ""),)


def test_raises_add_up_while_they_hold() -> None:
    raises = [Raise("team", 10, 100), Raise("team", 5, 200, "anna"), Raise("gone", 7, 900)]
    rules = Rules([ALL, TEAM], raises)
    assert [rules.limit_of(TEAM, "anna", now) for now in (99, 100, 199, 200)] == [65, 55, 55, 50]
    assert rules.limit_of(TEAM, "bob", 99) == 60
    assert rules.limit_of(ALL, "", 99) == 100
    assert rules.raises == tuple(raises[:2])
