"""Which processes live that hold jobs: a file for each, locked (flock) while it does.

A holder of another machine has no file here: only its lease says when it is gone.
"""

import fcntl
import os
from pathlib import Path

from outrider.base import ids


class Presence:
    """This process as a holder of jobs. `name` is what it is called in the store."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self.name = f"{os.getpid()}-{ids.token(6)}"
        self._path = folder / self.name
        self._file = open(self._path, "wb")  # noqa: SIM115 (held as long as the process has jobs)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def dead(self, holder: str) -> bool:
        """Whether a holder of this machine is surely gone; its file then goes too."""
        path = self._folder / holder
        if holder == self.name or "/" in holder:
            return False
        try:
            with open(path, "rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (FileNotFoundError, BlockingIOError):
            return False
        return True

    def sweep(self) -> None:
        """Remove the files of those that died. Call it after their jobs were claimed: their leases may still run."""
        for path in self._folder.iterdir():
            if self.dead(path.name):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        self._path.unlink(missing_ok=True)
        self._file.close()
