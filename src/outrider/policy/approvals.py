"""Calls that wait for a person: bound to what they are, used once, expiring, decided by somebody else than the asker.

The rows of the lease store say what holds, exactly, for all processes; what became of each is also an event of the
journal. An event is written in the transaction that it is about and handed to the journal afterwards, so a process that
dies in between loses none. What a person is shown is the call itself with the origin of each value, never what the
model says about it. Blocking; use it in threads.
"""

import logging
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import clock, ids
from outrider.base.errors import JournalFull, RequestError
from outrider.journal import upcast
from outrider.journal.events import ApprovalAsked, ApprovalDecided, ApprovalExpired, ApprovalUsed, Event
from outrider.policy.decide import Call, Decision
from outrider.policy.origins import Traced
from outrider.policy.pending import COLUMNS, LASTS_NS, About, Approval, Decider, Shown, Terms, approval, digest, encode
from outrider.store import Store
from outrider.store.ports import Row, Tx

__all__ = ["LASTS_NS", "Approval", "Approvals", "digest"]

DENIED_NS = 30 * 86_400 * 1_000_000_000
"""A refusal holds as long as a session does: who was refused does not get another answer by waiting."""
KEPT_NS = 90 * 86_400 * 1_000_000_000
"""What was decided that long ago is forgotten here; the journal keeps it as long as it keeps anything."""
TELLING_NS = 120 * 1_000_000_000
"""Who has not told people of a call after that long has died: another process does."""
MOST_LISTED = 500
MOST_WAITING = 25
"""Calls of one session that may wait at once. People who are asked for more than that do not read any more."""
LARGEST = 1_000_000
"""Bytes of a call's arguments: a larger one is refused without a question, since nobody could read it."""
MOST_VALUES = 500
"""Values that steer one call: a call with more is refused without a question."""
LONGEST_NOTE = 2_000
_WAITS = "state = 'pending' AND expires > ?"
_HANDING = zlib.crc32(b"approval_events") >> 1

log = logging.getLogger("outrider")
_pack = msgspec.msgpack.Encoder().encode


