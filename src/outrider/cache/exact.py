"""The exact response cache: the same request gets the same bytes again, in the pieces in which they first came.

In memory, bounded by bytes, least recently used goes first, per process. What may be kept is decided by `cacheable`
and `controls`; the corridor asks them. Concurrent identical misses meet in a `Flight`: one goes to the provider.
"""

import asyncio
import hashlib
from collections import OrderedDict, deque
from collections.abc import Sequence
from types import TracebackType
from typing import Literal

import msgspec

from outrider.base.usage import Usage

SECOND_NS = 1_000_000_000
LEFT_OUT = frozenset({"user", "metadata", "cache", "safety_identifier", "prompt_cache_key"})
"""Top-level fields that say who asks or how to cache, not what is asked."""
WHOLE = frozenset({"stop", "tool_calls", "function_call"})
"""Finish reasons of an answer that is complete; `length` and `content_filter` are not."""
_PER_ENTRY, _PER_PIECE = 700, 80  # bytes that Python needs beside the content
_LARGEST_SHARE = 8  # an entry may take one eighth of the cache


class Entry(msgspec.Struct, frozen=True):
    """One answer: `chunks` are the body's pieces as they were sent (one for a plain answer).

    `usage` and `finish` are the answer's; `run` is the id of the run that paid for it; `made` is the wall clock in
    nanoseconds.
    """

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    chunks: Sequence[bytes]
    usage: Usage | None = None
    finish: str = ""
    run: bytes = b""
    made: int = 0
    deployment: str = ""
    text: str = ""

    @property
    def size(self) -> int:
        """Bytes in memory, about."""
        headers = sum(len(name) + len(value) + _PER_PIECE for name, value in self.headers)
        return _PER_ENTRY + headers + len(self.text) + sum(len(c) + _PER_PIECE for c in self.chunks)


Turn = Entry | Literal["lead", "alone"]
Waiting = deque[asyncio.Future[Turn]]
Flights = dict[bytes, Waiting]


def cacheable(entry: Entry) -> bool:
    """Whether the answer is whole and no error."""
    return entry.status == 200 and entry.finish in WHOLE and any(entry.chunks)


def _number(text: str) -> int | float:
    """One spelling for equal numbers: `1.0`, `1e0` and `1` are the same request."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


_decoder = msgspec.json.Decoder(dict[str, object], float_hook=_number)
_encoder = msgspec.json.Encoder(order="sorted")


def key(project: str, endpoint: str, body: bytes, namespace: str = "") -> bytes:
    """32 bytes that are equal for requests that ask the same. `body` must be a checked JSON object.

    Order, white space, escapes and number spelling do not count; neither do fields of `LEFT_OUT`, top-level nulls,
    and `stream: false`.
    """
    fields = _decoder.decode(body)
    asked = {n: v for n, v in fields.items() if n not in LEFT_OUT and v is not None}
    if asked.get("stream") is False:
        del asked["stream"]
    digest = hashlib.sha256(_encoder.encode((project, endpoint, namespace)))
    try:
        digest.update(_encoder.encode(asked))
    except OverflowError:  # an integer beyond 64 bits: keep the caller's spelling
        digest.update(body)
    return digest.digest()


class ExactCache:
    """Entries by key. `hits`, `misses` and `evicted` count; `size` is bytes in use, at most `max_bytes`."""

    def __init__(self, max_bytes: int = 64 << 20) -> None:
        self.max_bytes = max_bytes
        self.size = self.hits = self.misses = self.evicted = 0
        self._entries: OrderedDict[bytes, tuple[Entry, int, int]] = OrderedDict()
        self._flights: Flights = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: bytes, now: int, max_age: float | None = None) -> Entry | None:
        """The entry, if it is still good at `now` (ns) and not older than `max_age` seconds."""
        found = self._entries.get(key)
        if found is not None:
            entry, expires, _ = found
            if now >= expires:
                self._drop(key)
            elif max_age is None or now - entry.made <= max_age * SECOND_NS:
                self._entries.move_to_end(key)
                self.hits += 1
                return entry
        self.misses += 1
        return None

    def put(self, key: bytes, entry: Entry, ttl: float, now: int) -> bool:
        """Keep `entry` for `ttl` seconds. False: it is too large, or would be gone at once."""
        size = entry.size
        if key in self._entries:
            self._drop(key)
        if ttl <= 0 or size > self.max_bytes // _LARGEST_SHARE:
            return False
        self._entries[key] = (entry, now + int(ttl * SECOND_NS), size)
        self.size += size
        while self.size > self.max_bytes:
            self._drop(next(iter(self._entries)))
            self.evicted += 1
        return True

    def clear(self) -> None:
        self._entries.clear()
        self.size = 0

    def flight(self, key: bytes) -> "Flight":
        """Use as `async with cache.flight(key) as flight`; see Flight."""
        return Flight(self._flights, key)

    def _drop(self, key: bytes) -> None:
        self.size -= self._entries.pop(key)[2]


class Flight:
    """Concurrent identical misses: one leads, the others wait for what it lands.

    Inside the block, `entry` is either the leader's answer, or None: then this request must ask the provider itself
    and call `land` with the answer if others may have it. If the leader's caller goes away, one of those who wait
    leads in its place. If the leader fails or its answer may not be shared, all go their own way at once: queueing
    up behind a failing provider would multiply its deadline.
    """

    __slots__ = ("_flights", "_key", "_waiting", "entry")

    def __init__(self, flights: Flights, key: bytes) -> None:
        self._flights, self._key = flights, key
        self._waiting: Waiting | None = None  # those behind this one, if it leads
        self.entry: Entry | None = None

    @property
    def leads(self) -> bool:
        """Whether others may be waiting for this one."""
        return self._waiting is not None

    async def __aenter__(self) -> "Flight":
        waiting = self._flights.get(self._key)
        if waiting is None:
            self._waiting = self._flights[self._key] = deque()
            return self
        turn: asyncio.Future[Turn] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            self._take(await turn, waiting)
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the turn came at the moment of leaving: pass it on
                self._take(turn.result(), waiting)
                self._leave()
            raise
        return self

    def _take(self, given: Turn, waiting: Waiting) -> None:
        if given == "lead":
            self._waiting = waiting
        elif given != "alone":
            self.entry = given

    def land(self, entry: Entry) -> None:
        """Give those who wait their answer."""
        self._end(entry)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and issubclass(kind, asyncio.CancelledError):
            self._leave()
        else:
            self._end("alone")

    def _end(self, outcome: Turn) -> None:
        """The flight is over: everybody behind gets `outcome`."""
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        del self._flights[self._key]
        for turn in waiting:
            if not turn.done():
                turn.set_result(outcome)

    def _leave(self) -> None:
        """Let the next one lead."""
        waiting = self._waiting
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result("lead")
                self._waiting = None
                return
        self._end("alone")
