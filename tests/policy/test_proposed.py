"""A call that was proposed on the model URL is known at the tool URL for a while."""

from collections.abc import Iterator

import pytest

from outrider.base import clock
from outrider.policy import proposed as module
from outrider.policy.proposed import Proposed
from outrider.store import Store, open_leases


@pytest.fixture
def leases(store_url: str) -> Iterator[Store]:
    store = open_leases(store_url)
    yield store
    store.close()


def test_the_session_of_a_proposed_call(leases: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    proposed = Proposed(lambda: leases)
    proposed.note("p", "key", "a", [("send", {"to": "bob", "text": "hi"}), ("list", {})])
    assert proposed.sessions("p", "key", "send", {"text": "hi", "to": "bob"}) == ["a"], "in any order"
    assert proposed.sessions("p", "key", "send", {"to": "eve", "text": "hi"}) == []
    assert proposed.sessions("p", "other", "send", {"to": "bob", "text": "hi"}) == [], "another key"
    assert proposed.sessions("q", "key", "list", {}) == [], "another project"
    proposed.note("p", "key", "b", [("list", {})])
    assert proposed.sessions("p", "key", "list", {}) == ["b", "a"]
    later = clock.now_ns() + module.LASTS_NS + 1
    monkeypatch.setattr(clock, "now_ns", lambda: later)
    assert proposed.sessions("p", "key", "list", {}) == []


def test_what_was_allowed_when_it_was_proposed_is_allowed_once_more(leases: Store) -> None:
    proposed = Proposed(lambda: leases)
    calls = [("send", {"to": "bob"}), ("pay", {"to": "eve"})]
    proposed.note("p", "key", "a", calls, [True, False])
    assert not proposed.take("p", "key", "a", "pay", {"to": "eve"})
    assert not proposed.take("p", "key", "b", "send", {"to": "bob"}), "another session"
    assert not proposed.take("p", "other", "a", "send", {"to": "bob"}), "another key"
    assert proposed.take("p", "key", "a", "send", {"to": "bob"})
    assert not proposed.take("p", "key", "a", "send", {"to": "bob"}), "once"
    assert proposed.sessions("p", "key", "send", {"to": "bob"}) == ["a"]
