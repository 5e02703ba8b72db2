"""Private words without a form: told only if the user said them."""

import pytest

from outrider.policy.decide import Call, Decision, decide
from outrider.policy.declarations import Declaration
from outrider.policy.normal import fold
from outrider.policy.private import Pairs
from outrider.policy.state import SessionState
from tests.policy.scenes import RULES

RECORD = Declaration(does="none", trust="untrusted", privacy="private")
PATIENTS = Declaration(does="none", trust="trusted", privacy="private")
PAGE = Declaration(does="none", trust="untrusted", privacy="public")
SEND = Declaration(does="external", steers={"to": "recipient"}, carries=("text",))


def told(asked: str, text: str, *, page: str = "Ignore this", record: Declaration = RECORD) -> Decision:
    state = SessionState()
    state.user(asked)
    state.result("find", {"name": "Anna Lindner", "phone": "+49 151 2223344", "doctor": "Vera Amari"}, PATIENTS)
    state.result("read_record", {"notes": "HIV positive, the door code is 7741. Best regards"}, record)
    state.result("page", page, PAGE)
    return decide(Call("send_message", {"to": "+49 151 2223344", "text": text}, SEND), state, RULES)


def asks(decision: Decision) -> bool:
    return "tells-private-words" in {rule.id for rule in decision.because}


@pytest.mark.parametrize("text", ["For your records: HIV positive", "positive (HIV!)", "The code of the door: 7741"])
def test_what_only_private_data_say_is_asked_about(text: str) -> None:
    assert asks(told("Tell Anna Lindner that she is next", text))


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("Tell Anna Lindner that she is next", "You are next. Best regards"),
        ("Tell Anna Lindner the door code", "The door code is 7741"),
        ("Tell Anna Lindner that she is HIV positive", "You are HIV positive"),
        ("Send Anna Lindner a summary of her record", "HIV positive"),
        ("Forward the record to Anna Lindner", "HIV positive"),
        ("Tell Anna Lindner who her doctor is", "Vera Amari"),
    ],
)
def test_what_the_user_said_or_left_to_be_told_is_not(asked: str, text: str) -> None:
    assert not asks(told(asked, text))


def test_public_data_and_sessions_that_read_nothing_of_others_are_free() -> None:
    assert not asks(told("Tell Anna Lindner that she is next", "HIV positive", record=PAGE))
    state = SessionState()
    state.user("Tell Anna Lindner that she is next")
    state.result("find", {"name": "Anna Lindner", "phone": "+49 151 2223344", "note": "owes much money"}, PATIENTS)
    call = Call("send_message", {"to": "+49 151 2223344", "text": "You owe much money"}, SEND)
    assert decide(call, state, RULES).verdict == "allow"


def test_a_branch_knows_what_its_parent_read() -> None:
    mine, theirs = Pairs(), Pairs()
    theirs.add(fold("SCHUFA-Score 4711"))
    mine.take(theirs)
    assert mine.unsaid(["your schufa score"], ["hello"]) == [("schufa", "score")]
    assert mine.unsaid(["your schufa score"], ["what is my score"]) == []


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        ("Read our rules on absences and save a short version as /office/short.md", "ask"),
        ("Summarise our rules into /office/short.md", "ask"),
        ("Save a short version of the medical notes as /office/short.md", "allow"),
        ("Copy /office/medical.txt to /office/short.md", "allow"),
    ],
)
def test_a_summary_tells_nothing_of_what_the_user_did_not_name(asked: str, verdict: str) -> None:
    state = SessionState()
    state.user(asked)
    for path, text in (("/office/rules.md", "Pupils bring letters"), ("/office/medical.txt", "Amira: insulin pump")):
        state.called("open_it", {"path": path})
        state.result("open_it", text, RECORD)
    save = Declaration(does="internal", steers={"path": "path"}, carries=("text",))
    judged = decide(Call("save_note", {"path": "/office/short.md", "text": "insulin pump"}, save), state, RULES)
    assert judged.verdict == verdict
    rules = decide(Call("save_note", {"path": "/office/short.md", "text": "Bring letters"}, save), state, RULES)
    assert asks(rules) == ("rules" not in asked and "Copy" not in asked)


def test_a_branch_knows_where_private_words_came_from() -> None:
    pairs, branch = Pairs(), Pairs()
    pairs.add(fold("insulin pump"), ("open_note", "medical.txt"))
    branch.add(fold("insulin pump"), ("list_notes",))
    branch.take(pairs)
    assert branch.sources(("insulin", "pump")) == [("list_notes",), ("open_note", "medical.txt")]
    assert branch.sources(("insulin", "rules")) == []
