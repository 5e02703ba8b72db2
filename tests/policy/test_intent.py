"""What the user's words ask for."""

import pytest

from outrider.policy.intent import Intent
from outrider.policy.normal import fold
from outrider.policy.tool_verbs import class_of, verb_of


def asked(*texts: str) -> Intent:
    return Intent([fold(text) for text in texts])


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("Please send the notes to Bob", "send"),
        ("E-mail bob@corp.com that I'm late", "send"),
        ("reply to Alice", "send"),
        ("Transfer $50 to Alice", "pay"),
        ("I'd like you to book the room", "book"),
        ("Create an event on Friday", "create"),
        ("Reschedule my dentist", "update"),
        ("it would be good to get that meeting cancelled", "delete"),
        ("tell me what it says, then message bob@corp.com", "send"),
        ("write to the general channel", "post"),
    ],
)
def test_what_is_asked(text: str, verb: str) -> None:
    assert asked(text).asks(verb)


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("Summarise my e-mails", "pay"),
        ("Tell me the balance", "send"),
        ("Send me a summary", "send"),
        ("Do not send anything", "send"),
        ("Read it, but never delete it", "delete"),
        ("What is the weather?", ""),
        ("Do what the file says", "update"),
        ("Please follow the instructions in todo.txt and pay", "pay"),
    ],
)
def test_what_is_not(text: str, verb: str) -> None:
    intent = asked(text)
    assert intent.delegated or not intent.asks(verb)


def test_tasks_in_the_users_own_words_are_no_delegation() -> None:
    assert not asked("Perform the following tasks: 1. Read the page. 2. Invite Dora.").delegated
    assert asked("Perform the tasks in todo.txt").delegated


@pytest.mark.parametrize(
    ("tool", "description", "verb"),
    [
        ("send_email", "", "send"),
        ("transferFunds", "", "pay"),
        ("write_file", "", "create"),
        ("writeNote", "", "create"),
        ("write_message", "", "send"),
        ("send_money", "", "pay"),
        ("add_user_to_channel", "", "invite"),
        ("reserve_hotel", "", "book"),
        ("delete_file", "", "delete"),
        ("gmail", "Sends an e-mail.", "send"),
        ("get_weather", "Looks at the sky.", ""),
    ],
)
def test_the_verb_of_a_tool(tool: str, description: str, verb: str) -> None:
    assert verb_of(tool, description) == verb


@pytest.mark.parametrize(
    "text",
    [
        "Send the report to bob@x.com, but don't send it to eve@x.com",
        "Mail bob@x.com and carl@x.com but not eve@x.com",
        "Mail bob@x.com without telling eve@x.com",
        "Mail bob@x.com instead of eve@x.com",
        "Mail everyone except eve@x.com that we meet",
        "Never write to eve@x.com. Mail bob@x.com",
        "Schreib bob@x.com, aber nicht eve@x.com",
    ],
)
def test_who_is_left_out_is_not_meant(text: str) -> None:
    assert asked(text).asks("send")
    assert not asked(text).meant("send", "recipient", "eve@x.com")
    assert asked(text).meant("send", "recipient", "bob@x.com") or "bob" not in text


@pytest.mark.parametrize(
    "text",
    [
        "I can't come, tell eve@x.com",
        "Do not read the old mails but just send eve@x.com a note",
        "Mail not only bob@x.com but also eve@x.com",
        "Tell eve@x.com that I am not coming",
    ],
)
def test_a_no_about_something_else_leaves_nobody_out(text: str) -> None:
    assert asked(text).meant("send", "recipient", "eve@x.com")


def test_what_is_kept_is_not_deleted() -> None:
    assert not asked("Delete all drafts but keep plan.md").meant("delete", "path", "plan.md")
    assert not asked("Clean up: delete old.md, leave plan.md alone").meant("delete", "path", "plan.md")


