"""Cases as files: JSON lines with everything, CSV and Parquet with a row for each case (and its figures as JSON text),
always in the order of the ids, which stay.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO, Literal, get_args

import msgspec

from outrider.base.errors import RequestError
from outrider.casebook.facets import shown_results
from outrider.casebook.present import figure
from outrider.casebook.records import CaseStudy, Claim

Format = Literal["jsonl", "csv", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
MEDIA = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
LISTS = ("industries", "applications", "techniques", "tools", "failures", "lessons", "figures", "urls")
COLUMNS = ("id", "number", "title", "organisation", "system", "year", "stage", "what_it_does", "origin", *LISTS)
CLAIMS = ("industries", "applications", "techniques", "tools", "results", "scale", "failures", "lessons", "facts")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def row(case: CaseStudy) -> dict[str, Any]:
    """A case as one row: tags and sentences that a passage supports, figures as text."""
    return {
        "id": case.id,
        "number": case.number,
        "title": case.title,
        "organisation": case.organisation,
        "system": case.system,
        "year": case.year or None,
        "stage": case.stage,
        "what_it_does": case.what_it_does,
        "origin": case.origin,
        "industries": _values(case.industries),
        "applications": _values(case.applications),
        "techniques": _values(case.techniques),
        "tools": _values(case.tools),
        "failures": _values(case.failures),
        "lessons": _values(case.lessons),
        "figures": [figure(r) for r in shown_results(case)],
        "urls": list(dict.fromkeys(s.url for s in case.sources if s.url)),
    }


def _values(claims: Sequence[Claim]) -> list[str]:
    return list(dict.fromkeys(c.value for c in claims if c.shown))


def export(cases: Iterable[CaseStudy], format_: str, out: BinaryIO) -> int:
    """Write `cases`; how many. Raises RequestError for an unknown format, or for Parquet without pyarrow."""
    writers = {"jsonl": _jsonl, "csv": _csv, "parquet": _parquet}
    if format_ not in writers:
        raise RequestError(f"no format {format_[:40]!r}; there are: {', '.join(FORMATS)}", param="format")
    return writers[format_](sorted(cases, key=lambda c: c.id), out)


def exported(cases: Iterable[CaseStudy], format_: str) -> bytes:
    """The same as bytes."""
    out = io.BytesIO()
    export(cases, format_, out)
    return out.getvalue()


def _jsonl(cases: list[CaseStudy], out: BinaryIO) -> int:
    for case in cases:
        plain = msgspec.to_builtins(case)
        for claim in (claim for name in CLAIMS for claim in claims_of(plain, name)):
            claim.setdefault("status", "unsupported")  # said in any case: nobody takes it for a fact
        out.write(msgspec.json.encode(plain) + b"\n")
    return len(cases)


def claims_of(case: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The claims of a field, of a case in JSON's types."""
    held = case.get(name) or ()
    return [one for one in (held.values() if isinstance(held, dict) else held) if isinstance(one, dict)]


def _csv(cases: list[CaseStudy], out: BinaryIO) -> int:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for case in cases:
        rows.writerow([_cell(value) for value in row(case).values()])
    out.write(text.getvalue().encode("utf-8", "replace"))
    return len(cases)


def _cell(value: object) -> object:
    """Lists joined; no text that a spreadsheet would take for a formula."""
    if isinstance(value, list):
        value = "; ".join(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _parquet(cases: list[CaseStudy], out: BinaryIO) -> int:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise RequestError(
            "Parquet needs pyarrow, which is not installed: run `pip install 'outrider[parquet]'`, or export as jsonl",
            param="format",
        ) from None
    kinds = {c: pa.list_(pa.string()) if c in LISTS else pa.string() for c in COLUMNS}
    kinds |= {"number": pa.int32(), "year": pa.int16()}
    table = pa.Table.from_pylist([row(c) for c in cases], schema=pa.schema(list(kinds.items())))
    pq.write_table(table, out, compression="zstd")
    return len(cases)
