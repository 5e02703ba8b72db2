"""Documents from where they are: files, folders, archives, mailboxes, URLs, feeds, sitemaps."""

from collections.abc import Iterator
from pathlib import Path

from outrider.knowledge.fetch import files
from outrider.knowledge.fetch.archives import opened
from outrider.knowledge.fetch.options import Options, Unchanged, missed
from outrider.knowledge.records import Fetched, Missed

__all__ = ["Options", "Unchanged", "fetch", "opened"]

Got = Fetched | Missed | Unchanged


def fetch(source: str, options: Options | None = None) -> Iterator[Got]:
    """Everything that `source` holds: a path of a file or folder, or a URL of a page, a feed or a sitemap. What cannot
    be had is `Missed`, with its reason, and the others go on. Archives and mail are opened."""
    options = options or Options()
    if source.startswith(("http://", "https://")):
        from outrider.knowledge.fetch import urls  # with the library that speaks HTTP: files do without it

        yield from urls.pages(source, options)
    elif "://" in source[:20]:
        yield missed(source, "Only http and https are fetched. Name a file, a folder or a URL of the web.")
    elif (what := files.exists(source)) == "folder":
        for inner, path in files.files(source, options):
            yield from _file(files.read(inner, path, options), options)
    elif what == "file":
        yield from _file(files.read(source, Path(source), options), options)
    else:
        # Where its folder is gone too, a disk may be missing rather than a document.
        gone = files.exists(str(Path(source).parent)) == "folder"
        yield missed(source, "There is no such file or folder. Look at its name.", gone)


def _file(found: Fetched | Missed, options: Options) -> Iterator[Got]:
    if isinstance(found, Missed):
        yield found
    else:
        yield from opened(found, options)