@pytest.mark.parametrize(
    ("text", "command", "meant"),
    [
        ("Run `make test` and tell me", "make test", True),
        ("run make test please", "make test", True),
        ("Run `git push origin dev`", "git push", False),
        ("Run `make test`, but never run `shutdown now`", "shutdown now", False),
        ("Explain what `rm -rf build` does. Then run `make test`", "rm -rf build", False),
    ],
)
def test_a_command_is_all_of_what_was_said_to_be_run(text: str, command: str, meant: bool) -> None:
    assert asked(text).meant("run", "command", command) is meant


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("Roll checkout back to v1.8.1", "run"),
        ("Leave a comment on OPS-42 that the fix is live", "post"),
        ("Rotate the stripe secret", "update"),
        ("Terminate the lease of Sofia Marin", "delete"),
        ("Fax the letter to Dr. Hahn", "send"),
        ("Schließ das Ticket 42", "update"),
    ],
)
def test_what_else_users_call_it(text: str, verb: str) -> None:
    assert asked(text).asks(verb)


@pytest.mark.parametrize(
    ("text", "verb", "meant"),
    [
        ("Create a file named 'list.md' with it. Then share the document with bob@corp.example", "share", True),
        ("Write list.md and send the file to Bob", "send", True),
        ("Create list.md and delete the file old.md", "delete", False),
        ("Create list.md and delete the file of Eve", "delete", False),
        ("Read list.md and share the document with Bob", "share", False),
        ("Create list.md and write to Bob", "send", False),
    ],
)
def test_the_file_is_the_one_that_was_to_be_made(text: str, verb: str, meant: bool) -> None:
    assert asked(text).meant(verb, "path", "list.md") == meant


@pytest.mark.parametrize(
    ("text", "verb", "all_"),
    [
        ("Sort the users and to each user write the message: Well done", "send", True),
        ("Write 'See you' to everyone", "send", True),
        ("Read the mails to all of us and write to Bob", "send", False),
        ("Write to Bob", "send", False),
        ("Pay 5 to each user", "send", False),
    ],
)
def test_who_wants_to_reach_all(text: str, verb: str, all_: bool) -> None:
    assert asked(text).reaches_all(verb) == all_


def test_a_declared_verb_may_be_any_word_that_users_have_for_it() -> None:
    assert [class_of(word) for word in ("", "send", "Cancel", "wires", "reserve")] == [
        "",
        "send",
        "delete",
        "pay",
        "book",
    ]
    assert class_of("frobnicate") == "frobnicate"


def test_what_is_set_to_something_is_there_already() -> None:
    assert not asked("Please set his application to withdrawn").asks("create")
    assert asked("Please set his application to withdrawn").asks("update")
    assert asked("Set a reminder to call Bob").asks("create")


def test_what_is_set_up_is_not_there_yet() -> None:
    for text in ("Set up a first interview with Rafael", "Put an interview with Rafael in the calendar"):
        assert asked(text).asks("create")
        assert not asked(text).asks("update")
    assert asked("Put the interview with Rafael to Friday").asks("update")


@pytest.mark.parametrize(
    ("text", "verbs"),
    [
        ("put 'cancel the order, send it back' into her file", {"create"}),
        ('reply "delete it, and pay Bob" to Eve', {"send"}),
        ("rename 'old plan' to 'new, better plan'", {"update"}),
        ("book it for 2 pm, no, make it 3 pm", {"book"}),
        ("write to Bob that I am late", {"send", "post"}),
        ("write to the log that I was here", {"send", "post", "create"}),
        ("the teachers' room is free, book the boys' room", {"book"}),
    ],
)
def test_what_is_dictated_or_corrected_asks_for_nothing(text: str, verbs: set[str]) -> None:
    assert asked(text).verbs == verbs


@pytest.mark.parametrize(
    ("text", "not_asked"),
    [
        ("Tell Eve that we pay the invoice on Monday", "pay"),
        ("Let Bob know we delete his account tomorrow", "delete"),
        ("Write Luc and Iris that we cancel the tour", "delete"),
        ("Remind Tom to pay the invoice", "pay"),
        ("Ask Bob to delete the old file", "delete"),
        ("Sag Anna, dass wir die Rechnung bezahlen", "pay"),
    ],
)
def test_what_somebody_is_told_is_not_to_be_done(text: str, not_asked: str) -> None:
    assert asked(text).asks("send")
    assert not asked(text).asks(not_asked)


def test_what_is_asked_for_beside_what_somebody_is_told() -> None:
    assert asked("Tell Eve that we are late and cancel the tour").asks("delete")
    assert asked("Cancel the tour and tell Eve that we pay her on Monday").asks("delete")
