"""A breaker opens for good reasons, lets few probes through, comes back, and never bars the only way for long."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from outrider.base.ports import BreakerRules
from outrider.limits import breakers
from outrider.limits.breakers import PLAIN, UNBOUNDED, Breaker, Tally

SECOND = 1_000_000_000
START = 1000 * SECOND
RULES = BreakerRules(least=4, consecutive=3, cooldown=10, longest=60, probes=2)


class Free:
    """A lock that is always free, or never."""

    def __init__(self, free: bool = True) -> None:
        self.free = free

    def acquire(self) -> bool:
        return self.free

    def release(self) -> None:
        pass


def breaker(rules: BreakerRules = RULES, lock: Free | None = None) -> Breaker:
    return Breaker([0] * breakers.CELLS, rules, lock or Free())


def fail(made: Breaker, now: int, times: int = 1, *, probe: int = PLAIN, began: int = 0, calls: int = 0,
         failed: int = 0, **more: Any) -> bool:  # fmt: skip
    opened = False
    for _ in range(times):
        opened = made.failed(probe, now, began or now, lambda: Tally(calls, failed, more.get("known_soft", 0)),
                             **{k: v for k, v in more.items() if k != "known_soft"})  # fmt: skip
    return opened


def opened(now: int = START, **more: Any) -> Breaker:
    made = breaker()
    assert fail(made, now, 3, **more)
    return made


def test_it_opens_at_a_row_of_failures() -> None:
    made = breaker()
    assert not fail(made, START, 2)
    assert fail(made, START)
    assert (made.state(START), made.cause, made.since) == ("open", "failures in a row", START)
    assert made.enter(START + SECOND, SECOND) is None


def test_a_success_ends_a_row() -> None:
    made = breaker()
    for _ in range(5):
        assert not fail(made, START, 2)
        made.succeeded(PLAIN, START)


def test_it_opens_at_a_share_of_failures_of_enough_calls() -> None:
    made = breaker(BreakerRules(least=10, consecutive=100))
    assert not fail(made, START, calls=9, failed=9)
    assert not fail(made, START, calls=10, failed=4)
    assert fail(made, START, calls=10, failed=5)
    assert made.cause == "errors"


def test_where_many_calls_are_made_a_short_row_is_no_sign() -> None:
    made = breaker(BreakerRules(least=10, consecutive=3))
    assert not fail(made, START, 5, calls=1000, failed=200)
    assert fail(made, START, 4, calls=1000, failed=200)


def test_after_the_cooldown_a_few_probes_pass_and_close_it() -> None:
    made = opened()
    late = made.until
    assert late - START == 10 * SECOND
    assert made.state(late) == "half-open"
    probes = [made.enter(late, SECOND) for _ in range(3)]
    assert probes == [0, 1, None]
    assert not made.ready(late)
    made.succeeded(0, late)
    assert made.ready(late)
    made.succeeded(1, late)
    assert (made.state(late), made.cause) == ("closed", "")
    assert made.enter(late, SECOND) == PLAIN


def test_a_probe_that_fails_opens_it_for_longer_up_to_a_cap() -> None:
    made, now, pauses = opened(), START, []
    for _ in range(5):
        now = made.until
        assert fail(made, now, probe=made.enter(now, SECOND) or 0)
        pauses.append((made.until - now) // SECOND)
    assert pauses == [20, 40, 60, 60, 60]


def test_it_remembers_for_a_while_that_it_was_open() -> None:
    made = opened()
    now = made.until
    for probe in (0, 1):
        made.enter(now, SECOND)
        made.succeeded(probe, now)
    assert fail(made, now + SECOND, 3)
    assert made.until - now == 21 * SECOND
    made.close(now)
    assert fail(made, now + SECOND, 3)
    assert made.until - now == 11 * SECOND


def test_retry_after_is_honoured_and_bounded() -> None:
    assert opened(retry_after=45.0).until == START + 45 * SECOND
    assert opened(retry_after=1e9).until == START + 600 * SECOND


def test_machines_do_not_come_back_together() -> None:
    assert opened(spread=0.0).until == START + 9 * SECOND
    assert opened(spread=1.0).until == START + 11 * SECOND


def test_a_probe_that_is_never_heard_of_frees_its_place() -> None:
    made = opened()
    now = made.until
    assert [made.enter(now, SECOND) for _ in range(3)] == [0, 1, None]
    assert made.enter(now + SECOND, SECOND) == 0


def test_a_probe_without_an_outcome_frees_its_place() -> None:
    made = opened()
    probe = made.enter(made.until, SECOND)
    assert probe == 0
    made.left(probe)
    assert made.enter(made.until, SECOND) == 0


def test_what_began_before_it_closed_no_longer_counts() -> None:
    made = opened()
    now = made.until
    for probe in (0, 1):
        made.enter(now, SECOND)
        made.succeeded(probe, now)
    assert not fail(made, now + SECOND, 9, began=START)
    assert made.state(now + SECOND) == "closed"


def test_late_failures_do_not_prolong_an_open_breaker() -> None:
    made = opened()
    until = made.until
    assert not fail(made, START + SECOND, 9, began=START - SECOND)
    assert made.until == until


def test_the_only_way_is_tried_early_one_call_a_second() -> None:
    made = opened()
    now = START + 2 * SECOND
    assert made.enter(now, SECOND) is None
    assert made.enter(now, 5 * SECOND, last_resort=True) == 0
    assert made.enter(now, SECOND, last_resort=True) is None
    until = made.until
    assert not fail(made, now, probe=0)
    assert made.until == until
    assert made.enter(now + SECOND // 2, SECOND, last_resort=True) is None
    assert made.enter(now + SECOND, SECOND, last_resort=True) == 0


def test_an_early_probe_that_works_brings_it_back() -> None:
    made = opened()
    now = START + 2 * SECOND
    assert made.enter(now, SECOND, last_resort=True) == 0
    made.succeeded(0, now)
    assert made.state(now) == "half-open"
    assert made.enter(now, SECOND) == 0
    made.succeeded(0, now)
    assert made.state(now) == "closed"


def test_what_is_slow_or_says_what_is_wrong_is_avoided_but_never_refused() -> None:
    made = opened(soft=True, known_soft=3)
    assert made.cause == "slow or refusing"
    assert made.enter(START, SECOND) is None
    assert [made.enter(START, SECOND, last_resort=True) for _ in range(3)] == [UNBOUNDED] * 3
    now = made.until
    assert [made.enter(now, SECOND, last_resort=True) for _ in range(3)] == [0, 1, UNBOUNDED]
    made.succeeded(UNBOUNDED, now)
    made.succeeded(0, now)
    assert made.state(now) == "closed"


def test_an_operator_holds_it_open_and_closes_it() -> None:
    made = breaker()
    made.hold_open(START)
    assert (made.state(START + 10**15), made.cause) == ("open", "operator")
    assert made.enter(START + 10**15, SECOND, last_resort=True) is None
    made.succeeded(UNBOUNDED, START)
    assert made.state(START) == "open"
    made.close(START)
    assert made.enter(START, SECOND) == PLAIN


def test_switched_off_it_never_opens_by_itself() -> None:
    made = breaker(BreakerRules(on=False))
    assert not fail(made, START, 1000, calls=1000, failed=1000)
    made.hold_open(START)
    assert made.enter(START, SECOND) is None


def test_who_cannot_have_the_lock_leaves_the_change_to_the_other() -> None:
    lock = Free(False)
    made = breaker(lock=lock)
    assert not fail(made, START, 10)
    lock.free = True
    assert fail(made, START)
    lock.free = False
    assert made.enter(made.until, SECOND) is None


class Machine(RuleBasedStateMachine):
    """Random calls of two workers that share the cells, against what must hold whatever happens."""

    @initialize(probes=st.integers(1, 4), consecutive=st.integers(1, 4))
    def begin(self, probes: int, consecutive: int) -> None:
        rules = BreakerRules(least=1000, consecutive=consecutive, cooldown=10, longest=60, probes=probes)
        cells = [0] * breakers.CELLS
        self.rules, self.now = rules, START
        self.workers = [Breaker(cells, rules, Free()) for _ in range(2)]
        self.calls: list[tuple[int, int, int]] = []
        self.row = 0

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0, 30.0]))
    def wait(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)

    @rule(worker=st.integers(0, 1), last_resort=st.booleans())
    def enter(self, worker: int, last_resort: bool) -> None:
        state = self.workers[worker].state(self.now)
        got = self.workers[worker].enter(self.now, 1000 * SECOND, last_resort=last_resort)
        if state == "closed":
            assert got == PLAIN
        elif got is not None:
            assert got != PLAIN
            assert state == "half-open" or last_resort
            self.calls.append((worker, got, self.now))
        if got == PLAIN:
            self.calls.append((worker, got, self.now))

    @precondition(lambda self: self.calls)
    @rule(which=st.integers(0, 50), good=st.booleans())
    def end(self, which: int, good: bool) -> None:
        worker, probe, began = self.calls.pop(which % len(self.calls))
        made = self.workers[worker]
        before = made.state(self.now)
        if good:
            made.succeeded(probe, self.now)
            assert made.state(self.now) != "open" or before == "open"
        else:
            made.failed(probe, self.now, began, lambda: Tally(1, 1, 0))
            if before == "half-open" and probe != PLAIN and began >= made.clean:
                assert made.state(self.now) == "open"

    @invariant()
    def both_workers_see_the_same(self) -> None:
        one, other = self.workers
        assert one.state(self.now) == other.state(self.now)
        assert one.cause == other.cause

    @invariant()
    def no_more_probes_than_allowed(self) -> None:
        held = sum(probe != PLAIN for _, probe, _ in self.calls)
        assert held <= self.rules.probes

    @invariant()
    def it_is_never_open_for_longer_than_the_cap(self) -> None:
        assert self.workers[0].until - self.now <= 60 * SECOND

    @invariant()
    def an_open_breaker_has_a_cause(self) -> None:
        made = self.workers[0]
        assert bool(made.cause) == (made.state(self.now) != "closed")


TestMachine = Machine.TestCase
Machine.TestCase.settings = settings(max_examples=2 * settings().max_examples, stateful_step_count=40, deadline=None)
