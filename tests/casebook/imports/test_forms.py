"""Every form in which sets come: what is read, what is mended, what is told of what cannot be read."""

import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import Unreadable
from outrider.casebook.entries import Entry
from outrider.casebook.export import exported
from outrider.casebook.imports import Raw, entries_of, is_set, page, parquet, table, zenml
from outrider.casebook.records import CaseStudy, Claim, Evidence, Source
from tests.casebook.made import BODY, database, entry


def read(source: Path) -> tuple[dict[str, Entry], dict[str, str]]:
    """Entries, and what is told of those that cannot be read."""
    good, bad = {}, {}
    for raw in entries_of(str(source)):
        try:
            good[raw.item] = raw.read()
        except Unreadable as fault:
            bad[raw.item] = fault.message
    return good, bad


def test_a_folder_and_its_archives_give_the_same(tmp_path: Path) -> None:
    folder = database(tmp_path / "set", one=entry("one"), two=entry("two", "Fabrikam"))
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in folder.rglob("*.md"):
            archive.write(path, path.relative_to(tmp_path))
    with tarfile.open(tmp_path / "set.tar.xz", "w:xz") as archive:
        archive.add(folder, "set")
    found = [read(tmp_path / name)[0] for name in ("set", "set.zip", "set.tar.xz")]
    assert found[0] == found[1] == found[2]
    assert set(found[0]) == {"one", "two"}
    assert found[0]["one"].organisation == "Northwind"
    assert found[0]["one"].tags == ("rag", "openai", "pinecone")
    assert found[0]["one"].page.endswith("/llmops-database/one")
    assert "Overview" in found[0]["one"].text


def test_dirty_front_matter_is_mended_and_told(tmp_path: Path) -> None:
    folder = database(
        tmp_path,
        broken=entry("broken", title='"A title with a "quote" inside"'),
        nameless=entry("nameless", company=""),
        late=entry("late", year="", link='"https://example.com/2023/05/post"'),
        odd=entry("odd", year='"around 2022"'),
        renamed=entry("another-name"),
        bare=BODY.replace("## Overview", "company: none"),
        windows=entry("windows").replace("\n", "\r\n"),
    )
    found, _ = read(folder)
    assert found["broken"].organisation == "Northwind"
    assert "front matter" in found["broken"].faults[0]
    assert "company: missing" in found["nameless"].faults
    assert found["late"].year == 2023
    assert "from the source's address" in found["late"].faults[0]
    assert found["odd"].year == 2022
    assert found["renamed"].item == "renamed"
    assert "slug" in found["renamed"].faults[0]
    assert found["windows"].text == found["windows"].text.replace("\r", "")


@given(st.binary(max_size=300), st.sampled_from([b"---\n", b"---\ncompany: A\n---\n", b"---\ntitle: [\n---\n", b""]))
def test_no_file_of_the_set_crashes(body: bytes, head: bytes) -> None:
    made = zenml.read("a.md", head + body)
    assert made.item == "a"
    assert made.title


ROWS = [
    {"title": "One", "company": "Northwind", "short_summary": "S", "full_summary": BODY, "year": 2024.0,
     "techniques_tags": "rag,few_shot", "tools_tags": "openai", "source_url": "https://example.com/1"},
    {"title": "One", "company": "Fabrikam", "short_summary": "S", "full_summary": BODY},
    {"title": "", "company": "Contoso", "short_summary": "S"},
    {"title": "Empty", "company": "Contoso"},
]  # fmt: skip


