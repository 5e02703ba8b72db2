"""When the process that works on jobs is wanted: one small file. Who makes a job writes it, the supervisor reads it.

The file holds a time (ns); 0: now. It is missing where there never was a job.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from outrider.base import ids

FILE = "librarian"


def wake(run: Path) -> None:
    """There is work: call it after the job is in the store. `run` is the folder of running processes."""
    with _alone(run):
        _write(run, 0)


def due(run: Path) -> int | None:
    """From when on the process is wanted (ns); None: not at all."""
    try:
        return int((run / FILE).read_text("ascii") or 0)
    except (FileNotFoundError, ValueError):
        return None


def rest(run: Path, until: Callable[[], int | None]) -> bool:
    """Whether the process may end. `until` looks once more: 0 there is work, else when there will be (ns; None: not by
    itself). Whoever makes a job meanwhile wakes it again afterwards."""
    with _alone(run):
        moment = until()
        if moment == 0:
            return False
        if moment is None:
            (run / FILE).unlink(missing_ok=True)
        else:
            _write(run, moment)
        return True


def _write(run: Path, moment: int) -> None:
    aside = run / f".{FILE}-{ids.token(6)}"
    aside.write_text(str(moment), "ascii")
    aside.replace(run / FILE)


@contextmanager
def _alone(run: Path) -> Iterator[None]:
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(run / f"{FILE}.lock", "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
