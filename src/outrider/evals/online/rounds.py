"""Working on live traffic: read what is new, score what was drawn, see whether anything changed. Blocking.

Scores are had on threads of their own, some for each rule, so that a judge that is slow holds up nobody but itself.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import msgspec

from outrider.base import clock
from outrider.evals.evaluators import Ports
from outrider.evals.online.book import DAY_NS, Book, Changed, Sample, Scored
from outrider.evals.online.meaning import Meaning
from outrider.evals.online.reading import Reading
from outrider.evals.online.rules import Rule
from outrider.evals.online.scoring import Limits, Scoring
from outrider.evals.online.watching import Watching
from outrider.evals.proposals import Proposals
from outrider.store import Store

AT_ONCE, PER_RULE = 4, 2
"""Runs that are scored at the same time, in all and for one rule."""
KEEP_NS = 90 * DAY_NS
"""How long calls and drawn runs are kept."""
log = logging.getLogger("outrider.online")


class Told(msgspec.Struct, frozen=True):
    """What a round did: runs that were drawn, scored (as far as they can be now), and changes that were found."""

    drawn: int = 0
    scored: int = 0
    changes: int = 0


class Rounds:
    """One process's work. `tell` puts a change into the journal as an alarm."""

    def __init__(
        self,
        rules: Sequence[Rule],
        journal: Callable[[], Store],
        book: Book,
        proposals: Proposals,
        ports: Callable[[str], Ports],
        limits: Limits,
        tell: Callable[[Changed], None],
        keep_words: int | None = None,
        meaning: Meaning | None = None,
    ) -> None:
        """`keep_words`: how long (ns) the reasons of evaluators are kept, as bodies are; None: for ever. `meaning`
        tells what is rare (None: words do)."""
        self.rules, self._book, self._tell = list(rules), book, tell
        self._reading, self._watching = Reading(journal, book, meaning), Watching(book)
        self._scoring = Scoring(journal, book, ports, limits, proposals)
        self._keep_words, self._pruned, self._woken = keep_words, 0, False
        self._pool: ThreadPoolExecutor | None = None
        self._working: dict[Future[list[Scored]], tuple[Rule, Sample]] = {}

    def round(self, stopped: Callable[[], bool] = lambda: False) -> Told:
        """Draw, and score until nothing is due any more. Raises NotLeading, StoreUnavailable."""
        began = clock.now_ns()
        self._wake()
        drawn, scored, changes = self._reading.read(self.rules, stopped), 0, len(self.look())
        while not stopped() and (self.fill() or self._working):
            scored += self.reap(None)
            changes += len(self.look())
        self._prune(began)
        self._book.ended(began)
        return Told(drawn, scored, changes)

    def read(self, stopped: Callable[[], bool] = lambda: False) -> int:
        """Draw from what is new, and end what is too old. Raises NotLeading, StoreUnavailable."""
        self._wake()
        self._prune(clock.now_ns())
        return self._reading.read(self.rules, stopped)

    def fill(self) -> int:
        """Begin to score what is due, as far as there is room; how many are under way."""
        busy = Counter((rule.project, rule.name) for rule, _ in self._working.values())
        under_way = {(one.project, one.rule, one.run) for _, one in self._working.values()}
        for rule in self.rules:
            room = min(PER_RULE - busy[rule.project, rule.name], AT_ONCE - len(self._working))
            for sample in self._book.due(rule.project, rule.name, PER_RULE + room) if room > 0 else ():
                if room > 0 and (sample.project, sample.rule, sample.run) not in under_way:
                    self._pool = self._pool or ThreadPoolExecutor(AT_ONCE, thread_name_prefix="online")
                    self._working[self._pool.submit(self._scoring.score, rule, sample)] = rule, sample
                    room -= 1
        return len(self._working)

    def reap(self, timeout: float | None) -> int:
        """Wait for scores, at most so many seconds (None: until there are some); how many runs came back. Raises what
        went wrong."""
        done, _ = wait(list(self._working), timeout, return_when=FIRST_COMPLETED)
        for one in done:
            del self._working[one]
            one.result()
        return len(done)

    def look(self) -> list[Changed]:
        """Follow the series, and tell what is not told yet."""
        found = self._watching.look(self.rules)
        for one in self._book.untold():
            log.warning("scores have changed: %s", words(one))
            self._tell(one)
            self._book.told(one)
        return found

    def close(self) -> None:
        """What is under way is not waited for: it is asked again, and what was paid is not paid twice."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _wake(self) -> None:
        """Once: who begins may have other limits than who was before."""
        if not self._woken:
            self._book.wake()
            self._woken = True

    def _prune(self, now: int) -> None:
        """Once an hour."""
        if abs(now - self._pruned) < clock.HOUR_NS:
            return
        self._pruned = now
        self._book.forget(now - KEEP_NS, now - self._keep_words if self._keep_words is not None else 0)


def words(one: Changed) -> str:
    """A change in a line."""
    return f"{one.said(one.rule)} at {clock.iso(one.since_at)}"
