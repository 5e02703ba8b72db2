"""A grant is a bound, and what has none is not covered."""

from decimal import Decimal
from typing import Any

import pytest

from outrider.base.errors import RequestError
from outrider.policy.declarations import Steer
from outrider.policy.grants import Grant, checked
from outrider.policy.origins import Origin, Traced

GRANT = Grant(("pay", "mail_*"), ("*@corp.com", "bob"), ("/home/me/*",), ("https://corp.com/*",), amount=Decimal(100))


def one(kind: Steer, value: Any) -> list[Traced]:
    return [Traced("x", str(value), kind, Origin.UNTRUSTED)]


@pytest.mark.parametrize(
    ("tool", "kind", "value", "covered"),
    [
        ("pay", "amount", "99.99", True),
        ("pay", "amount", "100.01", False),
        ("pay", "amount", "lots", False),
        ("mail_send", "recipient", "Bob", True),
        ("mail_send", "recipient", "eve@corp.com.evil.example", False),
        ("mail_send", "recipient", "eve@corp.com", True),
        ("read", "recipient", "bob", False),
        ("pay", "path", "/home/me/a", True),
        ("pay", "path", "/home/me/../root/a", False),
        ("pay", "url", "https://corp.com/a", True),
        ("pay", "url", "https://evil.example/a", False),
        ("pay", "id", "7", False),
        ("pay", "command", "ls", False),
        ("pay", "query", "x", False),
        ("pay", "date", "2026-01-01", True),
    ],
)
def test_bounds(tool: str, kind: Steer, value: str, covered: bool) -> None:
    assert GRANT.covers(tool, one(kind, value), 0, 0) is covered


def test_how_often_and_how_long() -> None:
    grant = Grant(("pay",), calls=2, until=100)
    assert [grant.covers("pay", [], used, 0) for used in (0, 1, 2)] == [True, True, False]
    assert [grant.covers("pay", [], 0, now) for now in (99, 100)] == [True, False]


def many(*values: str) -> list[Traced]:
    return [Traced("x", value, "amount", Origin.UNTRUSTED) for value in values]


def test_a_total_is_that_of_all_calls() -> None:
    grant = Grant(("pay",), total=Decimal(100))
    assert grant.covers("pay", many("60"), 0, 0)
    left = grant.after(["60"])
    assert left.total == 40
    assert left.covers("pay", many("40"), 1, 0)
    assert not left.covers("pay", many("40.01"), 1, 0)
    assert not left.covers("pay", many("30", "30"), 1, 0), "two amounts of one call count together"
    assert not left.covers("pay", many("-5"), 1, 0), "nothing is given back"
    assert not left.covers("pay", many("NaN"), 1, 0)
    assert not left.ended().covers("pay", many("1"), 1, 0)


@pytest.mark.parametrize(
    ("pattern", "value", "covered"),
    [
        ("https://corp.com/*", "https://corp.com/a?b=c", True),
        ("https://corp.com/*", "https://CORP.com/a", True),
        ("https://corp.com", "https://corp.com/", True),
        ("https://corp.com*", "https://corp.com.evil.example/", True),  # so it is written
        ("https://*.corp.com/*", "https://evil.example/x.corp.com/", False),
        ("https://*corp.com/*", "https://evil.example/?x=corp.com/", False),
        ("https://corp.com/*", "https://corp.com@evil.example/", False),
        ("https://*/*", "https://me@corp.com/", False),
        ("https://corp.com/*", "http://corp.com/a", False),
        ("corp.com/*", "https://corp.com/a", True),
        ("https://corp.com/a/*", "https://corp.com/a/%2e%2e/b", False),
        ("https://corp.com/a/*", "https://corp.com/a/%252e%252e/b", False),
        ("https://corp.com/*", "https://corp.com\\@evil.example/", False),
        ("https://corp.com/x?id=*", "https://corp.com/x?id=7", True),
        ("https://corp.com/x?id=*", "https://corp.com/xyid=7", False),
    ],
)
def test_urls_are_bounded_by_their_parts(pattern: str, value: str, covered: bool) -> None:
    assert Grant(("get",), urls=(pattern,)).covers("get", one("url", value), 0, 0) is covered


def test_only_a_star_is_a_pattern() -> None:
    grant = Grant(("read",), paths=("/data/[1]?/*",))
    assert grant.covers("read", one("path", "/data/[1]?/a"), 0, 0)
    assert not grant.covers("read", one("path", "/data/1x/a"), 0, 0)


@pytest.mark.parametrize(
    ("grant", "field"),
    [
        (Grant(()), "tools"),
        (Grant(("",)), "tools"),
        (Grant(("x",), recipients=("y" * 501,)), "recipients"),
        (Grant(("x",), amount=Decimal("Infinity")), "amount"),
        (Grant(("x",), total=Decimal(-1)), "total"),
        (Grant(("x",), calls=-1), "calls"),
        (Grant(("x",), until=1), "until"),
        (Grant(("pay",), calls=1 << 70), "calls"),
    ],
)
def test_what_is_no_grant(grant: Grant, field: str) -> None:
    with pytest.raises(RequestError) as error:
        checked(grant)
    assert error.value.param == field
    assert checked(Grant((), strict=True)).strict
