"""What a caller reads when a budget has no room: how much there is, until when, and who can change it."""

import pytest

from outrider.base import clock
from outrider.base.budget import Budget, Measure
from outrider.limits import windows
from outrider.limits.account import Account, account_value
from outrider.limits.leases import Key
from outrider.limits.refusal import refusal, shown, unavailable

NOW = 1_790_000_000_000_000_000 // windows.DAY_NS * windows.DAY_NS + 12 * windows.HOUR_NS


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now_ns", lambda: NOW)


def account(budget: Budget, value: str = "", *, room: int = 0, indexed: int = 0) -> Account:
    made = Account(Key(budget.id, value, 0), value, budget)
    made.room, made.indexed = room, indexed
    return made


def test_a_day_that_ends_soon() -> None:
    budget = Budget("b", "output_tokens", 100, window="day", owner="ops@example.com", fit=True)
    error = refusal(account(budget, room=10, indexed=60), need=25, has=0)
    assert error.message == (
        "budget 'b' has no room for this call: it may take 25 output tokens, and 10 of 100 output tokens are"
        " free (60 output tokens used, 30 output tokens held by calls under way); it resets at "
        f"{clock.iso(NOW + 12 * windows.HOUR_NS)}; ops@example.com can raise it with `outrider budgets raise b`"
    )
    assert (error.room, error.measure, error.fit) == (10, "output_tokens", True)
    assert dict(error.headers) == {"retry-after": "43200", "x-should-retry": "false"}
    assert error.details == {
        "budget": "b", "account": "", "measure": "output_tokens", "used": 60, "reserved": 30, "limit": 100,
        "needed": 25, "resets_at": clock.iso(NOW + 12 * windows.HOUR_NS), "raised_by": "ops@example.com",
    }  # fmt: skip


def test_money_is_exact_text_and_a_month_is_no_reason_to_wait() -> None:
    budget = Budget("b", "money", 1_000_000_001, window="month", per="user")
    error = refusal(account(budget, "ann", room=-5, indexed=2), need=7, has=3)
    assert (error.details["limit"], error.details["used"], error.details["needed"]) == (
        "1.000000001", "0.000000002", "0.000000007",
    )  # fmt: skip
    assert error.room == 0
    assert "for 'ann'" in error.message
    assert dict(error.headers) == {"x-should-retry": "false"}


@pytest.mark.parametrize(
    ("window", "words"),
    [("lifetime", "it does not reset"), ("3600", "room returns as calls of the last 3600 s pass out of it")],
)
def test_windows_that_do_not_end(window: str, words: str) -> None:
    error = refusal(account(Budget("b", "calls", 3, window=window)), need=1, has=0)
    assert words in error.message
    assert error.details["resets_at"] is None


def test_a_minute_before_the_end_retrying_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now_ns", lambda: NOW + windows.HOUR_NS - 30 * windows.SECOND_NS)
    error = refusal(account(Budget("b", "calls", 3, window="hour")), need=1, has=0)
    assert dict(error.headers) == {"retry-after": "30"}


@pytest.mark.parametrize(
    ("measure", "limit", "room", "words"),
    [
        ("calls", 3, 0, "it may take 1 call, and 0 of 3 calls are free (3 calls used, 0 calls held by"),
        ("calls", 3, 1, "it may take 1 call, and 1 of 3 calls is free (2 calls used,"),
        ("calls", 1, 0, "it may take 1 call, and 0 of 1 call is free (1 call used,"),
        ("total_tokens", 9, 1, "it may take 1 token, and 1 of 9 tokens is free"),
        ("input_tokens", 9, 2, "it may take 1 input token, and 2 of 9 input tokens are free"),
        ("concurrent", 1, 0, "it may take 1 call at once, and 0 of 1 call at once is free"),
        ("money", 10**9, 0, "it may take $0.000000001, and $0 of $1 is free"),
    ],
)
def test_one_and_many(measure: Measure, limit: int, room: int, words: str) -> None:
    error = refusal(account(Budget("b", measure, limit), room=room, indexed=limit - room), need=1, has=0)
    assert words in error.message


@pytest.mark.parametrize(
    ("measure", "words"),
    [("money", "$0.000000005"), ("total_tokens", "5 tokens"), ("input_tokens", "5 input tokens"), ("calls", "5 calls"),
     ("concurrent", "5 calls at once")],
)  # fmt: skip
def test_amounts_in_words(measure: Measure, words: str) -> None:
    assert shown(measure, 5) == words


def test_while_the_store_is_away() -> None:
    error = unavailable()
    assert (error.status, error.code, error.kind) == (503, "limits_unavailable", "server_error")


def test_values_that_name_accounts() -> None:
    assert account_value("ann") == "ann"
    assert account_value("a\0b\ud800") == "ab?"
    one, two = account_value("x" * 1000), account_value("x" * 1001)
    assert len(one) <= 200
    assert one != two
    assert account_value(one) == one
