"""From the journal to draws: every run once, in its order, for all rules at the same time. Blocking."""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence

from outrider.base import clock, ids
from outrider.evals.online import drawing
from outrider.evals.online.book import Book
from outrider.evals.online.drawing import Drawn, State
from outrider.evals.online.meaning import Meaning
from outrider.evals.online.rules import Rule
from outrider.journal.events import FeedbackGiven, RunRecorded
from outrider.journal.feedback_query import complaints
from outrider.journal.read import export_records, get_run, list_runs, newest_seq
from outrider.journal.rows import RunFilter
from outrider.store import Store

PAGE = 2_000
MOST_SAID = 500
"""Complaints about one session that are looked at, the first ones."""
MOST_LATE, LATEST_NS = 1_000, 600_000_000_000
"""Runs that got feedback before they were in the store: how many are remembered, and for how long."""


class Reading:
    """Reads a journal for rules."""

    def __init__(self, journal: Callable[[], Store], book: Book, meaning: Meaning | None = None) -> None:
        self._journal, self._book, self._meaning = journal, book, meaning or Meaning()

    def read(self, rules: Sequence[Rule], stopped: Callable[[], bool] = lambda: False) -> int:
        """Draw from all that is new; how many runs were drawn. The first time it begins with what comes from now on.
        What is read and what came of it are written together, so that a process that is killed leaves nothing half
        done. Raises NotLeading, StoreUnavailable."""
        store, drawn = self._journal(), 0
        self._book.begin_at(newest_seq(store))
        place, more = self._book.lead().place, True
        while more and not stopped():
            events = export_records(store, after=place, limit=PAGE)
            more = len(events) == PAGE
            place = events[-1][0] if events else place
            pot = _Pot(store, rules, self._book.states(), self._meaning, self._book.hold)
            pot.prepare([event for _, event in events])
            for _, event in events:
                pot.take(event)
            if not more:
                pot.end(clock.now_ns())
            if events or pot.changed:
                self._book.drew(place, pot.states, pot.seen, pot.drawn)
            drawn += len(pot.drawn)
        for rule in rules:
            self._book.thin(rule.project, rule.name, drawing.MOST_WAITING, drawing.stays)
        return drawn


class _Pot:
    """What comes of some records."""

    def __init__(
        self,
        store: Store,
        rules: Sequence[Rule],
        states: dict[tuple[str, str], State],
        meaning: Meaning,
        hold: Callable[[], None],
    ) -> None:
        self._store, self._rules, self._meaning, self._hold = store, rules, meaning, hold
        self._meanings: dict[tuple[str, str], bytes] = {}
        self.states = {(one.project, one.name): states.get((one.project, one.name), State()) for one in rules}
        self.seen: Counter[tuple[str, str, int]] = Counter()
        self.drawn: list[tuple[str, str, Drawn]] = []
        self.changed = False

    def prepare(self, events: Sequence[object]) -> None:
        """What all the questions mean that a rule asks about, at once: many are cheaper than one after the other."""
        runs = [one for one in events if isinstance(one, RunRecorded)]
        rare = [rule for rule in self._rules if rule.kind == "rare" and not rule.by_feedback]
        for project in dict.fromkeys(rule.project for rule in rare):
            kept = [one.preview for one in runs if any(r.project == project and r.keeps(one) for r in rare)]
            self._look(project, kept)

    def _look(self, project: str, texts: Sequence[str]) -> None:
        found = self._meaning.look(project, texts, self._hold)
        self._meanings |= {(project, text): own for text, own in found.items()}

    def _means(self, rule: Rule, run: RunRecorded) -> tuple[str, bytes] | None:
        if rule.kind != "rare":
            return None
        if rule.by_feedback and (rule.project, run.preview) not in self._meanings:
            self._look(rule.project, [run.preview])
        own = self._meanings.get((rule.project, run.preview))
        told, why = (self._meaning.name, "") if self._meanings else ("words", self._meaning.why)
        self.states[rule.project, rule.name].told = told + (f": {why[:200]}" if why else "")
        return (self._meaning.name, own) if own is not None else None

    def take(self, event: object) -> None:
        if isinstance(event, RunRecorded):
            for rule in self._rules:
                if not rule.by_feedback and rule.keeps(event):
                    self._draw(rule, event)
        elif isinstance(event, FeedbackGiven) and event.bad:
            for rule in self._rules:
                if rule.by_feedback and rule.project == event.project:
                    self._feedback(rule, event)

    def end(self, now: int) -> None:
        """Nothing more is there now: portions whose time is over are drawn from, and runs that were late are tried."""
        for rule in self._rules:
            state = self.states[rule.project, rule.name]
            late, state.late = state.late, []
            self.changed = self.changed or bool(late)
            for run, since in late:
                if (found := get_run(self._store, ids.parse(run))) is not None:
                    if rule.keeps(found):
                        self._draw(rule, found)
                elif abs(now - since) < LATEST_NS:
                    state.late.append((run, since))
            opened = state.opened
            self._keep(rule, drawing.close(rule, state, now))
            self.changed = self.changed or state.opened != opened

    def _draw(self, rule: Rule, run: RunRecorded) -> None:
        self.seen[rule.project, rule.name, run.at // clock.HOUR_NS] += 1
        state = self.states[rule.project, rule.name]
        self._keep(rule, drawing.draw(rule, state, ids.text(run.id), run.at, run.preview, self._means(rule, run)))

    def _keep(self, rule: Rule, drawn: Sequence[Drawn]) -> None:
        self.drawn += [(rule.project, rule.name, one) for one in drawn]

    def _feedback(self, rule: Rule, event: FeedbackGiven) -> None:
        """Bad feedback on a run or a session (its newest run by then): a run counts with the first that it gets."""
        run = event.run or self._newest(event)
        found = get_run(self._store, run) if run else None
        if not run or self._first(event, run, found.session if found is not None else event.session) != event.id:
            return
        if found is None:
            state = self.states[rule.project, rule.name]
            state.late = [*state.late, (ids.text(run), clock.now_ns())][-MOST_LATE:]
        elif rule.keeps(found):
            self._draw(rule, found)

    def _newest(self, event: FeedbackGiven) -> bytes:
        until = RunFilter(project=event.project, session=event.session, until=event.at)
        rows = list_runs(self._store, until, limit=1).rows if event.session else []
        return rows[0].id if rows else b""

    def _first(self, event: FeedbackGiven, run: bytes, session: str) -> bytes:
        """The first bad feedback (its id) that was about a run: on itself, or on its session when it was the newest."""
        rows = complaints(self._store, event.project, run=run, limit=1)
        said = complaints(self._store, event.project, session=session, limit=MOST_SAID) if session else []
        own = (one for one in said if not one.event.run and self._newest(one.event) == run)
        rows += itertools.islice(own, 1)  # each that is looked at is a query
        return min(rows, key=lambda one: one.seq).event.id if rows else event.id
