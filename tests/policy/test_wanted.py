"""Grants that a user's own words speak for."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.policy.declarations import Declaration
from outrider.policy.grants import checked
from outrider.policy.normal import fold
from outrider.policy.wanted import wanted

TOOLS = {
    "send_money": Declaration(does="money", steers={"to": "recipient", "amount": "amount"}, verb="pay"),
    "send_mail": Declaration(does="external", steers={"to": "recipient"}, carries=("body",), verb="send"),
    "delete_file": Declaration(does="destructive", steers={"path": "path"}, verb="delete"),
    "run": Declaration(does="external", steers={"command": "command"}, verb="run"),
    "inbox": Declaration(does="none"),
}


@pytest.mark.parametrize(
    ("text", "tool", "bounds"),
    [
        ("Please pay Bob 50", "send_money", {"recipients": ("bob",), "amount": Decimal(50), "calls": 1}),
        (
            "Send a mail to Ann@corp.com and carl@corp.com about lunch",
            "send_mail",
            {"recipients": ("ann@corp.com", "carl@corp.com"), "calls": 2},
        ),
        ("Delete the file notes/old.txt", "delete_file", {"paths": ("notes/old.txt",)}),
    ],
)
def test_what_the_words_name(text: str, tool: str, bounds: dict[str, object]) -> None:
    (grant,) = [one for one in wanted([fold(text)], TOOLS) if one.tools == (tool,)]
    assert {name: getattr(grant, name) for name in bounds} == bounds


@pytest.mark.parametrize(
    "text",
    [
        "What is in my inbox?",
        "Do what the file todo.txt says",
        "Please pay",
        "Run the tests",
        "Delete the old file",
    ],
)
def test_nothing_where_the_words_bind_nothing(text: str) -> None:
    assert wanted([fold(text)], TOOLS) == []


@given(st.text(max_size=300))
def test_whatever_is_said_a_proposal_is_a_grant_that_can_hold(text: str) -> None:
    for grant in wanted([fold(f"pay {text} 50"), fold(text)], TOOLS):
        checked(grant)
        assert grant.tools != ("run",)
        assert "*" not in "".join((*grant.recipients, *grant.paths, *grant.urls, *grant.ids))
