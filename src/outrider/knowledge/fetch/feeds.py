"""Lists of pages: feeds (RSS, Atom) and sitemaps."""

import calendar
import io
from typing import Any

import msgspec

from outrider.knowledge.parse import xml
from outrider.knowledge.parse.draft import line, storable
from outrider.knowledge.records import Fetched

LARGEST = 20_000_000
_ROOTS = {"rss": "feed", "feed": "feed", "rdf": "feed", "urlset": "pages", "sitemapindex": "sitemaps"}


class Entry(msgspec.Struct, frozen=True):
    """A page that a list names. `content` is what the feed itself has of it (HTML), `when` (ns) its date."""

    link: str
    title: str = ""
    content: str = ""
    when: int = 0


def kind(fetched: Fetched) -> str:
    """`feed`, `pages` (a sitemap), `sitemaps` (a list of those), or "" for a document."""
    head = fetched.body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith(b"<") or len(fetched.body) > LARGEST:
        return ""
    for root, found in _ROOTS.items():
        if f"<{root}".encode() in head.lower() and not head.lower().startswith((b"<!doctype html", b"<html")):
            return found
    return ""


def entries(fetched: Fetched) -> list[Entry]:
    """The pages of a feed, as it lists them."""
    import feedparser

    feed: Any = feedparser.parse(io.BytesIO(fetched.body), response_headers={"content-type": "application/xml"})
    found = []
    for entry in feed.entries:
        link = str(entry.get("link") or "")
        content = max((str(c.get("value") or "") for c in entry.get("content", ())), key=len, default="")
        moment = entry.get("updated_parsed") or entry.get("published_parsed")
        when = calendar.timegm(moment) * 1_000_000_000 if moment else 0
        if link.startswith(("http://", "https://")):
            found.append(
                Entry(
                    link,
                    line(storable(str(entry.get("title") or ""))),
                    content or str(entry.get("summary") or ""),
                    max(when, 0),
                )
            )
    return found


def locations(fetched: Fetched) -> list[str]:
    """The URLs of a sitemap, or of the sitemaps in a list of them."""
    root = xml.tree(fetched.body)
    found = (line(e.text or "") for e in root.iter() if isinstance(e.tag, str) and e.tag.rpartition("}")[2] == "loc")
    return list(dict.fromkeys(url for url in found if url.startswith(("http://", "https://"))))
