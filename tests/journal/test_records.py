"""Blocks of records: split by kind and size, read back whole, from any number of threads."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import ids
from outrider.journal import records
from outrider.journal.events import Event, KeyRevoked, RunRecorded


def events(kinds: list[bool], name: str = "") -> list[Event]:
    return [
        RunRecorded(ids.new_id(), "default", 1, name or f"run {at}") if run else KeyRevoked(f"key {at}", at)
        for at, run in enumerate(kinds)
    ]


@given(st.lists(st.booleans(), max_size=300))
def test_what_was_split_is_read_back_in_its_order(kinds: list[bool]) -> None:
    put = events(kinds)
    blocks = records.split([msgspec.msgpack.encode(event) for event in put], put)
    assert [event for block in blocks for _, event in records.read_block(0, block.body)] == put
    assert [at for block in blocks for at, _ in records.read_block(block.start, block.body)] == list(range(len(put)))
    assert {(block.kind == records.RUNS) is kinds[block.start] for block in blocks} <= {True}


def test_threads_split_at_the_same_time() -> None:
    """A compressor that two threads share fails, or crashes the process."""
    put = [events([True] * 64, f"{number} and much to compress " * 40) for number in range(4)]
    payloads = [[msgspec.msgpack.encode(event) for event in one] for one in put]

    def split(number: int) -> list[Event]:
        blocks = records.split(payloads[number % 4], put[number % 4])
        return [event for block in blocks for _, event in records.read_block(0, block.body)]

    with ThreadPoolExecutor(4) as pool:
        for number, found in enumerate(pool.map(split, range(400))):
            assert found == put[number % 4]
