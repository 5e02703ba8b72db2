"""How documents come in and go: versions that follow each other in time, their chunks, their words."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.knowledge import rows
from outrider.knowledge.collections import words_of
from outrider.knowledge.records import Collection, Document, Draft, Parsed, Piece, Put, Trust
from outrider.store.ports import Row, Store, Tx

_MOST_CHUNKS = 1 << rows.PLACES
_BAD = {0: " "} | dict.fromkeys(range(55296, 57344), "�")
"""What PostgreSQL or UTF-8 cannot hold, each by one character, so that offsets stay."""

_Keyed = list[tuple[int, Document]]


def content_hash(body: bytes) -> str:
    """The hash by which a source is known to be unchanged."""
    return hashlib.blake2b(body, digest_size=20).hexdigest()


def document_id(collection: Collection, source: str) -> str:
    """The id of what comes from `source`; the same in every life of a collection of this name."""
    name = "\0".join((collection.project, collection.name, source))
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=10).hexdigest()


class _Ready(msgspec.Struct):
    """A draft, with all that can be made of it before the transaction."""

    document: Document
    draft: Draft
    text: str
    pieces: list[Piece]
    body: bytes
    blocks: bytes


def put_all(store: Store, collection: Collection, drafts: Sequence[Draft]) -> list[Put]:
    """Put documents in one transaction."""
    now = clock.now_ns()
    ready = [_prepare(collection, draft, now) for draft in drafts]
    words = words_of(store)
    with store.write() as tx:
        revision = _touch(tx, collection)
        known = rows.collection_by_id(tx, collection.id)
        usual = _readers((known or collection).settings.readers)
        puts: list[Put] = []
        added: list[tuple[int, str, str]] = []
        for one in ready:
            put, key = _place(tx, collection, one, revision, usual)
            puts.append(put)
            if key is not None:
                rows.add_chunks(tx, key, one.text, one.pieces)
                added += _words(put.document, key, one)
        words.add(tx, collection, added)
    return puts


def remove(store: Store, collection: Collection, documents: Sequence[str], *, erase: bool, at: int) -> int:
    """End documents at `at`, or erase them with all their versions; how many there were."""
    moment = at or clock.now_ns()
    count = 0
    with store.write() as tx:
        revision = _touch(tx, collection, erased=erase)
        for id_ in documents:
            versions = rows.versions(tx, collection, id_)
            if erase:
                count += bool(versions)
                _erase(store, tx, collection, versions)
                continue
            for key, document in versions:
                if not document.until:
                    count += 1
                    rows.end_document(tx, key, max(moment, document.since), revision)
    if erase and count:
        words_of(store).forget(store, collection)
        store.compact()
    return count


def label(
    store: Store, collection: Collection, id_: str, *, trust: Trust | None, readers: tuple[str, ...] | None
) -> bool:
    """Change trust or readers of all versions of a document; False if it is not there."""
    if readers is not None and not readers:
        raise RequestError('`readers` is empty, so nobody could read: name principals, or "*"', param="readers")
    with store.write() as tx:
        revision = _touch(tx, collection)
        versions = rows.versions(tx, collection, id_)
        for key, document in versions:
            rows.label_document(tx, [key], trust or document.trust, readers or document.readers, revision)
    return bool(versions)


def rebuild(store: Store, collection: Collection) -> int:
    """Cut every version anew and index it, in one transaction; how many chunks there are. Vectors of passages that came
    out otherwise are dropped."""
    words = words_of(store)
    total = 0
    with store.write() as tx:
        revision = _touch(tx, collection, erased=True)
        words.drop(tx, collection)
        words.make(tx, collection)
        for key, title in tx.query("SELECT key, title FROM documents WHERE collection = ?", (collection.id,)):
            text, blocks = rows.body(tx, key) or ("", [])
            pieces = _pieces(Parsed(text, blocks, title))
            before = rows.chunks_of_documents(tx, [key])
            rows.drop_chunks(tx, [key])
            rows.add_chunks(tx, key, text, pieces)
            after = rows.chunks_of_documents(tx, [key])
            words.add(tx, collection, [_word_row(title, r) for r in after])
            if before != after:
                rows.drop_vectors(tx, collection, [key])
                tx.execute("UPDATE documents SET touched = ? WHERE key = ?", (revision, key))
            total += len(after)
    return total


# -- putting ----------------------------------------------------------------------------------------------------------


def _prepare(collection: Collection, draft: Draft, now: int) -> _Ready:
    parsed = draft.parsed
    text = parsed.text.translate(_BAD) if _needs_cleaning(parsed.text) else parsed.text
    source, title = _plain(draft.source), _plain(parsed.title)
    meta = {**parsed.meta, **draft.meta}
    readers = collection.settings.readers if draft.readers is None else draft.readers
    if not readers:
        raise RequestError(
            f'`readers` of {source[:200]!r} is empty, so nobody could read it: name principals, or "*"', param="readers"
        )
    hash_ = draft.hash or content_hash(text.encode())
    document = Document(
        document_id(collection, source), collection.name, source, 0, title, parsed.media, parsed.language, hash_,
        len(text), draft.since or now, 0, draft.trust, _readers(readers), meta, draft.notes,
    )  # fmt: skip
    pieces = _pieces(Parsed(text, parsed.blocks, title, parsed.media, parsed.language))
    packed = rows.pack(text.encode()), rows.pack(msgspec.msgpack.encode(parsed.blocks))
    return _Ready(document, draft, text, pieces, *packed)


def _readers(named: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(named)))


def _place(
    tx: Tx, collection: Collection, one: _Ready, revision: int, usual: tuple[str, ...]
) -> tuple[Put, int | None]:
    """Put a document into its history: the version before it ends, it lasts until the next. Its key if it is new. One
    that comes without readers keeps those that it has, and a new one gets the `usual`."""
    document, versions = one.document, rows.versions(tx, collection, one.document.id)
    if one.draft.readers is None:
        document.readers = versions[-1][1].readers if versions else usual
    at = bisect_right([d.since for _, d in versions], document.since)
    before = versions[at - 1] if at else None
    if before is not None and _holds(before[1], document.since) and _same(before[1], document):
        return _labelled(tx, before[1], document, versions, revision), None
    document.until = versions[at][1].since if at < len(versions) else 0
    if before is not None and _holds(before[1], document.since):
        document.until = before[1].until
        rows.end_document(tx, before[0], document.since, revision)
    document.number = max((d.number for _, d in versions), default=0) + 1
    key = rows.add_document(tx, collection, document, revision, one.body, one.blocks)
    _give_readers(tx, versions, document.readers, revision)
    return Put(document, True), key


def _labelled(tx: Tx, known: Document, document: Document, versions: _Keyed, revision: int) -> Put:
    """The document says what it said; its readers may be others now. Trust was decided for this text, and stays."""
    if known.readers == document.readers:
        return Put(known, False)
    _give_readers(tx, versions, document.readers, revision)
    return Put(msgspec.structs.replace(known, readers=document.readers), True)


def _give_readers(tx: Tx, versions: _Keyed, readers: tuple[str, ...], revision: int) -> None:
    """Who may read a document may read its past, and nobody else may."""
    for key, document in versions:
        if document.readers != readers:
            rows.label_document(tx, [key], document.trust, readers, revision)


def _holds(document: Document, moment: int) -> bool:
    return document.since <= moment and (not document.until or document.until > moment)


def _same(known: Document, document: Document) -> bool:
    return (known.hash, known.title, known.meta) == (document.hash, document.title, document.meta)


def _pieces(parsed: Parsed) -> list[Piece]:
    from outrider.knowledge.chunk import pieces

    found = pieces(parsed)
    if len(found) > _MOST_CHUNKS:
        raise RequestError(
            f"the document {parsed.title[:80]!r} has {len(found):,} passages, {_MOST_CHUNKS:,} can be kept: divide it",
            code="document_too_long",
        )
    return found


def _words(document: Document, key: int, one: _Ready) -> Iterable[tuple[int, str, str]]:
    for place, piece in enumerate(one.pieces):
        text = one.text[piece.start : piece.end]
        yield key << rows.PLACES | place, heading(document.title, piece.headings), text


def heading(title: str, headings: Sequence[str]) -> str:
    """What stands above a passage, once each."""
    return "\n".join(dict.fromkeys(h for h in (title, *headings) if h))


def _word_row(title: str, row: Row) -> tuple[int, str, str]:
    return row[0], heading(title, rows.about(row).headings), row[3]


def _touch(tx: Tx, collection: Collection, *, erased: bool = False) -> int:
    revision = rows.touch(tx, collection.id, erased=erased)
    if not revision:
        raise RequestError(
            f"the collection {collection.name!r} is not there any more", status=404, code="unknown_collection"
        )
    return revision


def _erase(store: Store, tx: Tx, collection: Collection, versions: _Keyed) -> None:
    words = words_of(store)
    if tx.dialect == "sqlite":
        tx.execute("PRAGMA secure_delete=ON")  # overwrite what is deleted, from here on
    for key, document in versions:
        words.remove(tx, collection, [_word_row(document.title, r) for r in rows.chunks_of_documents(tx, [key])])
    keys = [key for key, _ in versions]
    rows.drop_vectors(tx, collection, keys)
    rows.drop_chunks(tx, keys)
    rows.delete_documents(tx, keys)


def _needs_cleaning(text: str) -> bool:
    if "\0" in text:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _plain(text: str) -> str:
    return text.translate(_BAD) if _needs_cleaning(text) else text
