"""Documents and what is made of them as rows: all SQL that both databases share. Nothing here decides anything."""

from collections.abc import Iterable, Sequence, Set
from typing import Any

import msgspec
import zstandard

from outrider.knowledge.records import Block, BlockKind, Chunk, Collection, Document, Embedding, Piece, Settings, Space
from outrider.store.ports import Row, Store, Tx

PLACES = 20
"""Bits of a chunk's id that are its place in the document; the bits above are the document's key."""

_MOST_PARAMS = 500
_BLOCKS = msgspec.msgpack.Decoder(list[Block])
_DOCUMENT = "key, id, source, number, title, media, language, hash, length, since, until, trust, readers, meta, notes"


class About(msgspec.Struct, omit_defaults=True, array_like=True):
    """What a chunk's row says beside its text."""

    outer: tuple[int, int]
    headings: tuple[str, ...] = ()
    kind: BlockKind = "text"
    page: int = 0
    seconds: float = -1.0


_ABOUT = msgspec.json.Decoder(About)


def pack(raw: bytes) -> bytes:
    return bytes(zstandard.ZstdCompressor(level=3).compress(raw))


def unpack(stored: bytes) -> bytes:
    return bytes(zstandard.ZstdDecompressor().decompress(stored)) if stored else b""


def document_key(chunk: int) -> int:
    """The key of the document (version) that a chunk belongs to."""
    return chunk >> PLACES


# -- collections ------------------------------------------------------------------------------------------------------

_COLLECTION = "SELECT id, project, name, made, revision, erasures, settings FROM collections"


def _collection(row: Row) -> Collection:
    settings = msgspec.json.decode(bytes(row[6]), type=Settings)
    return Collection(row[0], row[1], row[2], row[3], row[4], row[5], settings)


def collections(store: Store | Tx, project: str) -> list[Collection]:
    return [_collection(r) for r in store.query(f"{_COLLECTION} WHERE project = ? ORDER BY name", (project,))]


def collection(store: Store | Tx, project: str, name: str) -> Collection | None:
    rows = store.query(f"{_COLLECTION} WHERE project = ? AND name = ?", (project, name))
    return _collection(rows[0]) if rows else None


def collection_by_id(store: Store | Tx, id_: int) -> Collection | None:
    rows = store.query(f"{_COLLECTION} WHERE id = ?", (id_,))
    return _collection(rows[0]) if rows else None


def add_collection(tx: Tx, project: str, name: str, made: int, settings: Settings) -> int:
    sql = """INSERT INTO collections (project, name, made, revision, erasures, settings)
             VALUES (?, ?, ?, 0, 0, ?) RETURNING id"""
    return int(tx.query(sql, (project, name, made, msgspec.json.encode(settings)))[0][0])


def set_settings(tx: Tx, id_: int, settings: Settings) -> None:
    tx.execute("UPDATE collections SET settings = ? WHERE id = ?", (msgspec.json.encode(settings), id_))


def touch(tx: Tx, id_: int, *, erased: bool = False) -> int:
    """Count a change; the new revision, or 0 if there is no such collection (any more)."""
    sql = "UPDATE collections SET revision = revision + 1, erasures = erasures + ? WHERE id = ? RETURNING revision"
    rows = tx.query(sql, (int(erased), id_))
    return int(rows[0][0]) if rows else 0


def drop_collection(tx: Tx, id_: int) -> None:
    keys = [r[0] for r in tx.query("SELECT key FROM documents WHERE collection = ?", (id_,))]
    drop_chunks(tx, keys)
    for (space,) in tx.query("SELECT id FROM spaces WHERE collection = ?", (id_,)):
        drop_space(tx, space)
    tx.execute("DELETE FROM documents WHERE collection = ?", (id_,))
    _drop_jobs(tx, id_)
    tx.execute("DELETE FROM collections WHERE id = ?", (id_,))


def _drop_jobs(tx: Tx, id_: int) -> None:
    """Whoever works on one of them loses it with its next write."""
    jobs = """SELECT j.id FROM knowledge_jobs AS j JOIN collections AS c ON c.project = j.project
              AND c.name = j.collection WHERE c.id = ?"""
    told = ("items", "files", "parts")
    for table, column in (*((f"knowledge_job_{what}", "job") for what in told), ("knowledge_jobs", "id")):
        tx.execute(f"DELETE FROM {table} WHERE {column} IN ({jobs})", (id_,))


