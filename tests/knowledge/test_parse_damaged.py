"""Damaged and hostile files of every kind: a parser gives a document or says why not, and never anything else."""

import functools
import gzip
import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outrider.base.errors import Unreadable
from outrider.knowledge import parse as parse_package
from outrider.knowledge.chunk import pieces
from outrider.knowledge.parse import parse
from outrider.knowledge.parse.draft import Draft, storable
from outrider.knowledge.records import Fetched
from tests.knowledge.parse import made

MADE: dict[str, Callable[[], bytes]] = {
    "a.html": made.html,
    "a.docx": made.docx,
    "a.pptx": made.pptx,
    "a.xlsx": made.xlsx,
    "a.pdf": made.pdf,
    "a.eml": made.eml,
    "a.csv": made.table_csv,
    "a.json": lambda: b'[{"a": [1, {"b": "c"}]}, {"a": null}]',
    "a.vtt": lambda: b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Yes.\n\n00:03.000 --> 00:04.000\nNo.\n",
    "a.md": lambda: b"---\na: [b]\n---\n# T\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx\n```\n\n- i\n  - j\n",
    "a.py": lambda: b"@x\ndef f():\n    return 1\n\n\nclass A:\n    pass\n",
    "a.xml": lambda: b'<?xml version="1.0"?><a><title>t</title>b<c>d</c>e</a>',
    "a.rss": lambda: b'<?xml version="1.0"?><rss><channel><item><title>x</title></item></channel></rss>',
}
body_of = functools.cache(lambda name: MADE[name]())


def survives(name: str, body: bytes) -> None:
    try:
        parsed = parse(Fetched(name, name, "", body))
    except Unreadable as fault:
        assert len(fault.message) > 15  # noqa: PT017
        return
    parsed.text.encode()
    at = 0
    for block in parsed.blocks:
        assert at <= block.start < block.end <= len(parsed.text)
        assert not parsed.text[at : block.start].strip()
        at = block.end
    assert not parsed.text[at:].strip()
    covered = "".join(parsed.text[p.start : p.end] for p in pieces(parsed))
    assert "".join(covered.split()) == "".join(parsed.text.split())


@pytest.mark.parametrize("name", MADE)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_bytes_changed_cut_and_doubled(name: str, data: st.DataObject) -> None:
    body = bytearray(body_of(name))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(len(body) - 1, 0)))
        match data.draw(st.sampled_from(["change", "cut", "double", "insert"])):
            case "change" if body:
                body[at] = data.draw(st.integers(0, 255))
            case "cut":
                del body[at : at + data.draw(st.integers(1, 500))]
            case "double":
                body[at:at] = body[at : at + 200]
            case _:
                body[at:at] = data.draw(st.binary(max_size=8))
    survives(name, bytes(body))


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_parts_of_office_files_that_are_wrong(name: str, data: st.DataObject) -> None:
    """The zip is whole, and what is in it is not: this reaches deeper than changed bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body_of(name))) as real, zipfile.ZipFile(out, "w") as archive:
        entries = real.namelist()
        victim = data.draw(st.sampled_from(entries))
        for entry in entries:
            body = real.read(entry)
            if entry == victim:
                at = data.draw(st.integers(0, max(len(body) - 1, 0)))
                length = data.draw(st.integers(0, 300))
                body = body[:at] + data.draw(st.sampled_from([b"", b"<x/>", b"0", b'"', b"\xff"])) + body[at + length :]
                if data.draw(st.booleans()) and length > 250:
                    continue
            archive.writestr(entry, body)
    survives(name, out.getvalue())


@settings(max_examples=30, deadline=None)
@pytest.mark.parametrize("name", [*MADE, "a", "a.txt", "a.mbox", "a.srt", "a.ipynb", "a.tsv"])
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace")))
def test_anything_under_any_name(name: str, body: bytes) -> None:
    survives(name, body)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(MADE)), st.sampled_from(sorted(MADE)))
def test_names_do_not_decide(name: str, of: str) -> None:
    survives(name, body_of(of))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "PNG"),
        (b"\0\1\2\3" * 500, "binary"),
        (gzip.compress(b"x", mtime=0), "gzip archive"),
        (b"PK\x03\x04broken", "damaged"),
        (b"%PDF-1.7 broken", "damaged"),
        (b"\x00\x00\x00\x18ftypmp42", "video"),
        (b"{\\rtf1 x}", "RTF"),
    ],
)
def test_what_cannot_be_read_is_told(body: bytes, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        parse(Fetched("a", "a", "", body))


def test_archives_and_other_zips_are_told() -> None:
    for names, told in (
        (["a.txt"], "zip archive"),
        (["mimetype", "content.xml"], "OpenDocument"),
        (["xl/workbook.bin"], "XLSB"),
    ):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name in names:
                archive.writestr(name, "x")
        with pytest.raises(Unreadable, match=told):
            parse(Fetched("a", "a", "", out.getvalue()))


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_package, "LARGEST", 1_000)
    with pytest.raises(Unreadable, match="at most 1,000"):
        parse(Fetched("a", "a", "", b"x" * 1_001))
    monkeypatch.setattr("outrider.knowledge.parse.draft.LONGEST", 100)
    draft = Draft()
    with pytest.raises(Unreadable, match="more than 100 characters"):
        draft.add("text", "x" * 200)


def test_what_no_store_takes_is_replaced() -> None:
    assert storable("a\0b\ud800c") == "a\ufffdb\ufffdc"
    parsed = parse(Fetched("a", "a.json", "", b'{"title": "x\\u0000", "a": "y\\u0000"}'))
    assert "\0" not in parsed.text + parsed.title


def test_a_title_in_any_case() -> None:
    assert parse(Fetched("in/My notes.txt", "My notes.txt", "", b"text")).title == "My notes"
    assert parse(Fetched("x", "x", "", b"text")).title == "x"
