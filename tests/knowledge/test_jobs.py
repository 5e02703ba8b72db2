"""Jobs in the store: claimed once, held by a lease, resumed where they were, over once."""

from collections.abc import Iterator

import pytest

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.knowledge.jobs import FAULT, HOLD_NS, Item, Jobs, Lost
from outrider.store import Store, open_knowledge


def nobody(holder: str) -> bool:
    return False


@pytest.fixture
def jobs(store_url: str) -> Iterator[Jobs]:
    store: Store = open_knowledge(store_url)
    yield Jobs(lambda: store)
    store.close()


def test_a_job_is_held_by_one_process(jobs: Jobs) -> None:
    made = jobs.create("p", "docs", "ingest", {"sources": ["a"]}, asker="key1")
    job = jobs.claim("one", nobody)
    assert job is not None
    assert (job.id, job.status, job.holder, job.made) == (made.id, "running", "one", {"sources": ["a"]})
    assert jobs.claim("two", nobody) is None
    assert jobs.claim("two", lambda holder: holder == "one") is not None
    with pytest.raises(Lost):
        jobs.record(job, [Item("a", "new")])
    assert jobs.items(job.id) == []


def test_a_lease_ends(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.create("p", "docs", "ingest")
    first = jobs.claim("one", nobody)
    assert first is not None
    ends = first.held_until
    monkeypatch.setattr(clock, "now_ns", lambda: ends - 10)
    assert jobs.claim("two", nobody) is None
    assert jobs.hold(first) == 0
    monkeypatch.setattr(clock, "now_ns", lambda: ends + 10)
    assert jobs.claim("two", nobody) is None, "it was renewed"
    monkeypatch.setattr(clock, "now_ns", lambda: ends + HOLD_NS)
    assert jobs.claim("two", nobody) is not None
    with pytest.raises(Lost):
        jobs.hold(first)


def test_items_are_counted_once(jobs: Jobs) -> None:
    jobs.create("p", "docs", "ingest")
    job = jobs.claim("one", nobody)
    assert job is not None
    jobs.record(job, [Item("a", "new", "", "doc-a"), Item("b", FAULT, "it is empty")], total=3)
    jobs.record(job, [Item("a", "same"), Item("c", "same")])
    found = jobs.get("p", job.id)
    assert (found.done, found.total, found.faults) == (3, 3, 1) == (job.done, job.total, job.faults)
    assert jobs.done(job.id) == {"a", "b", "c"}
    assert jobs.items(job.id, FAULT) == [Item("b", FAULT, "it is empty")]
    assert jobs.items(job.id, after="a", most=1) == [Item("b", FAULT, "it is empty")]
    assert jobs.outcomes(job.id) == {"new": 1, FAULT: 1, "same": 1}


def test_released_it_goes_on_with_what_is_known(jobs: Jobs) -> None:
    jobs.create("p", "docs", "ingest")
    job = jobs.claim("one", nobody)
    assert job is not None
    job.about["at"] = "b"
    jobs.record(job, [Item("a", "new")])
    jobs.release(job)
    assert jobs.get("p", job.id).status == "waiting"
    again = jobs.claim("two", nobody)
    assert again is not None
    assert (again.about, again.done) == ({"at": "b"}, 1)
    jobs.end(again, "done")
    assert jobs.claim("one", nobody) is None
    assert jobs.open() == 0
    with pytest.raises(Lost):
        jobs.end(again, "failed")


def test_embedding_lets_others_go_first(jobs: Jobs) -> None:
    jobs.create("p", "docs", "embed")
    assert not jobs.others_wait()
    later = jobs.create("p", "docs", "ingest")
    assert jobs.others_wait()
    job = jobs.claim("one", nobody)
    assert job is not None
    assert job.id == later.id
    assert not jobs.others_wait()
    assert jobs.claim("one", nobody, kinds=("ingest",)) is None


def test_one_job_of_a_kind(jobs: Jobs) -> None:
    first = jobs.create("p", "docs", "embed", once=True)
    assert jobs.create("p", "docs", "embed", once=True).id == first.id
    assert jobs.create("p", "other", "embed", once=True).id != first.id
    held = jobs.claim("one", nobody, only=first.id)
    assert held is not None
    jobs.end(held, "done")
    assert jobs.create("p", "docs", "embed", once=True).id != first.id


def test_cancelled(jobs: Jobs) -> None:
    waiting = jobs.create("p", "docs", "ingest")
    assert jobs.cancel("p", waiting.id).status == "cancelled"
    jobs.create("p", "docs", "ingest")
    job = jobs.claim("one", nobody)
    assert job is not None
    assert jobs.cancel("p", job.id).status == "running"
    assert jobs.hold(job) > 0
    jobs.end(job, "cancelled")
    assert jobs.cancel("p", job.id).status == "cancelled"
    jobs.create("p", "docs", "ingest")
    done = jobs.claim("one", nobody)
    assert done is not None
    jobs.end(done, "done")
    with pytest.raises(RequestError, match="over: done"):
        jobs.cancel("p", done.id)


def test_another_project_sees_nothing(jobs: Jobs) -> None:
    job = jobs.create("p", "docs", "ingest")
    assert jobs.newest("q") == []
    with pytest.raises(RequestError) as caught:
        jobs.get("q", job.id)
    assert caught.value.status == 404
    with pytest.raises(RequestError):
        jobs.cancel("q", job.id)


def test_files_come_with_a_job_and_go_with_it(jobs: Jobs) -> None:
    jobs.create("p", "docs", "ingest", files=[("a.md", "text/markdown", b"A" * 10), ("b.md", "", b"")])
    job = jobs.claim("one", nobody)
    assert job is not None
    assert [(f.place, f.name, f.media, f.read()) for f in jobs.files(job.id)] == [
        (0, "a.md", "text/markdown", b"A" * 10),
        (1, "b.md", "", b""),
    ]
    jobs.end(job, "done")
    assert list(jobs.files(job.id)) == []


def test_old_jobs_are_swept_but_the_last_of_a_collection(jobs: Jobs) -> None:
    for _ in range(5):
        jobs.create("p", "docs", "ingest")
        job = jobs.claim("one", nobody)
        assert job is not None
        jobs.record(job, [Item("a", "same")])
        jobs.end(job, "done")
    jobs.create("p", "docs", "ingest")
    assert jobs.sweep(clock.now_ns() + 1, keep=2) == 4
    assert len(jobs.newest("p", "docs")) == 2
    assert jobs.sweep(clock.now_ns() + 1, keep=2) == 0
