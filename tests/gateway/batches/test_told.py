"""What was said is there for everybody, in order, written by who holds the response alone, and gone with it."""

from collections.abc import Iterator

import msgspec
import pytest

from outrider.base import clock
from outrider.gateway.batches import told as told_module
from outrider.gateway.batches.files import Files
from outrider.gateway.batches.rows import Batch, Batches, Lost, Made
from outrider.gateway.batches.told import Piece, Told
from outrider.store import Store, open_leases

HOUR = 3_600_000_000_000


@pytest.fixture
def leases(store_url: str) -> Iterator[Store]:
    store = open_leases(store_url)
    yield store
    store.close()


@pytest.fixture
def held(leases: Store) -> Batch:
    writer = Files(lambda: leases).begin("p", "k", "response", "in.jsonl", 0)
    writer.add(b"{}\n")
    batches = Batches(lambda: leases)
    made = Made("/v1/responses", "24h", stream=True)
    batches.create("p", "k", "background", writer.finish().id, made, HOUR, purpose="response", total=1)
    found = batches.claim("m/a", clock.now_ns(), lambda _: False)
    assert found is not None
    return found


def test_it_is_read_from_any_event_on(leases: Store, held: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told_module, "PAGE", 2)
    told = Told(lambda: leases)
    assert (told.last(held.id), told.look(held.id, 1)) == (1, (False, []))
    pieces = [Piece(2, 4, b"one" * 1000), Piece(5, 5, b"two"), Piece(6, 9, b"three")]
    told.put(held, pieces[:2])
    told.put(held, pieces[2:])
    assert told.last(held.id) == 9
    assert told.look(held.id, 1) == (False, pieces[:2])
    assert told.look(held.id, 3) == (False, pieces[:2])
    assert told.look(held.id, 4) == (False, pieces[1:])
    assert told.look(held.id, 9) == (False, [])
    Batches(lambda: leases).end(held, "completed", {}, 0)
    assert told.look(held.id, 5) == (True, pieces[2:])


def test_only_its_holder_adds_to_it(leases: Store, held: Batch) -> None:
    told = Told(lambda: leases)
    with pytest.raises(Lost):
        told.put(msgspec.structs.replace(held, holder="m/b"), [Piece(2, 2, b"x")])
    Batches(lambda: leases).end(held, "completed", {}, 0)
    with pytest.raises(Lost):
        told.put(held, [Piece(2, 2, b"x")])
    assert told.last(held.id) == 1


def test_it_goes_with_its_response(leases: Store, held: Batch) -> None:
    told, batches = Told(lambda: leases), Batches(lambda: leases)
    told.put(held, [Piece(2, 2, b"x"), Piece(3, 3, b"y")])
    batches.end(held, "completed", {}, 0)
    told.sweep()
    assert told.last(held.id) == 3
    batches.sweep(clock.now_ns() + 1)
    told.sweep()
    assert told.last(held.id) == 1


async def test_who_listens_in_the_same_process_is_woken(leases: Store) -> None:
    told = Told(lambda: leases)
    told.wake("a")
    with told.listening("a") as one, told.listening("a") as two, told.listening("b") as other:
        told.wake("a")
        assert (one.is_set(), two.is_set(), other.is_set()) == (True, True, False)
    assert told._listeners == {}


def test_what_was_written_and_not_confirmed_is_there_once(leases: Store, held: Batch) -> None:
    """The connection broke between the commit and its confirmation: the same is put again."""
    told, pieces = Told(lambda: leases), [Piece(2, 4, b"one"), Piece(5, 5, b"two")]
    told.put(held, pieces[:1])
    told.put(held, pieces)
    assert told.look(held.id, 1) == (False, pieces)
