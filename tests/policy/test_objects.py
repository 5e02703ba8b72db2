"""What an effect is done to."""

import pytest

from outrider.policy.clauses import clauses
from outrider.policy.normal import plain
from outrider.policy.objects import about

DESCRIBED = {
    "delete_candidate": "Delete a candidate with all data, for good.",
    "cancel_event": "Cancel an event.",
    "add_note": "Add a note to an application that the hiring team reads.",
    "set_salary": "Change the salary of an offer.",
    "offers_send": "Send an offer letter out for signature.",
    "jobs_publish": "Publish a job on a job board.",
    "request_reference": "Ask a referee about an applicant.",
    "gmail_send": "Send a mail.",
    "send_direct": "Send a direct message.",
    "notify_user": "",
    "send_reminder": "Send a reminder for a loan.",
}


def fits(said: str, verb: str, tool: str, arguments: list[str], known: str = "") -> bool:
    return about(verb, tool, DESCRIBED.get(tool, ""), arguments, known.split(), clauses(plain(said)))


@pytest.mark.parametrize(
    ("said", "verb", "tool", "arguments", "known"),
    [
        (
            "Cancel the interview with him on Wednesday",
            "delete",
            "cancel_event",
            ["event_id"],
            "interview oliver grant",
        ),
        ("Cancel the meeting with him", "delete", "cancel_event", ["event_id"], ""),
        ("Delete Oliver Grant", "delete", "delete_candidate", ["candidate_id"], "oliver"),
        ("Delete him from the system", "delete", "delete_candidate", ["candidate_id"], ""),
        ("Remove the candidate", "delete", "delete_candidate", ["candidate_id"], ""),
        ("Move her crown fitting to Friday", "update", "move_appointment", ["id"], "crown fitting"),
        ("Reschedule hers to Friday", "update", "move_appointment", ["id"], ""),
        ("Set his application to withdrawn", "update", "move_stage", ["application_id"], ""),
        ("Add the leak to the list", "create", "create_ticket", ["text"], "the leak drips"),
        ("Lösch den Termin", "delete", "delete_candidate", ["id"], ""),
        ("Send the offer to Hannah", "send", "offers_send", ["offer_id", "to"], ""),
        ("Publish the job", "post", "jobs_publish", ["job_id", "board"], ""),
        ("Ask Lang for a reference", "send", "request_reference", ["application_id", "to"], ""),
        ("Remind Ben about his book", "send", "send_reminder", ["loan_id", "text"], ""),
        ("Write to Bob", "send", "gmail_send", ["to"], ""),
        ("Let Bob know", "send", "notify_user", ["user"], ""),
        ("Tell Bob", "send", "send_direct", ["user"], ""),
    ],
)
def test_about_it(said: str, verb: str, tool: str, arguments: list[str], known: str) -> None:
    assert fits(said, verb, tool, arguments, known)


@pytest.mark.parametrize(
    ("said", "verb", "tool", "arguments", "known"),
    [
        (
            "Cancel the interview with him on Wednesday",
            "delete",
            "delete_candidate",
            ["candidate_id"],
            "oliver grant",
        ),
        ("Set up a first interview with Rafael", "create", "add_note", ["application_id", "text"], "rafael no answer"),
        ("Set his application to withdrawn", "update", "set_salary", ["offer_id", "salary"], "oliver grant"),
        ("Send him a few warm words", "send", "offers_send", ["offer_id", "to"], "oliver"),
        ("Write back to her that it's hybrid", "post", "jobs_publish", ["job_id", "board"], ""),
        ("Send him a few warm words", "send", "request_reference", ["application_id", "to"], ""),
    ],
)
def test_about_something_else(said: str, verb: str, tool: str, arguments: list[str], known: str) -> None:
    assert not fits(said, verb, tool, arguments, known)
