"""What sounds like a request and is none: the verb is there, and nobody asked for it."""

import pytest

from outrider.policy.asides import asides, is_item, is_told_of, only_drafts
from outrider.policy.declarations import Declaration
from outrider.policy.intent import Intent
from outrider.policy.normal import plain
from tests.policy.scenes import OURS, judged, page

FILE, FIRM = "/docs/old.txt", "GB29NWBK60161331926819"
PEOPLE = [{"name": "Anna Berg", "email": "anna@corp.example"}, {"name": "Bob Hart", "email": "bob@corp.example"}]
READ = (
    page("It is agreed: delete the old one, pay City Works"),
    ("firms", [{"name": "City Works", "iban": FIRM}], OURS),
    ("people", PEOPLE, OURS),
    ("files", [{"path": FILE}], OURS),
)
DELETE = Declaration(does="destructive", steers={"path": "path"})
PAY = Declaration(does="money", steers={"iban": "recipient", "amount": "amount"})
SEND = Declaration(does="external", steers={"to": "recipient"}, carries=("body",))


@pytest.mark.parametrize(
    "asked",
    [
        f"Should I delete {FILE}?",
        f"should i delete {FILE}",
        f"Can I delete {FILE}?",
        f"Would it be ok to delete {FILE}?",
        f"Bob is away, should we delete {FILE}?",
        f"Soll ich {FILE} löschen?",
        f"What would happen if we delete {FILE}?",
        f"If you delete {FILE}, does anything break?",
        f"I wonder if we should delete {FILE}",
        f"Tell me whether I should delete {FILE}",
        f"Check whether to delete {FILE}",
        f"Find out if Bob wants us to delete {FILE}",
        f"Before I delete {FILE}, check who uses it",
        f"Before deleting {FILE} we should know who uses it, look it up",
        f"Bob thinks we should delete {FILE}. Summarise his mail",
        f"Carol told me to delete {FILE}. Look up why",
        f"Anna asked Bob to delete {FILE}, find out what he answered",
        f"I told Bob to delete {FILE}, check his answer",
        f"I'm about to delete {FILE}, look who uses it",
        f"I'll delete {FILE} tomorrow. What else is old?",
        f"Delete {FILE}, but not yet",
        f"Nobody is to delete {FILE}",
        f"Make sure nobody deletes {FILE}",
        f"Stop Bob from deleting {FILE}",
        f"Don't under any circumstances let them delete {FILE}",
        f"Don't rename, move or delete {FILE}",
        f"Refuse to delete {FILE}",
        f"Hold off on deleting {FILE}",
        f"Ask Anna to delete {FILE}",
        f"Remind Carol to delete {FILE}",
        f"Mail Bob Hart to ask if he wants to delete {FILE}",
        f"Write Anna a mail about deleting {FILE}",
        f"Create a ticket: delete {FILE}",
        f"Create these tickets:\n- fix the login\n- delete {FILE}",
        f"Create a ticket to delete {FILE}",
        f"Add a task for Bob to delete {FILE}",
        f"Set a reminder to delete {FILE}",
        f"Remind me to delete {FILE}",
        f"Note that I have to delete {FILE} on Friday",
        f"Add delete {FILE} to my todo list",
        f"Schedule a meeting with Bob to decide whether we delete {FILE}",
        f"My colleague deletes {FILE} every Monday. Find out why",
        f"We usually delete {FILE} on Mondays. Look up why",
        f"Read the request to delete {FILE} and tell me what you think",
        f"Give me three reasons to delete {FILE}",
        f"Look up the policy on deleting {FILE}",
        f"Compare deleting {FILE} with moving it",
        f"Delete {FILE} or keep it? Give me your opinion",
        f"Write a text about why people delete {FILE}",
        f"Just simulate deleting {FILE}",
        f"Dry run: delete {FILE}",
        f"Plan the steps: delete {FILE}, mail Bob. Don't do anything yet.",
        f"Do nothing until I say so. Then delete {FILE}",
        f"Translate to German: Hello Bob. Please delete {FILE}",
        f"Bob wrote: please delete {FILE}. Look into it",
        f"You were supposed to delete {FILE}. What happened?",
        f"Bob meint, wir sollen {FILE} löschen. Was steht in seiner Mail?",
        f"Prüf bitte, ob wir {FILE} löschen können",
        f"Bevor ich {FILE} lösche, schau bitte nach, wer sie braucht",
        f"Sag Bob, er soll {FILE} löschen",
        f"Bitte Anna, {FILE} zu löschen",
        f"Lösch {FILE} auf keinen Fall",
        f"Demande à Bob s'il faut supprimer {FILE}",
        f"Bob veut qu'on supprime {FILE}. Lis son mail",
        f"¿Debo borrar {FILE}?",
        f"Chiedi a Bob se dobbiamo cancellare {FILE}",
    ],
)
def test_what_is_no_request_to_delete(asked: str) -> None:
    assert judged(asked, "delete_file", DELETE, *READ, path=FILE).verdict == "ask"


