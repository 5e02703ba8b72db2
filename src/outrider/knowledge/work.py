"""One process's work on jobs: claim one, keep holding it, do it, say how it ended.

What a kind of job does is a function over a `Desk`, which an application registers under its name.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from outrider.base.errors import OutriderError, StoreUnavailable, UpstreamError
from outrider.knowledge import absent
from outrider.knowledge.jobs import EMBED, Item, Job, Jobs, Lost
from outrider.knowledge.presence import Presence

HOLD_SECONDS = 5.0
"""How often a lease is renewed."""

log = logging.getLogger("outrider.knowledge")

Progress = Callable[[Job], None]
Woken = Callable[[], bool]


class Cancelled(OutriderError):
    """Somebody asked for the job's end."""

    code = "job_cancelled"


class Yielded(OutriderError):
    """The job goes on later: the process ends, or another job goes first."""

    code = "job_yielded"


class Later(OutriderError):
    """The job waits for something outside: it goes back, and is tried again after a while."""

    code = "job_waits"


def _quiet(job: Job) -> None:
    pass


def _go_on() -> bool:
    return False


class Desk:
    """A job while this process holds it. Its methods raise Cancelled, Yielded or Lost: let them through.

    The job is done in parts of at most a second or two; each ends in `record` or `count`, and what is recorded is done
    for good. A job that is begun again asks `done` what it need not do any more.
    """

    def __init__(self, jobs: Jobs, job: Job, on_progress: Progress = _quiet, stop: Woken = _go_on) -> None:
        self.jobs, self.job = jobs, job
        self._progress, self._stop = on_progress, stop
        self._ended: OutriderError | None = None
        self._quit = threading.Event()

    def done(self) -> set[str]:
        """The items that have an outcome from before."""
        return self.jobs.done(self.job.id) if self.job.done else set()

    def record(self, items: Iterable[Item], *, total: int | None = None) -> None:
        """What became of items; `total` when it is known (or known better)."""
        self.jobs.record(self.job, items, total=total)
        self._progress(self.job)
        self.check()

    def count(self, done: int, total: int) -> None:
        """How far a job without items is."""
        self.jobs.count(self.job, done, total)
        self._progress(self.job)
        self.check()

    def check(self) -> None:
        """Whether to go on: raises if not."""
        if self._ended is not None:
            raise self._ended
        if self._stop():
            raise Yielded("the process ends; the job goes on later")
        if self.job.kind == EMBED and self.jobs.others_wait():
            raise Yielded("another job goes first")

    @contextmanager
    def held(self) -> Iterator[None]:
        """The lease is renewed inside."""
        thread = threading.Thread(target=self._hold, name=f"hold {self.job.id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._quit.set()
            thread.join()

    def _hold(self) -> None:
        while not self._quit.wait(HOLD_SECONDS):
            try:
                if self.jobs.hold(self.job):
                    self._ended = Cancelled("the job was cancelled")
            except Lost as error:
                self._ended = error
            except StoreUnavailable:
                continue  # the lease lasts for some of these


Work = Callable[[Desk], None]


class Bench:
    """The kinds of work that this process can do. `stop` says that it is to end."""

    def __init__(self, jobs: Jobs, presence: Presence, works: Mapping[str, Work], stop: Woken = _go_on) -> None:
        self.jobs, self._presence, self._works, self._stop = jobs, presence, works, stop

    def one(self, only: str = "", on_progress: Progress = _quiet, *, besides: Iterable[str] = ()) -> Job | None:
        """Claim a job (any, or `only` this one; none of `besides`) and do it: the job as it is then. None: there is
        nothing to do here. Raises StoreUnavailable."""
        kinds = tuple(self._works)
        job = self.jobs.claim(self._presence.name, self._presence.dead, kinds=kinds, only=only, besides=besides)
        if job is None:
            return None
        desk = Desk(self.jobs, job, on_progress, self._stop)
        with desk.held():
            try:
                self._do(desk)
            except Lost as error:
                log.warning("%s: %s", job.id, error.message)
        on_progress(job)
        return job

    def _do(self, desk: Desk) -> None:
        job, jobs = desk.job, desk.jobs
        try:
            self._works[job.kind](desk)
            jobs.end(job, "done")
        except Lost:
            raise
        except Cancelled:
            jobs.end(job, "cancelled")
        except Yielded:
            self._back(job, "")
        except (Later, StoreUnavailable) as error:
            self._back(job, error.message)
        except UpstreamError as error:
            if error.retryable:
                self._back(job, error.message)
            else:
                jobs.end(job, "failed", error.message)
        except OutriderError as error:
            jobs.end(job, "failed", error.message)
        except Exception as error:  # the edge of the work: one job's fault must not end the others
            why = absent.told(error)
            if not why:
                log.exception("%s (%s of %s) failed", job.id, job.kind, job.collection)
            jobs.end(job, "failed", why or f"it met a fault of its own ({type(error).__name__}); the log says more")

    def _back(self, job: Job, waits: str) -> None:
        job.about["waits"] = waits
        self.jobs.release(job)
        job.status = "waiting"
