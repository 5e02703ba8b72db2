"""Reading configurations from the store: which one was in force, and its text."""

import re
from collections.abc import Sequence

import msgspec

from outrider.journal import bodies
from outrider.journal.rows import ConfigurationRow
from outrider.store import Store

IMPORTED = "otlp"
"""The source of runs that other programs answered."""
_IN_FORCE = "why <> 'replay'"
_DIGEST = re.compile(r"[0-9A-Fa-f]{6,64}")
_COLUMNS = "seq, at, place, sha256, size, why, version"


class Period(msgspec.Struct):
    """One configuration as long as nothing else was taken over: first by `row`, `times` in all, last at `last` (ns)."""

    row: ConfigurationRow
    times: int
    last: int

    @property
    def house(self) -> str:
        """The installation that it was in force in."""
        return self.row.place.partition("/")[0]


def list_periods(store: Store, limit: int = 1000) -> list[Period]:
    """What was in force, the newest first; of several installations that share a store each for itself. `limit` is how
    many starts and changes are looked at."""
    made: list[Period] = []
    last: dict[str, Period] = {}
    for row in reversed(list_configurations(store, limit)):
        new = Period(row, 1, row.at)
        present = last.get(new.house)
        if present is not None and present.row.sha256 == row.sha256:
            present.times, present.last = present.times + 1, row.at
        else:
            last[new.house] = new
            made.append(new)
    return made[::-1]


def list_configurations(store: Store, limit: int = 1000) -> list[ConfigurationRow]:
    """The newest, newest first: every start and every change of every process."""
    return _rows(store, f"WHERE {_IN_FORCE} ORDER BY at DESC, seq DESC LIMIT ?", (limit,))


def configuration_at(store: Store, moment: int, *, house: str = "") -> ConfigurationRow | None:
    """The one that was taken over last by a moment (ns), in the installation whose spool has the id `house` if one is
    given."""
    where, params = ("AND place LIKE ? ", (moment, f"{house}/%")) if house else ("", (moment,))
    found = _rows(store, f"WHERE {_IN_FORCE} AND at <= ? {where}ORDER BY at DESC, seq DESC LIMIT 1", params)
    return found[0] if found else None


def configuration_of(store: Store, run: bytes) -> ConfigurationRow | None:
    """The one that a run was answered by: what its process had taken over last when it began. None where that was
    not recorded: the run is older than such records, or was imported."""
    rows = store.query(
        "SELECT r.at, (SELECT n.value FROM records c JOIN names n ON n.id = c.slot WHERE c.seq <= r.seq"
        " ORDER BY c.seq DESC LIMIT 1), s.value FROM runs r LEFT JOIN names s ON s.id = r.source WHERE r.id = ?",
        (run,),
    )
    if not rows or rows[0][2] == IMPORTED:
        return None
    at, place, _ = rows[0]
    found = _rows(store, "WHERE place = ? AND at <= ? ORDER BY at DESC, seq DESC LIMIT 1", (place, at))
    return found[0] if found else None


def find_configuration(store: Store, digest: str) -> ConfigurationRow | None:
    """The newest one whose digest begins so (hexadecimal, 6 characters or more), best one that was in force and not
    only of a replay."""
    if not _DIGEST.fullmatch(digest):
        return None
    first, last = (bytes.fromhex(digest.ljust(64, fill)) for fill in "0f")
    best = "ORDER BY CASE WHEN why = 'replay' THEN 1 ELSE 0 END, at DESC, seq DESC LIMIT 1"
    found = _rows(store, f"WHERE sha256 >= ? AND sha256 <= ? {best}", (first, last))
    return found[0] if found else None


def configuration_text(store: Store, row: ConfigurationRow) -> bytes | None:
    """Its JSON, or None where it was given up before it reached the store."""
    return bodies.load(store, "", row.sha256)


def _rows(store: Store, rest: str, params: Sequence[int | str | bytes]) -> list[ConfigurationRow]:
    rows = store.query(f"SELECT {_COLUMNS} FROM configurations {rest}", tuple(params))
    return [ConfigurationRow(seq, at, place, bytes(sha), size, why, v) for seq, at, place, sha, size, why, v in rows]
