"""What is not declared is taken to be the worst."""

import pytest

from outrider.policy.declarations import UNDECLARED, Declaration, declared, guess_kind, words_of


def test_undeclared_is_the_worst() -> None:
    assert (UNDECLARED.trust, UNDECLARED.privacy, UNDECLARED.does) == ("untrusted", "private", "external")
    assert UNDECLARED.kind("anything") == "other"


@pytest.mark.parametrize(
    ("argument", "kind"),
    [
        ("recipient", "recipient"),
        ("to", "recipient"),
        ("user_email", "recipient"),
        ("webhookUrl", "url"),
        ("amount", "amount"),
        ("file_path", "path"),
        ("email_id", "id"),
        ("eventId", "id"),
        ("start_time", "date"),
        ("sql", "command"),
        ("query", "query"),
        ("colour", "other"),
        ("start_index", "other"),
        ("endRow", "other"),
        ("duration", "other"),
        ("duration_minutes", "other"),
        ("start_date", "date"),
        ("urls", "url"),
        ("paths", "path"),
        ("files", "path"),
        ("assignees", "recipient"),
        ("reviewers", "recipient"),
        ("email_addresses", "recipient"),
        ("commands", "command"),
        ("status", "other"),
    ],
)
def test_kinds_by_name(argument: str, kind: str) -> None:
    assert guess_kind(argument) == kind


def test_a_declaration_says_what_steers() -> None:
    made = declared({"does": "money", "steers": {"to": "recipient"}, "carries": ["note"]}, "pay")
    assert made == Declaration(does="money", steers={"to": "recipient"}, carries=("note",))
    assert (made.kind("to"), made.kind("note"), made.kind("colour")) == ("recipient", None, None)


@pytest.mark.parametrize(
    ("argument", "kind"),
    [
        ("bcc", "recipient"),
        ("reply_to", "recipient"),
        ("attachments", "path"),
        ("webhook", "url"),
        ("from_account", "recipient"),
        ("amount", None),
        ("colour", None),
        ("subject", None),
    ],
)
def test_what_the_labels_leave_out_steers_where_its_name_says_so(argument: str, kind: str | None) -> None:
    labels = Declaration(does="external", steers={"to": "recipient"}, carries=("body", "channel"))
    assert labels.kind(argument) == kind
    assert labels.said(argument) is None
    assert (labels.kind("channel"), labels.kind("to")) == (None, "recipient")
    assert Declaration(does="money", steers={"to": "recipient"}).kind("amount") == "amount"
    assert Declaration(does="none", steers={}).kind(argument) is None


def test_a_wrong_declaration_is_told() -> None:
    with pytest.raises(ValueError, match=r"labels of the tool 'pay'.*does"):
        declared({"does": "magic"}, "pay")


def test_words() -> None:
    assert [words_of(n) for n in ("sendMoney", "send_money", "HTTPGet2")] == [
        ["send", "money"],
        ["send", "money"],
        ["http", "get", "2"],
    ]
