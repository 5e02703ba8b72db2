"""A record of another kind is not what the user asked for, though it is called the same."""

import pytest

from outrider.policy.intent import Intent
from outrider.policy.kinds import names, nouns_of, other_kind
from outrider.policy.normal import plain
from outrider.policy.tool_verbs import verb_of


def another(said: str, tool: str, *arguments: str, tools: tuple[str, ...] = ()) -> bool:
    return other_kind(verb_of(tool), tool, arguments, Intent([plain(said)]).clauses, tools)


@pytest.mark.parametrize(
    ("said", "tool", "arguments"),
    [
        ("Call off the zoo trip", "cancel_trip", ["trip"]),
        ("Call off the zoo trip", "cancel_reservation", ["id"]),
        ("Cancel my flight to Oslo", "delete_booking", ["id"]),
        ("Cancel my dentist appointment next Tuesday", "delete_event", ["id"]),
        ("Cancel the dentist", "delete_event", ["id"]),
        ("Cancel the order of the lamp", "cancel_order", ["id"]),
        ("Cancel my newsletter", "unsubscribe", ["sender"]),
        ("Delete the mail about the trip", "remove_letter", ["id"]),
        ("Delete the trip", "purge", ["id"]),
        ("Get rid of the newsletter", "delete_email", ["id"]),
        ("The Saleh family has a new phone number, 555. Change it for Amira.", "update_contact", ["pupil", "phone"]),
        ("Move the dentist to May 20th", "move_event", ["id", "start"]),
        ("Lösch die Mail von Bob", "delete_letter", ["id"]),
        ("Annule le vol pour Oslo", "cancel_booking", ["id"]),
        ("Restart the cache", "restart_service", ["service"]),
        ("Cancel the trip, and delete Bob's letter", "delete_letter", ["id"]),
        ("Write to Bob about the trip", "send_letter", ["id"]),
    ],
)
def test_the_kind_that_was_asked_for(said: str, tool: str, arguments: list[str]) -> None:
    assert not another(said, tool, *arguments)


@pytest.mark.parametrize(
    ("said", "tool", "arguments"),
    [
        ("Call off the zoo trip", "remove_letter", ["id"]),
        ("Call off the zoo trip", "delete_note", ["path"]),
        ("Call off the zoo trip", "letters__delete", ["id"]),
        ("Cancel Bern", "remove_letter", ["id"]),
        ("Cancel my flight to Oslo", "delete_email", ["id"]),
        ("Cancel the dentist", "delete_email", ["id"]),
        ("Delete the appointment with Bob", "delete_contact", ["id"]),
        ("Delete Bob's mail", "delete_event", ["id"]),
        ("The Saleh family has a new phone number, 555. Change it for Amira.", "change_class", ["pupil", "group"]),
        ("Sag den Ausflug nach Bern ab", "delete_letter", ["id"]),
        ("Annule le vol pour Oslo", "delete_email", ["id"]),
        ("Lösch den Termin mit Bob", "delete_email", ["id"]),
    ],
)
def test_another_kind(said: str, tool: str, arguments: list[str]) -> None:
    assert another(said, tool, *arguments)


def test_a_noun_that_another_tool_has_is_a_kind() -> None:
    said = "Delete the walrus Bob"
    assert not another(said, "delete_penguin", "id")
    assert another(said, "delete_penguin", "id", tools=("list_walruses", "find_walrus", "delete_penguin"))
    assert not another(said, "delete_walrus", "id", tools=("list_walruses",))


def test_nouns_of_a_name() -> None:
    assert nouns_of("letters__delete") == {"letter"}
    assert nouns_of("deleteLetters") == {"letter"}
    assert nouns_of("id") == frozenset()


def test_what_a_tool_returned_is_named() -> None:
    said = {"read", "our", "rules", "on", "absences", "save", "short", "version", "mails", "office"}
    assert names(("open_note", "/office/rules.md"), said)
    assert names(("read_email", "m1"), said)
    assert names(("list_pupils",), said)
    assert not names(("open_note", "/office/medical.txt"), said)
    assert not names(("open_note", "/rules/medical.txt"), said)
