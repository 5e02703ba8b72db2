"""Budgets in words, bars and form fields."""

import pytest
from hypothesis import given

from outrider.base.budget import Budget, Raise
from outrider.base.errors import RequestError
from outrider.console import budget_words
from outrider.console.budget_words import Bar
from outrider.journal.events import BudgetRaised, BudgetRemoved, BudgetSet
from outrider.journal.rows import BudgetRow
from outrider.limits import windows
from outrider.limits.standing import Account, Forecast, Standing
from tests.limits.test_terms import BUDGETS

DAY = windows.DAY_NS
TEAM = Budget("team", "money", 50_000_000_000, match={"project": ("a",), "tag": ("x", "y")}, per="user")


def test_amounts_carry_their_unit() -> None:
    assert budget_words.amount(5_800_000_000, "money") == "$5.80"
    assert budget_words.amount(1, "calls") == "1 call"
    assert budget_words.amount(4_500_000, "total_tokens") == "4.5M tokens"
    assert budget_words.amount(1_200, "output_tokens") == "1,200 output tokens"


def test_what_a_budget_covers_is_said() -> None:
    assert budget_words.covers(TEAM) == "each user, of calls with project a and tag x or y"
    assert budget_words.covers(Budget("a", "calls", 1)) == "all calls"
    assert budget_words.covers(Budget("a", "calls", 1, window="run")) == "each run, of all calls"


@pytest.mark.parametrize(
    ("used", "reserved", "limit", "by_end", "shown"),
    [
        (0, 0, 10, None, Bar(0, 0, -1)),
        (5, 1, 10, 8, Bar(500, 100, 800)),
        (5, 9, 10, 12, Bar(500, 500, -1)),
        (15, 0, 10, None, Bar(1000, 0, -1)),
        (0, 0, 0, None, Bar(1000, 0, -1)),
    ],
)
def test_a_bar_never_leaves_its_frame(used: int, reserved: int, limit: int, by_end: int | None, shown: Bar) -> None:
    assert budget_words.bar(used, reserved, limit, by_end) == shown


def test_the_card_shows_the_account_that_is_nearest_to_its_limit() -> None:
    accounts = [Account("anna", 9, 0, 20, 1), Account("bob", 7, 1, 8, 1, Forecast(1, 1.0, 9, 7))]
    row = BudgetRow(TEAM, "api", 1, 1, "ann", "x")
    card = budget_words.card(Standing(row, 20, 0, None, 16, 1, 2, 2, accounts, [], True))
    assert card.line is not None
    assert (card.line.value, card.line.state, card.line.full_at) == ("bob", "near", 7)
    assert budget_words.line(accounts[0]).state == "ok"
    assert budget_words.line(Account("c", 5, 0, 5, 1)).state == "full"
    assert budget_words.card(Standing(row, 20, 0, None, 0, 0, 0, 0, [], [], True)).line is None


def test_changes_in_words() -> None:
    events = [
        BudgetSet(TEAM, 1, "ann", "pilot"),
        BudgetRaised(Raise("team", 5_000_000_000, 9, "anna", "bob", "demo"), 2),
        BudgetRaised(Raise("team", 0, 9, "", "bob", "over"), 3),
        BudgetRemoved("team", 4, "ann", "over"),
    ]
    told = [budget_words.past(event, "money") for event in events]
    assert [one.what for one in told] == [
        "set to $50 per month for each user",
        "raised by $5 for anna",
        "raises ended",
        "removed",
    ]
    assert [one.by for one in told] == ["ann", "bob", "bob", "ann"]


def test_columns_stand_on_an_even_grid() -> None:
    now = 20_000 * DAY + 5
    spent = [(19_997 * DAY, 3), (19_999 * DAY, 1)]
    assert budget_words.columns(spent, "month", now) == [
        (19_997 * DAY, 3),
        (19_998 * DAY, 0),
        (19_999 * DAY, 1),
        (20_000 * DAY, 0),
    ]
    assert budget_words.columns(spent, "day", now) == []
    assert budget_words.columns([], "month", now) == []
    assert budget_words.columns([(20_000 * DAY, 1)], "month", now) == []
    assert len(budget_words.columns([(DAY, 1)], "lifetime", now)) == 100


@given(BUDGETS)
def test_an_unchanged_form_changes_nothing(budget: Budget) -> None:
    for values in budget.match.values():
        if any("," in v or v != v.strip() for v in values):
            return  # the form separates by commas
    if budget.owner != budget.owner.strip():
        return
    assert budget_words.read_form(budget_words.form_of(budget)).budget(budget.id) == budget


@pytest.mark.parametrize("form", [{"measure": "grams"}, {"per": "nobody"}])
def test_what_no_form_sends_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(RequestError):
        budget_words.read_form(form)
