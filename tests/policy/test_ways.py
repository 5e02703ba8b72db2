"""Another way to the same person is not what the user asked for."""

import pytest

from outrider.policy.intent import Intent
from outrider.policy.normal import plain
from outrider.policy.tool_verbs import verb_of
from outrider.policy.ways import goes_so


def suits(said: str, tool: str, description: str = "") -> bool:
    return goes_so(verb_of(tool, description), tool, description, Intent([plain(said)]).clauses)


@pytest.mark.parametrize(
    ("said", "tool"),
    [
        ("Text Mila's parents that school ends at 12", "send_sms"),
        ("Write to Jonas Frei's parents that he forgot his jacket", "write_letter"),
        ("Write to Jonas Frei's parents that he forgot his jacket", "send_message"),
        ("Tell Bob that it is on", "send_sms"),
        ("Let Bob know that it is on", "send_sms"),
        ("Email Bob the summary of the chat", "send_email"),
        ("Reply to Eve's letter by SMS", "send_sms"),
        ("Reply to Eve's letter by SMS that we come", "sms_send"),
        ("Forward Anna's letter to Bob", "forward_email"),
        ("Leave a comment on OPS-8 saying it's done", "comment_ticket"),
        ("Schick Lea eine Mail, dass ich morgen nicht komme", "send_email"),
        ("Envoie un SMS à Bob", "send_sms"),
        ("DM Bob the gist", "send_direct"),
        ("Post the news in the dev channel", "post_message"),
        ("Page Noor, INC-42 needs her", "page"),
        ("Text Bob the address and write to Eve that I am late", "send_email"),
        ("Send Bob the phone number of Eve", "send_email"),
        ("Delete the SMS of Bob", "delete_mail"),
    ],
)
def test_a_way_that_was_asked_for(said: str, tool: str) -> None:
    assert suits(said, tool)


@pytest.mark.parametrize(
    ("said", "tool"),
    [
        ("Text Mila's parents that school ends at 12", "write_letter"),
        ("Write to Jonas Frei's parents that he forgot his jacket", "send_sms"),
        ("Schreib Frau Duval, dass die Sitzung ausfällt", "send_sms"),
        ("Escribe a Ana que llego tarde", "send_sms"),
        ("Email Bob that it is on", "send_sms"),
        ("Email Bob that it is on and tell him to hurry", "send_sms"),
        ("Email Bob that it is on", "send_direct"),
        ("Send a letter to Bob", "send_sms"),
        ("Reply to Eve's letter by SMS", "send_email"),
        ("Leave a comment on OPS-8 saying it's done", "send_email"),
        ("Schick Lea eine SMS, dass ich komme", "send_email"),
        ("Schick Lea einen Brief", "send_sms"),
        ("DM Bob the gist", "send_email"),
        ("Stuur Bob een brief", "send_sms"),
    ],
)
def test_another_way(said: str, tool: str) -> None:
    assert not suits(said, tool)


def test_the_description_says_a_way_too() -> None:
    said = "Email Headmaster Lind the list"
    assert suits(said, "write_letter", "Write to parents or teachers by mail.")
    assert not suits(said, "write_letter", "Write to parents or teachers.")
    assert not suits(said, "send_message", "Send an SMS. Use send_email for mails.")
