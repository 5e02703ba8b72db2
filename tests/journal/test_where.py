import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.journal import where


def test_every_name_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now_ns", lambda: 10**18)
    found = where.parse(
        {"route": "r", "model": " m ", "status": "error", "min_cost": "$0.01", "max_cost": "2", "min_duration": "1.5s",
         "min_ttft": "800ms", "since": "24h", "until": "2026-11-22T14:00:00+02:00", "text": "two words", "page": "3"},
        project="p",
    )  # fmt: skip
    assert (found.project, found.route, found.model, found.status, found.text) == ("p", "r", "m", "error", "two words")
    assert (found.min_cost, found.max_cost) == (10_000_000, 2_000_000_000)
    assert (found.min_duration, found.min_ttft) == (1_500_000_000, 800_000_000)
    assert found.since == 10**18 - 86400 * 10**9
    assert found.until == 1_795_348_800 * 10**9


def test_an_empty_value_does_not_filter() -> None:
    assert where.parse({"route": "", "min_cost": " "}) == where.parse({})


def test_a_date_is_midnight_utc() -> None:
    assert where.moment("since", "1970-01-02") == 86400 * 10**9


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", "fine"), ("min_cost", "-1"), ("min_cost", "NaN"), ("min_cost", "1e400"), ("min_duration", "5"),
     ("since", "1969-01-01"), ("since", "tomorrow"), ("until", "9999-01-01"), ("route", "a\x00b"), ("text", "x" * 501),
     ("min_duration", "999999999999d")],
)  # fmt: skip
def test_a_wrong_value_names_the_parameter(name: str, value: str) -> None:
    with pytest.raises(RequestError) as caught:
        where.parse({name: value})
    assert (caught.value.param, caught.value.status) == (name, 400)
    assert f"`{name}`" in caught.value.message


@given(st.sampled_from(where.NAMES), st.text())
def test_any_text_is_a_filter_or_refused(name: str, value: str) -> None:
    try:
        found = where.parse({name: value})
    except RequestError:
        return
    numbers = [found.min_cost, found.max_cost, found.min_duration, found.min_ttft, found.since, found.until]
    assert all(n is None or 0 <= n < 2**63 for n in numbers)
