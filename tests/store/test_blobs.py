"""Bodies come back as they went in; what many share is stored once."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.store.blobs import DELTA, RAW, ZSTD, BodyPacker, unpack


def text(size: int, seed: int) -> bytes:
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghijklmnop", k=rng.randint(2, 9))) for _ in range(size // 5)]
    return " ".join(words).encode()[:size]


@given(st.lists(st.tuples(st.binary(max_size=3000), st.integers(0, 2)), max_size=12))
@settings(max_examples=60, deadline=None)
def test_whatever_goes_in_comes_out(bodies: list[tuple[bytes, int]]) -> None:
    packer = BodyPacker(most=2)
    rows = [packer.pack(i, body, (body[:8], hint)) for i, (body, hint) in enumerate(bodies)]
    for (body, _), row in zip(bodies, rows, strict=True):
        base = None
        if row.base is not None:
            keyframe = rows[row.base]
            assert keyframe.codec in (RAW, ZSTD), "deltas never build on deltas"
            base = unpack(keyframe.codec, keyframe.body, len(bodies[row.base][0]), None)
        assert unpack(row.codec, row.body, len(body), base) == body


def test_a_shared_prefix_is_stored_once() -> None:
    prefix, packer = text(20_000, 1), BodyPacker()
    rows = [packer.pack(i, prefix + text(1000, i), ("hint",)) for i in range(2, 40)]
    assert rows[0].codec == ZSTD
    assert {row.codec for row in rows[1:]} == {DELTA}
    assert max(len(row.body) for row in rows[1:]) < 800


def test_a_new_prefix_takes_over_after_some_misses() -> None:
    packer = BodyPacker()
    for i in range(5):
        packer.pack(i, text(8000, 1) + text(200, i), ("hint",))
    rows = [packer.pack(10 + i, text(8000, 2) + text(200, i), ("hint",)) for i in range(12)]
    assert rows[0].codec == ZSTD
    assert rows[-1].codec == DELTA
    assert rows[-1].base is not None
    assert rows[-1].base >= 10


def test_large_and_tiny_bodies_stand_alone() -> None:
    packer = BodyPacker()
    large = text(1000, 1) * 1100
    assert packer.pack(1, b"tiny", ("h",)).codec == RAW
    assert packer.pack(2, large, ("h",)).codec == ZSTD
    assert packer.pack(3, large, ("h",)).codec == ZSTD


def test_forgotten_keyframes_are_not_built_on() -> None:
    packer, body = BodyPacker(), text(5000, 1)
    packer.pack(1, body, ("h",))
    packer.forget()
    assert packer.pack(2, body + b"x", ("h",)).base is None


def test_damage_is_said() -> None:
    with pytest.raises(ValueError, match="decompress"):
        unpack(ZSTD, b"nonsense", 10, None)
    with pytest.raises(ValueError, match="base"):
        unpack(DELTA, b"", 10, None)
