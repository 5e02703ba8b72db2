"""Grants as they are sent."""

from decimal import Decimal

import msgspec
import pytest

from outrider.api.shapes_policy import TaskGrant
from outrider.base import clock
from outrider.base.errors import RequestError

HOUR = 3_600_000_000_000


def sent(text: str) -> TaskGrant:
    return msgspec.json.decode(text, type=TaskGrant)


def test_a_grant_with_every_bound() -> None:
    found = sent(
        '{"tools": ["pay"], "amount": 12.5, "total": "99.99", "calls": 3, "until": "2h", "strict": true}'
    ).grant()
    assert (found.tools, found.amount, found.total, found.calls) == (("pay",), Decimal("12.5"), Decimal("99.99"), 3)
    assert abs(found.until - clock.now_ns() - 2 * HOUR) < HOUR
    assert found.strict


def test_until_may_be_a_time() -> None:
    assert sent('{"tools": ["pay"], "until": "2199-01-01T00:00:00Z"}').grant().until > clock.now_ns()


@pytest.mark.parametrize("text", ['{"until": "soon"}', '{"note": "two\\nlines"}'])
def test_what_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(RequestError):
        sent(text).grant()
