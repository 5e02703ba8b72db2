"""Budgets in words: there and back, and what is said about words that cannot be used."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.budget import Budget
from outrider.base.errors import RequestError
from outrider.limits import terms
from outrider.limits.terms import MATCHED, MEASURES, Alarms, Terms, terms_of

WORD = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=9)
BUDGETS = st.builds(
    Budget,
    id=st.from_regex(terms.ID, fullmatch=True),
    measure=st.sampled_from(list(MEASURES.values())),
    limit=st.integers(0, 9 * 10**18),
    window=st.sampled_from(["day", "month", "lifetime", "60", "3600", "86400", "5400", "31622400"]),
    match=st.dictionaries(st.sampled_from(MATCHED), st.lists(WORD, min_size=1, max_size=3, unique=True).map(tuple)),
    per=st.sampled_from([None, "user", "tree", "tag"]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]),
    fit=st.booleans(),
    owner=WORD,
    alarms=st.sets(st.sampled_from([0.1, 0.5, 0.333, 0.8, 1.0, 1.25])).map(lambda parts: tuple(sorted(parts))),
    slope=st.sampled_from([0.0, 1.5, 10.0]),
)


@given(BUDGETS)
def test_the_words_for_a_budget_mean_that_budget(budget: Budget) -> None:
    assert terms_of(budget).budget(budget.id) == budget


@given(st.text(max_size=12))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    for read in (terms.window, terms.share, terms.zone, terms.slope, lambda t: terms.amount("usd", t)):
        with contextlib.suppress(ValueError):
            assert read(text) is not None


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("usd", "$0.10", 100_000_000),
        ("usd", 0.1, 100_000_000),
        ("usd", "1_000", 10**12),
        ("calls", "2,500", 2500),
        ("tokens", "1.5M", 1_500_000),
        ("tokens", 7, 7),
    ],
)
def test_amounts(key: str, text: str | float, value: int) -> None:
    assert terms.amount(key, text) == value


@pytest.mark.parametrize("text", ["", "-1", "nan", "1e99", "ten", "inf"])
def test_no_amounts(text: str) -> None:
    for key in ("usd", "calls"):
        with pytest.raises(ValueError, match="expected"):
            terms.amount(key, text)


@pytest.mark.parametrize("text", ["1.5", "0.0001k", "99999999999999G"])
def test_counts_are_whole(text: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        terms.amount("calls", text)


def test_amounts_and_windows_are_shown_as_people_say_them() -> None:
    assert terms.show_amount("money", 100_000_000) == "$0.1"
    assert terms.show_amount("total_tokens", 1_200) == "1,200 tokens"
    assert terms.show_amount("output_tokens", 1) == "1 output token"
    assert terms.show_amount("calls", 1) == "1 call"
    assert [terms.show_window(w) for w in ("month", "86400", "5400")] == ["month", "1d", "90m"]
    assert terms.show_share(0.8) == "80%"


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (Terms(), "usd"),
        (Terms(usd=1, calls=2), "calls"),
        (Terms(usd="much"), "usd"),
        (Terms(usd=1, window="fortnight"), "window"),
        (Terms(usd=1, window="10s"), "window"),
        (Terms(usd=1, window="400d"), "window"),
        (Terms(usd=1, timezone="../etc"), "timezone"),
        (Terms(usd=1, match={"tree": "x"}), "match.tree"),
        (Terms(usd=1, match={"user": []}), "match.user"),
        (Terms(usd=1, match={"user": "a\nb"}), "match.user"),
        (Terms(usd=1, per="nobody"), "per"),
        (Terms(usd=1, window="run", per="user"), "per"),
        (Terms(usd=1, owner="x" * 300), "owner"),
        (Terms(usd=1, alarms=Alarms(at=("0%",))), "alarms.at"),
        (Terms(usd=1, alarms=Alarms(at=(0.5,) * 21)), "alarms.at"),
        (Terms(usd=1, alarms=Alarms(slope=1)), "alarms.slope"),
    ],
)
def test_what_is_wrong_is_named(words: Terms, key: str) -> None:
    with pytest.raises(RequestError) as caught:
        words.budget("b")
    assert caught.value.param == key


@pytest.mark.parametrize("name", ["", "a b", "-a", "ü", "a" * 65, "a/b"])
def test_names_fit_into_an_address(name: str) -> None:
    with pytest.raises(RequestError) as caught:
        Terms(usd=1).budget(name)
    assert caught.value.param == "name"