# -- documents --------------------------------------------------------------------------------------------------------


def document_of(row: Row, collection: str) -> Document:
    """A document from the columns of `_DOCUMENT`."""
    _, id_, source, number, title, media, language, hash_, length, since, until, trust, readers, meta, notes = row
    return Document(
        id_, collection, source, number, title, media, language, hash_, length, since, until, trust,
        msgspec.json.decode(readers, type=tuple[str, ...]), msgspec.json.decode(meta), msgspec.json.decode(notes),
    )  # fmt: skip


def versions(store: Store | Tx, collection: Collection, id_: str) -> list[tuple[int, Document]]:
    """(key, document) of every version, the earliest to hold first."""
    sql = f"SELECT {_DOCUMENT} FROM documents WHERE collection = ? AND id = ? ORDER BY since, number"
    return [(r[0], document_of(r, collection.name)) for r in store.query(sql, (collection.id, id_))]


def documents_by_key(store: Store, collection: Collection, keys: Iterable[int]) -> dict[int, Document]:
    found: dict[int, Document] = {}
    for some in _portions(sorted(set(keys))):
        sql = f"SELECT {_DOCUMENT} FROM documents WHERE key IN ({_marks(some)})"
        found.update((r[0], document_of(r, collection.name)) for r in store.query(sql, some))
    return found


def live(store: Store, collection: Collection, after: str, limit: int) -> list[Document]:
    """Documents that hold now, by id, after the id `after`."""
    sql = f"SELECT {_DOCUMENT} FROM documents WHERE collection = ? AND until = 0 AND id > ? ORDER BY id LIMIT ?"
    return [document_of(r, collection.name) for r in store.query(sql, (collection.id, after, limit))]


def live_sources(store: Store, collection: Collection) -> list[Row]:
    """(source, id, hash) of the documents that hold now."""
    sql = "SELECT source, id, hash FROM documents WHERE collection = ? AND until = 0"
    return store.query(sql, (collection.id,))


def known_as(store: Store, collection: Collection, source: str) -> list[str]:
    """The ids of documents that came from a source, of those that hold no more, too."""
    sql = "SELECT DISTINCT id FROM documents WHERE collection = ? AND source = ? ORDER BY id"
    return [str(row[0]) for row in store.query(sql, (collection.id, source))]


def add_document(tx: Tx, collection: Collection, document: Document, revision: int, body: bytes, blocks: bytes) -> int:
    """Add a version; its key. `body` and `blocks` are packed."""
    sql = """INSERT INTO documents (collection, id, source, number, title, media, language, hash, length, since, until,
             trust, readers, meta, notes, touched, chunks, body, blocks)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?) RETURNING key"""
    d = document
    texts = [msgspec.json.encode(x).decode() for x in (d.readers, d.meta, d.notes)]
    row = (collection.id, d.id, d.source, d.number, d.title, d.media, d.language, d.hash, d.length, d.since, d.until,
           d.trust, *texts, revision, body, blocks)  # fmt: skip
    return int(tx.query(sql, row)[0][0])


def end_document(tx: Tx, key: int, until: int, revision: int) -> None:
    tx.execute("UPDATE documents SET until = ?, touched = ? WHERE key = ?", (until, revision, key))


def follow_readers(tx: Tx, collection: int, old: Sequence[str], new: Sequence[str], revision: int) -> None:
    """Documents that may be read by whom the collection named may be read by whom it names now."""
    before, after = (msgspec.json.encode(sorted(set(some))).decode() for some in (old, new))
    if before != after:
        sql = "UPDATE documents SET readers = ?, touched = ? WHERE collection = ? AND readers = ?"
        tx.execute(sql, (after, revision, collection, before))


def label_document(tx: Tx, keys: Sequence[int], trust: str, readers: Sequence[str], revision: int) -> None:
    row = (trust, msgspec.json.encode(readers).decode(), revision)
    sql = "UPDATE documents SET trust = ?, readers = ?, touched = ? WHERE key = ?"
    tx.executemany(sql, [(*row, key) for key in keys])


def delete_documents(tx: Tx, keys: Sequence[int]) -> None:
    tx.executemany("DELETE FROM documents WHERE key = ?", [(k,) for k in keys])


