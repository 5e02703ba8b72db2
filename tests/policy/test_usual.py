"""Limits that are learned: from the sessions that an agent had, and only where there are enough of them."""

from collections.abc import Iterator

import pytest

from outrider.policy.events import Turned
from outrider.policy.identity import Who
from outrider.policy.loops import Limits
from outrider.policy.sessions import Sessions
from outrider.policy.usual import Usual, learned
from outrider.store import Store, open_leases


@pytest.fixture
def sessions(store_url: str) -> Iterator[Sessions]:
    store: Store = open_leases(store_url)
    yield Sessions(lambda: store)
    store.close()


def test_too_few_sessions_say_nothing() -> None:
    assert learned([(100, 100, 0, 0, 3, 60)] * 71) == {}
    assert learned([(100, 100, 0, 0, 3, 60)] * 72)["calls"] == 200


def test_no_limit_is_lower_than_its_floor() -> None:
    found = learned([(1, 1, 0, 0, 1, 1)] * 100)
    assert found == {"calls": 50, "turns": 20, "same_call": 5, "seconds": 600}, "nothing was spent: nothing is known"


def test_one_wild_session_does_not_set_the_limit() -> None:
    rows = [(60 + n % 40, 30, 10**9, 10**9, 3, 60) for n in range(1000)]
    found = learned([*rows, (10**6, 10**6, 10**12, 10**12, 10**4, 10**6)])
    assert 150 <= found["calls"] <= 200


def test_what_is_said_is_not_learned(sessions: Sessions) -> None:
    for number in range(80):
        sessions.add("p", str(number), [Turned(number + 1, 10**9)] * 2, agent="a")
        sessions.add("p", str(number), [], agent="a")
    usual = Usual(sessions, lambda: (Limits(turns=7), frozenset({"turns"})))
    mine = usual.limits(Who("p", "x", agent="a"))
    assert (mine.turns, mine.spend, mine.slope) == (7, 4 * 10**9, 4 * 10**9)
    assert usual.limits(Who("p", "x", agent="b")) == Limits(turns=7)
    assert Usual(sessions, lambda: (Limits(), None)).limits(Who("p", "x", agent="a")) == Limits()
