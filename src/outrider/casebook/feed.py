"""RSS of the Casebook: the newest cases, what a query finds, or the weekly delta of a saved search. Readers take a
description for HTML, so that text is escaped twice: for them, and for XML.
"""

import html
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

import msgspec

from outrider.casebook.find import Cases, Page
from outrider.casebook.saved import Change, Delta

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Item(msgspec.Struct, frozen=True):
    """`at` is ns; `guid` stays the same for the same news."""

    title: str
    url: str
    text: str
    guid: str
    at: int


def of_page(page: Page, cases: Cases, base: str) -> list[Item]:
    """The cases of a page of results."""
    items = []
    for hit in page.hits:
        case = cases.get(hit.id)
        items.append(
            Item(case.title, f"{base}/casebook/{case.id}", case.what_it_does, f"{case.id}@{case.number}", case.since)
        )
    return items


def of_delta(delta: Delta, base: str) -> list[Item]:
    """What changed for a saved search."""
    said = {"came": "New", "changed": "Changed", "went": "Gone"}
    return [
        Item(f"{said[c.what]}: {c.title}", f"{base}/casebook/{c.case}", "", _news(c, delta.since), c.at)
        for c in delta.changes
    ]


def _news(change: Change, since: int) -> str:
    """What an item is called: the same whenever somebody looks. What came in a week, came once."""
    return f"{change.case}@{change.what}@{change.at if change.what == 'changed' else since}"


def rss(title: str, link: str, about: str, items: list[Item], address: str = "") -> bytes:
    """RSS 2.0: about `link`, to be had at `address`."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>',
        f"<title>{_text(title)}</title><link>{_text(link)}</link><description>{_text(about)}</description>",
        f'<atom:link href={quoteattr(_clean(address or link))} rel="self" type="application/rss+xml"/>',
    ]
    for item in items:
        when = format_datetime(datetime.fromtimestamp(item.at / 1e9, UTC))
        parts.append(
            f"<item><title>{_text(item.title)}</title><link>{_text(item.url)}</link>"
            f'<guid isPermaLink="false">{_text(item.guid)}</guid><pubDate>{when}</pubDate>'
            f"<description>{_text(html.escape(item.text, quote=False))}</description></item>"
        )
    return "".join([*parts, "</channel></rss>"]).encode()


def _text(text: str) -> str:
    return escape(_clean(text))


def _clean(text: str) -> str:
    """Without characters that XML cannot hold."""
    return _NOT_XML.sub(" ", text)
