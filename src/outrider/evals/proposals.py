"""Runs that should perhaps become cases: bad feedback proposes them, and whoever watches runs may. Blocking.

What was said stays in the journal; here is only which runs wait, and what was decided about them.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.evals.records import Case
from outrider.journal.feedback_query import bad_feedback, feedback_on
from outrider.journal.read import list_runs
from outrider.journal.rows import FeedbackRow, RunFilter
from outrider.store import Store

Status = Literal["waiting", "taken", "dismissed"]
STATUSES: tuple[Status, ...] = ("waiting", "taken", "dismissed")
_COLUMNS = "run, why, at, status, dataset, who, decided"
_PAGE = 500


class Proposal(msgspec.Struct, frozen=True):
    """A run (its id) that was proposed at `at` (ns) because of `why`: `feedback`, or what watched it. `taken`: it is a
    case of `dataset`."""

    run: str
    why: str
    at: int
    status: Status
    dataset: str = ""
    who: str = ""
    decided: int = 0


class Proposals:
    """The proposals of an evals store."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def propose(self, project: str, run: str, why: str, *, at: int = 0, seq: int = 0) -> None:
        """Propose a run. What was decided about it stays decided."""
        with self._store().write() as tx:
            tx.execute(
                "INSERT INTO eval_proposals (project, run, why, seq, at, status, dataset, who, decided)"
                " VALUES (?, ?, ?, ?, ?, 'waiting', '', '', 0)"
                " ON CONFLICT (project, run, why) DO UPDATE SET seq = excluded.seq",
                (project, run, why, seq, at or clock.now_ns()),
            )

    def since(self, project: str, why: str, at: int) -> int:
        """How many runs were proposed for this reason since then (ns)."""
        rows = self._store().query(
            "SELECT count(*) FROM eval_proposals WHERE project = ? AND why = ? AND at >= ?", (project, why, at)
        )
        return int(rows[0][0])

    def gather(self, journal: Store, project: str) -> None:
        """Propose what got bad feedback since this was last done. Feedback on a session is about its newest run by
        then."""
        rows = self._store().query("SELECT coalesce(max(seq), 0) FROM eval_proposals WHERE project = ?", (project,))
        after = int(rows[0][0])
        while found := bad_feedback(journal, project, after=after, limit=_PAGE):
            for row in found:
                if run := _run_of(journal, row):
                    self.propose(project, run, "feedback", at=row.event.at, seq=row.seq)
            after = found[-1].seq

    def list(self, project: str, status: Status = "waiting", limit: int = 100) -> list[Proposal]:
        """The newest first."""
        rows = self._store().query(
            f"SELECT {_COLUMNS} FROM eval_proposals WHERE project = ? AND status = ? ORDER BY at DESC, run LIMIT ?",
            (project, status, limit),
        )
        return [Proposal(*row) for row in rows]

    def taken(self, project: str, cases: Sequence[Case], dataset: str, who: str = "") -> None:
        """Cases were made of runs: what proposed those is done with."""
        for case in cases:
            if case.source.startswith("run:"):
                self._decide(project, case.source.removeprefix("run:").partition("#")[0], "taken", dataset, who)

    def dismiss(self, project: str, run: str, who: str = "") -> None:
        """It shall not become a case. Raises RequestError 404 where it does not wait."""
        if not self._decide(project, run, "dismissed", "", who):
            raise RequestError(f"run {run[:60]!r} is not proposed", status=404, code="unknown_proposal", param="run")

    def _decide(self, project: str, run: str, status: Status, dataset: str, who: str) -> bool:
        with self._store().write() as tx:
            waits = tx.query(
                "SELECT 1 FROM eval_proposals WHERE project = ? AND run = ? AND status = 'waiting'", (project, run)
            )
            tx.execute(
                "UPDATE eval_proposals SET status = ?, dataset = ?, who = ?, decided = ?"
                " WHERE project = ? AND run = ? AND status = 'waiting'",
                (status, dataset, who, clock.now_ns(), project, run),
            )
        return bool(waits)


def corrected(journal: Store, project: str, case: Case, run: bytes) -> Case:
    """The case of a run with what its user said the answer should have been: the newest edit, labelled `outcome`."""
    edits = [row.edit for row in feedback_on(journal, project, run=run) if row.edit]
    return msgspec.structs.replace(case, expected=edits[0], labelled="outcome") if edits else case


def words(row: FeedbackRow) -> str:
    """Feedback in a line."""
    event = row.event
    parts = [{"up": "thumbs up", "down": "thumbs down", "": ""}[event.thumb]]
    parts += [f"score {event.score:g}" if event.score is not None else "", event.outcome]
    parts += [f"should be: {row.edit}" if row.edit else "put right" if event.edited else "", row.comment]
    return "; ".join(" ".join(part.split()) for part in parts if part)


def _run_of(journal: Store, row: FeedbackRow) -> str:
    event = row.event
    if event.run:
        return ids.text(event.run)
    until = RunFilter(project=event.project, session=event.session, until=event.at)
    rows = list_runs(journal, until, limit=1).rows if event.session else []
    return ids.text(rows[0].id) if rows else ""
