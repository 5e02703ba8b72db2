"""Alarms: what deserves a message is found in the store, raised once in the journal, and told by who raised it.

Runs beside the indexer, after its rounds. An alarm is an event; of two that say the same the first one counts (see
`projections.alarms`), so machines that share a database raise it once between them. Whoever's event was first sends
the message, and then records what became of it.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from outrider.base import clock, ids
from outrider.base.errors import JournalFull
from outrider.journal import alarm_query as stored
from outrider.journal import read, spool
from outrider.journal.append import Journal
from outrider.journal.events import AlarmRaised, AlarmSent, Event
from outrider.limits import alarm_words
from outrider.limits.notices import Delivery, Notices
from outrider.limits.rules import Rules
from outrider.limits.unusual import Found, fractions, refusals, slopes
from outrider.store import Store

EVERY_NS = 5_000_000_000
IDLE_NS = 60_000_000_000
_MOST_REMEMBERED = 100_000

Mark = tuple[str, str, str, int, int, int]
log = logging.getLogger("outrider.alarms")


class Alarms:
    """Called after every round of the indexer; keeps its own pace. `down` lists deployments that are refused calls.

    `notices` may be set anew; None: nobody is to be told, alarms are only recorded.
    """

    def __init__(
        self,
        open_: Callable[[], Store],
        spool_dir: Path,
        notices: Notices | None,
        *,
        down: Callable[[], Iterable[Found]] = tuple,
        every: int = EVERY_NS,
    ) -> None:
        self._open, self._spool, self._down, self._every = open_, spool_dir, down, every
        self.notices = notices
        self._me = spool.identity(spool_dir)
        self._next = 0
        self._seen, self._judged_at = -1, -IDLE_NS
        self._raised: set[Mark] = set()
        self._telling: set[bytes] = set()
        self._told: queue.SimpleQueue[AlarmSent] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def __call__(self) -> None:
        """One round. Raises StoreUnavailable; the next round goes on."""
        self._record(self._drain())
        now = clock.mono_ns()
        if now < self._next:
            return
        store = self._open()
        try:
            self._judge(store, now)
            self._tell(store)
        finally:
            store.close()
            took = clock.mono_ns() - now
            self._next = now + max(self._every, 20 * took)  # never more than a twentieth of this process

    def close(self, patience: float = 10.0) -> None:
        """Wait for a message that is on its way, and record what became of it."""
        if self._thread is not None:
            self._thread.join(patience)
        self._record(self._drain())

    # -- raising ------------------------------------------------------------------------------------------------------

    def _judge(self, store: Store, now: int) -> None:
        seq = read.newest_seq(store)
        found = list(self._down())
        if seq != self._seen or now - self._judged_at >= IDLE_NS:
            at = clock.now_ns()
            rules = Rules([row.budget for row in read.list_budgets(store)], read.list_raises(store, at))
            found += [*fractions(store, rules, at), *refusals(store, rules, at), *slopes(store, rules, at)]
            self._seen, self._judged_at = seq, now
        self._raise(store, found)

    def _raise(self, store: Store, found: Sequence[Found]) -> None:
        """Write down what is new: not in the store, and not on its way there."""
        known: dict[tuple[str, str, int], set[tuple[str, int, int]]] = {}
        fresh: list[AlarmRaised] = []
        for one in found:
            about = (one.what, one.subject, one.period)
            if about not in known:
                known[about] = stored.raised(store, *about)
            mark: Mark = (one.what, one.subject, one.value, one.period, one.level, one.limit)
            if (one.value, one.level, one.limit) in known[about] or mark in self._raised:
                continue
            fresh.append(one.event(ids.new_id(), clock.now_ns(), self._me))
            if len(self._raised) >= _MOST_REMEMBERED:
                self._raised.clear()
            self._raised.add(mark)
        if fresh and not self._record(fresh):
            self._raised.clear()

    # -- telling ------------------------------------------------------------------------------------------------------

    def _tell(self, store: Store) -> None:
        """Send what was raised here and not sent, all of it in one message, on a thread."""
        if self._thread is not None and self._thread.is_alive():
            return
        unsent = stored.unsent_alarms(store, self._me)
        self._telling &= {alarm.id for alarm in unsent}
        waiting = [alarm for alarm in unsent if alarm.id not in self._telling]
        if not waiting:
            return
        self._telling.update(alarm.id for alarm in waiting)
        if self.notices is None:
            nobody = Delivery(0, 0, "nobody is to be told: alarms.notify is empty")
            return self._note(waiting, nobody)
        budgets = {row.budget.id: row.budget for row in read.list_budgets(store)}
        message = alarm_words.message(waiting, budgets, clock.now_ns())
        work = (self.notices, message, waiting)
        self._thread = threading.Thread(target=self._send, args=work, name="alarms", daemon=True)
        self._thread.start()

    def _send(self, notices: Notices, message: alarm_words.Message, alarms: Sequence[AlarmRaised]) -> None:
        delivery = Delivery(0, 1, "sending it broke off")
        try:
            delivery = notices.send(message.title, message.body, urgent=message.urgent)
        finally:
            if delivery.failed:
                log.error("an alarm did not reach everybody: %s; it was: %s", delivery.error, message.title)
            self._note(alarms, delivery)

    def _note(self, alarms: Iterable[AlarmRaised], delivery: Delivery) -> None:
        for alarm in alarms:
            self._told.put(AlarmSent(alarm.id, clock.now_ns(), *delivery))

    def _drain(self) -> list[AlarmSent]:
        """What messages came to."""
        found = []
        while not self._told.empty():
            found.append(self._told.get())
        return found

    def _record(self, events: Sequence[Event]) -> bool:
        """Append to the journal; False if it is full: what was told is tried again, what was raised is found again."""
        if not events:
            return True
        try:
            journal = Journal(self._spool)
            try:
                for event in events:
                    journal.append_now(event)
            finally:
                journal.close()
        except JournalFull as error:
            log.warning("alarms are not in the journal yet: %s", error.message)
            for event in events:
                if isinstance(event, AlarmSent):
                    self._told.put(event)
            return False
        return True
