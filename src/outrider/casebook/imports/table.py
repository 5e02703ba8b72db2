"""Entries in rows: CSV, TSV, and JSON by lines. Columns are known by the names that such sets use."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from outrider.base.errors import Unreadable
from outrider.casebook.entries import Entry, source_type
from outrider.casebook.export import CLAIMS, claims_of
from outrider.casebook.imports import Raw, hashed
from outrider.casebook.imports.zenml import PAGE, several, year_of
from outrider.knowledge.parse.draft import storable
from outrider.knowledge.parse.encoding import decode
from outrider.knowledge.records import Fetched

NAMES = (".csv", ".tsv", ".jsonl", ".ndjson")
_COLUMNS = {
    "item": ("id", "slug", "item"),
    "title": ("title", "name"),
    "organisation": ("organisation", "organization", "company"),
    "system": ("system", "product"),
    "summary": ("summary", "short_summary", "abstract", "what_it_does", "description"),
    "body": ("body", "full_summary", "text", "content", "markdown"),
    "url": ("source_url", "link", "url"),
    "year": ("year", "date"),
    "lesson": ("lesson", "lessons"),
    "added": ("created_at", "added"),
}
_TAGS = (
    "tags",
    "techniques",
    "applications",
    "tools",
    "llmopsTags",
    "application_tags",
    "tools_tags",
    "extra_tags",
    "techniques_tags",
)
_OURS = {"id", "number", "title", "origin"}
"""Columns of our own exports."""
_NO = "unsupported"
_USUAL, _LONGEST = 120, 300
"""Characters of an entry's name; the ids of our own exports stay."""
_INDUSTRIES = ("industry", "industries", "industryTags")


def entries(fetched: Fetched) -> Iterator[Raw]:
    """Rows of a file. Raises Unreadable for a broken file or columns that cannot be an entry."""
    text = storable(decode(fetched.body))
    for place, row in enumerate(_rows(fetched.name, text), 1):
        yield raw(row, f"{fetched.name}, row {place}")


def raw(row: Mapping[str, Any] | str, where: str) -> Raw:
    """An entry that is a row. One that is no JSON (text) is unreadable for itself."""
    if isinstance(row, str):
        return Raw(where, hashed(row.encode()), partial(_unreadable, where, row))
    body = json.dumps(row, sort_keys=True, default=str).encode()
    if row.keys() >= _OURS:
        row = _exported(row)
    item = slug(_first(row, "item") or _first(row, "title") or where, _LONGEST if row.get("origin") else _USUAL)
    return Raw(item, hashed(body), partial(_entry, row, item, hashed(body), where))


def slug(text: str, most: int = _USUAL) -> str:
    """A name for addresses: small letters, digits, hyphens."""
    return "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split())[:most].strip("-") or "entry"


def _exported(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A case as we export it, as an entry: its tags that a passage supports, and as its text the passages that the file
    has (JSON lines alone do). The texts themselves are not in an export."""
    told = dict(row)
    quotes: dict[str, None] = {}
    for name in CLAIMS:
        claims = claims_of(row, name)
        for one in claims:
            quotes |= dict.fromkeys(e["quote"] for e in one.get("evidence", ()) if isinstance(e.get("quote"), str))
        if claims:
            shown = (one.get("value") for one in claims if one.get("status", _NO) != _NO)
            told[name] = [value for value in shown if isinstance(value, str)]
    sources = [one.get("url", "") for one in told.get("sources") or () if isinstance(one, dict)]
    urls = told.get("urls")
    sources += urls if isinstance(urls, list) else str(urls or "").split("; ")
    told["url"] = next((url for url in sources if url), "")
    told["body"] = "\n\n".join(quotes)
    told["lesson"] = told["lessons"] = ""
    return told


def _rows(name: str, text: str) -> Iterator[Mapping[str, Any] | str]:
    if name.lower().endswith((".jsonl", ".ndjson")):
        for line in text.splitlines():
            if line.strip():
                yield _json(line)
        return
    dialect = csv.excel_tab if name.lower().endswith(".tsv") else csv.excel
    csv.field_size_limit(10_000_000)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), dialect=dialect)
        names = set(reader.fieldnames or ())
        if not names & set(_COLUMNS["title"]):
            told = ", ".join(sorted(names)[:12]) or "none"
            raise Unreadable(f"{name} has no column `title` (or `name`); its columns are: {told}")
        yield from ({k: v for k, v in row.items() if k is not None} for row in reader)
    except csv.Error as error:
        raise Unreadable(f"{name} is no {'TSV' if dialect is csv.excel_tab else 'CSV'}: {error}") from error


def _json(line: str) -> Mapping[str, Any] | str:
    try:
        row = json.loads(line)
    except ValueError:
        return line
    return row if isinstance(row, dict) else line


def _unreadable(where: str, line: str) -> Entry:
    raise Unreadable(f"{where} is no JSON object: {line[:60]!r}")


def _entry(row: Mapping[str, Any], item: str, hash_: str, where: str) -> Entry:
    title = _first(row, "title")
    if not title:
        raise Unreadable(f"{where} has no title: a case needs `title` and `body` (or `summary`)")
    summary, body, url = _first(row, "summary"), _first(row, "body"), _first(row, "url")
    if not summary and not body:
        raise Unreadable(f"{where} ({title[:60]}) has no text: a case needs `summary` or `body`")
    year, fault = year_of({"year": _value(row, "year")}, url)
    faults = [fault] if fault else []
    organisation = _first(row, "organisation")
    if not organisation:
        faults.append("organisation: missing")
    return Entry(
        item=item,
        hash=hash_,
        title=title,
        organisation=organisation,
        system=_first(row, "system"),
        year=year,
        industries=tuple(t for name in _INDUSTRIES for t in several(row.get(name))),
        tags=tuple(dict.fromkeys(t for name in _TAGS for t in several(row.get(name)))),
        summary=summary,
        body=body,
        lesson=_first(row, "lesson"),
        url=url,
        page=PAGE + item if "techniques_tags" in row else "",
        kind=source_type(url, organisation) if url else None,
        added=_first(row, "added")[:10],
        faults=tuple(faults),
    )


def _value(row: Mapping[str, Any], field: str) -> Any:
    return next((row[c] for c in _COLUMNS[field] if row.get(c) not in (None, "")), None)


def _first(row: Mapping[str, Any], field: str) -> str:
    value = _value(row, field)
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return storable(text.replace("\r\n", "\n")).strip() if field == "body" else " ".join(storable(text).split())
