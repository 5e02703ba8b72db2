"""How payload bodies are compressed, so that a long prefix that many bodies share is stored once.

A body is compressed on its own (a *keyframe*) or against an earlier keyframe given to zstd as a raw dictionary. The
keyframe is found by *hints*: anything that bodies of one origin have in common. Deltas never build on deltas, so a
read needs at most two rows. Nothing here touches a database.
"""

from collections import OrderedDict
from collections.abc import Hashable, Sequence

import msgspec
import zstandard

RAW, ZSTD, DELTA = 0, 1, 2

_RAW_BELOW = 48
_ALONE_ABOVE = 1 << 20
_DELTA_LEVEL = 1
_ALONE_LEVEL = 3
_SMALL = 4096
_SMALL_LEVEL = 1
"""Small bodies gain nothing from a higher level."""

_GOOD = 0.6
"""A delta is kept when it is below this part of what the body would take on its own."""

_PATIENCE = 4
"""Misses in a row after which a slot takes a new keyframe."""

_COLD = 24
"""Misses in a row after which a slot is tried only every 64th time: its bodies share nothing."""


class Packed(msgspec.Struct, frozen=True, gc=False):
    """A body as it is stored: its codec, the id of the keyframe it needs (None: none), its bytes."""

    codec: int
    base: int | None
    body: bytes


class _Keyframe:
    """A stored body, ready to compress others against. `ratio` is its own compressed size over its size."""

    __slots__ = ("compressor", "id", "ratio", "raw")

    def __init__(self, id_: int, raw: bytes, ratio: float) -> None:
        self.id, self.raw, self.ratio = id_, raw, ratio
        self.compressor: zstandard.ZstdCompressor | None = None

    def compress(self, body: bytes) -> bytes:
        if self.compressor is None:
            base = zstandard.ZstdCompressionDict(self.raw, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
            base.precompute_compress(level=_DELTA_LEVEL)
            self.compressor = zstandard.ZstdCompressor(
                level=_DELTA_LEVEL, dict_data=base, write_dict_id=False, write_checksum=False
            )
            self.raw = b""
        return self.compressor.compress(body)


class _Slot:
    __slots__ = ("keyframe", "misses", "turn")

    def __init__(self, keyframe: _Keyframe) -> None:
        self.keyframe, self.misses, self.turn = keyframe, 0, 0


class BodyPacker:
    """Compresses bodies; remembers the keyframes of the most recently used `most` hints. Not thread-safe."""

    def __init__(self, most: int = 96) -> None:
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()
        self._most = most
        self._alone = zstandard.ZstdCompressor(level=_ALONE_LEVEL, write_checksum=False)
        self._small = zstandard.ZstdCompressor(level=_SMALL_LEVEL, write_checksum=False)

    def forget(self) -> None:
        """Drop every keyframe, for when the ids that were given may not have been stored."""
        self._slots.clear()

    def pack(self, id_: int, body: bytes, hints: Sequence[Hashable]) -> Packed:
        """Compress `body`, which will be stored as `id_`. Hints are tried in order, best first."""
        if len(body) < _RAW_BELOW:
            return Packed(RAW, None, body)
        if len(body) > _ALONE_ABOVE:
            return Packed(ZSTD, None, self._alone.compress(body))
        for hint in hints:
            slot = self._slots.get(hint)
            if slot is None:
                continue
            self._slots.move_to_end(hint)
            slot.turn += 1
            if slot.misses > _COLD and slot.turn & 63:
                continue
            delta = slot.keyframe.compress(body)
            if len(delta) < _GOOD * slot.keyframe.ratio * len(body):
                slot.misses //= 2
                return Packed(DELTA, slot.keyframe.id, delta)
            slot.misses += 1
        alone = (self._alone if len(body) > _SMALL else self._small).compress(body)
        self._offer(id_, body, len(alone) / len(body), hints)
        return Packed(ZSTD, None, alone) if len(alone) < len(body) else Packed(RAW, None, body)

    def _offer(self, id_: int, body: bytes, ratio: float, hints: Sequence[Hashable]) -> None:
        """Make a body the keyframe of those hints that have none, or whose own one keeps missing."""
        keyframe: _Keyframe | None = None  # one for all hints: its compressor is made once
        for hint in hints:
            slot = self._slots.get(hint)
            if slot is not None and (not slot.misses or slot.misses % _PATIENCE):
                continue
            if keyframe is None:
                keyframe = _Keyframe(id_, body, ratio)
            if slot is not None:
                slot.keyframe = keyframe
                continue
            self._slots[hint] = _Slot(keyframe)
            if len(self._slots) > self._most:
                self._slots.popitem(last=False)


def unpack(codec: int, stored: bytes, size: int, base: bytes | None) -> bytes:
    """The body of a stored row; `base` is the keyframe's body when `codec` is DELTA. Raises ValueError if damaged."""
    if codec == RAW:
        return stored
    try:
        if codec == ZSTD:
            return zstandard.ZstdDecompressor().decompress(stored, max_output_size=size)
        if codec == DELTA and base is not None:
            known = zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
            return zstandard.ZstdDecompressor(dict_data=known).decompress(stored, max_output_size=size)
    except zstandard.ZstdError as error:
        raise ValueError(f"a stored body does not decompress: {error}") from error
    raise ValueError(f"a stored body has the unknown codec {codec} or lacks its base")
