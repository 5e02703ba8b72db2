"""The public LLMOps Database as its authors publish it: Markdown files with front matter, in a folder or an archive."""

import re
from functools import partial
from typing import Any

from outrider.casebook.entries import Entry, source_type
from outrider.casebook.imports import Raw, hashed
from outrider.knowledge.parse import front_matter
from outrider.knowledge.parse.draft import storable
from outrider.knowledge.parse.encoding import decode
from outrider.knowledge.records import Fetched

PAGE = "https://www.zenml.io/llmops-database/"
FIRST_YEAR, LAST_YEAR = 2015, 2030
_YEAR = re.compile(r"(?<!\d)(20[12]\d)(?!\d)")
_DATE = re.compile(r"20\d\d-\d\d-\d\d")


def is_entry(fetched: Fetched) -> bool:
    """Whether a file is an entry of the set, by its front matter."""
    if not fetched.name.lower().endswith((".md", ".markdown")) or is_about(fetched):
        return False
    return re.search(rb"^(?:company|llmopsTags|industryTags)[ \t]*:", fetched.body[:20_000], re.MULTILINE) is not None


def is_about(fetched: Fetched) -> bool:
    """Whether a file of the set is none of its entries: it also has files about tags and industries, and a licence."""
    return "-tags/" in fetched.source or fetched.name.upper().startswith(("README", "LICENSE"))


def raw(name: str, body: bytes) -> Raw:
    """A file of the set, not yet read."""
    stem = name.rsplit("/", 1)[-1].removesuffix(".md")
    return Raw(stem, hashed(body), partial(read, name, body))


def read(name: str, body: bytes, retrieved: str = "") -> Entry:
    """The entry of the file `name`. What is missing or wrong in its front matter is mended and told in `faults`."""
    text = storable(decode(body)).replace("\r\n", "\n")
    fields, end = front_matter.split(text)
    faults: list[str] = []
    if front_matter.FAULT in fields:
        faults.append(f"front matter: {fields[front_matter.FAULT]}")
    elif not end:
        faults.append("front matter: there is none")
    stem = name.rsplit("/", 1)[-1].removesuffix(".md")
    slug = _line(fields.get("slug")) or stem
    if slug != stem:
        faults.append(f"slug: the file says {slug!r} and is called {stem!r}; the file's name is used")
        slug = stem
    url = _line(fields.get("link"))
    organisation = _line(fields.get("company"))
    if not organisation:
        faults.append("company: missing")
    year, fault = year_of(fields, url)
    faults += [fault] if fault else []
    body_text = text[end:]
    return Entry(
        item=slug,
        hash=hashed(body),
        title=_line(fields.get("title")) or _heading(body_text) or slug.replace("-", " "),
        organisation=organisation,
        year=year,
        industries=several(fields.get("industryTags")),
        tags=several(fields.get("llmopsTags")),
        summary=str(fields.get("summary") or "").strip(),
        body=body_text.strip(),
        url=url,
        page=PAGE + slug,
        kind=source_type(url, organisation) if url else None,
        added=_added(fields),
        retrieved=retrieved,
        faults=tuple(faults),
    )


def year_of(fields: dict[str, Any], url: str) -> tuple[int, str]:
    """The year, and what was done if the front matter does not say it."""
    raw = fields.get("year")
    found = _YEAR.search(str(raw)) if raw is not None else None
    if found and FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return int(found[1]), "" if str(raw).strip() == found[1] else f"year: read {found[1]} from {str(raw)[:40]!r}"
    told = "missing" if raw is None else f"{str(raw)[:40]!r} is none"
    if found := re.search(r"/(20[12]\d)[/-]", url):
        return int(found[1]), f"year: {told}; {found[1]} from the source's address"
    return 0, f"year: {told}"


def _added(fields: dict[str, Any]) -> str:
    """The day on which the set took the entry up."""
    for origin in ("webflow", "notion"):
        about = fields.get(origin)
        for key in ("createdOn", "createdTime", "exportedAt"):
            if isinstance(about, dict) and (found := _DATE.match(str(about.get(key, "")))):
                return found[0]
    return ""


def several(value: Any) -> tuple[str, ...]:
    """Tags, whether they come as a list, as one word or between commas or semicolons."""
    parts = value if isinstance(value, list) else re.split("[,;]", str(value or ""))
    return tuple(dict.fromkeys(t for p in parts if (t := _line(p).lower())))


def _line(value: Any) -> str:
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _heading(text: str) -> str:
    found = re.search(r"^#{1,2}[ \t]+(\S.*)$", text, re.MULTILINE)
    return found[1].strip() if found else ""
