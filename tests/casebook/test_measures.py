"""Conditions on figures: what is certain fulfils, what is not does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.casebook.measures import condition, dimension, fulfils, readings


def holds(text: str, metric: str, **figure: object) -> bool:
    values = {"before": None, "after": None, "value": None, "unit": "", "qualifier": ""} | figure
    return any(fulfils(r, condition(text)) for r in readings(metric, **values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "metric", "figure", "expected"),
    [
        ("deflection>50%", "deflection_rate", {"value": 60, "unit": "%"}, True),
        ("deflection>50%", "deflection_rate", {"value": 50, "unit": "%"}, False),
        ("deflection>=50%", "chat deflection", {"value": 50, "unit": "%"}, True),
        ("deflection>50%", "deflection_rate", {"before": 40, "after": 60, "unit": "%"}, True),
        ("deflection>50%", "deflection_rate", {"value": 60, "unit": "%", "qualifier": "up to"}, False),
        ("deflection>50%", "deflection_rate", {"value": 55, "unit": "%", "qualifier": "+"}, True),
        ("deflection>50%", "deflection_rate", {"value": "45-70", "unit": "%"}, False),
        ("deflection>40%", "deflection_rate", {"value": "45-70", "unit": "%"}, True),
        ("cost<-30%", "cost_reduction", {"value": 40, "unit": "%"}, True),
        ("cost<-30%", "cost", {"before": 100, "after": 60, "unit": "USD"}, True),
        ("cost<-30%", "cost", {"value": -35, "unit": "%"}, True),
        ("cost<-30%", "cost_savings", {"value": 40, "unit": "%", "qualifier": "up to"}, False),
        ("cost<-30%", "cost", {"value": 40, "unit": "%"}, False),
        ("cost>30%", "cost_reduction", {"value": 40, "unit": "%"}, False),
        ("cost reduction>30%", "cost_reduction", {"value": 40, "unit": "%"}, True),
        ("accuracy>+5%", "accuracy_gain", {"value": 8, "unit": "%"}, True),
        ("latency<200ms", "p90_latency", {"value": 0.15, "unit": "s"}, True),
        ("latency<200ms", "latency", {"before": 900, "after": 300, "unit": "ms"}, False),
        ("handling_time<2min", "handling_time", {"value": 90, "unit": "seconds"}, True),
        ("users>1M", "daily_users", {"value": 2, "unit": "million"}, True),
        ("users>1M", "daily_users", {"value": "1,500,000", "unit": "users"}, True),
        ("users>1M", "daily_users", {"value": 80, "unit": "%"}, False),
        ("cost<5USD", "cost_per_query", {"value": 2, "unit": "USD"}, True),
        ("speed>2x", "speed", {"value": 3, "unit": "x faster"}, True),
        ("speed>2x", "speed", {"value": "fast", "unit": "x"}, False),
    ],
)
def test_conditions(text: str, metric: str, figure: dict[str, object], expected: bool) -> None:
    assert holds(text, metric, **figure) is expected


def test_dimensions() -> None:
    assert dimension("million USD") == ("money", 1e6)
    assert dimension("minutes") == ("time", 60.0)
    assert dimension("percentage points")[0] == "count"
    assert dimension("points") == ("points", 1.0)
    assert dimension("requests/s") == ("count", 1.0)
    assert dimension(None) == ("count", 1.0)


@pytest.mark.parametrize("text", ["", "50%", "deflection", "deflection>", "deflection>abc", ">5", "a" * 5000 + ">5"])
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(ValueError, match="write for example"):
        condition(text)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.sampled_from([">", ">=", "<", "<=", "="]))
def test_a_level_compares_as_numbers_do(have: float, limit: float, sign: str) -> None:
    wanted = condition(f"latency{sign}{abs(limit):.3f}ms")
    got = holds(wanted.text, "latency", value=have, unit="ms")
    import operator

    compare = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq}[sign]
    assert got == compare(have * 0.001, wanted.number)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        wanted = condition(text)
    except ValueError:
        return
    assert condition(wanted.text) == wanted