def body(store: Store | Tx, key: int) -> tuple[str, list[Block]] | None:
    """A version's text and blocks; None if it is not there."""
    rows = store.query("SELECT body, blocks FROM documents WHERE key = ?", (key,))
    if not rows:
        return None
    return unpack(bytes(rows[0][0])).decode(), _BLOCKS.decode(unpack(bytes(rows[0][1])))


def key_of(store: Store | Tx, collection: Collection, id_: str, number: int) -> int | None:
    sql = "SELECT key FROM documents WHERE collection = ? AND id = ? AND number = ?"
    rows = store.query(sql, (collection.id, id_, number))
    return int(rows[0][0]) if rows else None


# -- chunks -----------------------------------------------------------------------------------------------------------


def add_chunks(tx: Tx, key: int, text: str, pieces: Sequence[Piece]) -> list[int]:
    """Add the chunks of a version; their ids, in order."""
    rows = []
    for place, p in enumerate(pieces):
        rest = About(p.outer, tuple(p.headings), p.kind, p.page, p.seconds)
        id_ = key << PLACES | place
        rows.append((id_, p.start, p.end, text[p.start : p.end], msgspec.json.encode(rest).decode()))
    tx.executemany("INSERT INTO chunks (id, starts, ends, text, about) VALUES (?, ?, ?, ?, ?)", rows)
    tx.execute("UPDATE documents SET chunks = ? WHERE key = ?", (len(rows), key))
    return [r[0] for r in rows]


def about(row: Row) -> About:
    """The rest of a chunk from (id, starts, ends, text, about)."""
    return _ABOUT.decode(row[4])


def chunk_of(row: Row, document: Document) -> Chunk:
    """A chunk from (id, starts, ends, text, about)."""
    rest = about(row)
    return Chunk(row[0], document.id, document.number, row[3], row[1], row[2], rest.outer, rest.headings, rest.kind,
                 rest.page, rest.seconds)  # fmt: skip


def chunk_rows(store: Store | Tx, ids: Iterable[int]) -> dict[int, Row]:
    """(id, starts, ends, text, about) by id, of those that are there."""
    found: dict[int, Row] = {}
    for some in _portions(sorted(set(ids))):
        sql = f"SELECT id, starts, ends, text, about FROM chunks WHERE id IN ({_marks(some)})"
        found.update((r[0], r) for r in store.query(sql, some))
    return found


def chunks_of_documents(store: Store | Tx, keys: Iterable[int]) -> list[Row]:
    """(id, starts, ends, text, about) of all chunks of these versions."""
    sql = "SELECT id, starts, ends, text, about FROM chunks WHERE id >= ? AND id < ? ORDER BY id"
    return [r for key in keys for r in store.query(sql, (key << PLACES, (key + 1) << PLACES))]


def drop_chunks(tx: Tx, keys: Iterable[int]) -> None:
    """Take the chunks of these versions away, with their vectors."""
    spans = [(key << PLACES, (key + 1) << PLACES) for key in keys]
    tx.executemany("DELETE FROM chunks WHERE id >= ? AND id < ?", spans)


# -- vectors ----------------------------------------------------------------------------------------------------------

_SPACE = "SELECT id, collection, name, generation, model, content, dimensions, live, uid, epoch FROM spaces"


def spaces(store: Store | Tx, collection: int) -> list[Space]:
    rows = store.query(f"{_SPACE} WHERE collection = ? ORDER BY name, generation", (collection,))
    return [Space(r[0], r[1], r[2], r[3], r[4], r[5], r[6], bool(r[7]), r[8], r[9]) for r in rows]


def add_space(tx: Tx, collection: int, name: str, generation: int, made: Embedding, uid: str, live: bool) -> int:
    sql = """INSERT INTO spaces (collection, name, generation, model, content, dimensions, live, uid, epoch)
             VALUES (?, ?, ?, ?, ?, 0, ?, ?, 0) RETURNING id"""
    return int(tx.query(sql, (collection, name, generation, made.model, made.of, int(live), uid))[0][0])


def set_dimensions(tx: Tx, space: int, dimensions: int) -> None:
    tx.execute("UPDATE spaces SET dimensions = ? WHERE id = ?", (dimensions, space))


def make_live(tx: Tx, space: Space) -> bool:
    """Search this generation from now on; older ones of its name are taken away, a newer one is still to come. False:
    it was dropped itself, and nothing changes."""
    if not tx.execute("UPDATE spaces SET live = 1 WHERE id = ?", (space.id,)):
        return False
    sql = "SELECT id FROM spaces WHERE collection = ? AND name = ? AND generation < ?"
    for (other,) in tx.query(sql, (space.collection, space.name, space.generation)):
        drop_space(tx, other)
    return True


