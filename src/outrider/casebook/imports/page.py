"""One document as an entry: a file of any format that knowledge reads, or what was fetched from an address."""

from functools import partial

from outrider.base.errors import Unreadable
from outrider.casebook.entries import Entry, source_type
from outrider.casebook.imports import Raw, hashed
from outrider.casebook.imports.table import slug
from outrider.knowledge.records import Fetched, Parsed


def of(fetched: Fetched) -> Raw:
    """What was fetched; its source is its address."""
    hash_ = hashed(fetched.body)
    return Raw(_name(fetched.source), hash_, partial(_entry, fetched, hash_))


def _entry(fetched: Fetched, hash_: str) -> Entry:
    from outrider.knowledge.parse import parse

    parsed = parse(fetched)
    if not parsed.text.strip():
        raise Unreadable(f"{fetched.name or fetched.source} has no text")
    return entry_of(parsed, fetched.source, hash_)


def entry_of(parsed: Parsed, source: str, hash_: str) -> Entry:
    """A parsed document as an entry. What it says of itself (front matter, page headers) names it."""
    meta = parsed.meta
    url = source if source.startswith(("http://", "https://")) else ""
    organisation = str(
        meta.get("company") or meta.get("organisation") or meta.get("site") or meta.get("sitename") or ""
    )
    title = parsed.title or parsed.text.strip().splitlines()[0].lstrip("# ")[:120]
    body = parsed.text.strip()
    if body.startswith(f"# {title}"):
        body = body[len(title) + 2 :].lstrip()
    year = str(meta.get("year") or meta.get("date") or "")[:4]
    return Entry(
        item=_name(source),
        hash=hash_,
        title=title,
        organisation=" ".join(organisation.split()),
        year=int(year) if year.isdigit() and 2015 <= int(year) <= 2030 else 0,
        body=body,
        url=url or source,
        kind=source_type(url, organisation) if url else "article",
        faults=() if organisation else ("organisation: the document does not name it",),
    )


def _name(source: str) -> str:
    """An address without its scheme; a file by its name, wherever it lies."""
    return slug(source.partition("://")[2] if "://" in source else source.rsplit("/", 1)[-1])
