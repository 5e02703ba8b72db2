"""Which value of a choice the user meant."""

import pytest

from outrider.policy.choices import by_way, meant, picked
from outrider.policy.clauses import clauses
from outrider.policy.normal import plain
from outrider.policy.origins import Origin, Traced


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("Turn Viktor down and send him a kind mail", "rejected"),
        ("Set his application to withdrawn", "withdrawn"),
        ("Close the ticket, it works again", "closed"),
        ("mark it as done", "done"),
        ("mark it in progress", "in_progress"),
        ("Approve Anna's leave", "approved"),
        ("Cancel the order", "cancelled"),
        ("Put it on the careers page", "careers page"),
        ("Post the job on LinkedIn", "LinkedIn"),
        ("text the patients", "sms"),
        ("Share it with Bob, he may change it", "editor"),
        ("Share it with Bob", "viewer"),
        ("Schalte den Kurs frei, veröffentliche ihn", "published"),
        ("Rechaza la solicitud de Ana", "rejected"),
    ],
)
def test_the_users_own_value(said: str, value: str) -> None:
    assert picked(value, "update", clauses(plain(said)))


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("Turn Viktor down and send him a kind mail", "hired"),
        ("Turn Viktor down", "offer"),
        ("I'm off to the airport", "offer"),
        ("Post the job on LinkedIn", "Indeed"),
        ("Close the ticket", "open"),
        ("Approve the leave", "rejected"),
        ("We cannot hire him", "hired"),
        ("Share it with Bob", "editor"),
        ("Share it with Bob", "owner"),
        ("Move it", "draft"),
        ("Close it", ""),
        ("Close it", "closed " * 20),
    ],
)
def test_another_value(said: str, value: str) -> None:
    assert not picked(value, "update", clauses(plain(said)))


def test_what_is_made_may_begin_as_a_draft() -> None:
    assert picked("draft", "create", clauses("make an offer"))


@pytest.mark.parametrize(
    ("argument", "origin", "kind", "after"),
    [
        ("stage", Origin.UNTRUSTED, "other", Origin.UNTRUSTED),
        ("stage", Origin.LINKED, "other", Origin.MADE_UP),
        ("shift", Origin.LINKED, "choice", Origin.LINKED),
        ("shift", Origin.TRUSTED, "other", Origin.MADE_UP),
        ("stage", Origin.USER, "choice", Origin.USER),
        ("priority", Origin.MADE_UP, "choice", Origin.MADE_UP),
    ],
)
def test_what_nobody_said_is_the_models_choice(argument: str, origin: Origin, kind: str, after: Origin) -> None:
    found = meant(Traced(argument, "hired", "choice", origin), "update", clauses("turn viktor down"))
    assert (found.kind, found.origin) == (kind, after)
    found = meant(Traced(argument, "rejected", "choice", Origin.UNTRUSTED), "update", clauses("turn viktor down"))
    assert found.origin == (Origin.UNTRUSTED if argument == "priority" else Origin.USER)


def test_what_a_note_is_to_say_sets_no_state() -> None:
    told = clauses(plain("Add a note to ticket t-1 that I am done for today"))
    assert not picked("closed", "update", told)
    assert not picked("resolved", "update", told)
    assert picked("closed", "update", clauses(plain("Close ticket t-1 with a note that I am away")))


@pytest.mark.parametrize(
    ("said", "public"),
    [
        ("Tell Ann on ticket t-1 that it is fixed", True),
        ("Write a comment on ticket t-1 for the team that she is rude", False),
        ("Write to ticket t-1 for us only that she is rude", False),
        ("Write a comment on ticket t-1 that she is rude", False),
    ],
)
def test_a_comment_is_public_where_somebody_is_answered(said: str, public: bool) -> None:
    given = by_way(Traced("public", "true", "choice", Origin.MADE_UP), clauses(plain(said)))
    assert (given.origin == Origin.USER) is public
