"""Blocks of records as the store keeps them: consecutive records of one segment, compressed together."""

from collections.abc import Sequence

import msgspec
import zstandard

from outrider.journal.events import Event, RunRecorded, StepsRecorded
from outrider.journal.upcast import decode

RUNS, KEPT = 0, 1
"""Kinds of blocks: runs and steps, which retention removes, and everything else."""

_MOST = 64
_LARGEST = 64 << 10
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[bytes]).decode
_LEVEL = 3


class Block(msgspec.Struct):
    """`start` is the place of its first record among those that were split; `body` is compressed."""

    start: int
    count: int
    kind: int
    body: bytes


def split(payloads: Sequence[bytes], events: Sequence[Event]) -> list[Block]:
    """Records as blocks of up to 64 records or about 64 kB, each of one kind."""
    # One compressor for each call: two threads must never be in the same one, it would crash the process.
    pack = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False).compress
    blocks: list[Block] = []
    start, size, kind = 0, 0, KEPT
    for i, (payload, event) in enumerate(zip(payloads, events, strict=True)):
        kind_now = RUNS if isinstance(event, RunRecorded | StepsRecorded) else KEPT
        if i > start and (kind_now != kind or i - start >= _MOST or size + len(payload) > _LARGEST):
            blocks.append(Block(start, i - start, kind, pack(_encode(payloads[start:i]))))
            start, size = i, 0
        kind, size = kind_now, size + len(payload)
    if payloads:
        blocks.append(Block(start, len(payloads) - start, kind, pack(_encode(payloads[start:]))))
    return blocks


def payloads_of(body: bytes) -> list[bytes]:
    """The payloads in a block's body."""
    return _decode(zstandard.ZstdDecompressor().decompress(body))


def read_block(seq: int, body: bytes) -> list[tuple[int, Event]]:
    """The events of a block whose first one is `seq`, each with its seq, in their present form."""
    return [(seq + i, decode(payload)) for i, payload in enumerate(payloads_of(body))]
