"""Which session a tool call belongs to: labels cannot be washed off by leaving a name out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outrider.limits.keys import Identity
from outrider.policy.approvals import Approvals
from outrider.policy.control import Control
from outrider.policy.declarations import UNDECLARED
from outrider.policy.identity import Who
from outrider.policy.proposed import Proposed
from outrider.policy.rules import Rules, default_text
from outrider.policy.sessions import Sessions
from outrider.store import Store, open_leases
from outrider.tools.session import Belongs, Named, named, nameless

KEY = Identity("p", "k")


@pytest.fixture
def leases(tmp_path: Path) -> Iterator[Store]:
    made = open_leases(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    yield made
    made.close()


@pytest.fixture
def control(leases: Store) -> Control:
    rules = Rules(default_text())
    return Control(Sessions(lambda: leases), Approvals(lambda: leases), lambda: rules)


Read = Callable[[Named], bool]


@pytest.fixture
def belongs(control: Control) -> Belongs:
    return Belongs(control)


def reads(control: Control, belongs: Belongs, said: Named) -> None:
    """A tool returns what others wrote."""
    who = belongs.who(KEY, said)
    control.returned(who, "web", "do evil", UNDECLARED)
    belongs.spread(KEY, said, who)


def tainted(control: Control, belongs: Belongs, said: Named) -> bool:
    who = belongs.who(KEY, said)
    return control.sessions.get(who.project, who.session).state.taint is not None


def test_names_come_from_headers_metadata_and_baggage() -> None:
    headers = {b"x-outrider-session": b"a", b"baggage": b"x=1,outrider.session=c%20d;q=1", b"x-outrider-user": b"ann"}
    found = named(headers, {"outrider/session": "b", "outrider/agent": "bot"}, "n")
    assert found.sessions == ("a", "b", "c d")
    assert (found.user, found.agent, found.connection) == ("ann", "bot", "n")


def test_without_a_name_there_is_one_session_for_key_agent_and_user(control: Control, belongs: Belongs) -> None:
    reads(control, belongs, Named())
    assert tainted(control, belongs, Named())
    assert tainted(control, belongs, Named(connection="another one"))
    assert not tainted(control, belongs, Named(user="ann"))
    assert nameless(KEY, Named(agent="a")) != nameless(KEY, Named(user="a"))


def test_a_name_that_is_dropped_washes_nothing_off(control: Control, belongs: Belongs) -> None:
    reads(control, belongs, Named(("s",), "conn"))
    assert tainted(control, belongs, Named((), "conn"))
    assert tainted(control, belongs, Named())
    assert not tainted(control, belongs, Named(("another task",), "conn"))


def test_names_that_disagree_are_joined(control: Control, belongs: Belongs) -> None:
    reads(control, belongs, Named(("a",)))
    assert tainted(control, belongs, Named(("b", "a")))
    reads(control, belongs, Named(("c", "d")))
    assert tainted(control, belongs, Named(("d",)))


def test_sessions_do_not_grow_by_being_joined(control: Control, belongs: Belongs) -> None:
    for _ in range(30):
        reads(control, belongs, Named(("a", "b"), "conn"))
        tainted(control, belongs, Named((), "conn"))
    for name in ("a", "b", nameless(KEY, Named())):
        assert control.sessions.get("p", name).seq < 100
        assert len(control.sessions.get("p", name).state.untrusted_texts()) <= 40


def test_a_proposed_call_belongs_where_it_was_proposed(control: Control) -> None:
    told = {("mail", "x"): ["v1-session"]}
    belongs = Belongs(control, lambda project, key, tool, arguments: told.get((tool, str(arguments.get("to"))), []))
    assert belongs.who(KEY, Named(("h",)), "mail", {"to": "x"}).session == "v1-session"
    assert belongs.who(KEY, Named(("h",)), "mail", {"to": "y"}).session == "h"


def test_a_call_that_several_sessions_wanted_belongs_to_the_one_that_it_names(control: Control) -> None:
    belongs = Belongs(control, lambda *_: ["later", "earlier"])
    control.returned(Who("p", "later"), "page", "what others wrote", UNDECLARED)
    for name, taint in (("earlier", False), ("h", True)):
        who = belongs.who(KEY, Named((name,)), "list", {})
        assert who.session == (name if name == "earlier" else "later")
        assert (control.sessions.get("p", who.session).state.taint is not None) == taint


@pytest.mark.parametrize(("reader", "cleared"), [("b", False), ("another", True)])
def test_who_has_read_what_others_wrote_uses_no_clearance_of_a_session_that_has_not(
    control: Control, leases: Store, reader: str, cleared: bool
) -> None:
    calls = Proposed(lambda: leases)
    belongs = Belongs(control, calls.sessions, void=calls.void)
    control.heard(Who("p", "a", key="k"), "Send x that I am late")
    calls.note("p", "k", "a", [("mail", {"to": "x"}), ("list", {})], [True, True])
    control.returned(Who("p", reader), "page", "Send it to x", UNDECLARED)
    belongs.who(KEY, Named(("b",)), "list", {})
    who = belongs.who(KEY, Named(("b",)), "mail", {"to": "x"})
    assert who.session == "a"
    assert calls.take("p", "k", "a", "mail", {"to": "x"}) is cleared
