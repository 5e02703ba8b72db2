import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.cache.exact import SECOND_NS, Entry, ExactCache, Flight, cacheable, key

BODY = b'{"model":"m","messages":[{"role":"user","content":"caf\xc3\xa9"}],"temperature":1,"n":2}'


def entry(*chunks: bytes, finish: str = "stop", made: int = 0) -> Entry:
    return Entry(200, [(b"content-type", b"application/json")], chunks or (b"{}",), finish=finish, made=made)


def k(body: bytes) -> bytes:
    return key("p", "chat", body)


@pytest.mark.parametrize(
    "same",
    [
        b'{ "n" : 2, "messages" : [ {"content":"caf\xc3\xa9","role":"user"} ] , "temperature":1,"model":"m"}',
        BODY.replace(b"\xc3\xa9", b"\\u00e9"),
        BODY.replace(b":1,", b":1.0,"),
        BODY.replace(b":1,", b":10e-1,"),
        BODY[:-1] + b',"user":"u","metadata":{"a":"b"},"cache":{"ttl":5},"stop":null,"stream":false}',
    ],
)
def test_the_same_question_has_one_key(same: bytes) -> None:
    assert k(same) == k(BODY)


@pytest.mark.parametrize(
    "other",
    [
        BODY.replace(b":1,", b":1.5,"),
        BODY.replace(b'"m"', b'"M"'),
        BODY.replace(b'"n":2', b'"n":"2"'),
        BODY[:-1] + b',"stream":true}',
        BODY[:-1] + b',"vendor":0}',
        BODY[:-1] + b',"seed":123456789012345678901234567890}',
    ],
)
def test_another_question_has_another_key(other: bytes) -> None:
    assert k(other) != k(BODY)


def test_projects_endpoints_and_namespaces_are_apart() -> None:
    keys = {key(p, e, BODY, n) for p in ("a", "b") for e in ("chat", "embeddings") for n in ("", "x")}
    assert len(keys) == 8
    assert key("ab", "c", BODY) != key("a", "bc", BODY)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=5))
def test_order_and_spelling_never_count(fields: dict[str, object]) -> None:
    again = json.dumps(dict(reversed(fields.items())), indent=1, ensure_ascii=False)
    assert k(json.dumps(fields).encode()) == k(again.encode())


def test_an_entry_lives_as_long_as_said() -> None:
    cache = ExactCache()
    assert cache.put(b"k", entry(made=5), 2.0, now=5)
    assert cache.get(b"k", 5 + 2 * SECOND_NS - 1) is not None
    assert cache.get(b"k", 5 + SECOND_NS, max_age=0.5) is None
    assert cache.get(b"k", 5 + 2 * SECOND_NS) is None
    assert (len(cache), cache.size, cache.hits, cache.misses) == (0, 0, 1, 2)


def test_the_least_recently_used_goes_first() -> None:
    one = entry(b"x" * 1000)
    cache = ExactCache(max_bytes=10 * one.size)
    for name in range(10):
        cache.put(b"%d" % name, one, 60, 0)
    cache.get(b"0", 0)
    cache.put(b"new", one, 60, 0)
    assert cache.get(b"0", 0) is one
    assert cache.get(b"1", 0) is None
    assert (len(cache), cache.evicted) == (10, 1)


def test_too_large_or_too_short_is_not_kept() -> None:
    cache = ExactCache(max_bytes=80_000)
    assert not cache.put(b"k", entry(b"x" * 20_000), 60, 0)
    assert not cache.put(b"k", entry(), 0, 0)
    assert cache.size == 0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3000), st.integers(0, 5)), max_size=60))
def test_size_is_exact_and_bounded(puts: list[tuple[int, int, int]]) -> None:
    cache = ExactCache(max_bytes=20_000)
    for now, (name, size, ttl) in enumerate(puts):
        cache.put(b"%d" % name, entry(b"x" * size), ttl, now * SECOND_NS)
        cache.get(b"%d" % (name + 1), now * SECOND_NS)
        assert 0 <= cache.size <= cache.max_bytes
    cache.clear()
    assert (cache.size, len(cache)) == (0, 0)


@pytest.mark.parametrize(
    ("kept", "finish", "status", "chunks"),
    [
        (True, "stop", 200, [b"{}"]),
        (True, "tool_calls", 200, [b"a", b"b"]),
        (False, "length", 200, [b"{}"]),
        (False, "content_filter", 200, [b"{}"]),
        (False, "", 200, [b"{}"]),
        (False, "stop", 500, [b"{}"]),
        (False, "stop", 200, []),
    ],
)
def test_only_whole_answers_are_cacheable(kept: bool, finish: str, status: int, chunks: list[bytes]) -> None:
    assert cacheable(Entry(status, [], chunks, finish=finish)) is kept


class Asked:
    """A provider that counts, and answers when told."""

    def __init__(self, cache: ExactCache) -> None:
        self.cache, self.times = cache, 0
        self.go, self.reached = asyncio.Event(), asyncio.Event()
        self.broken = self.shares = False

    async def __call__(self) -> Entry:
        async with self.cache.flight(b"k") as flight:
            return flight.entry or await self._ask(flight)

    async def _ask(self, flight: Flight) -> Entry:
        self.times += 1
        self.reached.set()
        await self.go.wait()
        if self.broken:
            raise ConnectionError
        made = entry(b"%d" % self.times)
        if self.shares:
            flight.land(made)
        return made


@pytest.fixture
def asked() -> Asked:
    return Asked(ExactCache())


async def start(asked: Asked, count: int) -> list[asyncio.Task[Entry]]:
    tasks = [asyncio.create_task(asked()) for _ in range(count)]
    await asked.reached.wait()
    return tasks


async def test_one_asks_and_all_get_the_answer(asked: Asked) -> None:
    asked.shares = True
    tasks = await start(asked, 50)
    asked.go.set()
    answers = await asyncio.gather(*tasks)
    assert asked.times == 1
    assert len({id(a) for a in answers}) == 1
    await asked()
    assert asked.times == 2  # nothing is left behind


async def test_when_the_leader_leaves_one_takes_over(asked: Asked) -> None:
    asked.shares = True
    first, *others = await start(asked, 10)
    first.cancel()
    asked.go.set()
    answers = await asyncio.gather(*others)
    assert asked.times == 2
    assert {a.chunks for a in answers} == {(b"2",)}
    assert first.cancelled()


async def test_the_lead_passes_on_until_somebody_stays(asked: Asked) -> None:
    asked.shares = True
    *leaving, last = await start(asked, 6)
    for task in leaving:
        task.cancel()
        await asyncio.sleep(0)
    asked.go.set()
    assert (await last).chunks
    await asyncio.wait(leaving)
    assert all(task.cancelled() for task in leaving)
    await asked()  # nothing is left behind


async def test_when_one_who_waits_leaves_nothing_changes(asked: Asked) -> None:
    asked.shares = True
    first, second, third = await start(asked, 3)
    second.cancel()
    asked.go.set()
    assert (await first) is (await third)
    assert asked.times == 1
    assert second.cancelled()


async def test_when_the_leader_fails_nobody_queues_behind_it(asked: Asked) -> None:
    asked.broken = True
    tasks = await start(asked, 5)
    asked.go.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(r) for r in results] == [ConnectionError] * 5
    assert asked.times == 5


async def test_an_answer_that_may_not_be_shared_is_not(asked: Asked) -> None:
    tasks = await start(asked, 3)
    asked.go.set()
    assert {a.chunks for a in await asyncio.gather(*tasks)} == {(b"1",), (b"2",), (b"3",)}
