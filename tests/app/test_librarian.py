"""The process for jobs: it does what there is, lets rest what waits for something outside, and ends when idle."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.app import librarian, paths
from outrider.app.knowledge import Knowledge
from outrider.app.librarian import Librarian
from outrider.app.settings import parse
from outrider.base import clock
from outrider.casebook import bundled, rows
from outrider.journal.append import Journal
from outrider.knowledge import embed, waking
from outrider.knowledge.jobs import HOLD_NS
from outrider.knowledge.records import Block, Embedding, Parsed, Settings
from outrider.store import open_casebook
from outrider.store.open_ import beside

FILE = "embedded: {enabled: off}\nknowledge: {collections: {docs: {sources: in, every: 1h}}}\n"


@pytest.fixture
def knowledge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Knowledge]:
    monkeypatch.setattr(librarian, "LINGER", 0.0)
    journal = Journal(tmp_path / "spool")
    url = f"sqlite:///{tmp_path / 'outrider.sqlite3'}"
    made = Knowledge(parse(FILE, "t", {}), tmp_path, url, journal)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.md").write_text("# A\n\nTrains run on rails.")
    yield made
    made.close()
    journal.close()


def test_it_does_all_there_is_and_says_when_it_is_wanted_again(knowledge: Knowledge) -> None:
    Librarian(knowledge, knowledge.home, threading.Event()).run()
    jobs = {job.kind: job for job in knowledge.jobs().newest("default", "docs")}
    assert (jobs["ingest"].status, jobs["ingest"].done) == ("done", 1)
    assert (jobs["embed"].status, "embedded models are off" in jobs["embed"].about["why"]) == ("failed", True)
    assert waking.due(paths.run(knowledge.home)) == jobs["ingest"].created + 3_600 * 10**9
    assert list(paths.jobs(knowledge.home).iterdir()) == []


def test_a_route_that_does_not_answer_is_tried_again_later(knowledge: Knowledge) -> None:
    library, jobs = knowledge.library(), knowledge.jobs()
    routed = library.create("default", "routed", Settings(embeddings={"default": Embedding("my-route")}))
    library.put(routed, "a", Parsed("Some text.", []))
    library.put(routed, "b", Parsed("# More\n\nText of it.", _blocks()))
    job = embed.request(library, jobs, routed)
    assert job is not None
    before = clock.now_ns()
    Librarian(knowledge, knowledge.home, threading.Event()).run()
    assert jobs.get("default", job.id).status == "waiting"
    assert "is `outrider up` running?" in jobs.get("default", job.id).about["waits"]
    due = waking.due(paths.run(knowledge.home))
    assert due is not None
    assert before < due < before + 600 * 10**9


def _blocks() -> list[Block]:
    return [Block("heading", 0, 6, 1), Block("text", 8, 19)]


def test_told_to_stop_it_begins_nothing(knowledge: Knowledge) -> None:
    stop = threading.Event()
    stop.set()
    Librarian(knowledge, knowledge.home, stop).run()
    assert [job.status for job in knowledge.jobs().newest("default", "docs")] == ["waiting"]


def test_a_job_that_another_process_has_is_looked_at_again(knowledge: Knowledge) -> None:
    jobs = knowledge.jobs()
    made = jobs.create("default", "docs", "ingest", {"sources": []})
    assert jobs.claim("elsewhere", lambda holder: False, only=made.id) is not None
    before = clock.now_ns()
    Librarian(knowledge, knowledge.home, threading.Event()).run()
    due = waking.due(paths.run(knowledge.home))
    assert due is not None
    assert before < due <= clock.now_ns() + HOLD_NS


def test_the_process_that_is_started_fills_the_casebook_and_ends_when_told(tmp_path: Path) -> None:
    """What `make up` does after the first answers: `python -m outrider.app.librarian PARENT`."""
    config = tmp_path / "outrider.yaml"
    config.write_text("embedded: {enabled: false}\ncasebook: {bundled: true}\n")
    url = f"sqlite:///{tmp_path / 'outrider.sqlite3'}"
    given = {"OUTRIDER_HOME": str(tmp_path), "OUTRIDER_CONFIG": str(config), "OUTRIDER_DATABASE_URL": url}
    command = [sys.executable, "-m", "outrider.app.librarian", str(os.getpid())]
    process = subprocess.Popen(command, env={**os.environ, **given}, stderr=subprocess.PIPE, text=True)
    try:
        wanted = sum(1 for _ in bundled.read())
        while process.poll() is None and (found := _published(url)) < wanted:
            threading.Event().wait(0.1)
        assert (found, process.poll()) == (wanted, None)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
    finally:
        process.kill()
        process.communicate()


def _published(url: str) -> int:
    """Cases in the Casebook's store; 0 before there is one."""
    path = Path(beside(url, "casebook").removeprefix("sqlite:///"))
    if not path.exists():
        return 0
    with contextlib.closing(open_casebook(url)) as store:
        return len(rows.ids(store))
