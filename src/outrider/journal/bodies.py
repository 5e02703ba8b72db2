"""Bodies on their way into the store: which ones a batch refers to, which are there already, how the rest is packed.

How a body is compressed is in `store.blobs`; what a run or step is, is known only here and above.
"""

import struct
from collections.abc import Hashable, Iterable, Sequence

import msgspec

from outrider.journal.events import BlobRef, ConfigurationTaken, Event, FeedbackGiven, RunRecorded, StepsRecorded
from outrider.journal.names import Names, clean
from outrider.journal.tail import BodyKey
from outrider.store import Store, Tx
from outrider.store.blobs import BodyPacker, Packed, unpack

_KEY = struct.Struct(">q")
_HEAD = 128
_PREFIXED = 2048
"""Bodies below this share too little with others of the same beginning to remember each beginning."""

_ASK = 400


Reference = tuple[BlobRef, str]
"""One body that a record refers to, and where it stands there, such as `request`."""


class NewBody(msgspec.Struct, frozen=True, gc=False):
    id: int
    key: BodyKey
    size: int
    packed: Packed


def references(event: Event) -> list[Reference]:
    """Every body that an event refers to."""
    found: list[Reference] = []
    if isinstance(event, RunRecorded):
        if event.request is not None:
            found.append((event.request, "request"))
        if event.response is not None:
            found.append((event.response, "response"))
    elif isinstance(event, FeedbackGiven):
        return [(event.text, "feedback")] if event.text is not None else found
    elif isinstance(event, ConfigurationTaken):
        return [(event.settings, "configuration")]
    elif not isinstance(event, StepsRecorded):
        return found
    for step in event.steps:
        if step.request is not None:
            found.append((step.request, "step request"))
        if step.response is not None:
            found.append((step.response, "step response"))
    return found


def most_within(references_: Sequence[Sequence[Reference]], size: int) -> int:
    """How many of the first events, given by their references, need at most `size` bytes of bodies; at least 1."""
    for i, found in enumerate(references_):
        for ref, _ in found:
            size -= ref.size
        if size < 0:
            return max(1, i)
    return len(references_)


def key_of(sha256: bytes) -> int:
    """The indexed part of a digest: its first 8 bytes as a signed integer."""
    key: int = _KEY.unpack_from(sha256)[0]
    return key


class Needed:
    """The bodies that a batch refers to: those that the store lacks (`missing`), and the rows of the others."""

    def __init__(self, store: Store, items: Iterable[tuple[int, Event]], found: Iterable[Sequence[Reference]]) -> None:
        self.last_seq: dict[BodyKey, int] = {}
        self.hints: dict[BodyKey, tuple[Hashable, ...]] = {}
        for (seq, event), refs in zip(items, found, strict=False):
            if not refs:
                continue
            project = clean(event.project)  # type: ignore[union-attr]  # those that refer to bodies have one
            for ref, role in refs:
                key = (project, ref.sha256)
                if key not in self.last_seq:
                    route = event.route if isinstance(event, RunRecorded) else ""
                    self.hints[key] = (project, route, role)
                self.last_seq[key] = seq
        self.stored: dict[BodyKey, tuple[int, int | None]] = {}
        wanted = list(self.last_seq)
        for at in range(0, len(wanted), _ASK):
            self._look_up(store, wanted[at : at + _ASK])
        self.missing = self.last_seq.keys() - self.stored.keys()

    def _look_up(self, store: Store, keys: list[BodyKey]) -> None:
        marks = ",".join("?" * len(keys))
        rows = store.query(
            "SELECT n.value, b.sha256, b.id, b.base FROM blobs b JOIN names n ON n.id = b.project"
            f" WHERE b.key IN ({marks})",
            [key_of(sha) for _, sha in keys],
        )
        for project, sha, id_, base in rows:
            if (project, sha) in self.last_seq:
                self.stored[project, sha] = (id_, base)


class BodyWriter:
    """Packs the bodies of one batch after the other; remembers keyframes between batches."""

    def __init__(self) -> None:
        self._packer = BodyPacker()

    def forget(self) -> None:
        self._packer.forget()

    def pack(self, next_id: int, needed: Needed, found: Iterable[tuple[BodyKey, bytes]]) -> list[NewBody]:
        """New rows for the bodies that were found, numbered from `next_id` on."""
        new: list[NewBody] = []
        for key, body in found:
            origin = needed.hints[key]
            hints = ((key[0], body[:_HEAD]), origin) if len(body) >= _PREFIXED else (origin,)
            id_ = next_id + len(new)
            new.append(NewBody(id_, key, len(body), self._packer.pack(id_, body, hints)))
        return new


def store(tx: Tx, names: Names, new: Sequence[NewBody], needed: Needed) -> None:
    """Insert new bodies and let those that are there already live as long as the records that refer to them."""
    lives: dict[int, int] = {}
    for key, (id_, base) in needed.stored.items():
        lives[id_] = needed.last_seq[key]
        if base is not None:
            lives[base] = max(lives.get(base, 0), needed.last_seq[key])
    projects = {name: names.project(tx, name) for name in {body.key[0] for body in new}}
    own = {body.id for body in new}
    needs: dict[int, int] = {}
    for body in new:
        if body.packed.base is not None:
            into = needs if body.packed.base in own else lives
            into[body.packed.base] = max(into.get(body.packed.base, 0), needed.last_seq[body.key])
    tx.executemany(
        "INSERT INTO blobs (id, project, key, last_seq, codec, base, size, sha256, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                body.id,
                projects[body.key[0]],
                key_of(body.key[1]),
                max(needed.last_seq[body.key], needs.get(body.id, 0)) if needs else needed.last_seq[body.key],
                body.packed.codec,
                body.packed.base,
                body.size,
                body.key[1],
                body.packed.body,
            )
            for body in new
        ],
    )
    tx.executemany(
        "UPDATE blobs SET last_seq = ? WHERE id = ? AND last_seq < ?",
        [(seq, id_, seq) for id_, seq in sorted(lives.items())],
    )


def load(store_: Store, project: str, sha256: bytes) -> bytes | None:
    """A stored body, or None."""
    sql = (
        "SELECT b.codec, b.body, b.size, k.codec, k.body, k.size FROM blobs b JOIN names n ON n.id = b.project"
        " LEFT JOIN blobs k ON k.id = b.base WHERE b.key = ? AND b.sha256 = ? AND n.value = ? AND n.field = 'project'"
    )
    for codec, body, size, base_codec, base, base_size in store_.query(sql, (key_of(sha256), sha256, clean(project))):
        keyframe = None if base is None else unpack(base_codec, base, base_size, None)
        return unpack(codec, body, size, keyframe)
    return None
