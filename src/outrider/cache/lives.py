"""Whether a process of this machine still lives: a file that it keeps locked, which the kernel unlocks when it dies."""

import contextlib
import fcntl
import os
from pathlib import Path

from outrider.base import ids


class Life:
    """One life of a process, under a random `name`, from its making until `end` or the process's death."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = ids.token(8)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(folder)
        draft = folder / f".{self.name}"
        self._file = open(draft, "wb")  # noqa: SIM115 (held for the life of the process)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.rename(draft, folder / self.name)  # seen by others only once it is locked

    def alive(self, name: str) -> bool:
        """Whether the process of this name lives, as far as this machine knows."""
        return name == self.name or _locked(self._folder / name)

    def end(self) -> None:
        (self._folder / self.name).unlink(missing_ok=True)
        self._file.close()


def _locked(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _sweep(folder: Path) -> None:
    """Remove what dead processes left."""
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if not path.name.startswith(".") and not _locked(path):
                path.unlink()
