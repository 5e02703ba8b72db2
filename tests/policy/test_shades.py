"""Effects of one class that are not the same."""

import pytest

from outrider.policy.intent import Intent
from outrider.policy.normal import fold
from outrider.policy.shades import shade_of
from outrider.policy.tool_verbs import verb_of


def asks(said: str, tool: str, declared: str = "") -> bool:
    verb = verb_of(tool)
    return Intent([fold(said)]).asks(verb, shade_of(verb, tool, declared))


@pytest.mark.parametrize(
    ("said", "tool"),
    [
        ("Close OPS-42", "close_ticket"),
        ("Mark OPS-42 as done", "close_ticket"),
        ("Close OPS-42", "update_ticket"),
        ("Change my appointment to Friday", "move_appointment"),
        ("The appointment needs to go to Friday", "move_appointment"),
        ("Rotate the stripe secret", "rotate_secret"),
        ("Roll checkout back to v1.8.1", "deploy"),
        ("Starte search neu auf Version v3.9.7", "deploy"),
        ("Cancel my meeting", "delete_event"),
        ("Get rid of the draft", "delete_file"),
        ("Archive the mails of Bob", "archive_mail"),
        ("Merge PR 7", "merge_pull_request"),
        ("Run the tests", "run_tests"),
        ("Give Maria twenty euros back", "refund_order"),
        ("Text Anna that it is on", "send_sms"),
        ("Tell Anna that it is on", "send_email"),
        ("Send Bob the text of page 4", "send_email"),
        ("Reject Viktor Mallory", "move_stage"),
        ("Freeze my card", "lock_card"),
        ("Say yes to the offer and accept it", "accept_offer"),
    ],
)
def test_what_is_asked(said: str, tool: str) -> None:
    assert asks(said, tool)


@pytest.mark.parametrize(
    ("said", "tool"),
    [
        ("Rotate the stripe secret", "close_ticket"),
        ("Close OPS-42", "rotate_secret"),
        ("Fix the typo that issue 14 is about", "close_issue"),
        ("Scale search to 6 replicas", "move_service"),
        ("Archive the mails of Bob", "delete_mail"),
        ("Delete the mails of Bob", "archive_mail"),
        ("Approve PR 7", "merge_pull_request"),
        ("Run the tests", "deploy"),
        ("Pay Bob 50 euros", "refund_order"),
        ("Text Anna that it is on", "send_email"),
        ("Remind everyone by text message", "send_email"),
        ("Mail Bob that it is on", "send_sms"),
    ],
)
def test_what_is_another_shade(said: str, tool: str) -> None:
    assert not asks(said, tool)


def test_a_declared_verb_gives_a_shade_where_the_name_has_none() -> None:
    assert shade_of("update", "tickets_v2", "close") == "close"
    assert shade_of("update", "tickets_v2", "update") == ""
