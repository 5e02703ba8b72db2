"""How a job's end is told, whatever happens in it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outrider.base.errors import OutriderError, RequestError, StoreUnavailable, UpstreamError
from outrider.knowledge.jobs import Item, Job, Jobs
from outrider.knowledge.presence import Presence
from outrider.knowledge.work import Bench, Cancelled, Desk, Later
from outrider.store import open_knowledge

Do = Callable[[Callable[[Desk], None]], Job]


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    store = open_knowledge(f"sqlite:///{tmp_path / 'outrider.sqlite3'}")
    yield Jobs(lambda: store)
    store.close()


@pytest.fixture
def do(jobs: Jobs, tmp_path: Path) -> Iterator[Do]:
    """A job that is done by a function; the job as the store has it then."""
    presence = Presence(tmp_path / "run")

    def do_(work: Callable[[Desk], None]) -> Job:
        made = jobs.create("p", "docs", "some")
        Bench(jobs, presence, {"some": work}).one(made.id)
        return jobs.get("p", made.id)

    yield do_
    presence.close()


def fails(error: Exception) -> Callable[[Desk], None]:
    def work(desk: Desk) -> None:
        desk.record([Item("a", "new")], total=2)
        raise error

    return work


def test_done(do: Do) -> None:
    job = do(lambda desk: desk.record([Item("a", "new"), Item("b", "fault", "it is empty")], total=2))
    assert (job.status, job.done, job.total, job.faults) == ("done", 2, 2, 1)


@pytest.mark.parametrize("error", [RequestError("no such thing"), UpstreamError("refused", retryable=False)])
def test_failed_with_its_reason(do: Do, error: OutriderError) -> None:
    job = do(fails(error))
    assert (job.status, job.about["why"], job.done) == ("failed", error.message, 1)


def test_a_fault_of_ours_fails_one_job(do: Do, caplog: pytest.LogCaptureFixture) -> None:
    job = do(fails(ZeroDivisionError("by /secret/nothing")))
    told = "it met a fault of its own (ZeroDivisionError); the log says more"
    assert (job.status, job.about["why"]) == ("failed", told)
    assert "ZeroDivisionError: by /secret/nothing" in caplog.text
    assert do(lambda desk: None).status == "done"


@pytest.mark.parametrize("error", [RequestError("no such collection"), Cancelled("asked for"), ZeroDivisionError()])
def test_a_job_that_is_gone_when_it_fails_is_only_told(
    jobs: Jobs, do: Do, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def work(desk: Desk) -> None:
        jobs.end(desk.job, "done")
        raise error

    assert do(work).status == "done"
    assert "or was ended" in caplog.text


def test_a_library_that_is_not_installed_is_told_with_its_remedy(do: Do, caplog: pytest.LogCaptureFixture) -> None:
    job = do(fails(ModuleNotFoundError("No module named 'py3langid'", name="py3langid.langid")))
    assert job.status == "failed"
    assert job.about["why"].startswith("The library py3langid is not installed: pip install 'outrider[knowledge]'")
    assert "Traceback" not in caplog.text
    ours = do(fails(ModuleNotFoundError("no outrider.gone", name="outrider.gone"))).about["why"]
    assert ours == "it met a fault of its own (ModuleNotFoundError); the log says more"
    assert "Traceback" in caplog.text, "a fault of ours"


@pytest.mark.parametrize("error", [Later("not now"), UpstreamError("busy"), StoreUnavailable("away")])
def test_what_may_come_back_waits(do: Do, error: OutriderError) -> None:
    job = do(fails(error))
    assert (job.status, job.about["waits"], job.holder) == ("waiting", error.message, "")


def test_cancelled(jobs: Jobs, do: Do) -> None:
    def work(desk: Desk) -> None:
        jobs.cancel("p", desk.job.id)
        desk._ended = None
        with pytest.raises(OutriderError, match="cancelled"):
            _held(desk)
        raise desk._ended or AssertionError

    assert do(work).status == "cancelled"


def _held(desk: Desk) -> None:
    """As the thread that renews the lease does, at once."""

    def wait(seconds: float | None = None) -> bool:
        return bool(desk._ended)

    desk._quit.wait = wait  # type: ignore[method-assign, assignment]
    desk._hold()
    desk.check()


def test_lost(jobs: Jobs, do: Do) -> None:
    def work(desk: Desk) -> None:
        assert jobs.claim("another", lambda holder: True, only=desk.job.id) is not None
        desk.record([Item("a", "new")])

    job = do(work)
    assert (job.status, job.holder, job.done) == ("running", "another", 0)


def test_nothing_to_do(jobs: Jobs, tmp_path: Path) -> None:
    presence = Presence(tmp_path / "run")
    jobs.create("p", "docs", "unknown kind")
    made = jobs.create("p", "docs", "some")
    bench = Bench(jobs, presence, {"some": lambda desk: None})
    assert bench.one(besides=[made.id]) is None
    assert bench.one("job_nowhere") is None
    assert bench.one() is not None
    assert bench.one() is None
    presence.close()
