"""Documents behind a URL: a page, the pages of a feed, the pages of a sitemap."""

from collections.abc import Iterator, Mapping

from outrider.base.errors import Unreadable
from outrider.knowledge.fetch import feeds
from outrider.knowledge.fetch.archives import opened
from outrider.knowledge.fetch.options import Options, Unchanged, missed
from outrider.knowledge.fetch.web import Gone, Web, without_password
from outrider.knowledge.records import Fetched, Missed

Got = Fetched | Missed | Unchanged


def pages(url: str, options: Options) -> Iterator[Got]:
    """The page behind it, or all pages that a feed or sitemap names."""
    with Web(options) as web:
        found = _got(web, url)
        if not isinstance(found, Fetched):
            yield found
            return
        listed = feeds.kind(found)
        try:
            if not listed:
                yield from opened(found, options)
                return
            names_some = False
            for page in _listed(web, found, listed, options):
                names_some = True
                yield page
            if not names_some:
                yield missed(url, "It is a list of pages, and names none.")
        except Unreadable as fault:
            yield missed(url, fault.message)


def _got(web: Web, url: str) -> Got:
    try:
        return web.get(url)
    except Gone as fault:
        return missed(url, fault.message, gone=True)
    except Unreadable as fault:
        return missed(without_password(url), fault.message)


def _listed(web: Web, found: Fetched, listed: str, options: Options) -> Iterator[Got]:
    if listed == "feed":
        return _entries(web, feeds.entries(found)[: options.pages], found.source, options)
    return _mapped(web, found, listed, options)


def _entries(web: Web, found: list[feeds.Entry], feed: str, options: Options) -> Iterator[Got]:
    """The page of each entry; what the feed has of it where the page cannot be had, or there is none."""
    for entry in found:
        said: Mapping[str, str] = {"title": entry.title, "feed": feed}
        if not entry.link:
            yield _without_page(entry, feed, said)
            continue
        if not entry.link.startswith(feeds.WEB):
            yield missed(entry.link[:1000], "The feed names this, which is no page of the web.")
            continue
        page = _got(web, entry.link)
        if isinstance(page, Fetched):
            page.meta = {**said, **page.meta}
            page.when = page.when or entry.when
            yield from opened(page, options)
        elif isinstance(page, Missed) and len(entry.content) > 200:
            yield Fetched(
                entry.link, entry.title or entry.link, "text/html", entry.content.encode(), entry.when, {**said}
            )
        else:
            yield page


def _without_page(entry: feeds.Entry, feed: str, said: Mapping[str, str]) -> Got:
    source = f"{feed}#{entry.name}"
    if not entry.content.strip():
        return missed(source, f"The entry {entry.title[:80]!r} names no page and says nothing itself.")
    return Fetched(source, entry.title or entry.name, "text/html", entry.content.encode(), entry.when, {**said})


def _mapped(web: Web, found: Fetched, listed: str, options: Options) -> Iterator[Got]:
    left = options.pages
    sitemaps: list[Got] = [found]
    if listed == "sitemaps":
        sitemaps = [_got(web, url) for url in feeds.locations(found)[:50]]
    for sitemap in sitemaps:
        if not isinstance(sitemap, Fetched):
            yield sitemap
            continue
        for url in feeds.locations(sitemap)[:left]:
            left -= 1
            page = _got(web, url)
            yield from opened(page, options) if isinstance(page, Fetched) else (page,)
