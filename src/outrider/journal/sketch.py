"""Histograms in logarithmic classes, which give any quantile within 2 % and can be added to each other.

Method: C. Masson, J. E. Rim, H. K. Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error
guarantees", PVLDB 12(12), 2019. A value x > 0 is in class ceil(log(x) / log(g)) with g = (1 + a) / (1 - a), a = 0.02.
"""

from collections.abc import Mapping
from math import ceil, log

import msgspec

ERROR = 0.02
_GAMMA = (1 + ERROR) / (1 - ERROR)
_PER_LOG = 1 / log(_GAMMA)

Sketch = dict[int, int]
"""Count by class."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[int, int]).decode


def class_of(value: int) -> int:
    """The class of a value; everything below 1 is in class 0."""
    return ceil(log(value) * _PER_LOG) if value > 1 else 0


def add(into: Sketch, other: Mapping[int, int]) -> None:
    for index, count in other.items():
        into[index] = into.get(index, 0) + count


def quantile(sketch: Mapping[int, int], q: float) -> int:
    """The smallest value that a share `q` (0..1) of what was counted does not exceed, or 0 for an empty sketch.

    So with few values the p95 is the slowest of them and hides nothing.
    """
    rank, seen = max(1, ceil(q * sum(sketch.values()))), 0
    for index in sorted(sketch):
        seen += sketch[index]
        if seen >= rank:
            return round(2 * _GAMMA**index / (_GAMMA + 1)) if index else 1
    return 0


def pack(sketch: Mapping[int, int]) -> bytes:
    """Bytes that are equal for equal sketches."""
    return _encode({k: sketch[k] for k in sorted(sketch)})


def unpack(packed: bytes) -> Sketch:
    return _decode(packed)
