"""Where things are under `OUTRIDER_HOME`."""

from pathlib import Path


def spool(home: Path) -> Path:
    return home / "spool"


def run(home: Path) -> Path:
    """What is only true while processes run: counters of workers."""
    return home / "run"


def address(home: Path) -> Path:
    """The URL of the server that runs on this home, which a command may have started at another port."""
    return run(home) / "address"


def keys(home: Path) -> Path:
    """The keys (hashed) that were known last, for a start while the database is away."""
    return home / "keys.known"


def holds(home: Path) -> Path:
    """What calls under way hold on budgets, a file for each worker: kept when it dies, for the indexer."""
    return run(home) / "holds"


def budgets(home: Path) -> Path:
    """The budgets that were known last, for a start while the database is away."""
    return home / "budgets.known"


def jobs(home: Path) -> Path:
    """A file for each process that may hold jobs, locked while it lives."""
    return run(home) / "jobs"
