"""What approvals cost, counted in both stores."""

import random
from collections.abc import Iterator

import pytest

from outrider.base import clock
from outrider.policy.approvals import Approvals
from outrider.policy.decide import Call, decide
from outrider.policy.declarations import Declaration
from outrider.policy.events import Said
from outrider.policy.friction import DAY_NS, friction, quantile
from outrider.policy.pending import Approval
from outrider.policy.sessions import Sessions
from outrider.policy.state import SessionState
from outrider.store import Store, open_leases
from tests.policy.scenes import RULES


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = open_leases(store_url)
    yield store
    store.close()


def ask(store: Store, session: str, to: str, agent: str = "robot") -> Approval:
    call = Call("send_email", {"to": to}, Declaration(), agent=agent)
    decision = decide(call, SessionState(), RULES)
    Sessions(lambda: store).add("p", session, [Said("hello")], agent=agent)
    return Approvals(lambda: store).ask("p", session, call, decision, ())


def test_nothing_costs_nothing(store: Store) -> None:
    found = friction(store, "p", 0)
    assert (found.whole.asked, found.whole.sessions, found.whole.median) == (0, 0, None)
    assert (found.agents, found.rules, found.days) == ({}, {}, {})


def test_every_session_counts_also_those_without_a_question(store: Store) -> None:
    for number in range(3):
        Sessions(lambda: store).add("p", f"quiet{number}", [Said("hello")], agent="robot")
    blind, seen = (ask(store, "busy", f"{to}@x.example") for to in "ab")
    denied = ask(store, "other", "c@x.example", "ox")
    approvals = Approvals(lambda: store)
    approvals.decide("p", blind.id, approve=True, by="olga")
    opened = approvals.open("p", seen.id).opened
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now_ns", lambda: opened + 10_000_000_000)
        approvals.decide("p", seen.id, approve=True, by="olga")
        approvals.decide("p", denied.id, approve=False, by="olga")
        found = friction(store, "p", 0)
    whole = found.whole
    assert (whole.asked, whole.sessions, whole.approved, whole.denied) == (3, 5, 2, 1)
    assert whole.asks.estimate == pytest.approx(0.6)
    assert (whole.quiet.estimate, whole.quiet.n) == (0.6, 5)
    assert whole.quiet.low < 0.6 < whole.quiet.high
    assert (whole.blind.estimate, whole.blind.n) == (0.5, 2)
    assert whole.median is not None
    assert whole.median.estimate >= 10
    assert {agent: (cost.asked, cost.sessions) for agent, cost in found.agents.items()} == {
        "ox": (1, 1),
        "robot": (2, 4),
    }
    assert {rule: cost.asked for rule, cost in found.rules.items()} == {"not-asked-for": 3, "aimed-by-the-model": 3}
    assert sum(cost.asked for cost in found.days.values()) == 3
    assert friction(store, "other", 0).whole.asked == 0


def test_only_what_was_asked_since_then_counts(store: Store) -> None:
    ask(store, "s", "a@x.example")
    assert friction(store, "p", clock.now_ns() + DAY_NS).whole.asked == 0


def test_the_interval_of_a_quantile_covers_it() -> None:
    draw, hits = random.Random(7), 0
    for _ in range(400):
        found = quantile(sorted(draw.expovariate(1.0) for _ in range(60)), 0.5)
        assert found is not None
        hits += found.low <= 0.6931 <= found.high
    assert hits >= 0.92 * 400
    assert quantile([], 0.5) is None


def test_the_labels_of_a_caller_are_no_session_of_their_own(store: Store) -> None:
    """Beside each session that a client of the tool URL names, one keeps what its caller has read."""
    sessions = Sessions(lambda: store)
    ask(store, "task", "a@x.example")
    sessions.add("p", "caller:1", [Said("hello")], agent="robot")
    assert (friction(store, "p", 0).whole.sessions, friction(store, "p", 0).whole.asks.estimate) == (1, 1.0)
    ask(store, "caller:2", "b@x.example")
    assert friction(store, "p", 0).whole.sessions == 2
