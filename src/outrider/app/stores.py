"""The store, and the lease store beside it, as a worker's parts share them."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from outrider.store import Store, open_store

T = TypeVar("T")


class StoreHandle:
    """A store, opened on first use and never on the event loop."""

    def __init__(self, url: str, open_: Callable[[str], Store] = open_store) -> None:
        self._url, self._open = url, open_
        self._store: Store | None = None
        self._opening = threading.Lock()

    def get(self) -> Store:
        """The open store. Call it in a thread. Raises StoreUnavailable."""
        if self._store is None:
            with self._opening:  # of several threads that come first, one opens it
                if self._store is None:
                    self._store = self._open(self._url)
        return self._store

    async def ask(self, question: Callable[[Store], T]) -> T:
        """Run `question(store)` in a thread."""
        return await asyncio.to_thread(lambda: question(self.get()))

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
