"""Documents come in by durable jobs: incremental, with the reason for each that does not, deletions honoured."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from outrider.base.errors import RequestError
from outrider.journal.events import DocumentChange
from outrider.knowledge.ingest import Asked, is_under, request
from outrider.knowledge.jobs import FAULT, Item, Job, Jobs
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Query
from outrider.knowledge.work import Bench
from outrider.store import open_knowledge
from tests.knowledge.importing import bench, write


def run(library: Library, collection: Collection, asked: Asked, desk: Bench | None = None) -> Job:
    """The job, done."""
    jobs = Jobs(lambda: library.store)
    made = request(jobs, collection, asked)
    job = (desk or bench(library)).one(made.id)
    assert job is not None
    return jobs.get(collection.project, made.id)


def outcomes(library: Library, job: Job) -> dict[str, str]:
    return {Path(i.item).name: i.outcome for i in Jobs(lambda: library.store).items(job.id)}


def test_a_folder_is_read_and_read_again(library: Library, tmp_path: Path) -> None:
    collection = library.create("p", "docs")
    folder = write(tmp_path / "in", a="# Trains\n\nThey run on rails.", b="# Ships\n\nThey float.")
    first = run(library, collection, Asked([str(folder)]))
    assert (first.status, first.done, first.faults) == ("done", 2, 0)
    assert outcomes(library, first) == {"a.md": "new", "b.md": "new"}
    assert first.about["outcomes"] == {"new": 2}
    found = library.search(collection, Query("rails", strategy="keyword"))
    assert [hit.document.source for hit in found.hits] == [str(folder / "a.md")]
    again = run(library, collection, Asked([str(folder)]))
    assert outcomes(library, again) == {"a.md": "same", "b.md": "same"}
    write(folder, a="# Trains\n\nThey run on two rails.")
    third = run(library, collection, Asked([str(folder)]))
    assert outcomes(library, third) == {"a.md": "changed", "b.md": "same"}
    assert len(library.versions(collection, found.hits[0].document.id)) == 2


def test_a_bad_file_is_listed_and_the_others_come_in(library: Library, tmp_path: Path) -> None:
    collection = library.create("p", "docs")
    folder = write(tmp_path / "in", a="", b="# Good\n\nText.")
    job = run(library, collection, Asked([str(folder), str(tmp_path / "nowhere")]))
    assert (job.status, job.done, job.faults) == ("done", 3, 2)
    assert Jobs(lambda: library.store).items(job.id, FAULT) == [
        Item(str(folder / "a.md"), FAULT, "The file is empty."),
        Item(str(tmp_path / "nowhere"), FAULT, "there is no such file"),
    ]


def test_what_is_gone_ends_only_where_that_is_asked(library: Library, tmp_path: Path) -> None:
    collection = library.create("p", "docs")
    folder = write(tmp_path / "in", a="# A\n\nText.", b="# B\n\nText.")
    other = write(tmp_path / "inner", c="# C\n\nText.")
    run(library, collection, Asked([str(folder), str(other)]))
    (folder / "a.md").unlink()
    assert len(library.sources(run_and(library, collection, Asked([str(folder)])))) == 3
    pruned = run(library, collection, Asked([str(folder)], prune=True))
    assert outcomes(library, pruned) == {"a.md": "removed", "b.md": "same"}
    assert {Path(s).name for s in library.sources(collection)} == {"b.md", "c.md"}


def run_and(library: Library, collection: Collection, asked: Asked) -> Collection:
    run(library, collection, asked)
    return collection


def test_a_root_that_cannot_be_read_takes_nothing_away(library: Library, tmp_path: Path) -> None:
    collection = library.create("p", "docs")
    folder = write(tmp_path / "in", a="# A\n\nText.")
    run(library, collection, Asked([str(folder)]))
    folder.rename(tmp_path / "elsewhere")
    job = run(library, collection, Asked([str(folder)], prune=True))
    assert outcomes(library, job) == {"in": FAULT}
    assert len(library.sources(collection)) == 1


def test_a_file_that_is_gone_ends_when_it_was_asked_for_itself(library: Library, tmp_path: Path) -> None:
    collection = library.create("p", "docs")
    path = write(tmp_path / "in", a="# A\n\nText.") / "a.md"
    run(library, collection, Asked([str(path)]))
    path.unlink()
    assert outcomes(library, run(library, collection, Asked([str(path)]))) == {"a.md": FAULT}
    assert outcomes(library, run(library, collection, Asked([str(path)], prune=True))) == {"a.md": "removed"}
    assert library.sources(collection) == {}


def test_files_that_come_with_the_job(library: Library) -> None:
    collection = library.create("p", "docs")
    jobs = Jobs(lambda: library.store)
    made = request(
        jobs, collection, Asked(readers=("group:hr",)), files=[("pay.md", "text/markdown", b"# Pay\n\nMonthly.")]
    )
    assert bench(library).one(made.id) is not None
    (document,) = library.documents(collection)
    assert (document.source, document.readers) == ("pay.md", ("group:hr",))
    assert list(jobs.files(made.id)) == []


def test_two_files_of_one_name_are_refused_before_one_is_lost(library: Library) -> None:
    collection, jobs = library.create("p", "docs"), Jobs(lambda: library.store)
    sent = [("a.md", "", b"# One"), ("b.md", "", b"# Other"), ("a.md", "", b"# Two")]
    with pytest.raises(RequestError, match=r"'a\.md'"):
        request(jobs, collection, Asked(), files=sent)
    assert jobs.newest("p", "docs") == []


def test_broken_front_matter_is_told_and_the_text_comes_in(library: Library, tmp_path: Path) -> None:
    collection = library.create("p", "docs")
    text = "---\ntitle: [unclosed\nowner: Anna\n---\n\n# Quokkas\n\nThey smile."
    job = run(library, collection, Asked([str(write(tmp_path / "in", a=text))]))
    (item,) = Jobs(lambda: library.store).items(job.id)
    assert (item.outcome, job.faults) == ("new", 0)
    assert item.reason.startswith("Its front matter is broken: line 3")
    document = library.document(collection, item.document)
    assert document.meta["owner"] == "Anna"
    assert document.notes["front_matter"] == item.reason


def test_a_job_ends_with_its_collection(library: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    collection, other = library.create("p", "docs"), library.create("p", "others")
    folder = write(tmp_path / "in", a="# A\n\nText.")
    jobs = Jobs(lambda: library.store)
    kept = request(jobs, other, Asked([str(folder)]))
    waiting = request(jobs, collection, Asked(), files=[("pay.md", "", b"# Pay")])
    made = request(jobs, collection, Asked([str(folder)]))

    def parted(collection: Collection, job: Job, changes: Sequence[DocumentChange]) -> None:
        library.drop(collection)

    assert bench(library, changed=parted).one(made.id) is not None
    assert "was ended" in caplog.text
    assert not [*jobs.files(waiting.id), *jobs.items(made.id)]
    assert [job.id for job in jobs.newest("p")] == [kept.id]


def test_changes_are_told_with_hashes(library: Library, tmp_path: Path) -> None:
    told: list[DocumentChange] = []

    def changed(collection: Collection, job: Job, changes: Sequence[DocumentChange]) -> None:
        assert (collection.name, job.kind) == ("docs", "ingest")
        told.extend(changes)

    collection = library.create("p", "docs")
    folder = write(tmp_path / "in", a="# A\n\nText.")
    desk = bench(library, changed=changed)
    run(library, collection, Asked([str(folder)]), desk)
    run(library, collection, Asked([str(folder)]), desk)
    (folder / "a.md").unlink()
    run(library, collection, Asked([str(folder)], prune=True), desk)
    assert [(c.number, c.action, bool(c.hash)) for c in told] == [(1, "put", True), (0, "ended", False)]


def test_nothing_and_too_much_is_refused(library: Library) -> None:
    collection = library.create("p", "docs")
    jobs = Jobs(lambda: library.store)
    with pytest.raises(RequestError, match="no source"):
        request(jobs, collection, Asked())
    with pytest.raises(RequestError, match="1,001 sources"):
        request(jobs, collection, Asked(["a"] * 1001))


def test_under_a_root() -> None:
    assert is_under("/docs/a.md", "/docs")
    assert is_under("/docs/a.md", "/docs/")
    assert is_under("/docs.zip!/a.md", "/docs.zip")
    assert not is_under("/docs2/a.md", "/docs")
    assert is_under("https://example.org/a", "https://example.org/a")


_CHILD = """
import os, sys
from pathlib import Path
from outrider.knowledge.library import Library
from outrider.store import open_knowledge
from tests.knowledge.importing import bench
library = Library(open_knowledge(sys.argv[1]), Path(sys.argv[2]))
done = 0
def progress(job):
    if job.done >= int(sys.argv[4]):
        os.kill(os.getpid(), 9)
