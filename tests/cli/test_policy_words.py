"""What is printed of decisions and labels has no control characters, and says what is left out."""

import pytest

from outrider.cli import _policy_words as words
from outrider.policy.backtest import Change, Report, Side
from outrider.policy.declarations import Declaration
from outrider.policy.desk import Explained
from outrider.policy.permissions import Roster, Subject
from outrider.policy.propose import Proposal


def test_a_decision(capsys: pytest.CaptureFixture[str]) -> None:
    words.decision(Explained("deny", ("r",), ("a\x1b[31m",), Declaration(leaves=True), False, (), None, "allow"))
    out = capsys.readouterr().out
    assert out.startswith("refused by r\n")
    assert "\x1b" not in out
    assert "what it is asked leaves the house" in out
    assert "with the shadow rules: allowed" in out


def test_a_report_says_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    change = Change("s", 1, 1, "", "pay", "{}", "allow", "deny", (), ("r",), ("why",))
    words.report(Report(1, 3, Side(3), Side(1, 0, 2), {"allow → deny": 2}, [change], 4))
    said = capsys.readouterr()
    assert "an agent: allow → deny" in said.out
    assert "1 changed call more" in said.err
    assert "4 calls left out" in said.err


def test_a_proposal_is_yaml() -> None:
    lines = words.proposed(Proposal("x: y", Declaration(does="none"), ("does: none (because)",)))
    assert lines == ["# does: none (because)", '"x: y": {"does":"none"}']


def test_who_is_free_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    words.roster(Roster())
    assert "Nothing is said about users and agents and keys" in capsys.readouterr().err


def test_where_an_identity_provider_speaks_for_users_none_is_free(capsys: pytest.CaptureFixture[str]) -> None:
    words.roster(Roster(claims=True))
    said = capsys.readouterr().err
    assert "Nothing is said about agents and keys" in said
    assert "who has none by it or here has nothing" in said


def test_a_role_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    words.roster(Roster({"clerk": ("x",)}, {"ann": Subject(("clerk", "clerc"))}))
    assert "No role is called clerc" in capsys.readouterr().err
