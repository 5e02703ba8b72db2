"""E-mail."""

from email.message import EmailMessage

import pytest

from outrider.base.errors import Unreadable
from outrider.knowledge.parse import mail
from tests.knowledge.parse import made


def test_a_message() -> None:
    parsed = made.read("a.eml", made.eml())
    assert made.recall(parsed) == 1
    assert parsed.title == made.TITLE
    assert parsed.meta["from"] == "Ann Löw <ann@example.com>"
    assert parsed.meta["date"] == "2024-03-05T10:00:00+01:00"
    assert parsed.text.count(made.SECTIONS[0][1][0][:20]) == 1


def test_attachments_are_named_and_whole() -> None:
    found = list(mail.attachments(mail.read(made.eml())))
    assert [(name, media) for name, media, _ in found] == [("Größe.pdf", "application/pdf")]
    assert made.recall(made.read("a.pdf", found[0][2])) >= 0.99


def test_a_message_with_html_alone() -> None:
    message = EmailMessage()
    message["Subject"], message["From"] = "Hello", "a@example.com"
    message.set_content(made.html().decode(), subtype="html")
    parsed = made.read("a", message.as_bytes())
    assert made.recall(parsed) == 1
    assert "Größe" in parsed.text


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "koi8-r", "utf-8"])
def test_a_message_with_html_alone_is_read_by_its_charset(charset: str) -> None:
    said = "Ключ в шкафу." if charset == "koi8-r" else "Der Schlüssel liegt im Kühlschrank."
    message = EmailMessage()
    message["Subject"], message["From"] = "Hello", "a@example.com"
    message.set_content(f"<html><body><p>{said}</p></body></html>", subtype="html", charset=charset)
    assert said in made.read("a.eml", message.as_bytes()).text


def test_a_mailbox_is_read_message_by_message() -> None:
    one = b"From a@example.com Tue Mar  5 10:00:00 2024\nSubject: One\nFrom: a@example.com\n\nFirst.\n>From here on\n\n"
    box = one + one.replace(b"One", b"Two").replace(b"First", b"Second")
    assert len(mail.messages(box)) == 2
    parsed = made.read("a.mbox", box)
    assert made.headings(parsed) == ["One", "Two"]
    assert "From here on" in parsed.text


def test_broken_headers_and_encodings() -> None:
    head = b"From: =?utf-8?q?broken\nSubject: =?x-unknown?B?!!!?=\nDate: yesterday\n"
    body = head + b"Content-Type: text/plain; charset=no-such\n\nGr\xfc\xdfe an alle im Haus"
    parsed = made.read("a.eml", body)
    assert "Grüße an alle" in parsed.text
    assert "date" not in parsed.meta


def test_a_message_in_a_message() -> None:
    outer = EmailMessage()
    outer["Subject"], outer["From"] = "Forward", "b@example.com"
    outer.set_content("See below.")
    outer.add_attachment(mail.read(made.eml()))
    assert "help desk" not in made.read("a.eml", outer.as_bytes()).text
    ((name, media, inner),) = mail.attachments(mail.read(outer.as_bytes()))
    assert (name, media) == ("message.eml", "message/rfc822")
    assert made.recall(made.read(name, inner)) == 1


@pytest.mark.parametrize(
    "head",
    [
        b"Subject: " + b"=?utf-8?q?a?= " * 100_000,
        b"To: " + b'"a b" <a@b.c>, ' * 100_000,
        b"X-A: y\n" * 100_000 + b"X-B: y",
        b"Content-Type: text/plain; " + b'a="b"; ' * 100_000,
        b"Content-Disposition: attachment; filename*0=" + b'"x; ' * 100_000,
    ],
)
def test_headers_without_end_cost_nothing(head: bytes) -> None:
    parsed = made.read("a.eml", b"From: a@b.example\nMIME-Version: 1.0\n" + head + b"\n\nThe text.")
    assert parsed.text.endswith("The text.")


def test_parts_in_parts_without_end() -> None:
    part = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000))
    with pytest.raises(Unreadable):
        made.read("a.eml", b"From: a@b.example\nSubject: x\n" + part)
