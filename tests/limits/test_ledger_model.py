"""The ledgers of several processes against a simple model: one number per account.

Whatever the order of calls, settlements, indexing, idling, crashes, raises and ends of windows: no more is lent than
the limit, no more is spent than the limit as long as calls keep to their holds, a call is refused only when the room
for it is not there, and what the store says was spent is the sum of the charges in the journal.
"""

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from outrider.base import clock, ids
from outrider.base.budget import Amount, Budget, Raise, Subject
from outrider.base.errors import BudgetExceeded
from outrider.limits import windows
from outrider.limits.account import Waiter
from outrider.limits.hold import Hold
from outrider.store import open_leases, open_store

from .ledgers import AT, Bank, Worker, note

DAY = windows.DAY_NS
BUDGETS = (
    Budget("life", "money", 1000, window="lifetime"),
    Budget("day", "output_tokens", 300, window="day", per="user", match={"tag": ("day",)}),
    Budget("roll", "calls", 5, window="3600", match={"tag": ("roll",)}),
    Budget("once", "concurrent", 4, window="lifetime", match={"tag": ("once",)}),
)
LIMITS = {one.id: one.limit for one in BUDGETS}
Place = tuple[str, str, int]


class Open:
    """A call under way: its hold, and what the model says that it holds of each account."""

    def __init__(self, worker: Worker, run: bytes, at: int, hold: Hold, needs: dict[Place, int]) -> None:
        self.worker, self.run, self.at, self.hold, self.needs = worker, run, at, hold, needs


