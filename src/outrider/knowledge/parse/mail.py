"""E-mail (EML, mbox): who wrote what to whom and when. Attachments are documents of their own: see `fetch.opened`."""

import email
import itertools
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any

from outrider.knowledge.parse import html
from outrider.knowledge.parse.draft import Draft, line, storable
from outrider.knowledge.parse.encoding import decode
from outrider.knowledge.parse.plain import LINK, paragraphs
from outrider.knowledge.records import Fetched, Parsed

_FROM = re.compile(rb"^From \S[^\n]*\n(?=[\w-]+:)", re.MULTILINE)
_HEADERS = ("From", "To", "Cc", "Date")
MESSAGES, PARTS, HEADER = 20_000, 500, 20_000
"""How many are read of a mailbox, and of a message; characters that a header may have."""


def parse(fetched: Fetched) -> Parsed:
    draft = Draft()
    found = [read(body) for body in messages(fetched.body)]
    for message in found:
        _write(draft, message)
    meta = _meta(found[0]) if len(found) == 1 else {"messages": len(found)}
    title = header(found[0], "Subject") if len(found) == 1 else ""
    return draft.parsed(title=title, media="message/rfc822" if len(found) == 1 else "application/mbox", meta=meta)


def messages(body: bytes) -> list[bytes]:
    """The messages of a mailbox; a single message is itself."""
    starts = [m.start() for m in _FROM.finditer(body)]
    if not starts or body[: starts[0]].strip():
        return [body]
    ends = [*starts[1:], len(body)]
    return [
        _FROM.sub(b"", body[a:b], count=1).replace(b"\n>From ", b"\nFrom ") for a, b in zip(starts, ends, strict=True)
    ][:MESSAGES]


def read(body: bytes) -> Message:
    """A message; headers that are too long to be real are taken away, since reading them takes long."""
    message = email.message_from_bytes(body.lstrip())
    for part in itertools.islice(message.walk(), PARTS):
        for name in {name for name, value in part.raw_items() if len(str(value)) > HEADER}:
            del part[name]
    return message


def header(message: Message, name: str) -> str:
    """A header's words, decoded; what is broken in it as it stands."""
    raw = str(message.get(name, ""))
    try:
        return line(storable(str(make_header(decode_header(raw)))))
    except (ValueError, LookupError, TypeError, HeaderParseError):
        return line(storable(raw))


def attachments(message: Message) -> Iterator[tuple[str, str, bytes]]:
    """(name, media type, bytes) of what is attached, also of messages inside."""
    for part in _parts(message):
        if not _is_attached(part):
            continue
        inner = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(inner, list):
            yield from (("message.eml", "message/rfc822", m.as_bytes()) for m in inner[:1] if isinstance(m, Message))
            continue
        name = _file_name(part) or f"part.{part.get_content_subtype()}"
        if body := payload(part):
            yield name.replace("\\", "/").rpartition("/")[2], part.get_content_type(), body


def _file_name(part: Message) -> str:
    try:
        raw = str(part.get_filename() or "")
        return line(storable(str(make_header(decode_header(raw)))))
    except (ValueError, LookupError, TypeError, HeaderParseError):
        return ""


def payload(part: Message) -> bytes:
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AssertionError):
        return b""
    return found if isinstance(found, bytes) else b""


def _parts(message: Message) -> Iterator[Message]:
    """Parts of this message, not of messages that are attached to it."""
    waiting, given = [message], 0
    while waiting and given < PARTS:
        part = waiting.pop(0)
        inner = part.get_payload()
        if isinstance(inner, list) and part.get_content_maintype() == "multipart":
            waiting = [p for p in inner if isinstance(p, Message)] + waiting
            continue
        given += 1
        yield part


def _is_attached(part: Message) -> bool:
    return bool(
        part.get_content_disposition() == "attachment"
        or part.get_filename()
        or part.get_content_type() == "message/rfc822"
        or part.get_content_maintype() not in ("text", "multipart", "message")
    )


def _meta(message: Message) -> dict[str, Any]:
    meta = {name.lower(): header(message, name) for name in ("From", "To", "Cc", "Message-ID", "In-Reply-To")}
    try:
        meta["date"] = parsedate_to_datetime(header(message, "Date")).isoformat()
    except (ValueError, TypeError, OverflowError, IndexError):
        pass
    return {name: value for name, value in meta.items() if value}


def _write(draft: Draft, message: Message) -> None:
    draft.add("heading", header(message, "Subject"), level=1)
    draft.add("text", "\n".join(f"{name}: {told}" for name in _HEADERS if (told := header(message, name))))
    shown = [part for part in _parts(message) if not _is_attached(part)]
    texts = [_text(part) for part in shown if part.get_content_type() != "text/html"]
    marked = [part for part in shown if part.get_content_type() == "text/html"]
    if any(text.strip() for text in texts):
        for text in texts:
            draft.links += LINK.findall(text)
            for block in paragraphs(text):
                draft.add("text", text[block.start : block.end])
        return
    for part in marked:
        page = html.plain(payload(part), f"text/html; charset={part.get_content_charset() or ''}").parsed()
        draft.links += page.links
        for block in page.blocks:
            draft.add(block.kind, page.text[block.start : block.end], level=block.level)


def _text(part: Message) -> str:
    return decode(payload(part), part.get_content_charset() or "")