def drop_space(tx: Tx, space: int) -> None:
    if tx.dialect == "postgres":
        from outrider.knowledge.indexes import pgvector

        pgvector.drop(tx, space)
    tx.execute("DELETE FROM vectors WHERE space = ?", (space,))
    tx.execute("DELETE FROM spaces WHERE id = ?", (space,))


def add_vectors(tx: Tx, space: int, rows: Iterable[tuple[int, bytes]]) -> None:
    """Rows are (chunk id, float16 bytes). A chunk that has its vector keeps it; one that is gone gets none."""
    sql = """INSERT INTO vectors (space, chunk, vector) SELECT ?, id, ? FROM chunks WHERE id = ?
             ON CONFLICT (space, chunk) DO NOTHING"""
    tx.executemany(sql, [(space, vector, chunk) for chunk, vector in rows])


def vectors_after(store: Store, space: int, seq: int, limit: int) -> list[Row]:
    """(seq, chunk, vector) in the order they came."""
    sql = "SELECT seq, chunk, vector FROM vectors WHERE space = ? AND seq > ? ORDER BY seq LIMIT ?"
    return store.query(sql, (space, seq, limit))


def vectors_of(store: Store, space: int, ids: Iterable[int]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for some in _portions(sorted(set(ids))):
        sql = f"SELECT chunk, vector FROM vectors WHERE space = ? AND chunk IN ({_marks(some)})"
        found.update((r[0], bytes(r[1])) for r in store.query(sql, (space, *some)))
    return found


def waiting(store: Store, collection: Collection, space: int, limit: int) -> list[Row]:
    """(chunk id, text, about, title, meta) of chunks without a vector in `space`, the newest documents first."""
    sql = f"""SELECT c.id, c.text, c.about, d.title, d.meta FROM documents d
              JOIN chunks c ON c.id >= d.key << {PLACES} AND c.id < (d.key + 1) << {PLACES}
              WHERE d.collection = ? AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.space = ? AND v.chunk = c.id)
              ORDER BY d.key DESC, c.id LIMIT ?"""
    return store.query(sql, (collection.id, space, limit))


def drop_vectors(tx: Tx, collection: Collection, keys: Iterable[int]) -> None:
    """Take the vectors of these versions away in every space; what was made of the spaces is made again."""
    spans = [(key << PLACES, (key + 1) << PLACES) for key in keys]
    for (space,) in tx.query("SELECT id FROM spaces WHERE collection = ?", (collection.id,)):
        tx.executemany("DELETE FROM vectors WHERE space = ? AND chunk >= ? AND chunk < ?", [(space, *s) for s in spans])
        if tx.dialect == "postgres":
            from outrider.knowledge.indexes import pgvector

            for first, end in spans:
                pgvector.remove(tx, space, first, end)
    tx.execute("UPDATE spaces SET epoch = epoch + 1 WHERE collection = ?", (collection.id,))


# -- counts -----------------------------------------------------------------------------------------------------------


def counts(
    store: Store, collection: Collection, principals: Set[str] | None = None
) -> tuple[int, int, int, int]:  # fmt: skip
    """(documents that hold now, versions, chunks, quarantined that hold now), of those that one of `principals` may
    read (None: of all)."""
    sql = """SELECT readers, coalesce(sum(CASE WHEN until = 0 THEN 1 ELSE 0 END), 0), count(*),
             coalesce(sum(chunks), 0), coalesce(sum(CASE WHEN until = 0 AND trust = 'quarantined' THEN 1 ELSE 0 END), 0)
             FROM documents WHERE collection = ? GROUP BY readers"""
    found = [
        [int(n) for n in numbers]
        for readers, *numbers in store.query(sql, (collection.id,))
        if principals is None or principals & set(msgspec.json.decode(readers))
    ]
    a, b, c, d = (sum(column) for column in zip(*found, strict=True)) if found else (0, 0, 0, 0)
    return a, b, c, d


def count_vectors(store: Store, space: int) -> int:
    return int(store.query("SELECT count(*) FROM vectors WHERE space = ?", (space,))[0][0])


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _portions(values: Sequence[int]) -> Iterable[Sequence[int]]:
    for start in range(0, len(values), _MOST_PARAMS):
        yield values[start : start + _MOST_PARAMS]
