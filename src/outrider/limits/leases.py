"""The lease store: how much of each account its holders have been lent. Blocking; SQL and the arithmetic of room only.

    room(account) = limit − Σ over holders max(0, granted − spent by the holder) − Σ spent in the window

What was spent is read first, in one statement, and what is granted after it, in the transaction that grants. A charge
that is indexed in between is still counted as granted; a holder that is closed in between keeps its row, with all that
it spent as granted. So the room may be judged too small for a moment, never too large. A row goes when what it grants
was all indexed at a time that lies further back than any such pair of readings.

A holder is one life of a process. It alone writes its rows, always as absolute numbers, so that a grant whose
confirmation was lost does no harm: the next write puts it right.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from outrider.base import clock
from outrider.base.errors import StoreUnavailable
from outrider.store import Store, Tx

SINGLE_BELOW = 32
"""Worst cases: with less room than that, only what waits is granted."""

SHARE_OF_ROOM = 8
MOST_CALLS_AHEAD = 4096

_ASK = 100
"""Accounts per transaction."""

_STALE_NS = 20_000_000_000
_REST_NS = 300_000_000_000
"""How old a reading of what was spent may be when it is used; how long a row rests before it may go."""


class Key(NamedTuple):
    """An account: the budget, the value of its `per` ("" without one), the start of its window."""

    budget: str
    value: str
    starts: int


class Ask(msgspec.Struct, frozen=True):
    """What a holder wants to do with one account.

    It had `base` when the holder began to count (None: not known), and since then it was lent `granted` more and spent
    `spent`; `free` is what is neither spent nor held now (less than 0: a call took more than it held). `needs` are
    calls that wait, in order; `ahead`: a slice for calls to come is welcome. `worst` is what a call may take.
    `since` is the first bucket that counts. `asked` are the others that were asked to give back, with the number of
    that question; `answers` is the last such question to us for which all that was free has been taken off `granted`.
    """

    key: Key
    limit: int
    since: int = 0
    base: int | None = None
    granted: int = 0
    spent: int = 0
    free: int = 0
    needs: tuple[int, ...] = ()
    ahead: bool = False
    worst: int = 1
    asked: dict[str, int] | None = None
    answers: int = 0


class Given(msgspec.Struct, frozen=True):
    """What came of it: `amount` more is lent. `room` is left; `spent` was indexed in the window, `limit` as asked.

    `asked` are the others that have not yet said that they have nothing free: with none, `room` is all there is.
    """

    base: int
    amount: int
    room: int
    spent: int
    asked: dict[str, int]


class Standing(msgspec.Struct, frozen=True):
    """An account as everybody sees it: spent in the window, and lent to `holders` without being spent yet."""

    key: Key
    spent: int
    reserved: int
    holders: int


class _Row(NamedTuple):
    holder: str
    granted: int
    used: int
    recall: int
    answered: int
    at: int
    closed: int


_Mark = tuple[int, str]
"""The number of a question, and the holder that is asked."""

Spent = dict[str, tuple[int, int]]
"""By holder: all that it ever spent of the account, and what of that counts in the window."""


class LeaseStore:
    """What one holder does with the lease store. `spent` is the store with the table `budget_spent`."""

    def __init__(self, leases: Store, spent: Store, holder: str) -> None:
        self._leases, self._spent, self._holder = leases, spent, holder

    def trade(self, asks: Sequence[Ask]) -> list[Given]:
        """Lend, take back and answer, as each ask says; in its order. Raises StoreUnavailable: then the asks may be
        done, in part, and the next ones about the same accounts put that right."""
        given: list[Given] = []
        for at in range(0, len(asks), _ASK):
            given += self._trade(asks[at : at + _ASK])
        return given

    def _trade(self, asks: Sequence[Ask]) -> list[Given]:
        began = clock.now_ns()
        spent = read_spent(self._spent, [(ask.key, ask.since) for ask in asks])
        with self._leases.write([lock_of(ask.key) for ask in asks]) as tx:
            now = clock.now_ns()
            if not 0 <= now - began < _STALE_NS:
                raise StoreUnavailable("the lease store was too slow, or the clock was changed; ask again")
            rows = _rows(tx, [ask.key for ask in asks])
            done = [self._one(ask, rows.get(ask.key, []), spent.get(ask.key, {}), now) for ask in asks]
            _mark(tx, [(*mark, one.key) for one, (_, marks, _) in zip(asks, done, strict=True) for mark in marks])
            _write(tx, self._holder, [(one.key, row) for one, (_, _, row) in zip(asks, done, strict=True)])
        return [given for given, _, _ in done]

    def _one(self, ask: Ask, rows: list[_Row], spent: Spent, now: int) -> tuple[Given, list[_Mark], _Row]:
        """What is given, who is to be asked, and our row."""
        own = next((row for row in rows if row.holder == self._holder), None)
        others = [row for row in rows if row.holder != self._holder]
        base = ask.base
        if base is None:
            base = own.granted if own is not None else spent.get(self._holder, (0, 0))[0]
        had = base + ask.granted  # what the row should say already, and says when all is well
        beyond = spent_by(spent, self._holder) - had
        room, in_window = _room(ask.limit - max(0, -beyond), others, spent)
        room += max(0, min(beyond, -ask.free))  # what was taken in excess and is indexed counts once
        lenders = [row for row in others if _may_give(row, spent)]
        amount, unmet = _amount(ask, room, 1 + len(lenders))
        marks: list[_Mark] = []
        asked: dict[str, int] = {}
        if unmet and ask.asked is None:
            asked = {row.holder: max(row.recall, row.answered + 1) for row in lenders}
            marks = [(asked[row.holder], row.holder) for row in lenders if row.recall < asked[row.holder]]
        elif unmet and ask.asked:
            waiting = [row for row in lenders if row.answered < ask.asked.get(row.holder, 0)]
            asked = {row.holder: ask.asked[row.holder] for row in waiting}
        recall, answered = (own.recall, own.answered) if own is not None else (0, 0)
        row = _Row(self._holder, had + amount, base + ask.spent, recall, max(answered, ask.answers), now, 0)
        return Given(base, amount, room - amount, in_window, asked), marks, row

    def recalls(self) -> list[tuple[Key, int]]:
        """Accounts of which others want what we have free, with the number of the question."""
        rows = self._leases.query(
            "SELECT budget, value, starts, recall FROM budget_leases WHERE holder = ? AND recall > answered",
            (self._holder,),
        )
        return [(Key(budget, value, starts), recall) for budget, value, starts, recall in rows]


def _amount(ask: Ask, room: int, holders: int) -> tuple[int, bool]:
    """How much to lend, and whether some call must go without. What was taken in excess is lent in any case."""
    left = room + ask.free
    taken, unmet = 0, False
    for need in ask.needs:
        if need <= left:
            left -= need
            taken += need
        else:
            unmet = True
    amount = max(0, taken - ask.free)
    if ask.ahead and room - amount >= SINGLE_BELOW * max(1, ask.worst):
        amount = max(amount, min(room // (SHARE_OF_ROOM * holders), MOST_CALLS_AHEAD * max(1, ask.worst)))
    return amount, unmet


def _room(limit: int, rows: Iterable[_Row], spent: Spent) -> tuple[int, int]:
    """What is left of the limit (may be less than 0), and what was spent in the window."""
    in_window = sum(counted for _, counted in spent.values())
    reserved = sum(max(0, row.granted - spent_by(spent, row.holder)) for row in rows)
    return limit - reserved - in_window, in_window


def spent_by(spent: Spent, holder: str) -> int:
    found = spent.get(holder)
    return found[0] if found is not None else 0


def is_work(holder: str) -> bool:
    """Whether it is no process but a piece of work, such as a part of a batch (`limits.kept`): it gives nothing back
    before it is over, so it is not asked."""
    return "/" in holder


def _may_give(row: _Row, spent: Spent) -> bool:
    """Whether its holder may have something free that can be asked for."""
    return not row.closed and not is_work(row.holder) and row.granted > max(row.used, spent_by(spent, row.holder))


def lock_of(key: Key) -> int:
    """The number under which PostgreSQL lets one at a time change an account."""
    return zlib.crc32("\0".join((key.budget, key.value, str(key.starts))).encode("utf-8", "replace")) & 0x7FFF_FFFF


def _accounts(count: int) -> str:
    """A table `a` of `count` accounts as parameters, in both databases' SQL."""
    first = "(CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT))"
    return f"WITH a (budget, value, starts, since) AS (VALUES {', '.join([first] * count)})"


