"""Files that come with a job: in the store until the job has read them, in parts, so that none is in memory whole."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, NamedTuple

from outrider.store import Store, Tx

PART = 1_000_000
"""Bytes of a part."""
Body = bytes | Iterable[bytes]
Sending = tuple[str, str, Body]
"""Name, media type, and what is in it, whole or piece by piece."""


class SentFile(NamedTuple):
    """A file that came with a job."""

    store: Store
    job: str
    place: int
    name: str
    media: str
    size: int

    def parts(self) -> Iterator[bytes]:
        """What is in it, a part at a time."""
        at = (self.job, self.place)
        before = self.store.query("SELECT body FROM knowledge_job_files WHERE job = ? AND place = ?", at)
        if before and before[0][0]:
            yield bytes(before[0][0])
        part, sql = 0, "SELECT body FROM knowledge_job_parts WHERE job = ? AND place = ? AND part = ?"
        while rows := self.store.query(sql, (*at, part)):
            yield bytes(rows[0][0])
            part += 1

    def read(self) -> bytes:
        whole = io.BytesIO()
        self.copy(whole)
        return whole.getvalue()  # the buffer itself, and no copy of it

    def copy(self, to: IO[bytes]) -> None:
        for part in self.parts():
            to.write(part)


def keep(tx: Tx, job: str, files: Sequence[Sending]) -> None:
    """Put the files beside their job."""
    for place, (name, media, body) in enumerate(files):
        size = 0
        for number, part in enumerate(_cut(body)):
            size += len(part)
            tx.execute("INSERT INTO knowledge_job_parts VALUES (?, ?, ?, ?)", (job, place, number, part))
        sql = "INSERT INTO knowledge_job_files (job, place, name, media, size, body) VALUES (?, ?, ?, ?, ?, ?)"
        tx.execute(sql, (job, place, name, media, size, b""))


def files(store: Store, job: str) -> Iterator[SentFile]:
    last = -1
    sql = "SELECT place, name, media, size FROM knowledge_job_files WHERE job = ? AND place > ? ORDER BY place LIMIT 1"
    while rows := store.query(sql, (job, last)):
        last, name, media, size = rows[0]
        yield SentFile(store, job, last, name, media, int(size))


def forget(tx: Tx, job: str) -> None:
    """The job is over, or was taken away."""
    for table in ("knowledge_job_files", "knowledge_job_parts"):
        tx.execute(f"DELETE FROM {table} WHERE job = ?", (job,))


def _cut(body: Body) -> Iterator[bytes]:
    for piece in (body,) if isinstance(body, bytes) else body:
        for at in range(0, len(piece), PART):
            yield piece[at : at + PART]