class Machine(RuleBasedStateMachine):
    url = ""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        home = Path(self._folder.name)
        url = self.url or f"sqlite:///{home / 'db.sqlite3'}"
        self.now = AT // DAY * DAY + DAY // 2
        self.passed = 0  # nobody's patience ends while a busy machine does something else
        self._clocks = (
            mock.patch.object(clock, "now_ns", side_effect=lambda: self.now),
            mock.patch.object(clock, "mono_ns", side_effect=lambda: self.passed),
        )
        for patch in self._clocks:
            patch.start()
        self.store, self.leases = open_store(url), open_leases(url)
        with self.leases.write() as tx:
            tx.execute("DELETE FROM budget_leases")
        with self.store.write() as tx:
            for table in ("budget_spent", "runs", "records", "spool_cursors"):
                tx.execute(f"DELETE FROM {table}")
        self.bank = Bank(home, self.store, self.leases, BUDGETS)
        self.live = [self.bank.worker() for _ in range(3)]
        self.open: list[Open] = []
        self.charged: list[tuple[Place, int, int]] = []  # place, bucket, amount: of every record written
        self.indexed = 0  # how many of those the indexer has read
        self.raised: dict[str, tuple[int, int]] = {}  # amount, until
        self.excess = False

    # -- the model ------------------------------------------------------------------------------------------------

    def limit(self, budget: str) -> int:
        amount, until = self.raised.get(budget, (0, 0))
        return LIMITS[budget] + (amount if until > self.now else 0)

    def taken(self, place: Place, *, lagging: bool = False) -> int:
        """Spent in the window and held, by everybody, whatever was indexed.

        `lagging`: a charge that is not indexed yet counts although its bucket has left a rolling window (its call took
        longer than the window): nobody knows yet which bucket it is.
        """
        window = next(one.window for one in BUDGETS if one.id == place[0])
        since = windows.since(window, self.now)
        spent = 0
        for number, (where, bucket, amount) in enumerate(self.charged):
            if where == place and (bucket >= since or (lagging and number >= self.indexed)):
                spent += amount
        return spent + sum(one.needs.get(place, 0) for one in self.open)

    def place(self, budget: str, user: str) -> Place:
        one = next(b for b in BUDGETS if b.id == budget)
        return budget, user if one.per else "", windows.start(one.window, one.zone, self.now)

    # -- what happens ---------------------------------------------------------------------------------------------

    @rule(who=st.integers(0, 9), user=st.sampled_from("ab"), cost=st.integers(0, 40), output=st.integers(0, 20))
    def small_call(self, who: int, user: str, cost: int, output: int) -> None:
        self.call(who, user, "roll", cost, output)

    @rule(
        who=st.integers(0, 9), user=st.sampled_from("ab"), tag=st.sampled_from(["", "day", "roll", "once"]),
        cost=st.integers(0, 400), output=st.integers(0, 120),
    )  # fmt: skip
    def call(self, who: int, user: str, tag: str, cost: int, output: int) -> None:
        worker = self.live[who % len(self.live)]
        run, amount = ids.new_id(), Amount(cost, 1, output, 1, 1)
        subject = Subject("p", user=user, tags=(tag,))
        accounts = worker.ledger.covering(subject, run)
        needs = {account.key[:]: amount.of(account.measure) for account in accounts}
        hold = worker.ledger.try_hold(run, accounts, amount, note(self.now))
        if hold is None:
            hold = self._borrow(worker, run, accounts, amount)
        if hold is not None:
            self.open.append(Open(worker, run, self.now, hold, {tuple(k): v for k, v in needs.items()}))  # type: ignore[misc]

    def _borrow(self, worker: Worker, run: bytes, accounts: Any, amount: Amount) -> Hold | None:
        """As `Ledger.hold`, with everybody's turns taken here."""
        ledger = worker.ledger
        accounts = tuple(ledger.live(account) for account in accounts)
        needs = [amount.of(account.measure) for account in accounts]
        waiter = ledger.wait_for(accounts, needs, [0] * len(needs))
        self._turns(worker, waiter)
        if waiter.error is None:
            return Hold(ledger, run, accounts, needs, note(self.now)).begun(amount)
        assert isinstance(waiter.error, BudgetExceeded)
        self._no_room(waiter.error, accounts, needs)
        return None

    def _turns(self, worker: Worker, waiter: Waiter) -> None:
        for _ in range(50):
            if not waiter.pending:
                return
            worker.ledger.ask_again()
            worker.trade()
            for other in self.live:
                if waiter.pending and other is not worker:
                    other.ledger.recalled(other.leases.recalls())
                    other.trade()
        raise AssertionError("it waits for nobody")

    def _no_room(self, error: BudgetExceeded, accounts: Any, needs: list[int]) -> None:
        """A refusal is right if the model has no room either (dead holders are indexed first, see `crash`)."""
        budget = error.details["budget"]
        place, need = next((tuple(a.key), n) for a, n in zip(accounts, needs, strict=True) if a.key.budget == budget)
        taken = self.taken(place, lagging=True)  # type: ignore[arg-type]
        assert taken + need > self.limit(budget), f"{budget}: room was there"

    @precondition(lambda self: self.open)
    @rule(which=st.integers(0, 99), part=st.sampled_from([0, 30, 100, 100, 100]), over=st.sampled_from([0] * 9 + [50]))
    def settle(self, which: int, part: int, over: int) -> None:
        one = self.open.pop(which % len(self.open))
        held = {budget: amount for (budget, _, _), amount in one.needs.items()}
        spent = Amount(held["life"] * part // 100 + over, 0, held.get("day", 0) * part // 100, 1)
        self.excess = self.excess or over > 0
        record = one.worker.settle(one.hold, spent, one.run, one.at)
        for charge in record.charges:
            self.charged.append(((charge.budget, charge.value, charge.window), charge.bucket, charge.amount))

    @precondition(lambda self: self.open)
    @rule(which=st.integers(0, 99))
    def release(self, which: int) -> None:
        self.open.pop(which % len(self.open)).hold.release()

    @precondition(lambda self: self.open)
    @rule(which=st.integers(0, 99), cost=st.integers(0, 500), output=st.integers(0, 200))
    def grow(self, which: int, cost: int, output: int) -> None:
        one = self.open[which % len(self.open)]
        total = Amount(cost, 1, output, 1, 1)
        if one.hold.try_grow(total):
            for account in one.hold.accounts:
                one.needs[tuple(account.key)] = total.of(account.measure)  # type: ignore[index]

    @rule()
    def index(self) -> None:
        self.bank.index()
        self.indexed = len(self.charged)

    @rule(who=st.integers(0, 9))
    def trade(self, who: int) -> None:
        self.live[who % len(self.live)].trade()

    @rule(who=st.integers(0, 9))
    def sweep(self, who: int) -> None:
        worker = self.live[who % len(self.live)]
        worker.ledger.sweep()
        worker.trade()

    @rule(who=st.integers(0, 9))
    def rest(self, who: int) -> None:
        """Nobody calls for a while: what is free goes back, and accounts without anything are forgotten."""
        worker = self.live[who % len(self.live)]
        for which in range(len(self.open) - 1, -1, -1):
            if self.open[which].worker is worker:
                self.settle(which, 70, 0)
        for _ in range(6):
            worker.ledger.sweep()
            worker.trade()

    @rule(minutes=st.sampled_from([1, 10, 61, 60 * 13]))
    def wait(self, minutes: int) -> None:
        self.now += minutes * 60 * windows.SECOND_NS
        self.passed += minutes * 60 * windows.SECOND_NS

    @rule(who=st.integers(0, 9))
    def crash(self, who: int) -> None:
        """A worker is killed and another takes its place. Its open calls become records with what they held."""
        worker = self.live.pop(who % len(self.live))
        worker.die()
        gone = [one for one in self.open if one.worker is worker]
        self.open = [one for one in self.open if one.worker is not worker]
        for one in gone:
            for (budget, value, starts), amount in one.needs.items():
                if amount and budget != "once":
                    size = windows.size(next(b.window for b in BUDGETS if b.id == budget))
                    self.charged.append(((budget, value, starts), one.at // size * size, amount))
        for _ in range(3):
            self.index()
        self.live.append(self.bank.worker())

    @rule(budget=st.sampled_from([one.id for one in BUDGETS]), amount=st.integers(1, 300), hours=st.integers(1, 30))
    def raise_limit(self, budget: str, amount: int, hours: int) -> None:
        self.raised[budget] = (amount, self.now + hours * windows.HOUR_NS)
        self.bank.use(BUDGETS, [Raise(b, a, until) for b, (a, until) in self.raised.items()])

    # -- what must hold -------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_lent_twice(self) -> None:
        """Σ granted ≤ limit, for windows that do not roll, as long as the limit was never lower and holds are kept."""
        if self.excess or self.raised:
            return
        rows = self.leases.query("SELECT budget, value, starts, granted FROM budget_leases WHERE budget <> 'roll'")
        granted: Counter[tuple[object, ...]] = Counter()
        for *place, amount in rows:
            granted[tuple(place)] += amount
        for place, amount in granted.items():
            assert amount <= LIMITS[str(place[0])]

    @invariant()
    def nothing_is_spent_beyond_the_limit(self) -> None:
        if self.excess or self.raised:
            return
        places = {place for place, _, _ in self.charged} | {place for one in self.open for place in one.needs}
        for place in places:
            assert self.taken(place) <= self.limit(place[0]), place

    @invariant()
    def nobody_has_less_than_nothing(self) -> None:
        for worker in self.live:
            for account in worker.ledger._by_key.values():
                assert account.free >= 0 or self.excess
                assert account.held >= 0
                assert not account.waiting

    def teardown(self) -> None:
        try:
            for one in self.open:
                one.hold.release()
            self.bank.index()
            self.bank.index()
            rows = self.store.query("SELECT budget, value, starts, bucket, SUM(amount) FROM budget_spent"
                                    " GROUP BY budget, value, starts, bucket")  # fmt: skip
            found = {((b, v, s), bucket): int(amount) for b, v, s, bucket, amount in rows}
            expected: Counter[tuple[Place, int]] = Counter()
            for place, bucket, amount in self.charged:
                expected[place, bucket] += amount
            assert found == dict(expected)
        finally:
            self.bank.close()
            for patch in self._clocks:
                patch.stop()
            self.store.close()
            self.leases.close()
            self._folder.cleanup()


SETTINGS = settings(
    max_examples=20, stateful_step_count=100, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)


def test_ledgers_agree_with_the_model() -> None:
    run_state_machine_as_test(Machine, settings=SETTINGS)


def test_ledgers_agree_with_the_model_on_postgres(postgres_url: str) -> None:
    class OnPostgres(Machine):
        url = postgres_url

    run_state_machine_as_test(OnPostgres, settings=settings(SETTINGS, max_examples=5))


@pytest.mark.slow
def test_ledgers_agree_with_the_model_at_length() -> None:
    run_state_machine_as_test(Machine, settings=settings(SETTINGS, max_examples=500, stateful_step_count=200))
