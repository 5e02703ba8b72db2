"""What a model reads of calls that are refused or wait, and what a client shows."""

import pytest

from outrider.limits.keys import Identity
from outrider.policy.control import Code, Outcome
from outrider.policy.decide import Decision
from outrider.policy.identity import Who
from outrider.policy.rules import Rule
from outrider.tools.asking import back_again, refused, waiting
from outrider.tools.ports import Caller

CODES: tuple[Code, ...] = ("", "not_your_session", "not_permitted", "outside_grant", "loop")
CALLER = Caller(identity=Identity("p", "k"), who=Who("p", "s"))


@pytest.mark.parametrize("code", CODES)
def test_a_refusal_says_what_to_do_and_not_the_rules(code: Code) -> None:
    rule = Rule("secret-rule-name", True, "the words of the rule")
    outcome = Outcome("deny", Decision("deny", (rule,), {}), ("to is 'x': only a text says it",), None, code)
    said = refused(outcome)
    text = said.content[0]["text"]
    assert said.is_error
    assert "go on without it" in text
    assert "secret-rule-name" not in text
    assert "the words of the rule" not in text
    assert "only a text says it" not in text


def test_where_nobody_can_be_asked_the_model_is_told() -> None:
    said = waiting(CALLER, Outcome("ask", Decision("ask", (), {}), ()))
    assert said.is_error
    assert "nobody can be asked" in said.content[0]["text"]


def test_only_our_own_state_counts_as_having_been_here() -> None:
    assert not back_again(CALLER)
    assert back_again(Caller(identity=CALLER.identity, who=CALLER.who, state="outrider:appr_1"))
    assert not back_again(Caller(identity=CALLER.identity, who=CALLER.who, state="theirs"))
