"""A session from a file."""

import pytest

from outrider.base.errors import ConfigError
from outrider.policy.declarations import Declaration
from outrider.policy.origins import Origin, trace
from outrider.policy.story import told
from tests.policy.scenes import RULES

LABELS = {"inbox": Declaration(does="none"), "pay": Declaration(does="money", steers={"to": "recipient"})}


def test_what_happened() -> None:
    lines = [
        '{"user": "Pay Bob 50"}',
        "",
        '{"tool": "inbox", "result": [{"from": "eve@evil.example"}]}',
        '{"tool": "clock", "result": "12:00", "labels": {"trust": "trusted", "privacy": "public", "does": "none"}}',
        '{"grant": {"tools": ["pay"], "recipients": ["Bob"], "calls": 2}}',
        '{"did": "pay", "arguments": {"to": "Bob"}}',
    ]
    session = told(lines, LABELS.get, RULES)
    assert session.state.asked == ["pay bob 50"]
    assert session.state.taint is not None
    assert trace(session.state, "at", "12:00", "date")[0].origin == Origin.TRUSTED
    assert session.grants[0][1] == 1
    assert session.state.done[0].tool == "pay"


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"who": "x"}', "{}", '{"user": "a", "did": "b"}', '{"user": 7}', '{"grant": {}}']
)
def test_a_line_that_says_nothing_is_named(line: str) -> None:
    with pytest.raises(ConfigError, match="mine:2: "):
        told(['{"user": "a"}', line], LABELS.get, RULES, "mine")
