"""Files in the lease store: written and read piece by piece, never whole in memory. Blocking; use it in threads."""

import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256

import msgspec
import zstandard

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.store import Store, Tx

PIECE = 1 << 20
"""Bytes of a piece, before compression."""
WRITING, WHOLE = 0, 1
ABANDONED_NS = 3_600_000_000_000
"""A file that was not finished within this time after it was begun is removed."""

_COLUMNS = "id, project, key, purpose, name, bytes, sha256, content, created, expires"


class File(msgspec.Struct, frozen=True):
    """A whole file. `created` and `expires` (0: never) are nanoseconds since the epoch."""

    id: str
    project: str
    key: str
    purpose: str
    name: str
    size: int
    sha256: bytes
    content: str
    created: int
    expires: int


class Files:
    """All files. `open_` gives the lease store. Every method blocks and raises StoreUnavailable."""

    def __init__(self, open_: Callable[[], Store]) -> None:
        self._open = open_

    def begin(self, project: str, key: str, purpose: str, name: str, expires: int) -> "Writer":
        """A new file; nobody sees it before it is finished."""
        file = File(f"file-{ids.new_id().hex()}", project, key, purpose, name, 0, b"", "", clock.now_ns(), expires)
        file = msgspec.structs.replace(file, content=file.id)
        with self._open().write((lock(project),)) as tx:
            tx.execute(
                f"INSERT INTO files ({_COLUMNS}, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*msgspec.structs.astuple(file), WRITING),
            )
        return Writer(self._open, file)

    def find(self, project: str, id_: str) -> File | None:
        sql = f"SELECT {_COLUMNS} FROM files WHERE id = ? AND project = ? AND state = ?"
        rows = self._open().query(sql, (id_, project, WHOLE))
        return File(*rows[0]) if rows else None

    def get(self, project: str, id_: str) -> File:
        """Raises RequestError 404."""
        found = self.find(project, id_)
        if found is None:
            raise RequestError(f"No such File object: {id_[:100]}", status=404, param="id", code="file_not_found")
        return found

    def list(self, project: str, *, after: str, most: int, purpose: str, newest_first: bool) -> list[File]:
        """At most `most` files behind the one named `after` ("": from the beginning)."""
        sql, params = f"SELECT {_COLUMNS} FROM files WHERE project = ? AND state = ?", (project, WHOLE)
        sql = f"{sql} AND purpose IN ('batch', 'batch_output')"  # others are parts of a batch, not for themselves
        wanted: tuple[str, ...] = ()
        if after:
            sql, wanted = f"{sql} AND id {'<' if newest_first else '>'} ?", (after,)
        if purpose:
            sql, wanted = f"{sql} AND purpose = ?", (*wanted, purpose)
        order = "DESC" if newest_first else "ASC"
        rows = self._open().query(f"{sql} ORDER BY id {order} LIMIT ?", (*params, *wanted, most))
        return [File(*row) for row in rows]

    def used(self) -> int:
        """Bytes of all files, each content once, before compression."""
        return int(self._open().query("SELECT coalesce(sum(bytes), 0) FROM file_parts")[0][0])

    def delete(self, file: File) -> None:
        """Raises RequestError 409 while a batch that is not over reads it."""
        with self._open().write((lock(file.project),)) as tx:
            users = tx.query("SELECT id FROM batches WHERE input_file = ? AND ended = 0", (file.id,))
            if users:
                raise RequestError(
                    f"the file is the input of {users[0][0]}, which is not over: cancel that first, or wait for it",
                    status=409,
                    code="file_in_use",
                )
            remove(tx, file.id, file.content)

    def sweep(self, now: int) -> int:
        """Remove files that are expired or were never finished; the number of them."""
        rows = self._open().query(
            "SELECT id, content, project FROM files"
            " WHERE ((expires > 0 AND expires <= ?) OR (state = ? AND created <= ?))"
            " AND NOT EXISTS (SELECT 1 FROM batches WHERE input_file = files.id AND ended = 0) LIMIT 100",
            (now, WRITING, now - ABANDONED_NS),
        )
        for id_, content, project in rows:
            with self._open().write((lock(project),)) as tx:
                remove(tx, id_, content)
        return len(rows)

    def pieces(self, file: File, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """(offset, bytes) of each piece, from the one that byte `start` is in."""
        while start < file.size:
            found = self.piece(file, start)
            if found is None:
                return
            yield found
            start = found[0] + len(found[1])

    def piece(self, file: File, at: int) -> tuple[int, bytes] | None:
        """The piece that has byte `at`, with its offset; None when the file was removed meanwhile."""
        sql = (
            "SELECT starts, bytes, body FROM file_parts WHERE content = ? AND starts <= ? ORDER BY starts DESC LIMIT 1"
        )
        for starts, size, body in self._open().query(sql, (file.content, at)):
            return starts, unpack(body, size)
        return None


class Writer:
    """Writes one file, in order. `finish` or `discard` ends it."""

    def __init__(self, open_: Callable[[], Store], file: File) -> None:
        self._open, self.file = open_, file
        self.size = 0  # bytes that were written or wait to be
        self._waiting = bytearray()
        self._digest = sha256()
        self._pack = zstandard.ZstdCompressor(level=1, write_checksum=False)

    def add(self, content: bytes) -> None:
        self.size += len(content)
        self._waiting += content
        while len(self._waiting) >= PIECE:
            self._put(bytes(self._waiting[:PIECE]))
            del self._waiting[:PIECE]

    def _put(self, piece: bytes) -> None:
        self._digest.update(piece)
        starts = self.size - len(self._waiting)
        with self._open().write((lock(self.file.content),)) as tx:
            tx.execute(
                "INSERT INTO file_parts (content, starts, bytes, body) VALUES (?, ?, ?, ?)",
                (self.file.content, starts, len(piece), self._pack.compress(piece)),
            )

    def flush(self) -> None:
        """Write what waits; nothing may be added afterwards."""
        if self._waiting:
            self._put(bytes(self._waiting))
            self._waiting.clear()

    def finish(self, expires: int | None = None) -> File:
        """The file is whole and can be found. A content that the project has already is kept once."""
        if expires is not None:
            self.file = msgspec.structs.replace(self.file, expires=expires)
        self.flush()
        with self._open().write((lock(self.file.project),)) as tx:
            return self.finish_in(tx)

    def finish_in(self, tx: Tx) -> File:
        """As `finish`, in a transaction of the caller that holds the project's lock; `flush` must have been called."""
        digest, content = self._digest.digest(), self.file.content
        same = tx.query(
            "SELECT content FROM files WHERE project = ? AND sha256 = ? AND state = ? LIMIT 1",
            (self.file.project, digest, WHOLE),
        )
        if same:
            tx.execute("DELETE FROM file_parts WHERE content = ?", (content,))
            content = same[0][0]
        self.file = msgspec.structs.replace(self.file, size=self.size, sha256=digest, content=content)
        tx.execute(
            "UPDATE files SET bytes = ?, sha256 = ?, content = ?, state = ?, expires = ? WHERE id = ?",
            (self.size, digest, content, WHOLE, self.file.expires, self.file.id),
        )
        return self.file

    def discard(self) -> None:
        """The file will not be."""
        with self._open().write((lock(self.file.project),)) as tx:
            remove(tx, self.file.id, self.file.content)


def remove(tx: Tx, id_: str, content: str) -> None:
    """Take a file out, and its content unless another file shares it."""
    tx.execute("DELETE FROM files WHERE id = ?", (id_,))
    tx.execute(
        "DELETE FROM file_parts WHERE content = ? AND NOT EXISTS (SELECT 1 FROM files WHERE files.content = ?)",
        (content, content),
    )


def unpack(body: bytes, size: int) -> bytes:
    return zstandard.ZstdDecompressor().decompress(body, max_output_size=size)


def lock(name: str) -> int:
    """A number of 31 bits: who changes the same thing waits for the other. Files are locked by their project."""
    return zlib.crc32(name.encode()) >> 1
