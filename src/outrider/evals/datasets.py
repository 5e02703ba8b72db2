"""Datasets in the store: named, versioned lists of cases. A version never changes; a case is kept once.

Blocking; use it in threads.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence

import msgspec
import zstandard

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.evals import cases as files
from outrider.evals.records import Case, digest
from outrider.store import Store, Tx

_cases = msgspec.json.Decoder(Case)
LONGEST_NAME = 200
PORTION = 500


class Version(msgspec.Struct, frozen=True):
    """A version of a dataset. `cases` is how many there are."""

    dataset: str
    version: int
    created: int
    author: str
    note: str
    cases: int


class Change(msgspec.Struct, frozen=True):
    """What a version has that another has not, by the cases' ids."""

    added: list[str]
    removed: list[str]
    changed: list[str]


class Datasets:
    """The datasets of an evals store."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def save(self, project: str, dataset: str, cases: Sequence[Case], *, author: str = "", note: str = "") -> Version:
        """A new version with exactly these cases; the present one if nothing differs. Raises RequestError for a name or
        cases that cannot be."""
        _check_name(dataset)
        if not cases:
            raise RequestError(f"a version of {dataset!r} without any case says nothing", param="cases")
        listed = [(case.id, *_packed(case)) for case in files.unique(cases)]
        with self._store().write([_lock(project, dataset)]) as tx:
            before = self._newest(tx, project, dataset)
            if before is not None and self._listed(tx, project, before) == [(id_, key) for id_, key, _ in listed]:
                return before
            made = Version(dataset, before.version + 1 if before else 1, clock.now_ns(), author, note, len(listed))
            tx.executemany(
                "INSERT INTO eval_cases (project, digest, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [(project, key, body) for _, key, body in listed],
            )
            tx.execute(
                "INSERT INTO eval_versions (project, dataset, version, created, author, note, cases)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (project, *msgspec.structs.astuple(made)),
            )
            tx.executemany(
                "INSERT INTO eval_version_cases (project, dataset, version, place, id, digest)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [(project, dataset, made.version, at, id_, key) for at, (id_, key, _) in enumerate(listed)],
            )
            return made

    def add(self, project: str, dataset: str, cases: Sequence[Case], *, author: str = "", note: str = "") -> Version:
        """A new version with these cases behind those that are there; one with a known id takes its place."""
        try:
            there = {case.id: case for case in self.cases(project, dataset)}
        except RequestError:
            there = {}
        there.update((case.id, case) for case in files.unique(cases))
        return self.save(project, dataset, list(there.values()), author=author, note=note)

    def keep(self, project: str, cases: Sequence[Case]) -> None:
        """Keep cases that are in no version (yet): an experiment names them by their digests."""
        rows = [(project, *_packed(case)) for case in cases]
        with self._store().write([_lock(project, "")]) as tx:
            tx.executemany(
                "INSERT INTO eval_cases (project, digest, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows
            )

    def kept(self, project: str, digests: Sequence[str]) -> dict[str, Case]:
        """Cases by their digests; what is not there is left out."""
        found: dict[str, Case] = {}
        for at in range(0, len(digests), PORTION):
            part = list(digests[at : at + PORTION])
            rows = self._store().query(
                f"SELECT digest, body FROM eval_cases WHERE project = ? AND digest IN ({', '.join('?' * len(part))})",
                (project, *part),
            )
            found.update((str(key), _cases.decode(zstandard.decompress(body))) for key, body in rows)
        return found

    def versions(self, project: str, dataset: str) -> list[Version]:
        """All, the newest first. Empty: there is no such dataset."""
        rows = self._store().query(
            "SELECT dataset, version, created, author, note, cases FROM eval_versions"
            " WHERE project = ? AND dataset = ? ORDER BY version DESC",
            (project, dataset),
        )
        return [Version(*row) for row in rows]

    def newest(self, project: str) -> list[Version]:
        """The newest version of every dataset, by name."""
        rows = self._store().query(
            "SELECT v.dataset, v.version, v.created, v.author, v.note, v.cases FROM eval_versions v JOIN"
            " (SELECT dataset, MAX(version) AS newest FROM eval_versions WHERE project = ? GROUP BY dataset) n"
            " ON v.dataset = n.dataset AND v.version = n.newest WHERE v.project = ? ORDER BY v.dataset",
            (project, project),
        )
        return [Version(*row) for row in rows]

    def cases(self, project: str, dataset: str, version: int = 0) -> list[Case]:
        """The cases of a version (0: the newest), in their order. Raises RequestError 404."""
        wanted = self.version(project, dataset, version)
        rows = self._store().query(
            "SELECT c.body FROM eval_version_cases v JOIN eval_cases c ON c.project = v.project AND c.digest = v.digest"
            " WHERE v.project = ? AND v.dataset = ? AND v.version = ? ORDER BY v.place",
            (project, dataset, wanted.version),
        )
        return [_cases.decode(zstandard.decompress(body)) for (body,) in rows]

    def page(self, version: Version, project: str, first: int = 0, limit: int = 50) -> list[Case]:
        """Some of the cases of a version, in their order, beginning with the `first` (from 0)."""
        rows = self._store().query(
            "SELECT c.body FROM eval_version_cases v JOIN eval_cases c ON c.project = v.project AND c.digest = v.digest"
            " WHERE v.project = ? AND v.dataset = ? AND v.version = ? AND v.place >= ? AND v.place < ?"
            " ORDER BY v.place",
            (project, version.dataset, version.version, first, first + limit),
        )
        return [_cases.decode(zstandard.decompress(body)) for (body,) in rows]

    def case(self, project: str, dataset: str, version: int, id_: str) -> Case | None:
        """One case of a version, by its id."""
        rows = self._store().query(
            "SELECT c.body FROM eval_version_cases v JOIN eval_cases c ON c.project = v.project AND c.digest = v.digest"
            " WHERE v.project = ? AND v.dataset = ? AND v.version = ? AND v.id = ?",
            (project, dataset, version, id_),
        )
        return _cases.decode(zstandard.decompress(rows[0][0])) if rows else None

    def version(self, project: str, dataset: str, version: int = 0) -> Version:
        """One version (0: the newest). Raises RequestError 404."""
        known = self.versions(project, dataset)
        found = next((one for one in known if one.version == version or not version), None)
        if found is None:
            what = f"version {version} of it" if known else f"dataset {dataset[:80]!r}"
            raise RequestError(f"there is no {what}", status=404, code="unknown_dataset", param="dataset")
        return found

    def difference(self, project: str, dataset: str, old: int, new: int) -> Change:
        """What `new` has that `old` has not. Raises RequestError 404."""
        one, other = (
            dict(self._listed(self._store(), project, self.version(project, dataset, number))) for number in (old, new)
        )
        return Change(
            [id_ for id_ in other if id_ not in one],
            [id_ for id_ in one if id_ not in other],
            [id_ for id_, key in other.items() if one.get(id_, key) != key],
        )

    def _newest(self, tx: Tx, project: str, dataset: str) -> Version | None:
        rows = tx.query(
            "SELECT dataset, version, created, author, note, cases FROM eval_versions"
            " WHERE project = ? AND dataset = ? ORDER BY version DESC LIMIT 1",
            (project, dataset),
        )
        return Version(*rows[0]) if rows else None

    def _listed(self, reader: "Store | Tx", project: str, version: Version) -> list[tuple[str, str]]:
        rows = reader.query(
            "SELECT id, digest FROM eval_version_cases WHERE project = ? AND dataset = ? AND version = ?"
            " ORDER BY place",
            (project, version.dataset, version.version),
        )
        return [(str(id_), str(key)) for id_, key in rows]


def _packed(case: Case) -> tuple[str, bytes]:
    said = files.body(case)
    return digest(msgspec.json.decode(said)), zstandard.compress(said)


def _check_name(dataset: str) -> None:
    if not dataset or len(dataset) > LONGEST_NAME or not dataset.isprintable() or dataset != dataset.strip():
        raise RequestError(
            f"a dataset's name is 1 to {LONGEST_NAME} printable characters without space at its ends", param="dataset"
        )


def _lock(project: str, dataset: str) -> int:
    return zlib.crc32(f"dataset/{project}/{dataset}".encode()) >> 1


def split(cases: Iterable[Case], share: float) -> list[Case]:
    """Cases that have no split get one, by the digest of what they ask: about `share` of them are `held-out`, and the
    same question always lands on the same side."""
    found = []
    for case in cases:
        side = "held-out" if int(digest(case.input)[:8], 16) < share * 0x1_0000_0000 else "train"
        found.append(case if case.split else msgspec.structs.replace(case, split=side))
    return found
