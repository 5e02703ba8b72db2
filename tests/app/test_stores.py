"""The store as a worker's parts share it: opened once, late, in a thread."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from outrider.app.stores import StoreHandle
from outrider.base.errors import StoreUnavailable
from outrider.store import Store, open_leases, open_store


def test_it_is_opened_once_on_first_use(store_url: str) -> None:
    opened: list[Store] = []
    gate = threading.Event()

    def open_(url: str) -> Store:
        gate.wait(10)
        time.sleep(0.01)  # long enough for the others to come
        opened.append(open_store(url))
        return opened[-1]

    handle = StoreHandle(store_url, open_)
    assert not opened
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(handle.get) for _ in range(8)]
        gate.set()
        assert {id(one.result(30)) for one in asked} == {id(opened[0])}
    assert len(opened) == 1
    handle.close()


async def test_questions_run_in_a_thread(store_url: str) -> None:
    handle = StoreHandle(store_url)
    here = threading.get_ident()
    assert await handle.ask(lambda store: threading.get_ident()) != here
    assert await handle.ask(lambda store: store.query("SELECT count(*) FROM keys", ())[0][0]) == 0
    handle.close()


async def test_the_lease_store_is_another(store_url: str) -> None:
    handle = StoreHandle(store_url, open_leases)
    assert await handle.ask(lambda store: store.query("SELECT count(*) FROM budget_leases", ())[0][0]) == 0
    handle.close()


async def test_a_store_that_is_away_is_asked_again_later(store_url: str) -> None:
    away = True

    def open_(url: str) -> Store:
        if away:
            raise StoreUnavailable("not yet")
        return open_store(url)

    handle = StoreHandle(store_url, open_)
    with pytest.raises(StoreUnavailable):
        await handle.ask(lambda store: None)
    away = False
    assert await handle.ask(lambda store: store is handle.get())
    handle.close()


def test_what_was_never_opened_can_be_closed(store_url: str) -> None:
    StoreHandle(store_url).close()
