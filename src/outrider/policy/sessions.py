"""Sessions in the lease store: every observation is an event that is only added, so no process can lose a label.

An event is written before the text that it is about is shown to the model. A process keeps the states of the sessions
that it works on and reads what others added since. Blocking; use it in threads.
"""

import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

import msgspec
import zstandard

from outrider.base import clock
from outrider.policy.declarations import Declaration, Privacy
from outrider.policy.events import (
    Did,
    Event,
    Granted,
    Inherited,
    Joined,
    Judged,
    Offered,
    Returned,
    Said,
    Withdrawn,
    decode,
    encode,
)
from outrider.policy.grants import Grant
from outrider.policy.identity import Party
from outrider.policy.loops import Trail
from outrider.policy.state import SessionState
from outrider.store import Store, Tx
from outrider.store.ports import Row

KEPT = 500
"""Sessions whose states one process remembers."""
MOST_REMEMBERED = 256 << 20
"""Bytes of sessions that one process remembers, whatever their number: beyond, the eldest are read again."""
IDLE_NS = 30 * 86_400 * 1_000_000_000
"""A session that nobody used for so long is forgotten."""


Query = Callable[[str, Sequence[int | str | bytes | None]], list[Row]]
"""Reads rows: a store's, or a transaction's."""


class Session:
    """A session as this process knows it; `used` is when it last was.

    `grants` are those it was given, each with how often it was used; `parties` who acted in it, the first one first;
    `chain` who acted in those that handed the task down to it, which are its `parents`, each with the number of its
    events that are known here. `called` are the tools that answered or did something. `strict`: what is in no grant is
    refused. `handed`: the task was handed down, so that what its user says was written by an agent. `offered` is what a
    model read last. `weight` is about the bytes that it takes.
    """

    def __init__(self, project: str, id_: str) -> None:
        self.project, self.id, self.seq, self.weight = project, id_, 0, 0
        self.state = SessionState()
        self.trail = Trail()
        self.grants: list[tuple[Grant, int]] = []
        self.parties: list[Party] = []
        self.chain: list[Party] = []
        self.parents: dict[str, int] = {}
        self.called: set[str] = set()
        self.strict, self.handed, self.marked = False, False, (False, False)
        self.offered: Offered | None = None
        self.used = 0

    def see(self, event: Event, parent: "Session | None" = None) -> None:
        """Follow an event. `parent` is the session that an `Inherited` names."""
        self.seq += 1
        self.weight += _weight(event)
        self.trail.see(event)
        if isinstance(event, Returned | Did):
            self.called.add(event.tool)
        if isinstance(event, Said):
            (self.state.operator if event.operator else self.state.user)(event.text)
        elif isinstance(event, Returned):
            self.state.result(event.tool, msgspec.json.decode(event.result), event.declaration)
        elif isinstance(event, Judged):
            self.state.called(event.tool, msgspec.json.decode(event.arguments) if event.arguments else {})
        elif isinstance(event, Did):
            self.state.effect(event.tool, event.verb, event.steered)
            if 0 <= event.grant < len(self.grants):
                grant, used = self.grants[event.grant]
                self.grants[event.grant] = grant.after(event.amounts), used + 1
        elif isinstance(event, Granted):
            self.grants.append((event.grant, 0))
            self.strict = self.strict or event.grant.strict
        elif isinstance(event, Withdrawn) and 0 <= event.grant < len(self.grants):
            grant, used = self.grants[event.grant]
            self.grants[event.grant] = grant.ended(), used
        elif isinstance(event, Joined):
            self.parties.append(Party(event.user, event.agent, event.key))
        elif isinstance(event, Offered):
            self.offered = event
        elif isinstance(event, Inherited):
            self.handed = self.handed or event.task
            self.parents[event.session] = max(event.seq, self.parents.get(event.session, 0))
            if parent is not None and event.foreign:
                self.see_stranger(parent)
            elif parent is not None:
                self.see_parent(parent, task=event.task)

    def also(self, event: Event, *, task: bool = False) -> None:
        """Follow what happened in another session since it was seen; `task`: it handed one down."""
        if task and isinstance(event, Joined):
            party = Party(event.user, event.agent, event.key)
            self.chain += [party] if party not in self.chain else []
        elif task and isinstance(event, Granted):
            self.strict = self.strict or event.grant.strict
        if isinstance(event, Inherited):
            self.handed = self.handed or event.task
        if isinstance(event, Returned | Did):
            self.called.add(event.tool)
        if isinstance(event, Said):
            (self.state.operator if event.operator else self.state.user)(event.text)
        elif isinstance(event, Returned):
            self.state.result(event.tool, msgspec.json.decode(event.result), event.declaration)
        elif isinstance(event, Judged):
            self.state.called(event.tool, msgspec.json.decode(event.arguments) if event.arguments else {})
        elif isinstance(event, Did):
            self.state.effect(event.tool, event.verb, event.steered)

    def see_stranger(self, other: "Session") -> None:
        """Take over the labels of another user's session: all that it has seen or was told is what others wrote."""
        privacy: Privacy = "private" if other.state.private is not None else "public"
        if texts := other.state.all_texts():
            self.state.result("another session", texts, Declaration(privacy=privacy))
        self.weight += other.weight

    def see_parent(self, parent: "Session", *, task: bool = False) -> None:
        """Take over what another session has seen. One that begins so, or was handed the `task`, is bound by whoever
        acted in it before; one that has its own words only reads what comes back."""
        task = task or not self.state.step
        self.state.inherit(parent.state)
        self.handed = self.handed or parent.handed
        self.called |= parent.called
        self.weight += parent.weight
        if task:
            self.trail.inherit(parent.trail, parent.parties[-1].agent if parent.parties else "")
            self.chain += [one for one in (*parent.chain, *parent.parties) if one not in self.chain]
            self.strict = self.strict or parent.strict