class Approvals:
    """The approvals of a lease store. `record` writes an event into the journal, in any thread; without it events stay
    where they are until a process that has it comes by. `terms` gives what holds now."""

    def __init__(
        self,
        store: Callable[[], Store],
        record: Callable[[Event], None] | None = None,
        terms: Callable[[], Terms] = Terms,
    ) -> None:
        self._store, self._record, self._terms = store, record, terms

    # -- the agent's side ---------------------------------------------------------------------------------------------

    def ask(
        self,
        project: str,
        session: str,
        call: Call,
        decision: Decision,
        reasons: Sequence[str],
        *,
        user: str = "",
        key: str = "",
        plan: str = "",
        lasts: int = 0,
    ) -> Approval:
        """Let a call wait. The same call of the session is not asked twice: the one that waits, or was decided and not
        used, is given again. A session that asks too much is refused without a question."""
        bound, now, terms = digest(session, call.tool, call.arguments), clock.now_ns(), self._terms()
        about = _about(call, decision, reasons, user)
        with self._store().write([_lock(project, session)]) as tx:
            found = tx.query(
                f"SELECT {COLUMNS} FROM approvals WHERE project = ? AND session = ? AND digest = ? AND expires > ?"
                " AND state IN ('pending', 'approved', 'denied') ORDER BY asked DESC LIMIT 1",
                (project, session, bound, now),
            )
            if found:
                return approval(found[0], now)
            open_plan = _open_plan(tx, project, session, plan[:200])
            asked = Approval(
                f"appr_{ids.token(16)}", project, session, bound, "pending", open_plan, now,
                now + (lasts or terms.lasts), 0, "", "", 0, about,
                separated=call.declaration.does in terms.separated, key=key,
            )  # fmt: skip
            if note := self._unfit(tx, asked):
                return msgspec.structs.replace(asked, id="", state="denied", decider="Outrider", note=note)
            _insert(tx, asked)
            _event(
                tx,
                ApprovalAsked(
                    asked.id, project, session, now, asked.expires, bytes.fromhex(bound), call.tool, call.agent, user,
                    key, about.effect, list(about.rules), asked.plan,
                ),
            )  # fmt: skip
        self.hand_over()
        return asked

    def _unfit(self, tx: Tx, asked: Approval) -> str:
        """Why nobody is asked about it; "" if somebody is."""
        if len(bytes(asked.about.arguments)) > LARGEST:
            return f"its arguments have more than {LARGEST:,} bytes, which nobody could read: make it smaller"
        if len(asked.about.values) > MOST_VALUES:
            return f"more than {MOST_VALUES:,} values decide where it goes, which nobody could read: make it smaller"
        waiting = tx.query(
            "SELECT count(*) FROM approvals WHERE project = ? AND session = ? AND state = 'pending' AND expires > ?",
            (asked.project, asked.session, asked.asked),
        )
        if int(waiting[0][0]) >= MOST_WAITING:
            return f"{MOST_WAITING} calls of this session wait already; go on when they are decided"
        return ""

    def use(self, project: str, session: str, tool: str, arguments: Mapping[str, Any]) -> Approval | None:
        """Take an approval for this very call, once. None: there is none that may be used."""
        now, bound = clock.now_ns(), digest(session, tool, arguments)
        with self._store().write([_lock(project, session)]) as tx:
            rows = tx.query(
                f"SELECT {COLUMNS} FROM approvals WHERE project = ? AND session = ? AND digest = ?"
                " AND state = 'approved' AND expires > ? ORDER BY asked LIMIT 1",
                (project, session, bound, now),
            )
            if not rows:
                return None
            id_ = rows[0][0]
            tx.execute("UPDATE approvals SET state = 'used', used = ?, changed = ? WHERE id = ?", (now, now, id_))
            _event(tx, ApprovalUsed(id_, project, now))
        self.hand_over()
        return approval(rows[0], now)

    # -- people's side ------------------------------------------------------------------------------------------------

    def open(self, project: str, id_: str) -> Approval:
        """A person looks at it, and at the calls of its plan: when that was first is kept. From then on the plan is
        closed: a call that is proposed later is a question of its own."""
        now, found = clock.now_ns(), self.get(project, id_)
        with self._store().write([_lock(project, found.session)]) as tx:
            tx.execute("UPDATE approvals SET opened = ? WHERE id = ? AND opened = 0", (now, id_))
            if found.plan:
                tx.execute(
                    "UPDATE approvals SET opened = ? WHERE project = ? AND session = ? AND plan = ? AND opened = 0",
                    (now, project, found.session, found.plan),
                )
        return self.get(project, id_)

    def decide(
        self,
        project: str,
        id_: str,
        *,
        approve: bool,
        by: Decider | str,
        note: str = "",
        plan: bool = False,
        only: Collection[str] = (),
    ) -> list[Approval]:
        """Decide about a call; with `plan` about all of its plan that wait, or `only` those of these ids.

        Raises RequestError: 404 if there is none, 409 if it does not wait any more, 403 if this one may not decide, 400
        for ids that are not of the plan or a note that is too long.
        """
        decider = by if isinstance(by, Decider) else Decider(by)
        if len(note) > LONGEST_NOTE:
            raise RequestError(f"a note has at most {LONGEST_NOTE} characters", code="invalid_parameter", param="note")
        now, first = clock.now_ns(), self.get(project, id_)
        with self._store().write([_lock(project, first.session)]) as tx:
            all_ = self._plan(tx, first, now) if plan or only else self._rows(tx.query, "id = ?", (id_,), now)
            waiting = {one.id: one for one in all_ if one.state == "pending"}
            if strange := set(only) - {one.id for one in all_}:
                raise RequestError(
                    f"{sorted(strange)[0][:80]!r} is not of the plan of {id_}", code="invalid_parameter", param="only"
                )
            chosen = [waiting.get(one) for one in only] if only else list(waiting.values())
            if not chosen or None in chosen or (id_ not in waiting and not only):
                state = next((one.state for one in all_ if one.id in (only or {id_}) and one.id not in waiting), "gone")
                raise RequestError(f"{id_} does not wait any more: it is {state}", status=409, code="not_pending")
            for one in chosen:
                assert one is not None
                self._settle(tx, one, approve=approve, by=decider, note=note, now=now)
        self.hand_over()
        return [self.get(project, one.id) for one in chosen if one is not None]

    def _settle(self, tx: Tx, one: Approval, *, approve: bool, by: Decider, note: str, now: int) -> None:
        if why := one.barred(by):
            raise RequestError(why, status=403, code="same_person")
        state = "approved" if approve else "denied"
        until = now + (self._terms().lasts if approve else DENIED_NS)
        tx.execute(
            "UPDATE approvals SET state = ?, decided = ?, decider = ?, note = ?, expires = ?, changed = ? WHERE id = ?",
            (state, now, by.name, note, until, now, one.id),
        )
        verdict: Any = state
        _event(tx, ApprovalDecided(one.id, one.project, now, verdict, by.name, note, one.opened, by.through))

    def _plan(self, tx: Tx, first: Approval, now: int) -> list[Approval]:
        if not first.plan:
            return self._rows(tx.query, "id = ?", (first.id,), now)
        where = "project = ? AND plan = ? AND session = ? ORDER BY asked, id"
        return self._rows(tx.query, where, (first.project, first.plan, first.session), now)

    # -- reading ------------------------------------------------------------------------------------------------------

    def get(self, project: str, id_: str) -> Approval:
        """Raises RequestError 404."""
        found = self._rows(self._store().query, "id = ? AND project = ?", (id_, project), clock.now_ns())
        if not found:
            raise RequestError(f"there is no approval {id_[:80]!r}", status=404, code="unknown_approval", param="id")
        return found[0]

    def plan_of(self, one: Approval) -> list[Approval]:
        """All calls of its plan, in the order in which they were asked; the call alone if it has none."""
        if not one.plan:
            return [one]
        where = "project = ? AND plan = ? AND session = ? ORDER BY asked, id"
        return self._rows(self._store().query, where, (one.project, one.plan, one.session), clock.now_ns())

    def waiting(self, project: str, after: int = 0) -> list[Approval]:
        """Those that wait, the oldest first, at most MOST_LISTED; `after` (ns): asked then or later."""
        now = clock.now_ns()
        where = f"project = ? AND {_WAITS} AND asked >= ? ORDER BY asked, id LIMIT {MOST_LISTED}"
        return self._rows(self._store().query, where, (project, now, after), now)

    def how_many(self, project: str) -> int:
        """How many wait."""
        asked = f"SELECT count(*) FROM approvals WHERE project = ? AND {_WAITS}"
        return int(self._store().query(asked, (project, clock.now_ns()))[0][0])

    def past(
        self,
        project: str,
        *,
        state: str = "",
        session: str = "",
        agent: str = "",
        before: int = 0,
        limit: int = 100,
    ) -> list[Approval]:
        """Those that a filter keeps, whatever their state, the newest first; `before` (ns) pages to older ones."""
        now, where, params = clock.now_ns(), ["project = ?"], list[int | str]([project])
        for column, value in (("session", session), ("agent", agent)):
            if value:
                where.append(f"{column} = ?")
                params.append(value)
        if before:
            where.append("asked < ?")
            params.append(before)
        if state == "expired":
            where.append("(state = 'expired' OR (state IN ('pending', 'approved') AND expires <= ?))")
            params.append(now)
        elif state:
            where.append("state = ?" + (" AND expires > ?" if state in ("pending", "approved") else ""))
            params += [state, now] if state in ("pending", "approved") else [state]
        clause = f"{' AND '.join(where)} ORDER BY asked DESC, id DESC LIMIT {max(1, min(limit, MOST_LISTED))}"
        return self._rows(self._store().query, clause, params, now)

    def last_alike(self, one: Approval) -> Approval | None:
        """The last call of the same tool that somebody approved before this one, best one of the same agent."""
        where = (
            "project = ? AND tool = ? AND decided > 0 AND decided < ? AND state IN ('approved', 'used', 'expired')"
            " AND id <> ? ORDER BY CASE WHEN agent = ? THEN 0 ELSE 1 END, decided DESC LIMIT 1"
        )
        params = (one.project, one.about.tool, one.decided or clock.now_ns(), one.id, one.about.agent)
        found = self._rows(self._store().query, where, params, clock.now_ns())
        return found[0] if found else None

    def mark(self, project: str) -> int:
        """Grows with every change of the project's approvals."""
        return int(
            self._store().query("SELECT coalesce(max(changed), 0) FROM approvals WHERE project = ?", (project,))[0][0]
        )

    def _rows(
        self, query: Callable[..., list[Row]], where: str, params: Sequence[int | str], now: int
    ) -> list[Approval]:
        return [approval(row, now) for row in query(f"SELECT {COLUMNS} FROM approvals WHERE {where}", params)]

    # -- what a process does now and then -----------------------------------------------------------------------------

    def hand_over(self) -> int:
        """Move events into the journal; how many. If the disk is full they stay, and the next turn tries again."""
        if self._record is None:
            return 0
        try:
            with self._store().write([_HANDING]) as tx:
                rows = tx.query("SELECT id, kind, event FROM approval_events ORDER BY at, id LIMIT 500")
                for id_, kind, event in rows:
                    self._record(upcast.decode(bytes(event)))
                    tx.execute("DELETE FROM approval_events WHERE id = ? AND kind = ?", (id_, kind))
        except JournalFull as error:
            log.warning("what became of approvals is not in the journal yet: %s", error.message)
            return 0
        return len(rows)

    def sweep(self) -> int:
        """End what has expired and forget what is long past; how many have expired."""
        now = clock.now_ns()
        ending = self._store().query(
            "SELECT id, project, session FROM approvals WHERE state IN ('pending', 'approved') AND expires <= ?"
            " LIMIT 500",
            (now,),
        )
        for id_, project, session in ending:
            with self._store().write([_lock(project, session)]) as tx:
                left = "id = ? AND state IN ('pending', 'approved') AND expires <= ?"
                for (was,) in tx.query(f"SELECT state FROM approvals WHERE {left}", (id_, now)):
                    tx.execute("UPDATE approvals SET state = 'expired', changed = ? WHERE id = ?", (now, id_))
                    _event(tx, ApprovalExpired(id_, project, now, was))
        if self._store().query("SELECT 1 FROM approvals WHERE expires < ? LIMIT 1", (now - KEPT_NS,)):
            with self._store().write() as tx:
                tx.execute("DELETE FROM approvals WHERE expires < ?", (now - KEPT_NS,))
        self.hand_over()
        return len(ending)

    def to_tell(self, limit: int = 50) -> list[Approval]:
        """Calls that nobody was told of, which the caller now tells people of, or `told` says why not."""
        now = clock.now_ns()
        late = "state = 'pending' AND expires > ? AND (told = 0 OR (told < 0 AND told > ?))"
        params = (now, TELLING_NS - now)
        if not self._store().query(f"SELECT 1 FROM approvals WHERE {late} LIMIT 1", params):
            return []
        with self._store().write([_HANDING]) as tx:
            found = self._rows(tx.query, f"{late} ORDER BY asked LIMIT {limit}", params, now)
            tx.executemany("UPDATE approvals SET told = ? WHERE id = ?", [(-now, one.id) for one in found])
        return found

    def told(self, ids_: Collection[str], trouble: str = "") -> None:
        """People were told of these; `trouble` names whom that did not reach."""
        now = clock.now_ns()
        with self._store().write() as tx:
            rows = [(now, trouble[:300], one) for one in ids_]
            tx.executemany("UPDATE approvals SET told = ?, untold = ? WHERE id = ?", rows)


