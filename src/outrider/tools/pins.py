"""What tools say of themselves is pinned when it is first seen: a server that changes a description or a schema later
gets that tool withheld until somebody looked at the change and accepted it. Blocking."""

import hashlib
import threading
from collections.abc import Callable, Sequence
from operator import is_
from typing import Any

import msgspec
import zstandard

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.store import Store, Tx
from outrider.tools.ports import Tool

FIRST = "first seen"
"""Who accepted what nobody has looked at."""
_json = msgspec.json.Encoder(order="deterministic").encode


class Pin(msgspec.Struct, frozen=True):
    """A tool that changed: what was accepted, by whom and when (ns), and what it says since `seen_at`."""

    name: str
    accepted: dict[str, Any]
    accepted_by: str
    accepted_at: int
    seen: dict[str, Any]
    seen_at: int
    digest: str

    @property
    def changed(self) -> list[str]:
        """Which of its parts are others now."""
        return [key for key in self.seen if self.seen[key] != self.accepted.get(key)]


def said(tool: Tool) -> dict[str, Any]:
    """All that a tool says of itself and that a model or policy could follow."""
    return {
        "title": tool.title,
        "description": tool.description,
        "arguments": tool.input_schema,
        "result": tool.output_schema,
        "annotations": tool.annotations,
        "labels": tool.declaration,
        "server": tool.upstream,
        "own": tool.own,
    }


def digest(tool: Tool) -> str:
    """Of `said`: two tools with the same one say the same."""
    return hashlib.sha256(_json(said(tool))).hexdigest()


class Pins:
    """The pins of a lease store. What is accepted is remembered, so that nothing is asked of the store while nothing
    changes."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store
        self._good: set[tuple[str, str]] = set()
        self._last: tuple[Tool, ...] | None = None
        self._lock = threading.Lock()

    def settled(self, tools: Sequence[Tool]) -> bool:
        """Whether these very tools were found as accepted the last time: then nobody has to be asked."""
        last = self._last
        return not tools or (last is not None and len(last) == len(tools) and all(map(is_, last, tools)))

    def changed(self, tools: Sequence[Tool]) -> set[str]:
        """Names of those that say something else than what was accepted. New ones are accepted as they are."""
        if self.settled(tools):
            return set()
        given = {tool.name: (digest(tool), tool) for tool in tools}
        with self._lock:
            doubtful = {name: one for name, one in given.items() if (name, one[0]) not in self._good}
        if not doubtful:
            self._last = tuple(tools)
            return set()
        self._last = None
        changed: set[str] = set()
        with self._store().write() as tx:
            for name, (now, tool) in doubtful.items():
                if not self._agrees(tx, name, now, tool):
                    changed.add(name)
        with self._lock:
            for name, (now, _) in doubtful.items():
                self._good = {one for one in self._good if one[0] != name}
                if name not in changed:
                    self._good.add((name, now))
        return changed

    def _agrees(self, tx: Tx, name: str, now: str, tool: Tool) -> bool:
        rows = tx.query("SELECT accepted, seen FROM tool_pins WHERE name = ?", (name,))
        at, text = clock.now_ns(), zstandard.compress(_json(said(tool)))
        if not rows:
            tx.execute(
                "INSERT INTO tool_pins (name, accepted, accepted_at, accepted_by, accepted_text, seen, seen_at,"
                " seen_text) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (name, now, at, FIRST, text, now, at, text),
            )
            return True
        if rows[0][1] != now:
            tx.execute(
                "UPDATE tool_pins SET seen = ?, seen_at = ?, seen_text = ? WHERE name = ?", (now, at, text, name)
            )
        return bool(rows[0][0] == now)

    def waiting(self) -> list[Pin]:
        """Tools that changed and wait for somebody, the latest first."""
        rows = self._store().query(
            "SELECT name, accepted_text, accepted_by, accepted_at, seen_text, seen_at, seen FROM tool_pins"
            " WHERE accepted <> seen ORDER BY seen_at DESC, name"
        )
        return [
            Pin(name, _read(old), by, at, _read(new), seen_at, mark) for name, old, by, at, new, seen_at, mark in rows
        ]

    def accept(self, name: str, who: str, mark: str = "") -> None:
        """Take over what a tool says now; with `mark`, only if that is still what was looked at (the beginning of its
        digest). Raises RequestError."""
        with self._store().write() as tx:
            rows = tx.query("SELECT seen, seen_text, accepted FROM tool_pins WHERE name = ?", (name,))
            if not rows or rows[0][0] == rows[0][2]:
                raise RequestError(f"nothing of {name[:100]!r} waits to be accepted", status=404, code="nothing_waits")
            if mark and not rows[0][0].startswith(mark):
                raise RequestError(
                    f"{name!r} changed again since you looked; look once more", status=409, code="changed"
                )
            tx.execute(
                "UPDATE tool_pins SET accepted = seen, accepted_text = seen_text, accepted_by = ?, accepted_at = ?"
                " WHERE name = ?",
                (who, clock.now_ns(), name),
            )

    def first_seen(self) -> dict[str, int]:
        """When each tool was last accepted (ns)."""
        return dict(self._store().query("SELECT name, accepted_at FROM tool_pins"))


def _read(text: bytes) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(zstandard.decompress(text))
    return found