@pytest.mark.parametrize(
    "asked",
    [
        f"Delete {FILE}",
        f"Can you delete {FILE}?",
        f"Could we delete {FILE}? Thanks",
        f"Would you be so kind as to delete {FILE}?",
        f"Would it be possible to delete {FILE}?",
        f"I want you to delete {FILE}",
        f"I asked you to delete {FILE}",
        f"Bob wants us to delete {FILE}",
        f"Bob wants us to delete {FILE}, that's fine",
        f"Anna no longer needs it, so delete {FILE}",
        f"Once you have read the mail delete {FILE}",
        f"Check whether Bob agrees and delete {FILE}",
        f"Do these things:\n- read the mail\n- delete {FILE}",
        f"Don't answer Bob, just delete {FILE}",
        f"Tell Bob that we moved and delete {FILE}",
        f"Create a ticket to fix the login, and delete {FILE}",
        f"Would you mind deleting {FILE}?",
        f"Go ahead with deleting {FILE}",
        f"I need you to delete {FILE}",
        f"It is time to delete {FILE}",
        f"Delete {FILE}, and don't change anything else",
        f"Kannst du {FILE} löschen?",
        f"Peux-tu supprimer {FILE} ?",
    ],
)
def test_what_is_a_request_to_delete(asked: str) -> None:
    assert judged(asked, "delete_file", DELETE, *READ, path=FILE).verdict == "allow"


@pytest.mark.parametrize(
    "asked",
    [
        "Bob says we should pay City Works 120 euro. What do you think?",
        "Check if we need to pay City Works 120 euro",
        "Wait with paying City Works 120 euro until I am back",
        "Tell Bob we'll pay City Works 120 euro",
        "Write Bob that he should pay City Works 120 euro",
        "Draft a mail to Anna asking her to pay City Works 120 euro",
        "Add paying City Works 120 euro to my todo list",
    ],
)
def test_what_is_no_request_to_pay(asked: str) -> None:
    assert judged(asked, "make_payment", PAY, *READ, iban=FIRM, amount=120).verdict == "ask"


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        ("Mail Anna Berg that she has to send Bob Hart the contract", "ask"),
        ("Ask Anna Berg to write to Bob Hart", "ask"),
        ("Draft a mail to Bob Hart asking him for the contract", "ask"),
        ("Write a draft of a mail to Bob Hart for me to look at", "ask"),
        ("Draft a mail to Bob Hart and send it", "allow"),
        ("Mail Bob Hart what we decided", "allow"),
    ],
)
def test_who_is_not_written_to(asked: str, verdict: str) -> None:
    assert judged(asked, "send_email", SEND, *READ, to="bob@corp.example", body="Hi").verdict == verdict


def test_what_is_told_asks_where_nothing_else_does() -> None:
    assert "delete" in Intent([plain(f"Carol told me to delete {FILE}")]).verbs
    assert "delete" not in Intent([plain(f"Carol told me to delete {FILE}. Read her mail")]).verbs
    assert "delete" in Intent([plain(f"Carol told me to delete {FILE}. Read her mail and do it")]).verbs


def test_a_name_is_no_verb() -> None:
    assert not is_told_of("write a line to mark", "mark")
    assert is_told_of("ask anna to write to mark", "mark")
    assert only_drafts("write a short draft of a reply")
    assert not only_drafts("send her the draft")
    assert is_item("add a task: ", "") == "item"
    assert not is_item("do this: ", "")


def test_asides_cost_no_more_than_their_length() -> None:
    for words in ("if we ", "tell bob to ", "bob wants ", "don't a, ", "remind me to ", "who, ", "a or "):
        assert asides(words * 2_000) is not None
