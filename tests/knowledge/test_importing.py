"""Imports as an application makes them, and searches as the journal keeps them."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from outrider.journal.events import RunRecorded
from outrider.knowledge.importing import ingest, work
from outrider.knowledge.jobs import Jobs
from outrider.knowledge.library import Library
from outrider.knowledge.recording import Asker, search_run
from outrider.knowledge.records import Query
from tests.knowledge.importing import write


def test_two_calls_import_a_folder(library: Library, tmp_path: Path) -> None:
    collection = library.create("p", "docs")
    folder = write(tmp_path / "in", a="# Trains\n\nThey run on rails.", b="# Ships\n\nThey float on water.")
    seen: list[int] = []
    job = work(
        library, ingest(library, collection, [str(folder)], meta={"kind": "vehicle"}), lambda j: seen.append(j.done)
    )
    assert (job.status, job.done, seen[-1]) == ("done", 2, 2)
    assert {d.meta["kind"] for d in library.documents(collection)} == {"vehicle"}
    same = work(library, ingest(library, collection, [str(folder)]))
    assert same.about["outcomes"] == {"same": 2}
    (folder / "b.md").unlink()
    gone = work(library, ingest(library, collection, [str(folder)], prune=True))
    assert gone.about["outcomes"] == {"same": 1, "removed": 1}
    assert work(library, gone).status == "done", "what is over stays over"


def test_prune_ends_nothing_in_what_cannot_be_read(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive that is just being written, or a folder without the right to look into it, takes nothing with it."""
    collection = library.create("p", "docs")
    folder = write(tmp_path / "in", a="# Trains\n\nThey run on rails.")
    write(folder / "sub", b="# Ships\n\nThey float on water.")
    with zipfile.ZipFile(folder / "c.zip", "w") as archive:
        archive.writestr("c.md", "# Planes\n\nThey fly.")
    whole = (folder / "c.zip").read_bytes()
    assert work(library, ingest(library, collection, [str(folder)])).about["outcomes"] == {"new": 3}

    real = os.scandir

    def refusing(path: Path) -> object:
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refusing)
        (folder / "c.zip").write_bytes(whole[:-30])
        (folder / "a.md").unlink()
        job = work(library, ingest(library, collection, [str(folder)], prune=True))
    told = {Path(i.item).name: i.reason for i in Jobs(lambda: library.store).items(job.id, "fault")}
    assert told["sub"] == "The folder cannot be looked into. Give this process the right to."
    assert "damaged" in told["c.zip"]
    assert {Path(d.source).name for d in library.documents(collection)} == {"b.md", "c.md"}
    (folder / "c.zip").unlink()
    (folder / "sub" / "b.md").unlink()
    gone = work(library, ingest(library, collection, [str(folder)], prune=True))
    assert gone.about["outcomes"] == {"removed": 2}


_WITHOUT_THE_EXTRA = """
import sys
from pathlib import Path
for name in sys.argv[2].split():
    sys.modules[name] = None
from outrider.knowledge.importing import ingest, work
from outrider.knowledge.jobs import Jobs
from outrider.knowledge.library import Library
from outrider.store import open_knowledge
home = Path(sys.argv[1])
library = Library(open_knowledge(f"sqlite:///{home / 'outrider.sqlite3'}"), home)
collection = library.create("p", "docs")
for source in sys.argv[3:]:
    job = work(library, ingest(library, collection, [source]))
    faults = Jobs(lambda: library.store).items(job.id, "fault")
    print(job.status, job.about.get("why"), [item.reason for item in faults])
library.store.close()
"""


def without(home: Path, missing: str, *sources: str) -> list[str]:
    """What becomes of a job for each source, in a process that lacks these libraries."""
    command = [sys.executable, "-W", "error", "-c", _WITHOUT_THE_EXTRA, str(home), missing, *sources]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr
    return done.stdout.splitlines()


def test_a_library_that_is_not_installed_is_one_fault_with_its_remedy(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a="# A\n\nTrains run on rails.")
    (folder / "b.xml").write_text("<?xml version='1.0'?><a>Ships</a>")
    url = "http://127.0.0.1:9/"
    remedy = "is not installed: pip install 'outrider[knowledge]', then add it again."
    assert without(
        tmp_path, "lxml httpcore2 feedparser py3langid trafilatura charset_normalizer", str(folder), url
    ) == [
        f'done None ["The library lxml {remedy}"]',
        f"failed The library httpcore2 {remedy} []",
    ]


def test_a_search_is_a_run_with_its_candidates(library: Library, tmp_path: Path) -> None:
    collection = library.create("p", "docs")
    work(library, ingest(library, collection, [str(write(tmp_path / "in", a="# Trains\n\nThey run on rails."))]))
    query = Query("rails", strategy="keyword")
    run, bodies = search_run(Asker("p", "pub", "anna"), collection, query, library.search(collection, query))
    assert isinstance(run, RunRecorded)
    (step,) = run.steps
    assert (step.kind, step.name, step.attrs["hits"]) == ("retrieval", "docs", 1)
    assert {ref for ref, _ in bodies} == {run.request, run.response}
    found = dict(bodies)[run.response]  # type: ignore[index]
    assert b'"score"' in found
    assert b"run on rails" not in found, "the text is the collection's to keep"