def read_spent(store: Store, accounts: Sequence[tuple[Key, int]]) -> dict[Key, Spent]:
    """What each holder spent of each account, in one statement for each hundred; with the first bucket that counts."""
    found: dict[Key, Spent] = {}
    for at in range(0, len(accounts), _ASK):
        part = accounts[at : at + _ASK]
        rows = store.query(
            f"{_accounts(len(part))} SELECT s.budget, s.value, s.starts, s.holder, CAST(SUM(s.amount) AS BIGINT),"
            " CAST(SUM(CASE WHEN s.bucket >= a.since THEN s.amount ELSE 0 END) AS BIGINT)"
            " FROM a JOIN budget_spent s ON s.budget = a.budget AND s.value = a.value AND s.starts = a.starts"
            " GROUP BY s.budget, s.value, s.starts, s.holder",
            [field for key, since in part for field in (*key, since)],
        )
        for budget, value, starts, holder, total, counted in rows:
            found.setdefault(Key(budget, value, starts), {})[holder] = (int(total), int(counted))
    return found


def _rows(tx: Tx | Store, keys: Sequence[Key]) -> dict[Key, list[_Row]]:
    found: dict[Key, list[_Row]] = {}
    for at in range(0, len(keys), _ASK):
        part = keys[at : at + _ASK]
        for budget, value, starts, *rest in tx.query(
            f"{_accounts(len(part))} SELECT l.budget, l.value, l.starts, l.holder, l.granted, l.used, l.recall,"
            " l.answered, l.at, l.closed FROM a JOIN budget_leases l"
            " ON l.budget = a.budget AND l.value = a.value AND l.starts = a.starts",
            [field for key in part for field in (*key, 0)],
        ):
            found.setdefault(Key(budget, value, starts), []).append(_Row(*rest))
    return found


