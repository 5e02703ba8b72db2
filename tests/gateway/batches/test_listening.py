"""Listening: from any event on, to the end, also while the store is away; a reader that leaves ends nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import pytest

from outrider.base.errors import StoreUnavailable
from outrider.base.sse import events as blocks
from outrider.dialects.responses import retold
from outrider.gateway.batches import listening
from outrider.gateway.batches.told import Piece, Told

QUEUED = {"id": "resp_1", "status": "queued"}
DONE = {"id": "resp_1", "status": "completed"}
Look = tuple[bool, list[Piece]] | StoreUnavailable


def never() -> Any:
    raise AssertionError


class Script(Told):
    """Gives one look after the other; the last one for ever."""

    def __init__(self, *looks: Look) -> None:
        super().__init__(never)
        self.looks = list(looks)
        self.asked: list[int] = []

    def look(self, id_: str, number: int) -> tuple[bool, list[Piece]]:
        self.asked.append(number)
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(look, StoreUnavailable):
            raise look
        return look

    def last(self, id_: str) -> int:
        return 4


def piece(*numbers: int) -> Piece:
    body = b"".join(b'data: {"type":"response.x","sequence_number":%d}\n\n' % number for number in numbers)
    return Piece(numbers[0], numbers[-1], body)


def listen(told: Told, after: int = -1, leaves: Sequence[int] = ()) -> AsyncIterator[bytes]:
    return listening.listen(
        told, "resp_1", after, queued=QUEUED, ended=lambda: cast(Any, DONE), leaving=lambda: bool(leaves)
    )


ALL = b"".join([*retold.opening(QUEUED), piece(2, 3, 4).body, retold.ending(5, DONE)])


@pytest.mark.parametrize("after", range(-1, 8))
async def test_it_is_told_from_there_to_its_end(after: int) -> None:
    told = Script((False, [piece(2, 3)] if after < 3 else []), (False, [piece(4)] if after < 4 else []), (True, []))
    said = b"".join([block async for block in listen(told, after)])
    assert blocks(said) == blocks(ALL)[after + 1 :]


async def test_a_store_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "FIRST_PAUSE", 0.001)
    told = Script(StoreUnavailable("away"), StoreUnavailable("away"), (True, [piece(2, 3, 4)]), (True, []))
    assert b"".join([block async for block in listen(told)]) == ALL


async def test_silence_is_told_to_be_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "SILENCE", 0.0)
    monkeypatch.setattr(listening, "FIRST_PAUSE", 0.001)
    told = Script((False, []), (False, []), (True, []))
    said = [block async for block in listen(told, 50)]
    assert set(said) == {b": keep-alive\n\n"}


async def test_a_process_that_leaves_ends_it_without_an_end() -> None:
    told = Script((False, [piece(2)]), (False, []))
    said = b"".join([block async for block in listen(told, 1, leaves=[1])])
    assert said == piece(2).body
    assert told._listeners == {}


class Reader:
    """Stands for a client that reads slowly, or leaves."""

    def __init__(self) -> None:
        self.on_gone: Any = None
        self.on_writable: Any = None
        self.congested = self.gone = self.ended = self.aborted = False
        self.blocks: list[bytes] = []
        self.heard = asyncio.Event()

    def start(self, status: int, head: bytes) -> None:
        assert (status, b"text/event-stream" in head) == (200, True)

    def write(self, block: bytes) -> None:
        self.blocks.append(block)
        self.congested = True
        self.heard.set()

    def end(self) -> None:
        self.ended = True

    def abort(self) -> None:
        self.aborted = True


async def told_blocks(count: int) -> AsyncIterator[bytes]:
    for number in range(count):
        yield b"%d" % number


async def test_a_slow_reader_is_waited_for() -> None:
    reader = Reader()
    sending = asyncio.create_task(listening.send(cast(Any, reader), told_blocks(2)))
    for _ in range(2):
        await reader.heard.wait()
        reader.heard.clear()
        reader.congested = False
        reader.on_writable()
    await sending
    assert (reader.blocks, reader.ended, reader.on_gone) == ([b"0", b"1"], True, None)


async def test_a_reader_that_leaves_is_told_nothing_more() -> None:
    reader = Reader()
    sending = asyncio.create_task(listening.send(cast(Any, reader), told_blocks(5)))
    await reader.heard.wait()
    reader.gone, reader.congested = True, False
    reader.on_gone()
    await sending
    assert (reader.blocks, reader.ended) == ([b"0"], False)


async def test_a_stream_that_is_cut_off_does_not_look_ended() -> None:
    reader = Reader()
    sending = asyncio.create_task(listening.send(cast(Any, reader), told_blocks(5)))
    await reader.heard.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert (reader.ended, reader.aborted) == (False, True)
