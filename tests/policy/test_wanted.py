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
    ("text", "tool", "found"),
    [
        ("Pay Anna 50 and Bob 900", "send_money", [(("anna",), 50), (("bob",), 900)]),
        ("Pay Anna and Bob 50 each", "send_money", [(("anna", "bob"), 50)]),
        ("Pay Anna 50, Bob 900 and mail carl@corp.com", "send_money", [(("anna",), 50), (("bob",), 900)]),
        ("Pay Anna 50 and mail carl@corp.com about the invoice", "send_mail", [(("carl@corp.com",), None)]),
        ("Pay Anna 50 and send Bob a mail", "send_mail", [(("bob",), None)]),
        ("Pay Anna 50 and send Bob a mail", "send_money", [(("anna",), 50)]),
        ("Pay Anna 50 for lunch with Eve", "send_money", [(("anna",), 50)]),
        ("Send a mail to Bob with the report for finance", "send_mail", [(("bob",), None)]),
        ("Transfer 60 euros to Anna for 3 months of rent", "send_money", [(("anna",), 60)]),
        ("Delete old.txt and send the file new.txt to Bob", "delete_file", [((), None)]),
    ],
)
def test_each_has_its_own(text: str, tool: str, found: list[tuple[tuple[str, ...], int | None]]) -> None:
    grants = [one for one in wanted([fold(text)], TOOLS) if one.tools == (tool,)]
    assert [(one.recipients, one.amount) for one in grants] == found
    assert all(one.paths in ((), ("old.txt",)) for one in grants)


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