def _mark(tx: Tx, marks: Sequence[tuple[int, str, Key]]) -> None:
    if marks:
        tx.executemany(
            "UPDATE budget_leases SET recall = ? WHERE holder = ? AND budget = ? AND value = ? AND starts = ?",
            [(number, holder, *key) for number, holder, key in marks],
        )


def _write(tx: Tx, holder: str, rows: Sequence[tuple[Key, _Row]]) -> None:
    tx.executemany(
        "INSERT INTO budget_leases (budget, value, starts, holder, granted, used, recall, answered, at, closed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (budget, value, starts, holder) DO UPDATE SET"
        " granted = excluded.granted, used = excluded.used, answered = excluded.answered, at = excluded.at,"
        " closed = excluded.closed",
        [(*key, holder, r.granted, r.used, r.recall, r.answered, r.at, r.closed) for key, r in rows],
    )


def standings(leases: Store, spent: Store, accounts: Sequence[tuple[Key, int]]) -> list[Standing]:
    """The accounts as they stand, in the order given; each with the first bucket that counts (`windows.since`)."""
    seen = read_spent(spent, accounts)
    rows = _rows(leases, [key for key, _ in accounts])
    found: list[Standing] = []
    for key, _ in accounts:
        by_holder, lent = seen.get(key, {}), rows.get(key, [])
        reserved = [max(0, row.granted - spent_by(by_holder, row.holder)) for row in lent]
        total = sum(counted for _, counted in by_holder.values())
        found.append(Standing(key, total, sum(reserved), sum(amount > 0 for amount in reserved)))
    return found