def _about(call: Call, decision: Decision, reasons: Sequence[str], user: str) -> About:
    def shown(several: Sequence[Traced]) -> tuple[Shown, ...]:
        return tuple(Shown(t.path, t.value, t.kind, t.origin.name.lower(), t.step, t.tool) for t in several)

    return About(
        call.tool,
        msgspec.Raw(encode(dict(call.arguments))),
        call.agent,
        user,
        tuple(reasons),
        shown(decision.traced),
        shown(decision.links),
        tuple(rule.id for rule in decision.because if rule.forbids),
        str(decision.context.get("effect", "")),
        str(decision.context.get("steering", "")),
        bool(decision.context.get("tainted", False)),
    )


def _insert(tx: Tx, one: Approval) -> None:
    columns = f"{COLUMNS}, tool, agent, who, rules, changed"
    row = (
        one.id, one.project, one.session, one.digest, one.state, one.plan, one.asked, one.expires, 0, "", "", 0,
        encode(one.about), 0, int(one.separated), one.key, 0, "", one.about.tool, one.about.agent, one.about.user,
        " ".join(one.about.rules), one.asked,
    )  # fmt: skip
    tx.execute(f"INSERT INTO approvals ({columns}) VALUES ({', '.join('?' * len(row))})", row)


def _open_plan(tx: Tx, project: str, session: str, plan: str) -> str:
    """The plan, or its next part if somebody has looked at it already: nobody decides about what they did not see."""
    name, part = plan, 1
    while name:
        seen = tx.query(
            "SELECT 1 FROM approvals WHERE project = ? AND session = ? AND plan = ? AND (opened > 0 OR decided > 0)"
            " LIMIT 1",
            (project, session, name),
        )
        if not seen:
            break
        part += 1
        name = f"{plan}~{part}"
    return name


def _event(tx: Tx, event: ApprovalAsked | ApprovalDecided | ApprovalUsed | ApprovalExpired) -> None:
    kind = str(event.__struct_config__.tag)
    tx.execute(
        "INSERT INTO approval_events (id, kind, at, event) VALUES (?, ?, ?, ?)",
        (event.id, kind, event.at, _pack(event)),
    )


def _lock(project: str, session: str) -> int:
    return zlib.crc32(f"session/{project}/{session}".encode()) >> 1