def _weight(event: Event) -> int:
    """About the bytes that an event keeps in memory."""
    if isinstance(event, Returned):
        return 500 + 3 * len(event.result)
    return 500 + (2 * len(event.text) if isinstance(event, Said) else 0)


class Sessions:
    """The sessions of a lease store."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self.store = self._store = store
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], Session] = OrderedDict()
        self._weights: dict[tuple[str, str], int] = {}
        self._room = MOST_REMEMBERED

    def get(self, project: str, id_: str) -> Session:
        """The session with all that any process added to it; an empty one if nobody did."""
        with self._lock:
            return self._fresh(self._store().query, project, id_)

    def add(self, project: str, id_: str, events: Sequence[Event], *, agent: str = "", who: str = "") -> Session:
        """Write events down, then follow them. All or none of them are kept."""
        return self.judge(project, id_, lambda _: events, agent=agent, who=who)

    def judge(
        self, project: str, id_: str, judge: Callable[[Session], Sequence[Event]], *, agent: str = "", who: str = ""
    ) -> Session:
        """Let `judge` look at the session and write down what it says, with nobody in between: two processes cannot
        both take the last of something. `judge` may not write to the store."""
        with self._lock:
            now = clock.now_ns()
            with self._store().write([_lock(project, id_)]) as tx:
                seq = self._touch(tx, project, id_, agent, who, now)
                known = self._fresh(tx.query, project, id_)
                events = [_bounded(tx, project, event) for event in judge(known)]
                _write(tx, project, id_, seq, events)
                trail = known.trail
                tx.execute(
                    "UPDATE sessions SET events = ?, touched = ?, calls = ?, turns = ?, spent = ?, steepest = ?,"
                    " same = ?, agent = CASE agent WHEN '' THEN ? ELSE agent END,"
                    " who = CASE who WHEN '' THEN ? ELSE who END WHERE project = ? AND id = ?",
                    (
                        *(seq + len(events), now, trail.calls, trail.turns, trail.spent, trail.steepest),
                        *(trail.most_same, agent, who, project, id_),
                    ),
                )
            session = known
            self._known.pop((project, id_), None)  # and back, once it is whole
            for event in events:
                self._apply(self._store().query, session, event)
            self._remember(session)
            labels = (session.state.taint is not None, session.state.private is not None)
            mark, session.marked = labels != session.marked, labels
        if mark:
            self._mark(project, id_, *labels)
        return session

    def _touch(self, tx: Tx, project: str, id_: str, agent: str, who: str, now: int) -> int:
        """The number of events so far; the session is there afterwards."""
        found = tx.query("SELECT events FROM sessions WHERE project = ? AND id = ?", (project, id_))
        if found:
            return int(found[0][0])
        tx.execute(
            "INSERT INTO sessions (project, id, agent, who, began, touched, events, tainted)"
            " VALUES (?, ?, ?, ?, ?, ?, 0, 0)",
            (project, id_, agent, who, now, now),
        )
        return 0

    def _fresh(self, query: Query, project: str, id_: str, upto: int = 0) -> Session:
        """The session up to its last event (or `upto`), from memory and what was added since."""
        session = self._known.pop((project, id_), None) if not upto else None  # and back, once it is whole
        now = clock.now_ns()
        if session is None or session.used < now - IDLE_NS // 2:  # it may have been forgotten meanwhile
            session = Session(project, id_)
        session.used = now
        for event in self._between(query, project, id_, session.seq, upto):
            self._apply(query, session, event)
        if not upto:
            self._remember(session)
        return session

    def _remember(self, session: Session) -> None:
        key = (session.project, session.id)
        self._known[key] = session
        self._room -= session.weight - self._weights.get(key, 0)
        self._weights[key] = session.weight
        while len(self._known) > 1 and (len(self._known) > KEPT or self._room < 0):
            eldest, _ = self._known.popitem(last=False)
            self._room += self._weights.pop(eldest)

    def _apply(self, query: Query, session: Session, event: Event) -> None:
        """Let a session see an event, with what it inherits by it."""
        parent = None
        if isinstance(event, Inherited) and event.since and not event.foreign:
            self._follow(query, session.project, session, event)
        elif isinstance(event, Inherited) and event.seq:
            parent = self._fresh(query, session.project, event.session, event.seq)
        session.see(event, parent)

    def replay(self, project: str, id_: str) -> Iterator[tuple[Session, Event]]:
        """Each event of a session with the session as it was before it. The session is one object that goes on."""
        session = Session(project, id_)
        for _, event in self.events(project, id_):
            yield session, event
            self._apply(self._store().query, session, event)

    def _follow(self, query: Query, project: str, session: Session, link: Inherited) -> None:
        """Let a session see what was added to a parent since it was seen last."""
        for event in self._between(query, project, link.session, link.since, link.seq):
            session.also(event, task=link.task)
            if isinstance(event, Inherited) and event.since and not event.foreign:
                self._follow(query, project, session, event)
            elif isinstance(event, Inherited) and event.seq:
                other = self._fresh(query, project, event.session, event.seq)
                (session.see_stranger if event.foreign else session.see_parent)(other)

    def _between(self, query: Query, project: str, id_: str, since: int, upto: int) -> Iterator[Event]:
        limit = "AND seq <= ?" if upto else ""
        rows = query(
            f"SELECT event FROM session_events WHERE project = ? AND session = ? AND seq > ? {limit} ORDER BY seq",
            (project, id_, since, upto) if upto else (project, id_, since),
        )
        for (row,) in rows:
            yield decode(zstandard.decompress(row))

    def _mark(self, project: str, id_: str, tainted: bool, private: bool) -> None:
        """For lists: the events themselves say it."""
        with self._store().write([_lock(project, id_)]) as tx:
            tx.execute(
                "UPDATE sessions SET tainted = CASE WHEN ? = 1 THEN 1 ELSE tainted END,"
                " private = CASE WHEN ? = 1 THEN 1 ELSE private END WHERE project = ? AND id = ?",
                (int(tainted), int(private), project, id_),
            )

    def forget(self, before: int | None = None) -> int:
        """Forget sessions unused since `before` (ns) that no living one has labels of; how many (at most 500)."""
        until = clock.now_ns() - IDLE_NS if before is None else before
        idle = self._store().query(
            "WITH RECURSIVE kept(project, id) AS (SELECT project, id FROM sessions WHERE touched >= ?"
            " UNION SELECT p.project, p.parent FROM session_parents p JOIN kept k"
            " ON p.project = k.project AND p.session = k.id)"
            " SELECT s.project, s.id FROM sessions s WHERE s.touched < ? AND NOT EXISTS"
            " (SELECT 1 FROM kept WHERE kept.project = s.project AND kept.id = s.id) LIMIT 500",
            (until, until),
        )
        gone = 0
        for project, id_ in idle:
            with self._lock, self._store().write([_lock(project, id_)]) as tx:
                if tx.execute(
                    "DELETE FROM sessions WHERE project = ? AND id = ? AND touched < ?", (project, id_, until)
                ):
                    tx.execute("DELETE FROM session_events WHERE project = ? AND session = ?", (project, id_))
                    tx.execute("DELETE FROM session_parents WHERE project = ? AND session = ?", (project, id_))
                    self._known.pop((project, id_), None)
                    self._room += self._weights.pop((project, id_), 0)
                    gone += 1
        return gone

    def newest(self, project: str, since: int = 0) -> list[str]:
        """The ids of sessions that were used since then (ns), the last used first."""
        rows = self._store().query(
            "SELECT id FROM sessions WHERE project = ? AND touched >= ? ORDER BY touched DESC, id", (project, since)
        )
        return [str(row[0]) for row in rows]

    def events(self, project: str, id_: str, portion: int = 500) -> Iterator[tuple[int, Event]]:
        """A session's events with their numbers, from the first on, a portion in memory at a time."""
        seq = 0
        while True:
            rows = self._store().query(
                "SELECT seq, event FROM session_events WHERE project = ? AND session = ? AND seq > ?"
                f" ORDER BY seq LIMIT {portion:d}",
                (project, id_, seq),
            )
            for at, row in rows:
                seq = int(at)
                yield seq, decode(zstandard.decompress(row))
            if len(rows) < portion:
                return

    def usual(self, project: str, agent: str, most: int = 2000) -> list[Row]:
        """(calls, turns, nano-dollars, those of the dearest ten minutes, most calls of one kind, seconds) of the
        agent's last sessions."""
        return self._store().query(
            "SELECT calls, turns, spent, steepest, same, (touched - began) / 1000000000 FROM sessions"
            f" WHERE project = ? AND agent = ? ORDER BY touched DESC LIMIT {most:d}",
            (project, agent),
        )


def _write(tx: Tx, project: str, id_: str, seq: int, events: Sequence[Event]) -> None:
    tx.executemany(
        "INSERT INTO session_events (project, session, seq, event) VALUES (?, ?, ?, ?)",
        [(project, id_, seq + 1 + at, zstandard.compress(encode(event))) for at, event in enumerate(events)],
    )
    for event in events:
        if isinstance(event, Inherited) and event.seq:
            tx.execute(
                "INSERT INTO session_parents (project, session, parent) VALUES (?, ?, ?)"
                " ON CONFLICT (project, session, parent) DO NOTHING",
                (project, id_, event.session),
            )


def _bounded(tx: Tx, project: str, event: Event) -> Event:
    """A parent is inherited as it was at some moment that is past: so no two can inherit each other."""
    if not isinstance(event, Inherited):
        return event
    there = tx.query("SELECT events FROM sessions WHERE project = ? AND id = ?", (project, event.session))
    return msgspec.structs.replace(event, seq=min(event.seq, int(there[0][0]) if there else 0))


def _lock(project: str, id_: str) -> int:
    return zlib.crc32(f"session/{project}/{id_}".encode()) >> 1
