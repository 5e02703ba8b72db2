"""What workers tell each other about connections of older MCP revisions, through the lease store. Blocking."""

from collections.abc import Callable, Sequence

from outrider.base import clock
from outrider.store import Store

LASTS_NS = 3_600_000_000_000
ENDED_NS = 30 * 86_400_000_000_000
ENDED = "ended"


class Mail:
    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def send(self, connection: str, ref: str, body: bytes) -> None:
        """Leave a message for whoever works on a connection."""
        now = clock.now_ns()
        with self._store().write() as tx:
            tx.execute("DELETE FROM mcp_mail WHERE at < ? AND ref <> ?", (now - LASTS_NS, ENDED))
            tx.execute("DELETE FROM mcp_mail WHERE at < ?", (now - ENDED_NS,))
            tx.execute(
                "INSERT INTO mcp_mail (connection, ref, body, at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (connection, ref) DO UPDATE SET body = excluded.body, at = excluded.at",
                (connection, ref, body, now),
            )

    def take(self, connection: str, refs: Sequence[str]) -> dict[str, bytes]:
        """The messages with these references, which are then gone."""
        found = {
            str(ref): bytes(body)
            for ref, body in self._store().query("SELECT ref, body FROM mcp_mail WHERE connection = ?", (connection,))
            if ref in refs
        }
        if found:
            with self._store().write() as tx:
                tx.executemany(
                    "DELETE FROM mcp_mail WHERE connection = ? AND ref = ?", [(connection, ref) for ref in found]
                )
        return found

    def end(self, connection: str) -> None:
        """The client has ended it: no worker goes on with it."""
        self.send(connection, ENDED, b"")

    def is_ended(self, connection: str) -> bool:
        return bool(self._store().query("SELECT 1 FROM mcp_mail WHERE connection = ? AND ref = ?", (connection, ENDED)))