bench(library).one(sys.argv[3], progress)
"""


@pytest.mark.parametrize("after", [1, 128, 256])
def test_killed_at_any_point_it_goes_on(tmp_path: Path, after: int) -> None:
    url = f"sqlite:///{tmp_path / 'outrider.sqlite3'}"
    store = open_knowledge(url)
    library = Library(store, tmp_path / "home")
    collection = library.create("p", "docs")
    folder = write(tmp_path / "in", **{f"n{n:03}": f"# Number {n}\n\nThe text of number {n}." for n in range(300)})
    job = request(Jobs(lambda: store), collection, Asked([str(folder)]))
    command = [sys.executable, "-c", _CHILD, url, str(tmp_path / "home"), job.id, str(after)]
    child = subprocess.run(command, env={**os.environ, "PYTHONPATH": os.getcwd()}, check=False)
    assert child.returncode == -signal.SIGKILL
    jobs = Jobs(lambda: store)
    left = jobs.get("p", job.id)
    assert left.status == "running"
    assert after <= left.done < 300
    mine = bench(library)
    mine._presence.dead = lambda holder: True  # type: ignore[method-assign] # the child used a folder of its own
    done = mine.one(job.id)
    assert done is not None
    assert (done.status, done.done) == ("done", 300)
    assert library.status(collection).documents == library.status(collection).versions == 300
    assert set(jobs.outcomes(job.id)) <= {"new", "same"}
    store.close()
