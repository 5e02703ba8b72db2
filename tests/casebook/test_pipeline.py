"""Imports: reported, repeatable, resumable; nothing that was there is harmed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from outrider.base.errors import ConfigError
from outrider.casebook import bundled, entities, merging, pipeline, report, review, rows
from outrider.casebook.book import Casebook
from outrider.knowledge.jobs import Jobs
from outrider.knowledge.presence import Presence
from outrider.knowledge.records import Query
from outrider.knowledge.work import Bench
from tests.casebook.made import BODY, casebook, database, entry


@pytest.fixture
def book(store_url: str, tmp_path: Path) -> Iterator[Casebook]:
    with casebook(store_url, tmp_path) as made:
        yield made


def grounded(book: Casebook) -> int:
    """Checks that every passage is exactly its place in its source; how many there are."""
    count = 0
    for case in book.all():
        for _, claim in case.claims():
            for passage in claim.evidence:
                text = book.text(case, passage.source)
                if text is None:
                    assert not passage.quote
                    assert not (claim.shown and len(claim.evidence) == 1)
                else:
                    assert text[passage.start : passage.end] == passage.quote
                    count += 1
    return count


def test_a_set_is_imported_reported_and_not_read_again(book: Casebook, tmp_path: Path) -> None:
    folder = database(
        tmp_path / "set",
        one=entry("one", "Doordash", body=BODY.replace("Northwind", "DoorDash")),
        two=entry("two", "DoorDash", tags="rag, kubernetes", body=BODY.replace("Northwind", "DoorDash") + "\nMore."),
        same=entry("one", "Doordash", body=BODY.replace("Northwind", "DoorDash")),
        retold=entry("retold", "Contoso", link='"https://www.blog.example.com/two/?utm_source=x"', year=""),
    )
    counts = pipeline.import_all(book, str(folder), "zenml", who="ann")
    assert counts == {"published": 3, "duplicate": 1}
    assert {c.organisation for c in book.all()} == {"DoorDash", "Contoso"}
    assert grounded(book) > 20
    made = report.report(book, "zenml")
    assert (made.entries, made.tool_tags, made.tool_tags_supported) == (4, 5, 3)
    assert made.merged == {"DoorDash": ["Doordash"]}
    assert made.same_source == 3
    assert made.mended["year"] == 1
    assert "Tool tags: 3 of 5 (60%) are named" in "\n".join(report.lines(made))
    item = report.of_entry(book, "zenml", "one")
    assert item is not None
    assert item.about["tools_unsupported"] == ["pinecone"]
    (version,) = book.versions("one")
    assert (version.by, version.why) == ("ann", "import of zenml")

    revision = book.revision()
    assert pipeline.import_all(book, str(folder), "zenml") == {"unchanged": 4}
    assert book.revision() == revision
    database(tmp_path / "set", two=entry("two", "DoorDash", body=BODY.replace("30%", "35%")))
    assert pipeline.import_all(book, str(folder), "zenml")["published"] == 1
    assert len(book.versions("two")) == 2
    assert grounded(book) > 20


@pytest.mark.parametrize("name", ["", "a/b", "<b>", "..", "x" * 101])
def test_a_set_has_a_name_that_addresses_can_hold(book: Casebook, tmp_path: Path, name: str) -> None:
    folder = database(tmp_path / "set", one=entry("one"))
    with pytest.raises(ConfigError, match="`origin`"):
        pipeline.import_all(book, str(folder), name)
    assert not book.all()


def test_the_same_database_in_another_form_brings_no_text_twice(book: Casebook, tmp_path: Path) -> None:
    folder = database(tmp_path / "set", one=entry("one"), two=entry("two", body=BODY + "More."))
    pipeline.import_all(book, str(folder), "zenml")
    before = book.library.status(book.collection).chunks
    assert pipeline.import_all(book, str(folder), "parquet") == {"duplicate": 2}
    assert book.library.status(book.collection).chunks == before
    item = report.of_entry(book, "parquet", "one")
    assert item is not None
    assert (item.case_id, item.about["reasons"]) == ("one", ["the text is that of one"])
    assert [v.case.number for v in book.versions("one")] == [1]


def test_a_page_joins_the_case_that_it_is_a_source_of(book: Casebook, tmp_path: Path) -> None:
    one = next(b for b in bundled.read() if b.sources[0].id == "page")
    case, text = bundled.case_of(one)
    book.put(case, text, who=bundled.WHO)
    slug = one.sources[0].url.rsplit("/", 1)[1]
    folder = database(
        tmp_path / "set", **{slug: entry(slug, one.organisation.upper(), body=BODY, tags="rag, kubernetes")}
    )
    pipeline.import_all(book, str(folder), "zenml")
    (joined,) = book.all()
    assert joined.what_it_does == case.what_it_does
    assert joined.origin == "bundled"
    assert joined.number == 2
    assert book.text(joined, merging.PAGE) is not None
    assert book.text(joined) == text
    kubernetes = next(c for c in joined.tools if c.value == "kubernetes")
    assert kubernetes.shown
    assert grounded(book) > 5
    assert report.report(book, "zenml").joined == 1
    bundled.put(book)  # Outrider starts again
    assert book.get(case.id) == joined


def test_judged_documents_wait_or_are_rejected(book: Casebook, tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("# Claims at Northwind\n\n" + BODY)
    (tmp_path / "recipe.md").write_text("# Soup\n\n" + "Stir the soup slowly. " * 60)
    for name in ("good.md", "recipe.md"):
        pipeline.import_all(book, str(tmp_path / name), "pages", mode="judge", who="ann")
    assert not book.all()
    outcomes = {i.item: i.outcome for i in rows.items(book.store, "pages")}
    assert outcomes == {"good-md": "review", "recipe-md": "rejected"}
    reasons = report.of_entry(book, "pages", "recipe-md")
    assert reasons is not None
    assert "it does not speak of language models" in reasons.about["reasons"]
    (waiting,) = review.queue(book)
    published = review.accept(book, waiting.id, by="bob")
    assert book.get(published.id).results
    assert grounded(book) > 3


def worker(book: Casebook, home: Path, source: str) -> tuple[Jobs, Bench, str]:
    jobs = Jobs(lambda: book.library.store)
    job = pipeline.start(jobs, source, "zenml", asker="ann")
    bench = Bench(jobs, Presence(home / "jobs" / "p"), {pipeline.KIND: pipeline.work(lambda: book)})
    return jobs, bench, job.id


def test_an_import_is_a_job_with_an_outcome_for_each_entry(book: Casebook, tmp_path: Path) -> None:
    folder = database(tmp_path / "set", one=entry("one"), two=entry("two", body=BODY + "More."))
    (folder / "llmops-database" / "empty.md").write_text("")
    jobs, bench, id_ = worker(book, tmp_path, str(folder))
    job = bench.one()
    assert job is not None
    assert (job.status, job.total, job.done, job.faults) == ("done", 3, 3, 1)
    assert job.about["steps"] == {"published": 2, "fault": 1}
    (fault,) = jobs.items(id_, "fault")
    assert "is empty" in fault.reason
    assert len(book.all()) == 2
    with pytest.raises(ConfigError, match="there is no"):
        pipeline.start(jobs, str(tmp_path / "gone"), "zenml")


KILLED = """
import os, sys
from pathlib import Path
from outrider.casebook import pipeline
from tests.casebook.made import casebook
from tests.casebook.test_pipeline import worker

