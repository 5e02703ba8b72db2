"""An entry of a set that is imported, as it was read and before anything was made of it."""

from typing import Any

import msgspec

from outrider.casebook.records import SourceType

_VENDORS = ("openai.com", "anthropic.com", "aws.amazon.com", "cloud.google.com", "databricks.com", "langchain.com")


class Entry(msgspec.Struct, omit_defaults=True):
    """`item` names it in its set for ever, `hash` says whether it changed. `tags` and `industries` are what the set
    says of it, in its words; `results` figures it gives as data. `url` is where the case was told first, `page` where
    the set has it. `kind` says what `url` is. `year` 0: not given. `faults` are what was wrong with it and mended."""

    item: str
    hash: str
    title: str
    organisation: str = ""
    system: str = ""
    year: int = 0
    industries: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    summary: str = ""
    body: str = ""
    results: tuple[dict[str, Any], ...] = ()
    lesson: str = ""
    url: str = ""
    page: str = ""
    kind: SourceType | None = None
    added: str = ""
    retrieved: str = ""
    faults: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        """Title and summary, as the text begins."""
        return "\n\n".join(part for part in (f"# {self.title}" if self.title else "", self.summary) if part)

    @property
    def text(self) -> str:
        """What evidence is found in: title, summary, body. Fields of the front matter are no evidence."""
        return "\n\n".join(part for part in (self.head, self.body.strip("\n").rstrip()) if part)


def source_type(url: str, organisation: str = "") -> SourceType:
    """What kind of source an address is: a talk, a paper, the organisation's own page, a vendor's, an article."""
    host, _, path = url.lower().removeprefix("https://").removeprefix("http://").removeprefix("www.").partition("/")
    if host in ("youtube.com", "youtu.be", "vimeo.com", "infoq.com") or "/presentations/" in path or "talk" in path:
        return "talk"
    if host in ("arxiv.org", "dl.acm.org", "aclanthology.org", "openreview.net") or path.endswith(".pdf"):
        return "paper"
    name = "".join(c for c in organisation.lower() if c.isalnum())
    flat = "".join(c for c in f"{host}/{path}" if c.isalnum())
    if name and len(name) > 2 and name in flat and not host.endswith(_VENDORS):
        return "customer"
    if name and name in "".join(c for c in host if c.isalnum()):
        return "vendor"
    if host.endswith(_VENDORS):
        return "vendor"
    return "article"
