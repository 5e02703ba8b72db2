"""A request that comes from inside: what a handler sees of it is what it sees of a client's `server.Exchange`."""

import asyncio
from collections.abc import Callable, Sequence

from outrider.gateway.table import Route
from outrider.limits.keys import Identity

Headers = Sequence[tuple[bytes, bytes]]


class Inside:
    """One request of ours with its answer. `identity` is who asks: no credential is looked for. `route` is
    taken instead of the table's.

    After the handler: `status` (0: it gave no answer), `head` (header lines), `answer`.
    """

    def __init__(
        self,
        path: bytes,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        identity: Identity,
        route: Route | None = None,
    ) -> None:
        self.route = route
        self.path, self.query, self.headers, self.body, self.identity = path, b"", headers, body, identity
        self.keep_alive = self.chunked = True
        self.response_started = self.response_complete = self.disconnected = False
        self.on_gone: Callable[[], object] | None = None
        self.on_writable: Callable[[], None] | None = None
        self.status, self.head = 0, b""
        self._parts: list[bytes] = []

    @property
    def transport_loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    @property
    def gone(self) -> bool:
        return self.disconnected

    @property
    def congested(self) -> bool:
        """Whether the handler should wait until `on_writable` is called."""
        return False

    @property
    def answer(self) -> bytes:
        return b"".join(self._parts)

    def reply(self, status: int, head: bytes, body: bytes) -> None:
        self.start(status, head)
        self.end(body)

    def start(self, status: int, head: bytes) -> None:
        self.status, self.head, self.response_started = status, head, True

    def write(self, chunk: bytes) -> None:
        self._parts.append(chunk)

    def end(self, last: bytes = b"") -> None:
        self._parts.append(last)
        self.response_complete = True

    def abort(self) -> None:
        """What was written is not whole."""
        self.status, self.response_complete = 0, True
        self._parts.clear()

    def header(self, name: bytes) -> str:
        """A header of the answer, "" without it."""
        for line in self.head.split(b"\r\n"):
            key, _, value = line.partition(b":")
            if key.lower() == name:
                return value.strip().decode("latin-1")
        return ""


class Aside(Inside):
    """A question of Outrider's own: no agent's session hears it."""
