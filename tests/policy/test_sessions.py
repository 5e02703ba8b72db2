"""Sessions in both stores: nothing that was seen is forgotten by any process."""

import threading
from collections.abc import Iterator

import pytest

from outrider.base import clock
from outrider.policy import events as events_module
from outrider.policy import sessions as sessions_module
from outrider.policy.declarations import Declaration
from outrider.policy.events import Did, Granted, Inherited, Returned, Said, returned
from outrider.policy.grants import Grant
from outrider.policy.origins import Found, Origin
from outrider.policy.sessions import Sessions
from outrider.store import Store, open_leases

READ = Declaration(does="none")


@pytest.fixture
def leases(store_url: str) -> Iterator[Store]:
    store = open_leases(store_url)
    yield store
    store.close()


@pytest.fixture
def sessions(leases: Store) -> Sessions:
    return Sessions(lambda: leases)


def test_another_process_sees_what_was_added(sessions: Sessions, leases: Store) -> None:
    other = Sessions(lambda: leases)
    assert other.get("p", "s").state.taint is None
    sessions.add("p", "s", [Said("Pay Bob 50"), returned("mail", {"body": "eve@evil.example"}, READ)])
    seen = other.get("p", "s")
    assert seen.state.taint is not None
    assert seen.state.field("eve@evil.example") == Found(Origin.UNTRUSTED, 2, "mail")
    other.add("p", "s", [Granted(Grant(("pay",), calls=2)), Did("pay", "pay", "to=bob", 0)])
    mine = sessions.get("p", "s")
    assert (mine.seq, mine.grants, mine.state.done[0].tool) == (4, [(Grant(("pay",), calls=2), 1)], "pay")
    assert sessions.get("other", "s").seq == 0, "a session belongs to its project"


def test_events_of_many_threads_are_all_kept_in_order(sessions: Sessions, leases: Store) -> None:
    def add(number: int) -> None:
        own = Sessions(lambda: leases)
        for at in range(10):
            own.add("p", "s", [Said(f"{number}-{at}")])

    threads = [threading.Thread(target=add, args=(n,)) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    state = sessions.get("p", "s").state
    assert (state.step, len(set(state.asked))) == (40, 40)
    for number in range(4):
        own = [text for text in state.asked if text.startswith(f"{number}-")]
        assert own == [f"{number}-{at}" for at in range(10)]


def test_a_branch_inherits_as_of_a_moment(sessions: Sessions) -> None:
    sessions.add("p", "parent", [Said("Mail bob@corp.com"), returned("page", "evil", READ)])
    sessions.add("p", "child", [Inherited("parent", 1)])
    assert sessions.get("p", "child").state.taint is None
    assert sessions.get("p", "child").state.said("bob@corp.com") == Origin.USER
    sessions.add("p", "other", [Inherited("parent", 99), Said("hi")])
    assert sessions.get("p", "other").state.taint is not None
    sessions.add("p", "lost", [Inherited("nobody", 5)])
    assert sessions.get("p", "lost").seq == 1


def test_two_that_inherit_each_other(sessions: Sessions, leases: Store) -> None:
    sessions.add("p", "a", [Said("one")])
    sessions.add("p", "b", [Inherited("a", 100)])
    sessions.add("p", "a", [Inherited("b", 100)])
    again = Sessions(lambda: leases)
    assert again.get("p", "a").state.asked == ["one", "one"]
    assert again.get("p", "b").state.asked == ["one"]


def test_a_very_large_result_is_kept_by_its_beginning(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "LARGEST_EVENT", 100)
    event = returned("page", {"text": "é" * 1000}, READ)
    assert len(event.result) < 300
    sessions.add("p", "s", [event])
    assert sessions.get("p", "s").state.taint is not None


def test_memory_holds_so_many_sessions(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions_module, "KEPT", 2)
    for number in range(5):
        sessions.add("p", str(number), [Said(str(number))])
    assert len(sessions._known) == 2
    assert sessions.get("p", "0").state.asked == ["0"]


def test_idle_sessions_are_forgotten(sessions: Sessions, leases: Store) -> None:
    sessions.add("p", "old", [Returned("t", b"1", READ)])
    assert sessions.forget() == 0
    assert sessions.forget(clock.now_ns() + 1) == 1
    assert sessions.get("p", "old").seq == 0
    assert leases.query("SELECT COUNT(*) FROM session_events")[0][0] == 0


def test_a_session_that_a_living_one_has_labels_of_is_kept(sessions: Sessions, leases: Store) -> None:
    sessions.add("p", "grand", [returned("page", "evil", READ)])
    sessions.add("p", "parent", [Inherited("grand", 9)])
    sessions.add("p", "child", [Inherited("parent", 9)])
    sessions.add("p", "a", [Said("x")])
    sessions.add("p", "b", [Inherited("a", 9)])
    sessions.add("p", "a", [Inherited("b", 9)])
    with leases.write() as tx:
        tx.execute("UPDATE sessions SET touched = 1 WHERE id <> 'child'")
    assert sessions.forget(2) == 2, "two that have each other's labels and are idle go"
    assert Sessions(lambda: leases).get("p", "child").state.taint is not None
    assert sessions.get("p", "a").seq == 0


def test_memory_is_bounded_by_what_sessions_weigh(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions._room = 20_000
    for number in range(10):
        sessions.add("p", str(number), [returned("page", "x" * 2000, READ)])
    assert 1 <= len(sessions._known) <= 3
    assert sessions._room >= 0
    assert sum(sessions._weights.values()) == 20_000 - sessions._room
    assert sessions.get("p", "0").state.taint is not None
