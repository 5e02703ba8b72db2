"""Lists of pages: feeds (RSS, Atom) and sitemaps."""

import calendar
import io
from typing import Any

import msgspec

from outrider.knowledge.parse import xml
from outrider.knowledge.parse.draft import line, storable
from outrider.knowledge.records import Fetched

LARGEST = 20_000_000
WEB = ("http://", "https://")
_ROOTS = {"rss": "feed", "feed": "feed", "rdf": "feed", "urlset": "pages", "sitemapindex": "sitemaps"}


class Entry(msgspec.Struct, frozen=True):
    """A page that a list names. `content` is what the feed itself has of it (HTML), `when` (ns) its date. `link` is ""
    where it names none; `name` tells such an entry from others."""

    link: str
    title: str = ""
    content: str = ""
    when: int = 0
    name: str = ""


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

    base = str(fetched.meta.get("url") or fetched.source)  # what links without a host are seen from
    headers = {"content-type": "application/xml", "content-location": base}
    feed: Any = feedparser.parse(io.BytesIO(fetched.body), response_headers=headers)
    found = []
    for number, entry in enumerate(feed.entries, 1):
        link = str(entry.get("link") or "")
        content = max((str(c.get("value") or "") for c in entry.get("content", ())), key=len, default="")
        moment = entry.get("updated_parsed") or entry.get("published_parsed")
        when = calendar.timegm(moment) * 1_000_000_000 if moment else 0
        name = line(storable(str(entry.get("id") or number)))[:200]
        if link == str(entry.get("id")) and not link.startswith(WEB):
            link = ""  # a name that is no address
        title = line(storable(str(entry.get("title") or "")))
        found.append(Entry(link, title, content or str(entry.get("summary") or ""), max(when, 0), name))
    return list({entry.link or entry.name: entry for entry in reversed(found)}.values())[::-1]


def locations(fetched: Fetched) -> list[str]:
    """The URLs of a sitemap, or of the sitemaps in a list of them."""
    root = xml.tree(fetched.body)
    found = (line(e.text or "") for e in root.iter() if isinstance(e.tag, str) and e.tag.rpartition("}")[2] == "loc")
    return list(dict.fromkeys(url for url in found if url.startswith(WEB)))
