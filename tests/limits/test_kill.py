"""Real processes that spend from one budget, and are killed with `kill -9` while they do: no cent too many or lost."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from outrider.journal.events import RunRecorded
from outrider.journal.index import Indexer
from outrider.journal.records import read_block
from outrider.limits.recovery import Recovery
from outrider.store import open_leases, open_store

LIMIT = 200_000
CHILD = """
import asyncio, random, sys
from pathlib import Path
from outrider.base.budget import Budget
from outrider.base.errors import BudgetExceeded
from outrider.store import open_leases, open_store
from tests.limits.ledgers import Bank

home, url, seed, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
chance = random.Random(seed)

async def caller(worker):
    refused = 0
    while refused < 3:
        worst = chance.randint(1, 200)
        try:
            await worker.call(worst, chance.choice([worst, worst // 2, 0]))
            await asyncio.sleep(chance.random() * 0.01)
        except BudgetExceeded:
            refused += 1

async def main():
    bank = Bank(home, open_store(url), open_leases(url), [Budget("b", "money", limit, window="lifetime")])
    worker = bank.worker()
    worker.borrower.start()
    print("on", flush=True)
    await asyncio.gather(*[caller(worker) for _ in range(20)])
    await worker.borrower.stop()
    worker.journal.close()

asyncio.run(main())
"""


class Party:
    """The processes, and the indexer beside them."""

    def __init__(self, home: Path, url: str) -> None:
        self.home, self.url, self.seed = home, url, 0
        self.store, self.leases = open_store(url), open_leases(url)
        self.indexer = Indexer(home / "spool", self.store)
        self.recovery = Recovery(home / "holds", home / "spool", self.store, self.leases)
        self.children: list[subprocess.Popen[str]] = []

    def start(self) -> None:
        self.seed += 1
        line = [sys.executable, "-c", CHILD, str(self.home), self.url, str(self.seed), str(LIMIT)]
        child = subprocess.Popen(line, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2], text=True)
        self.children.append(child)

    def wait_ready(self) -> None:
        for child in self.children:
            assert child.stdout is not None
            if not child.stdout.closed:
                assert child.stdout.readline() == "on\n"
                child.stdout.close()

    def index(self) -> int:
        moved = self.indexer.run_once()
        self.recovery()
        return moved

    def spent(self) -> int:
        return int(self.store.query("SELECT coalesce(sum(amount), 0) FROM budget_spent")[0][0])

    def kill(self, child: subprocess.Popen[str]) -> None:
        child.send_signal(signal.SIGKILL)  # does nothing to one that has ended
        child.wait()
        self.children.remove(child)

    def journalled(self) -> tuple[int, int]:
        """The sum of all charges in the journal, each run once; and how many calls ended with their process."""
        runs = {}
        for seq, body in self.store.query("SELECT seq, body FROM records ORDER BY seq"):
            for _, event in read_block(seq, body):
                if isinstance(event, RunRecorded):
                    runs.setdefault(event.id, event)
        charges = [charge.amount for run in runs.values() for charge in run.charges]
        return sum(charges), sum(run.error == "interrupted" for run in runs.values())

    def close(self) -> None:
        for child in list(self.children):
            self.kill(child)
        self.recovery.close()
        self.store.close()
        self.leases.close()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_nothing_is_lost_or_spent_twice(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path}/outrider.sqlite3" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    party, chance = Party(tmp_path, url), random.Random(7)
    try:
        for _ in range(3):
            party.start()
        party.wait_ready()
        for _ in range(3):
            marker = party.spent()
            while party.spent() < min(LIMIT // 2, marker + LIMIT // 10):
                party.index()
            party.kill(chance.choice(party.children))
            party.start()
            party.wait_ready()
        deadline = time.monotonic() + 60
        while any(child.poll() is None for child in party.children):
            party.index()
            assert time.monotonic() < deadline
        for _ in range(3):
            while party.index():
                pass
        charged, interrupted = party.journalled()
        assert party.spent() == charged
        assert LIMIT - 200 < charged <= LIMIT
        assert party.leases.query("SELECT sum(granted) FROM budget_leases") == [(charged,)]
        assert list((tmp_path / "holds").iterdir()) == []
        assert interrupted < 3 * 20 + 1
    finally:
        party.close()
