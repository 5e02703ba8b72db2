"""Which session a call belongs to that comes to the tool URL without a session's name: the one in which a model has
proposed this very call on the model URL shortly before. Blocking; use it in threads."""

import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import clock
from outrider.store import Store

LASTS_NS = 15 * 60 * 1_000_000_000
"""How long a proposed call is known."""
MOST = 8
"""Sessions that are told of one call."""

_encode = msgspec.json.Encoder(order="deterministic").encode


class Proposed:
    """The proposed calls of a lease store."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def note(
        self,
        project: str,
        key: str,
        session: str,
        calls: Sequence[tuple[str, Mapping[str, Any]]],
        cleared: Sequence[bool] = (),
    ) -> None:
        """These calls (tool and arguments) were given on to the client that has this API key; `cleared` says of each
        whether the rules allow it, so that it was counted as done."""
        now = clock.now_ns()
        flags = [*(int(one) for one in cleared), *([0] * len(calls))]
        with self._store().write() as tx:
            tx.execute("DELETE FROM proposed_calls WHERE at < ?", (now - LASTS_NS,))
            tx.executemany(
                "INSERT INTO proposed_calls (project, key, digest, session, at, cleared) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (project, key, digest, session) DO UPDATE SET at = excluded.at, cleared ="
                " excluded.cleared",
                [
                    (project, key, _digest(tool, arguments), session, now, flag)
                    for (tool, arguments), flag in zip(calls, flags, strict=False)
                ],
            )

    def take(self, project: str, key: str, session: str, tool: str, arguments: Mapping[str, Any]) -> bool:
        """Whether this very call was judged and allowed when it was proposed, and was not made since. True once."""
        place = (project, key, _digest(tool, arguments), session)
        where = "project = ? AND key = ? AND digest = ? AND session = ? AND cleared = 1"
        if not self._store().query(f"SELECT 1 FROM proposed_calls WHERE {where}", place):
            return False  # nothing to take: most calls were not proposed, and a transaction is dear
        with self._store().write([zlib.crc32(place[2]) >> 1]) as tx:
            since = clock.now_ns() - LASTS_NS
            found = tx.query(f"SELECT 1 FROM proposed_calls WHERE {where} AND at >= ?", (*place, since))
            tx.execute(f"UPDATE proposed_calls SET cleared = 0 WHERE {where}", place)
        return bool(found)

    def void(self, project: str, session: str) -> None:
        """What was allowed in a session is judged again when it is made."""
        with self._store().write() as tx:
            tx.execute("UPDATE proposed_calls SET cleared = 0 WHERE project = ? AND session = ?", (project, session))

    def sessions(self, project: str, key: str, tool: str, arguments: Mapping[str, Any]) -> list[str]:
        """The sessions in which it was proposed, the latest first: more than one where several agents with one key
        want the same at the same time. Who is one of several inherits from them all."""
        rows = self._store().query(
            "SELECT session FROM proposed_calls WHERE project = ? AND key = ? AND digest = ? AND at >= ?"
            f" ORDER BY at DESC LIMIT {MOST}",
            (project, key, _digest(tool, arguments), clock.now_ns() - LASTS_NS),
        )
        return [str(row[0]) for row in rows]


def _digest(tool: str, arguments: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(_encode([tool, dict(arguments)])).digest()