url, home, source, after = sys.argv[1:]
pipeline.AT_ONCE = 4
with casebook(url, Path(home)) as book:
    _, bench, _ = worker(book, Path(home), source)
    seen = 0
    def maybe(job):
        global seen
        seen += 1
        if seen > int(after):
            os.kill(os.getpid(), 9)
    bench.one(on_progress=maybe)
"""


@pytest.mark.parametrize("after", [0, 1, 3])
def test_killed_at_any_point_it_goes_on_and_the_end_is_the_same(tmp_path: Path, after: int) -> None:
    folder = database(
        tmp_path / "set",
        **{f"case_{n}": entry(f"case-{n}", body=f"{BODY}\nThe number of this one is {n}.") for n in range(14)},
    )
    url, home = f"sqlite:///{tmp_path / 'o.sqlite3'}", tmp_path / "home"
    arguments = [sys.executable, "-c", KILLED, url, str(home), str(folder), str(after)]
    died = subprocess.run(arguments, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert died.returncode == -signal.SIGKILL, died.stderr
    with casebook(url, home) as book:
        jobs = Jobs(lambda: book.library.store)
        bench = Bench(jobs, Presence(home / "jobs" / "p"), {pipeline.KIND: pipeline.work(lambda: book)})
        job = bench.one()
        assert job is not None
        assert (job.status, job.total, job.faults) == ("done", 14, 0)
        assert len(book.all()) == 14
        assert all(c.number == 1 for c in book.all())
        assert book.library.status(book.collection).documents == 14
        assert grounded(book) > 100
        assert len(book.library.search(book.collection, Query("claims", limit=14, strategy="keyword")).hits) > 0
    assert os.listdir(tmp_path / "set")


def test_addresses_and_names() -> None:
    assert entities.address("https://www.Example.com/a/?utm_source=x#y") == entities.address("http://example.com/a")
    assert entities.address("https://youtu.be/abc") == entities.address("https://www.youtube.com/watch?v=abc&t=3")
    assert entities.address("no url") == ""
    assert entities.fold("Fuzzy Labs Ltd.") == entities.fold("FuzzyLabs") != entities.fold("Fuzzy")
    known = {"ebay": rows.Name("ebay", "eBay", "eBay")}
    assert entities.canonical({"Ebay": 9, "A": 1}, known) == {"Ebay": "eBay", "A": "A"}
    assert [j.spellings for j in entities.joined({"Github": "GitHub", "A": "A"})] == [("GitHub", "Github")]
    assert entities.likeness("a b", "b c") == pytest.approx(1 / 3)
    assert entities.likeness("", "") == 0


def test_what_a_person_corrected_is_not_written_over_by_the_next_import(book: Casebook, tmp_path: Path) -> None:
    folder = database(tmp_path / "set", one=entry("one"), two=entry("two"))
    pipeline.import_all(book, str(folder), "zenml")
    given = review.Contribution(id="one", year=2023, tools=("openai",))
    right = review.accept(book, review.contribute(book, given, who="ann").id, by="bob")
    database(tmp_path / "set", one=entry("one", body=BODY + "\nMore."), two=entry("two", body=BODY + "\nTwo more."))
    assert pipeline.import_all(book, str(folder), "zenml") == {"published": 1, "review": 1}
    assert book.get("one") == right
    (waiting,) = review.queue(book)
    assert waiting.text.endswith("More.")
    found = report.of_entry(book, "zenml", "one")
    assert found is not None
    assert "a person corrected this case" in found.about["reasons"][0]
    taken = review.accept(book, waiting.id, by="bob")  # who decides may take the set's words after all
    assert (taken.year, taken.number) == (2024, 3)
    database(tmp_path / "set", one=entry("one", body=BODY + "\nMost."))
    assert pipeline.import_all(book, str(folder), "zenml")["published"] == 1


def test_a_case_that_somebody_corrected_keeps_what_they_wrote(book: Casebook, tmp_path: Path) -> None:
    folder = database(tmp_path / "set", one=entry("one"))
    pipeline.import_all(book, str(folder), "zenml")
    book.put(msgspec.structs.replace(book.get("one"), system="Claims Copilot", origin="console"), who="ann", why="name")
    database(tmp_path / "set", one=entry("one", body=BODY + "\nMore."))
    pipeline.import_all(book, str(folder), "zenml")
    assert book.get("one").system == "Claims Copilot"
    assert len(book.versions("one")) == 3
    assert grounded(book)
