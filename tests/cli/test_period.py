"""Times and spans in options."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import clock
from outrider.cli._period import since_ns, span_ns


def test_a_date_is_utc() -> None:
    assert since_ns("1970-01-02") == 86_400 * 10**9
    assert since_ns("1970-01-01T01:00") == 3_600 * 10**9
    assert since_ns("1970-01-01T01:00+01:00") == 0


def test_a_span_counts_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now_ns", lambda: 10**18)
    assert since_ns("2h") == 10**18 - 7_200 * 10**9
    assert span_ns("500ms") == 500_000_000


@given(st.text(max_size=20))
def test_anything_is_read_or_refused(text: str) -> None:
    try:
        value = since_ns(text)
    except ValueError:
        return
    assert isinstance(value, int)
