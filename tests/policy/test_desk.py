"""What operators do with policy, on both stores."""

import threading
from collections.abc import Iterator

import pytest

from outrider.base.errors import RequestError
from outrider.policy import desk as desk_module
from outrider.policy.approvals import Approvals
from outrider.policy.control import Control, call_of
from outrider.policy.declarations import Declaration
from outrider.policy.desk import Change, Desk
from outrider.policy.grants import Grant
from outrider.policy.identity import Who
from outrider.policy.permissions import Permissions, Roster, Subject
from outrider.policy.propose import Tool
from outrider.policy.sessions import Sessions
from outrider.store import Store, open_leases
from tests.policy.scenes import RULES

PAY = Declaration(does="money", steers={"to": "recipient"}, verb="pay")
WRONG = Declaration(does="none", trust="trusted")


@pytest.fixture
def leases(store_url: str) -> Iterator[Store]:
    store = open_leases(store_url)
    yield store
    store.close()


@pytest.fixture
def desk(leases: Store) -> Desk:
    roster = Roster(users={"ada": Subject((), ("*",))})
    permissions = Permissions(lambda: leases, lambda: roster)
    control = Control(Sessions(lambda: leases), Approvals(lambda: leases), lambda: RULES, permissions)
    labels = {"pay": PAY, "inbox": WRONG}
    written: list[Change] = []
    return Desk(control, permissions, lambda: RULES, labels.get, written.append, lambda: labels)


def test_grants_at_once_have_numbers_of_their_own(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "MOST_GRANTS", 8)
    numbers: list[int] = []
    threads = [
        threading.Thread(target=lambda: numbers.append(desk.grant("p", "s", Grant(("pay",)), "olga"))) for _ in range(8)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(numbers) == list(range(8))
    with pytest.raises(RequestError, match="at most 8 grants"):
        desk.grant("p", "s", Grant(("pay",)), "olga")


def test_on_which_tool_questions_hang(desk: Desk) -> None:
    who = Who("p", "s", user="ada")
    desk.control.heard(who, "Mail Ingrid and Bob that I am late")
    for name in ("Ingrid", "Bob"):
        desk.control.check(who, call_of("directory_lookup", {"name": name}, Declaration()))
        desk.control.returned(who, "directory_lookup", [{"name": name, "mail": f"{name}@corp.example"}], Declaration())
        mail = Declaration(does="external", steers={"to": "recipient"}, carries=("text",), verb="send")
        asked = desk.control.check(who, call_of("send_mail", {"to": f"{name}@corp.example", "text": "I am late"}, mail))
        assert asked.verdict == "ask"
    found = {one.tool: one for one in desk.lint("p", [Tool("web_page"), Tool("directory_lookup")]).proposals}
    assert list(found) == ["directory_lookup", "web_page"], "what most questions hang on comes first"
    assert (found["directory_lookup"].aimed, found["web_page"].aimed) == (2, 0)
    assert any("`trust: trusted`" in reason for reason in found["directory_lookup"].reasons)
    assert found["directory_lookup"].declaration.trust == "untrusted", "it is said, never proposed"
    assert not any("trusted" in reason for reason in found["web_page"].reasons)


def test_looking_changes_nothing_and_knows_who_acts(desk: Desk) -> None:
    ada = Who("p", "s", user="ada")
    desk.control.heard(ada, "Pay Bob")
    before = desk.control.sessions.get("p", "s").seq
    assert desk.check("p", "s", "pay", {"to": "Bob"}).verdict == "allow"
    assert desk.control.sessions.get("p", "s").seq == before
    eve = Who("p", "other", user="eve")
    desk.control.heard(eve, "Pay Bob")
    found = desk.check("p", "other", "pay", {"to": "Bob"})
    assert (found.verdict, found.rules) == ("deny", ("not-permitted",))
    assert found.words[0] == "the user 'eve' may not call pay"
    assert desk.control.check(eve, call_of("pay", {"to": "Bob"}, PAY)).code == "not_permitted"


def test_labels_are_looked_at_with_what_was_recorded(desk: Desk) -> None:
    ada = Who("p", "s", user="ada")
    desk.control.returned(ada, "inbox", {"body": "would you please call me back"}, WRONG)
    assert [one.code for one in desk.lint("p", []).findings] == ["trusted-but-written"]
    found = desk.lint("p", [Tool("inbox"), Tool("send_mail")])
    assert [one.code for one in found.findings] == ["trusted-but-written", "no-such-tool"]
    assert found.proposals[0].declaration.does == "external"