class Lent(msgspec.Struct, frozen=True):
    """What a holder was lent of an account and has not spent; `at`: when that changed last, nanoseconds."""

    key: Key
    holder: str
    amount: int
    at: int


def lent(leases: Store, spent: Store, keys: Sequence[Key]) -> list[Lent]:
    """Who has something of these accounts."""
    seen = read_spent(spent, [(key, 0) for key in keys])
    rows = _rows(leases, keys)
    found = [
        Lent(key, row.holder, row.granted - spent_by(seen.get(key, {}), row.holder), row.at)
        for key in keys
        for row in rows.get(key, ())
    ]
    return [one for one in found if one.amount > 0]


def close(leases: Store, spent: Store, holder: str) -> int:
    """End a holder that is dead and whose every charge is indexed: it keeps what it spent. The number of accounts."""
    done = 0
    while True:
        rows = leases.query(
            f"SELECT budget, value, starts FROM budget_leases WHERE holder = ? AND closed = 0 LIMIT {_ASK}", (holder,)
        )
        if not rows:
            return done
        keys = [Key(*row) for row in rows]
        seen = read_spent(spent, [(key, 0) for key in keys])
        totals = [(key, spent_by(seen.get(key, {}), holder)) for key in keys]
        now = clock.now_ns()
        with leases.write([lock_of(key) for key in keys]) as tx:
            tx.executemany(
                "UPDATE budget_leases SET granted = ?, used = ?, answered = recall, at = ?, closed = ?"
                " WHERE budget = ? AND value = ? AND starts = ? AND holder = ?",
                [(total, total, now, now, *key, holder) for key, total in totals],
            )
        done += len(keys)


class Sweeper:
    """Removes rows that say nothing any more: all that they grant is indexed. Twice seen so, minutes apart."""

    def __init__(self, leases: Store, spent: Store) -> None:
        self._leases, self._spent = leases, spent
        self._seen: dict[tuple[Key, str], int] = {}

    def sweep(self) -> int:
        """One round; the number of rows removed. A row goes in the first round that comes long enough after the one
        that saw it full."""
        now = clock.now_ns()
        rows = dict(self._rested(now - _REST_NS))
        keys = sorted({key for key, _ in rows})
        spent = read_spent(self._spent, [(key, 0) for key in keys])
        full = {place for place, granted in rows.items() if granted == spent_by(spent.get(place[0], {}), place[1])}
        due = [place for place in full if now - self._seen.get(place, now) >= _REST_NS]
        self._seen = {place: self._seen.get(place, now) for place in full.difference(due)}
        for at in range(0, len(due), _ASK):
            part = due[at : at + _ASK]
            with self._leases.write([lock_of(key) for key, _ in part]) as tx:
                tx.executemany(
                    "DELETE FROM budget_leases WHERE budget = ? AND value = ? AND starts = ? AND holder = ?"
                    " AND granted = ? AND at < ?",
                    [(*key, holder, rows[key, holder], now - _REST_NS) for key, holder in part],
                )
        return len(due)

    def _rested(self, before: int) -> Iterator[tuple[tuple[Key, str], int]]:
        """Rows that were not written since, with what they grant; read in pages."""
        last: tuple[str, str, int, str] = ("", "", -1, "")
        while True:
            page = self._leases.query(
                "SELECT budget, value, starts, holder, granted FROM budget_leases"
                " WHERE (budget, value, starts, holder) > (?, ?, ?, ?) AND at < ?"
                " ORDER BY budget, value, starts, holder LIMIT 1000",
                (*last, before),
            )
            for budget, value, starts, holder, granted in page:
                last = (budget, value, starts, holder)
                yield (Key(budget, value, starts), holder), granted
            if len(page) < 1000:
                return
