"""Ledgers of several processes over one real lease store, with a journal and an indexer that say what was spent."""

from collections.abc import Sequence
from pathlib import Path

from outrider.base import clock, ids
from outrider.base.budget import Amount, Budget, Raise, Subject
from outrider.journal.append import Journal
from outrider.journal.events import RunRecorded
from outrider.journal.index import Indexer
from outrider.limits import windows
from outrider.limits.borrower import Borrower
from outrider.limits.held import Note
from outrider.limits.hold import Hold
from outrider.limits.holds import HoldFile
from outrider.limits.leases import LeaseStore
from outrider.limits.ledger import Ledger
from outrider.limits.recovery import Recovery
from outrider.limits.rules import Rules
from outrider.store import Store

AT = clock.now_ns() // windows.HOUR_NS * windows.HOUR_NS


def note(at: int = AT, **fields: object) -> Note:
    return Note("default", at, **fields)  # type: ignore[arg-type]


def money(amount: int) -> Amount:
    return Amount(money=amount, calls=1)


class Worker:
    """A process: its journal's slot, its file of holds, its ledger. `borrower` is there once it is asked for."""

    def __init__(self, bank: "Bank", rules: Rules) -> None:
        self.bank = bank
        self.journal = Journal(bank.spool)
        self.file = HoldFile(bank.folder, self.journal.slot, cells=64)
        self.ledger = Ledger(self.file, rules)
        self.leases = LeaseStore(bank.leases, bank.store, self.file.holder)
        self.borrower = Borrower(self.ledger, lambda: self.leases)

    def trade(self) -> int:
        """One round with the lease store, at once; how much was asked."""
        asks = self.ledger.asks()
        if asks:
            self.ledger.take(asks, self.leases.trade([ask for _, ask in asks]))
        return len(asks)

    def settle(self, hold: Hold, spent: Amount, run: bytes, at: int = AT) -> RunRecorded:
        """What the gateway does at the end of a call."""
        record = RunRecorded(
            run, "default", at, "chat", cost=spent.money, charges=hold.settle(spent, at), holder=self.ledger.holder
        )
        self.journal.append_now(record)
        hold.done()
        return record

    async def call(self, worst: int, spent: int, subject: Subject | None = None) -> RunRecorded:
        """One whole call."""
        run = ids.new_id()
        accounts = self.ledger.covering(subject or Subject("p"), run)
        hold = await self.ledger.hold(run, accounts, money(worst), note())
        return self.settle(hold, money(spent), run)

    def die(self) -> None:
        """As `kill -9` would leave it: the file unlocked, nothing given back, what is queued lost."""
        self.file.close()
        self.journal.close()


class Bank:
    """Everything that processes share: spool, store, lease store, rules."""

    def __init__(self, home: Path, store: Store, leases: Store, budgets: Sequence[Budget]) -> None:
        self.spool, self.folder, self.store, self.leases = home / "spool", home / "holds", store, leases
        self.indexer = Indexer(self.spool, store)
        self.recovery = Recovery(self.folder, self.spool, store, leases)
        self.rules = Rules(budgets)
        self.workers: list[Worker] = []

    def worker(self) -> Worker:
        self.workers.append(Worker(self, self.rules))
        return self.workers[-1]

    def use(self, budgets: Sequence[Budget], raises: Sequence[Raise] = ()) -> None:
        self.rules = Rules(budgets, raises)
        for worker in self.workers:
            worker.ledger.use(self.rules)

    def index(self) -> None:
        """What the indexer's process does in a round."""
        self.indexer.drain()
        self.recovery()
        self.indexer.drain()

    def spent(self, budget: str = "b") -> int:
        rows = self.store.query("SELECT coalesce(sum(amount), 0) FROM budget_spent WHERE budget = ?", (budget,))
        return int(rows[0][0])

    def granted(self, budget: str = "b") -> int:
        rows = self.leases.query("SELECT coalesce(sum(granted), 0) FROM budget_leases WHERE budget = ?", (budget,))
        return int(rows[0][0])

    def close(self) -> None:
        for worker in self.workers:
            worker.die()
        self.recovery.close()