def test_parquet_jsonl_and_csv_by_the_same_columns(tmp_path: Path) -> None:
    import csv

    import pyarrow
    import pyarrow.parquet

    keys = list(ROWS[0])
    pyarrow.parquet.write_table(pyarrow.table({k: [r.get(k) for r in ROWS] for k in keys}), tmp_path / "set.parquet")
    (tmp_path / "set.jsonl").write_text("\n".join(json.dumps(r) for r in ROWS) + "\nno json\n")
    with open(tmp_path / "set.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, keys)
        writer.writeheader()
        writer.writerows(ROWS)
    for name in ("set.parquet", "set.jsonl", "set.csv"):
        found, bad = read(tmp_path / name)
        assert set(found) == {"one", "one-2"}, name
        assert found["one"].year == 2024
        assert found["one"].tags == ("openai", "rag", "few_shot")
        assert "'one' is there already" in found["one-2"].faults[-1]
        told = sorted(bad.values())
        assert any("has no title" in t for t in told)
        assert any("has no text" in t for t in told)
        assert name != "set.jsonl" or any("no JSON object" in t for t in told)


def test_a_document_by_itself(tmp_path: Path) -> None:
    (tmp_path / "case.html").write_text(
        f"<html><head><title>Claims at Northwind</title></head><body><article><h1>Claims at Northwind</h1>"
        f"{''.join(f'<p>{p}</p>' for p in BODY.split(chr(10) + chr(10)))}</article></body></html>"
    )
    found, _ = read(tmp_path / "case.html")
    ((name, made),) = found.items()
    assert made.title == "Claims at Northwind"
    assert "deflection rate of 62%" in made.text
    assert name == "case-html"
    assert not is_set(str(tmp_path / "case.html"))
    assert is_set(str(tmp_path))
    assert is_set("https://example.com/a.parquet")


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nothing")
    (tmp_path / "locked.pdf").write_bytes(b"%PDF-1.4\nnothing")
    told = {
        name: read(tmp_path / name)[1] for name in ("empty.csv", "wrong.csv", "broken.parquet", "locked.pdf", "gone")
    }
    assert [len(t) for t in told.values()] == [1] * 5
    words = [next(iter(t.values())) for t in told.values()]
    assert "is empty" in words[0]
    assert "no column `title`" in words[1]
    assert "no Parquet file" in words[2]
    assert "no such file" in words[4]
    inside = next(iter(entries_of("http://127.0.0.1:1/case.html")))
    with pytest.raises(Unreadable, match=r"127\.0\.0\.1"):
        inside.read()


def test_a_packed_bomb_ends_with_a_reason(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.md", entry("a"))
        archive.writestr("big.md", b"0" * 150_000_000)
    (tmp_path / "bomb.zip").write_bytes(packed.getvalue())
    found, bad = read(tmp_path / "bomb.zip")
    assert "a" in found
    assert len(bad) == 1


def test_names_for_addresses() -> None:
    assert table.slug("Ünïcode & Co: 50 %") == "ünïcode-co-50"
    assert table.slug("!!") == "entry"
    assert isinstance(parquet.raw({"title": "A", "summary": "b"}, "row 1"), Raw)
    assert page._name("https://a.example/b") == "a-example-b"


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_what_was_exported_comes_in_as_the_same_cases(tmp_path: Path, kind: str) -> None:
    """Ids stay, however long, and so do years, industries and tags that a passage supports."""
    quote = Evidence("text", 0, 36, "h", "A retrieval pipeline reads handbooks.")
    tags = {
        "techniques": (Claim("rag", "verified", (quote,)), Claim("mcp")),
        "industries": (Claim("insurance", "verified", (quote,)), Claim("finance", "verified", (quote,))),
    }
    long = "-".join(["word"] * 40)
    sources = (Source("text", "article", "https://example.org/a"),)
    cases = [
        CaseStudy(
            id=id_, title="A case", organisation="Harbour", year=2024, what_it_does="Reads handbooks.", number=3,
            origin="set", sources=sources, facts={"year": Claim("2024", "verified", (quote,))}, **tags,
        )
        for id_ in ("short", long)
    ]  # fmt: skip
    path = tmp_path / f"cases.{kind}"
    path.write_bytes(exported(cases, kind))
    found, bad = read(path)
    assert (set(found), bad) == ({"short", long}, {})
    one = found[long]
    assert (one.year, one.faults, one.url) == (2024, (), "https://example.org/a")
    assert (one.tags, one.industries) == (("rag",), ("insurance", "finance"))
    assert (quote.quote in one.body) == (kind == "jsonl")


def test_an_export_says_of_every_tag_what_it_is() -> None:
    (row,) = exported(
        [CaseStudy(id="a", title="A", organisation="B", techniques=(Claim("mcp"),))], "jsonl"
    ).splitlines()
    assert json.loads(row)["techniques"] == [{"value": "mcp", "status": "unsupported"}]
