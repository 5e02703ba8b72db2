"""The Casebook of an installation: there at the first look, without anything to do; not where it was not asked for."""

import threading
from pathlib import Path

import pytest

from outrider.app.casebook import CasebookHandle, is_stocked
from outrider.app.knowledge import Knowledge
from outrider.app.librarian import Librarian
from outrider.app.settings import parse
from outrider.casebook import pipeline
from outrider.casebook.find import finder
from outrider.casebook.pipeline import import_all
from outrider.journal.append import Journal
from outrider.knowledge.records import Query
from tests.casebook.made import database, entry

PLAIN = "providers: {a: {base_url: 'http://127.0.0.1:9/v1'}}\n"


@pytest.mark.parametrize(
    ("text", "stocked"),
    [
        ("", True),
        ("embedded: {enabled: false}\n", False),
        ("embedded: {enabled: false}\ncasebook: {bundled: true}\n", True),
        ("casebook: {bundled: false}\n", False),
        ("casebook: {enabled: false, bundled: true}\n", False),
    ],
)
def test_the_bundled_cases_come_where_they_are_wanted(text: str, stocked: bool) -> None:
    assert is_stocked(parse(PLAIN + text, "t", {})) is stocked


def test_the_first_look_finds_them_and_jobs_are_done(tmp_path: Path) -> None:
    settings = parse(f"{PLAIN}embedded: {{enabled: false}}\ncasebook: {{bundled: true}}\n", "t", {})
    url = f"sqlite:///{tmp_path / 'o.sqlite3'}"
    journal = Journal(tmp_path / "spool")
    knowledge = Knowledge(settings, tmp_path, url, journal)
    handle = CasebookHandle(knowledge, url)
    try:
        book = handle.get()
        count = len(book.all())
        assert count > 300
        assert book.library.search(book.collection, Query("insurance claims", strategy="keyword")).hits
        job = pipeline.start(knowledge.jobs(), str(database(tmp_path / "set", one=entry("one"))), "zenml", asker="ann")
        stop = threading.Event()

        class Once(CasebookHandle):
            def stock(self) -> None:
                super().stock()
                threading.Timer(20.0, stop.set).start()

        worker = threading.Thread(target=Librarian(knowledge, tmp_path, stop, Once(knowledge, url)).run)
        worker.start()
        while knowledge.jobs().get("", job.id).status in ("waiting", "running"):
            worker.join(0.1)
        stop.set()
        worker.join()
        assert knowledge.jobs().get("", job.id).status == "done"
        assert len(book.all()) == count + 1
    finally:
        handle.close()
        knowledge.close()
        journal.close()


def test_it_is_read_before_the_first_search_where_there_is_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'o.sqlite3'}"
    journal = Journal(tmp_path / "spool")
    knowledge = Knowledge(parse(f"{PLAIN}casebook: {{bundled: false}}\n", "t", {}), tmp_path, url, journal)
    handle = CasebookHandle(knowledge, url)
    try:
        handle.warm()
        assert not (tmp_path / "o.casebook.db").exists()
        import_all(handle.get(), str(database(tmp_path / "set", one=entry("one"))), "zenml")
        handle.warm()
        assert finder(handle.get())._catalogue is not None
    finally:
        handle.close()
        knowledge.close()
        journal.close()
