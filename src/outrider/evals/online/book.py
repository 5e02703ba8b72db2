"""What was drawn, said and paid for live traffic, in the evals store. Blocking; use it in threads."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec
import zstandard

from outrider.base import clock
from outrider.evals.online.drawing import Drawn, State
from outrider.evals.online.lead import LEAD, LOCK, Leadership
from outrider.evals.online.rules import Asked
from outrider.store import Store, Tx
from outrider.store.ports import Row

DAY_NS = 24 * clock.HOUR_NS
LONGEST_REASON = 2_000
_SAMPLE = "project, rule, run, at, weight, drawn, status, due, step, tries, why"
_SCORE = "project, rule, evaluator, version, n, run, at, scored, value, weight, asked, label, reason, cost"
_CHANGE = "project, rule, evaluator, version, n, since, since_at, found, down, mean, usual, told, measure, unit"
_encode = msgspec.json.Encoder().encode
_state = msgspec.json.Decoder(State).decode


class Sample(msgspec.Struct):
    """A run that was drawn. `step` is the evaluator to be asked next, not before `due`."""

    project: str
    rule: str
    run: str
    at: int
    weight: float
    drawn: int
    status: Literal["waiting", "done", "failed"] = "waiting"
    due: int = 0
    step: int = 0
    tries: int = 0
    why: str = ""


class Scored(msgspec.Struct):
    """What an evaluator said of a run; `n` is its place in the series."""

    project: str
    rule: str
    evaluator: str
    version: str
    n: int
    run: str
    at: int
    scored: int
    value: float | None
    weight: float
    asked: Asked
    label: str
    reason: str
    cost: int


class Changed(msgspec.Struct):
    """A series changed after its `since`th score; it was certain at its `n`th. Of a `measure`, `mean` and `usual` are
    medians in its `unit`."""

    project: str
    rule: str
    evaluator: str
    version: str
    n: int
    since: int
    since_at: int
    found: int
    down: bool
    mean: float
    usual: float
    told: bool = False
    measure: bool = False
    unit: str = ""

    @property
    def worse(self) -> bool:
        """Scores are better high, measures low."""
        return self.down != self.measure

    def figure(self, value: float) -> str:
        """`mean` or `usual` as people read it."""
        if not self.measure:
            return f"{value:.2f}"
        return f"${value:.3g}" if self.unit == "$" else f"{value:.3g}" + (f" {self.unit}" if self.unit else "")

    def said(self, rule: str = "") -> str:
        """The change in a few words, of a rule by its name."""
        way, of = "down" if self.down else "up", f" of {rule}" if rule else ""
        return f"{self.evaluator}{of} went {way} from {self.figure(self.usual)} to {self.figure(self.mean)}"


class Spent(msgspec.Struct, frozen=True):
    """A day's calls: how many, what they cost, the dearest, and those whose cost is not known yet."""

    calls: int = 0
    cost: int = 0
    dearest: int = 0
    open: int = 0


