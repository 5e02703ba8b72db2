"""Which session a conversation belongs to, whatever its client calls it. Blocking; use it in threads.

A conversation is known again by its beginning, by ids of calls that only it can have, and by sentences that a model or
a tool wrote in it. A name that the client gives is taken; what the conversation had under another name is inherited.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from outrider.base import clock, ids
from outrider.policy.turns import (
    MOST_PIECES,
    Beginning,
    Turn,
    beginnings,
    id_mark,
    ids_of,
    is_random,
    mark,
    piece_mark,
    pieces,
    turn_marks,
)
from outrider.store import Store
from outrider.store.ports import Row

LASTS_NS = 30 * 86_400 * 1_000_000_000
"""How long a conversation is known."""
MOST_TURNS = 400
"""Of a longer conversation the last turns are looked at."""
MOST_INHERITED = 8
_AT_ONCE = 100
_EACH = 8
"""Sessions that are looked at for one mark: the latest."""
_SWEEP_NS = 3_600 * 1_000_000_000
LABELLED = "labelled"

Unrecognised = Literal["new", "caller"]


class Caller(msgspec.Struct, frozen=True):
    """Whose request it is."""

    project: str
    key: str = ""
    user: str = ""
    agent: str = ""

    @property
    def mark(self) -> bytes:
        return mark("caller", self.key, self.user, self.agent)

    @property
    def session(self) -> str:
        """The one session of a caller whose conversations are not told apart; the tool URL calls it the same."""
        whose = msgspec.json.encode([self.project, self.key, self.agent, self.user])
        return f"caller:{hashlib.sha256(whose).hexdigest()[:24]}"


class Link(msgspec.Struct, frozen=True):
    """A session that is inherited as of a number of events; `foreign`: its labels alone."""

    session: str
    seq: int
    foreign: bool = False


class Known(msgspec.Struct):
    """What is known of a conversation. `inherits` are the sessions that it continues beside its own; `fresh` the turns
    that its session has not seen; `tools` the names of the tools that calls were made to, by the calls' ids; `written`
    folded sentences that a model or a tool wrote."""

    session: str
    inherits: list[Link] = []
    fresh: list[int] = []
    tools: dict[str, str] = {}
    written: set[str] = set()
    marks: list[tuple[bytes, str, int]] = []  # to be remembered: mark, note, place of the turn
    begun: list[tuple[bytes, int]] = []  # beginnings to be remembered
    head: bytes = b""


class Found(msgspec.Struct):
    mark: bytes
    session: str
    seq: int
    caller: bytes
    note: str
    at: int


EVERYTHING = 1 << 62
"""As of now: `Sessions` knows how many events that is."""


class Conversations:
    """The conversations of a lease store."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store
        self._swept = 0

    def recognise(self, caller: Caller, named: str, turns: Sequence[Turn], otherwise: Unrecognised = "new") -> Known:
        """Find the session. `named` is what the client calls it ("": nothing)."""
        first = max(0, len(turns) - MOST_TURNS)
        begun, seen = beginnings(turns)[-MOST_TURNS:], turn_marks(turns)
        drawn = {id_: id_mark(id_) for turn in turns[first:] for id_ in ids_of(turn) if is_random(id_)}
        found = self._find(caller.project, [*(b.mark for b in begun), *drawn.values()])
        calls = {id_: found.get(m, []) for id_, m in drawn.items()}
        prefix, upto = _longest(begun, found, caller)
        known = Known(named or self._continued(caller, prefix, calls), head=begun[-1].mark if begun else b"")
        if not known.session:
            known.session = caller.session if otherwise == "caller" and not prefix else ""
        known.session = known.session or f"conv_{ids.token(16)}"
        own = {row.mark for row in self._rows(caller.project, [*(b.mark for b in begun), *seen], [known.session])}
        links: dict[str, Link] = {}
        if not any(b.mark in own for b in begun[upto:]):
            links |= {row.session: _link(row, row.seq, caller) for row in _elders(prefix, begun[upto:])}
        begins = {row.session for row in prefix}
        for rows in calls.values():
            if rows and not any(row.session == known.session or row.session in begins for row in rows):
                row = next((one for one in rows if one.caller == caller.mark), rows[0])
                links[row.session] = _link(row, EVERYTHING, caller)
        covered = own | self._had(caller.project, seen, [one for one in links.values() if not one.foreign])
        known.fresh = [at for at in range(first, len(turns)) if seen[at] not in covered]
        known.tools = {id_: row.note for id_, rows in calls.items() for row in reversed(rows) if row.note}
        known.marks = [(seen[at], "", at) for at in range(first, len(turns)) if seen[at] not in own]
        known.begun = [(b.mark, b.at) for b in begun if b.mark not in own]
        for at, turn in enumerate(turns):
            some = {i: calls[i] for i in ids_of(turn) if i in calls}
            known.marks += [
                (drawn[i], "", at) for i, had in some.items() if all(r.session != known.session for r in had)
            ]
        self._authors(caller, known, links, [turns[at] for at in known.fresh])
        links.pop(known.session, None)
        known.inherits = list(links.values())[:MOST_INHERITED]
        return known

    def _continued(self, caller: Caller, prefix: list[Found], calls: dict[str, list[Found]]) -> str:
        """The session of a conversation without a name: the one that was at this very point, else the one that its
        calls belong to; "": none. Whoever comes back to an earlier point begins a branch."""
        mine = [row for row in prefix if row.caller == caller.mark]
        heads = self._heads(caller.project, [row.session for row in mine])
        at_head = [row.session for row in mine if heads.get(row.session) == row.mark]
        if at_head or prefix:
            return at_head[0] if at_head else ""
        made = [row for rows in calls.values() for row in rows if row.caller == caller.mark]
        return max(made, key=lambda row: row.at).session if made else ""

    def _had(self, project: str, seen: Sequence[bytes], links: Sequence[Link]) -> set[bytes]:
        """The turns that are seen with what is inherited."""
        upto = {one.session: one.seq for one in links}
        rows = self._rows(project, seen[-MOST_TURNS:], list(upto))
        return {row.mark for row in rows if row.seq <= upto[row.session]}

    def _authors(self, caller: Caller, known: Known, links: dict[str, Link], turns: Iterable[Turn]) -> None:
        """Which sentences of new turns a model or a tool wrote. Where it is no tool that says them here, the labels of
        the sessions that they are from come along, and nothing else: a sentence proves nobody's identity."""
        by_mark: dict[bytes, str] = {}
        carried: set[bytes] = set()
        for turn in turns:
            for _, folded in pieces(turn.text):
                by_mark[m := piece_mark(folded)] = folded
                if turn.role != "tool":
                    carried.add(m)
        some = list(by_mark)
        if len(some) > MOST_PIECES:
            some = [*some[: MOST_PIECES // 2], *some[-MOST_PIECES // 2 :]]
        found = self._find(caller.project, some)
        known.written = {by_mark[m] for m in found}
        for m, rows in found.items():
            if m in carried and all(row.session != known.session for row in rows):
                known.marks.append((m, rows[0].note, -1))
                links.setdefault(rows[0].session, Link(rows[0].session, EVERYTHING, True))

    def remember(self, caller: Caller, known: Known, seqs: Sequence[int], *, labelled: bool) -> None:
        """The session has seen the conversation; `seqs` is how many events it had after each turn, at least one.
        `labelled`: it is tainted, or has read what is private: that concerns whoever else has the same beginning."""
        note = LABELLED if labelled else ""
        marks = [(m, said, seqs[at]) for m, said, at in known.marks]
        self.note(caller, known.session, [*marks, *((m, note, seqs[at]) for m, at in known.begun)], head=known.head)

    def note(self, caller: Caller, session: str, marks: Iterable[tuple[bytes, str, int]], head: bytes = b"") -> None:
        """Remember marks, each with its note and the number of events by then. What is known of a mark stays."""
        now = clock.now_ns()
        ordered = sorted(marks)  # two requests that write the same ones must not wait for each other
        rows = [(caller.project, m, session, seq, caller.mark, note, now) for m, note, seq in ordered]
        if not rows and not head:
            return
        with self._store().write() as tx:
            tx.executemany(
                "INSERT INTO conversation_marks (project, mark, session, seq, caller, note, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (project, mark, session) DO NOTHING",
                rows,
            )
            if head:
                tx.execute(
                    "INSERT INTO conversation_heads (project, session, mark, at) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (project, session) DO UPDATE SET mark = excluded.mark, at = excluded.at",
                    (caller.project, session, head, now),
                )
            if now - self._swept > _SWEEP_NS:
                self._swept = now
                for table in ("conversation_marks", "conversation_heads"):
                    tx.execute(f"DELETE FROM {table} WHERE at < ?", (now - LASTS_NS,))

    # -- reading ---------------------------------------------------------------------------------------------------

    def _find(self, project: str, marks: Sequence[bytes]) -> dict[bytes, list[Found]]:
        """The latest sessions that have each of these marks, the latest first."""
        found: dict[bytes, list[Found]] = {}
        one = (
            "SELECT * FROM (SELECT mark, session, seq, caller, note, at FROM conversation_marks"
            f" WHERE project = ? AND mark = ? ORDER BY at DESC LIMIT {_EACH}) AS m{{}}"
        )
        for start in range(0, len(marks), _AT_ONCE):
            some = marks[start : start + _AT_ONCE]
            sql = " UNION ALL ".join(one.format(n) for n in range(len(some)))
            for row in self._store().query(sql, [part for m in some for part in (project, m)]):
                made = _found(row)
                found.setdefault(made.mark, []).append(made)
        return found

    def _rows(self, project: str, marks: Sequence[bytes], sessions: Sequence[str]) -> list[Found]:
        if not marks or not sessions:
            return []
        places = ", ".join("?" * len(sessions))
        out: list[Found] = []
        for start in range(0, len(marks), _AT_ONCE):
            some = marks[start : start + _AT_ONCE]
            rows = self._store().query(
                "SELECT mark, session, seq, caller, note, at FROM conversation_marks WHERE project = ?"
                f" AND mark IN ({', '.join('?' * len(some))}) AND session IN ({places})",
                [project, *some, *sessions],
            )
            out += map(_found, rows)
        return out

    def _heads(self, project: str, sessions: Sequence[str]) -> dict[str, bytes]:
        if not sessions:
            return {}
        rows = self._store().query(
            "SELECT session, mark FROM conversation_heads WHERE project = ?"
            f" AND session IN ({', '.join('?' * len(sessions))})",
            [project, *sessions],
        )
        return {str(session): bytes(m) for session, m in rows}


def _longest(begun: Sequence[Beginning], found: dict[bytes, list[Found]], caller: Caller) -> tuple[list[Found], int]:
    """The sessions that have the longest known beginning, and its place among all. Of another caller's it counts where
    it is no common one ("hi") and the session has labels: what was said in it is in this one, too."""
    for at in range(len(begun) - 1, -1, -1):
        one = begun[at]
        rows = [row for row in found.get(one.mark, ()) if row.caller == caller.mark or (one.distinctive and row.note)]
        if rows:
            return rows, at
    return [], len(begun)


def _elders(prefix: list[Found], begun: Sequence[Beginning]) -> list[Found]:
    """The sessions to inherit from: what is the same conversation for certain, all of them; else the latest."""
    if prefix and begun[0].distinctive:
        return prefix[:4]
    return prefix[:1]


def _link(row: Found, seq: int, caller: Caller) -> Link:
    return Link(row.session, seq, row.caller != caller.mark)


def _found(row: Row) -> Found:
    mark_, session, seq, caller, note, at = row
    return Found(bytes(mark_), session, int(seq), bytes(caller), note, int(at))