class Book(Leadership):
    """The evals store's part of online evaluation."""

    # -- drawing --------------------------------------------------------------------------------------------------

    def begin_at(self, place: int) -> None:
        """Read the journal from here on, if it has not begun yet, or if the journal is another one."""
        with self.leading() as tx:
            tx.execute(
                "UPDATE online_lead SET place = ? WHERE name = ? AND (place < 0 OR place > ?)", (place, LEAD, place)
            )

    def states(self) -> dict[tuple[str, str], State]:
        rows = self._store().query("SELECT project, rule, state FROM online_rules")
        return {(project, rule): _state(zstandard.decompress(state)) for project, rule, state in rows}

    def drew(
        self,
        place: int,
        states: Mapping[tuple[str, str], State],
        seen: Mapping[tuple[str, str, int], int],
        drawn: Sequence[tuple[str, str, Drawn]],
    ) -> None:
        """The journal was read up to `place`: all that came of it, or nothing. `seen` are runs by project, rule and
        hour. Raises NotLeading."""
        now = clock.now_ns()
        with self.leading() as tx:
            tx.execute("UPDATE online_lead SET place = ? WHERE name = ?", (place, LEAD))
            tx.executemany(
                "INSERT INTO online_rules (project, rule, state, thinned) VALUES (?, ?, ?, 0)"
                " ON CONFLICT (project, rule) DO UPDATE SET state = excluded.state",
                [(*key, zstandard.compress(_encode(state))) for key, state in states.items()],
            )
            tx.executemany(
                "INSERT INTO online_seen (project, rule, hour, runs) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (project, rule, hour) DO UPDATE SET runs = online_seen.runs + excluded.runs",
                [(*key, count) for key, count in seen.items()],
            )
            tx.executemany(
                f"INSERT INTO online_samples ({_SAMPLE}) VALUES (?, ?, ?, ?, ?, ?, 'waiting', 0, 0, 0, '')"
                " ON CONFLICT DO NOTHING",
                [_row(project, rule, one.run, one.at, one.weight, now) for project, rule, one in drawn],
            )

    def thin(self, project: str, rule: str, most: int, stays: Callable[[str, str, int], bool]) -> int:
        """Where more than `most` runs wait, let half of them go, each by its lot, and have the others stand for twice
        as many; how many were let go. Raises NotLeading."""
        gone = 0
        with self.leading() as tx:
            where = "project = ? AND rule = ? AND status = 'waiting'"
            runs = [str(run) for (run,) in tx.query(f"SELECT run FROM online_samples WHERE {where}", (project, rule))]
            while len(runs) > most:
                turns = tx.query("SELECT thinned FROM online_rules WHERE project = ? AND rule = ?", (project, rule))
                turn = int(turns[0][0]) if turns else 0
                left = [run for run in runs if stays(rule, run, turn)]
                tx.executemany(
                    "DELETE FROM online_samples WHERE project = ? AND rule = ? AND run = ?",
                    [(project, rule, run) for run in set(runs) - set(left)],
                )
                tx.execute(f"UPDATE online_samples SET weight = weight * 2 WHERE {where}", (project, rule))
                tx.execute(
                    "UPDATE online_rules SET thinned = thinned + 1 WHERE project = ? AND rule = ?", (project, rule)
                )
                gone, runs = gone + len(runs) - len(left), left
        return gone

    # -- scoring --------------------------------------------------------------------------------------------------

    def due(self, project: str, rule: str, limit: int) -> list[Sample]:
        """Samples that wait and whose time has come, those that were drawn first first."""
        rows = self._store().query(
            f"SELECT {_SAMPLE} FROM online_samples WHERE project = ? AND rule = ? AND status = 'waiting' AND due <= ?"
            " ORDER BY tries, drawn, run LIMIT ?",
            (project, rule, clock.now_ns(), limit),
        )
        return [Sample(*row) for row in rows]

    def wake(self) -> None:
        """Samples that wait for tomorrow's budget are due now: today's may be larger than it was."""
        tomorrow = (clock.now_ns() // DAY_NS + 1) * DAY_NS
        with self.leading() as tx:
            tx.execute("UPDATE online_samples SET due = 0 WHERE status = 'waiting' AND due = ?", (tomorrow,))

    def said_of(self, project: str, rule: str, run: str) -> list[Scored]:
        """What was said of a run under a rule, in order."""
        rows = self._store().query(
            f"SELECT {_SCORE} FROM online_scores WHERE project = ? AND rule = ? AND run = ? ORDER BY scored, n",
            (project, rule, run),
        )
        return [Scored(*row) for row in rows]

    def record(self, sample: Sample, scores: Sequence[Scored]) -> bool:
        """Write down how a sample stands now, with what was said of it since; False: it is done with already, or was
        let go. Sets the places of the scores in their series. Raises NotLeading."""
        key = (sample.project, sample.rule, sample.run)
        with self.leading() as tx:
            known = tx.query("SELECT weight FROM online_samples WHERE project = ? AND rule = ? AND run = ?", key)
            more = float(known[0][0]) / sample.weight if known else 1.0  # others were let go meanwhile
            there = tx.execute(
                "UPDATE online_samples SET status = ?, due = ?, step = ?, tries = ?, why = ?"
                " WHERE project = ? AND rule = ? AND run = ? AND status = 'waiting'",
                (sample.status, sample.due, sample.step, sample.tries, sample.why[:500], *key),
            )
            for one in scores if there else ():
                series = (one.project, one.rule, one.evaluator, one.version)
                rows = tx.query(
                    "SELECT coalesce(max(n), 0) FROM online_scores"
                    " WHERE project = ? AND rule = ? AND evaluator = ? AND version = ?",
                    series,
                )
                one.n = int(rows[0][0]) + 1
                row: tuple[Any, ...] = (
                    *series, one.n, one.run, one.at, one.scored, one.value, one.weight * more, one.asked, one.label,
                    one.reason[:LONGEST_REASON], one.cost,
                )  # fmt: skip
                tx.executemany(f"INSERT INTO online_scores ({_SCORE}) VALUES ({', '.join('?' * 14)})", [row])
        return there == 1

    def first(
        self, project: str, rule: str, evaluator: str, version: str, n: int, limit: int
    ) -> list[tuple[int, float]]:
        """(place, value) of the first scores of a series behind its `n`th that say something, in order."""
        rows = self._store().query(
            "SELECT n, value FROM online_scores WHERE project = ? AND rule = ? AND evaluator = ? AND version = ?"
            " AND n > ? AND value IS NOT NULL ORDER BY n LIMIT ?",
            (project, rule, evaluator, version, n, limit),
        )
        return [(int(place), float(value)) for place, value in rows]

    def newest(
        self, project: str, rule: str, evaluator: str, version: str, conditions: str, params: Sequence[Any], limit: int
    ) -> list[Scored]:
        """The newest scores of a series that meet further conditions (SQL), the newest first."""
        rows = self._store().query(
            f"SELECT {_SCORE} FROM online_scores WHERE project = ? AND rule = ? AND evaluator = ? AND version = ?"
            f"{conditions} ORDER BY n DESC LIMIT ?",
            (project, rule, evaluator, version, *params, limit),
        )
        return [Scored(*row) for row in rows]

    def began(self, project: str, rule: str, evaluator: str, version: str, n: int) -> int:
        """When the first run behind the `n`th score of a series began (ns); 0: there is none."""
        rows = self._store().query(
            "SELECT at FROM online_scores WHERE project = ? AND rule = ? AND evaluator = ? AND version = ? AND n > ?"
            " ORDER BY n LIMIT 1",
            (project, rule, evaluator, version, n),
        )
        return int(rows[0][0]) if rows else 0

    # -- money ----------------------------------------------------------------------------------------------------

    def reserve(self, again: str, project: str, rule: str, calls: int, money: int) -> bool:
        """Room for one call today; False: there is none. `calls` and `money` are the day's limits (0: none). A call
        that was asked for before counts once, on the day on which it is answered. What is under way counts as dear as
        the dearest call of the last two days."""
        day = clock.now_ns() // DAY_NS
        with self.leading() as tx:
            known = tx.query("SELECT day, cost FROM online_calls WHERE again = ?", (again,))
            if known and (known[0][1] is not None or known[0][0] == day):
                return True
            spent = _spent(tx, day)
            worst = max(spent.dearest, _spent(tx, day - 1).dearest)
            full = bool(calls) and spent.calls >= calls
            if full or (money and spent.cost + (spent.open + 1) * worst > money) or (money and spent.cost >= money):
                return False
            tx.execute(
                "INSERT INTO online_calls (again, project, rule, day, cost) VALUES (?, ?, ?, ?, NULL)"
                " ON CONFLICT (again) DO UPDATE SET day = excluded.day",
                (again, project, rule, day),
            )
        return True

    def paid(self, again: str, cost: int | None) -> None:
        """What a call cost; None: it was refused before anybody was asked, and does not count. Written by whoever
        asked, also if it is taken for dead meanwhile."""
        with self._store().write([LOCK]) as tx:
            if cost is None:
                tx.execute("DELETE FROM online_calls WHERE again = ? AND cost IS NULL", (again,))
            else:
                tx.execute("UPDATE online_calls SET cost = ? WHERE again = ? AND cost IS NULL", (cost, again))

    def spent(self, day: int) -> Spent:
        """What a day (since the epoch) took."""
        return _spent(self._store(), day)

    # -- changes --------------------------------------------------------------------------------------------------

    def changed(self, one: Changed) -> None:
        """A series changed. Raises NotLeading."""
        with self.leading() as tx:
            values = (int(one) if isinstance(one, bool) else one for one in msgspec.structs.astuple(one))
            tx.execute(
                f"INSERT INTO online_changes ({_CHANGE}) VALUES ({', '.join('?' * 14)}) ON CONFLICT DO NOTHING",
                _row(*values),
            )

    def changes(self, project: str, rule: str, *, limit: int = 100) -> list[Changed]:
        """The newest first."""
        rows = self._store().query(
            f"SELECT {_CHANGE} FROM online_changes WHERE project = ? AND rule = ? ORDER BY found DESC, n DESC LIMIT ?",
            (project, rule, limit),
        )
        return [_change(row) for row in rows]

    def last_change(self, project: str, rule: str, evaluator: str, version: str) -> int:
        """After which score the series changed last; 0: never."""
        rows = self._store().query(
            "SELECT coalesce(max(since), 0) FROM online_changes"
            " WHERE project = ? AND rule = ? AND evaluator = ? AND version = ?",
            (project, rule, evaluator, version),
        )
        return int(rows[0][0])

    def untold(self) -> list[Changed]:
        """Changes whose alarms are not in the journal yet."""
        rows = self._store().query(f"SELECT {_CHANGE} FROM online_changes WHERE told = 0 ORDER BY found LIMIT 100")
        return [_change(row) for row in rows]

    def told(self, one: Changed) -> None:
        with self.leading() as tx:
            tx.execute(
                "UPDATE online_changes SET told = 1"
                " WHERE project = ? AND rule = ? AND evaluator = ? AND version = ? AND n = ?",
                (one.project, one.rule, one.evaluator, one.version, one.n),
            )

    def forget(self, before: int, reasons_before: int) -> None:
        """Remove what is no longer needed: calls and samples that ended before a moment (ns), and the words of
        evaluators, which may repeat what users wrote, before another one. Scores stay."""
        with self.leading() as tx:
            tx.execute("DELETE FROM online_calls WHERE day < ?", (before // DAY_NS,))
            tx.execute("DELETE FROM online_samples WHERE status <> 'waiting' AND drawn < ?", (before,))
            tx.execute("UPDATE online_scores SET reason = '' WHERE scored < ? AND reason <> ''", (reasons_before,))


def _change(row: Row) -> Changed:
    fields = dict(zip(Changed.__struct_fields__, row, strict=True))
    return Changed(**(fields | {name: bool(fields[name]) for name in ("down", "told", "measure")}))


def _row(*values: Any) -> tuple[Any, ...]:
    """Values of a row with numbers that are no integers, which both databases take."""
    return values


def _spent(store: Store | Tx, day: int) -> Spent:
    rows = store.query(
        "SELECT count(*), coalesce(sum(cost), 0), coalesce(max(cost), 0),"
        " coalesce(sum(CASE WHEN cost IS NULL THEN 1 ELSE 0 END), 0) FROM online_calls WHERE day = ?",
        (day,),
    )
    return Spent(*(int(one) for one in rows[0]))
