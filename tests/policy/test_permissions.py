"""Who may call what: the intersection of user, key and agent, and of all who handed the task down."""

from collections.abc import Iterator

import pytest

from outrider.base.errors import RequestError
from outrider.policy import permissions as permissions_module
from outrider.policy.identity import Party, Who
from outrider.policy.permissions import Permissions, Roster, Subject
from outrider.store import Store, open_leases

ADA = Who("p", "s", user="ada", agent="helper")


@pytest.fixture
def leases(store_url: str) -> Iterator[Store]:
    store = open_leases(store_url)
    yield store
    store.close()


def over(leases: Store, roster: Roster) -> Permissions:
    return Permissions(lambda: leases, lambda: roster)


def test_where_nobody_says_anything_everybody_may(leases: Store) -> None:
    may = over(leases, Roster()).may(ADA, "mail__send")
    assert (may.user, may.agent, may.why) == (True, True, ())


def test_a_call_needs_the_user_and_the_agent(leases: Store) -> None:
    roster = Roster(
        roles={"reader": ("*__read*",), "clerk": ("mail__*", "!mail__delete*")},
        users={"ada": Subject(("clerk", "reader"))},
        agents={"helper": Subject(("reader",), ("mail__send",))},
    )
    permissions = over(leases, roster)
    assert permissions.may(ADA, "mail__send").why == ()
    assert permissions.may(ADA, "bank__read_balance").why == ()
    assert permissions.may(ADA, "mail__list").agent is False
    assert permissions.may(ADA, "mail__delete").user is False
    assert permissions.may(Who("p", "s", user="bob", agent="helper"), "mail__send").user is False
    assert permissions.may(Who("p", "s", user="ada", agent="Helper"), "mail__send").agent is False
    assert permissions.may(Who("p", "s"), "mail__send").why == (
        "the user that nobody named may not call mail__send",
        "the agent that nobody named may not call mail__send",
    )


@pytest.mark.parametrize("tool", ["mail__Delete", "MAIL__DELETE_ALL", "mail__dеlete", "mail__del\u200bete"])
def test_what_is_taken_out_is_so_in_every_spelling(leases: Store, tool: str) -> None:
    permissions = over(leases, Roster(users={"ada": Subject((), ("*", "!mail__delete*"))}))
    assert permissions.may(ADA, tool).user is False
    assert permissions.may(ADA, "mail__list").user is True


def test_only_a_star_stands_for_other_text(leases: Store) -> None:
    permissions = over(leases, Roster(users={"ada": Subject((), ("file[1]?", "a.b"))}))
    assert [permissions.may(ADA, one).user for one in ("file[1]?", "file1x", "a.b", "axb")] == [
        True,
        False,
        True,
        False,
    ]


def test_everybody_else_is_the_star(leases: Store) -> None:
    permissions = over(leases, Roster(users={"ada": Subject((), ("*",)), "*": Subject((), ("search",))}))
    other = Who("p", "s", user="eve")
    assert (permissions.may(other, "search").user, permissions.may(other, "pay").user) == (True, False)
    assert permissions.may(Who("p", "s", user="*"), "pay").user is False
    assert permissions.may(Who("p", "s"), "search").user is True


def test_roles_of_claims_count_for_who_brings_them(leases: Store) -> None:
    permissions = over(leases, Roster(roles={"clerk": ("mail__*",)}, claims=True))
    with_role = Who("p", "s", user="ada", roles=("clerk",))
    assert permissions.may(with_role, "mail__send").user is True
    assert permissions.may(with_role, "bank__pay").user is False
    assert permissions.may(ADA, "mail__send").user is False
    taken = permissions.may(Who("p", "s"), "mail__send", [Party("ada", "helper")])
    assert taken.user is False, "who brings no proof has not the owner's rights"


def test_a_sub_agent_has_what_all_before_it_have(leases: Store) -> None:
    roster = Roster(
        agents={"boss": Subject((), ("mail__*", "web__*")), "scout": Subject((), ("web__*", "bank__*"))},
    )
    permissions = over(leases, roster)
    scout = Who("p", "s", agent="scout")
    assert permissions.may(scout, "bank__pay").agent is True
    assert permissions.may(scout, "bank__pay", [Party("", "boss")]).agent is False
    assert permissions.may(scout, "web__get", [Party("", "boss")]).agent is True
    assert permissions.may(scout, "bank__pay", [], [Party("", "boss")]).agent is False
    assert permissions.may(Who("p", "s", agent="boss"), "mail__send", [Party("", "boss"), Party("", "scout")]).agent


def test_keys_are_one_more_side(leases: Store) -> None:
    permissions = over(leases, Roster(keys={"k1": Subject((), ("web__*",))}))
    assert permissions.may(Who("p", "s", key="k1"), "web__get").user is True
    assert permissions.may(Who("p", "s", key="k2"), "web__get").user is False
    assert permissions.may(Who("p", "s", key="k1"), "pay").why == ("the key 'k1' may not call pay",)


def test_what_is_given_over_the_api_counts_everywhere(leases: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    one = over(leases, Roster(users={"ada": Subject((), ("web__*",))}))
    other = over(leases, Roster(users={"ada": Subject((), ("web__*",))}))
    assert other.may(ADA, "mail__send").user is False
    one.set("p", "role", "clerk", Subject((), ("mail__*",)), by="cli:carol", why="she writes letters")
    one.set("p", "user", "ada", Subject(("clerk",)), by="cli:carol", why="she is a clerk")
    assert one.may(ADA, "mail__send").user is True
    assert one.may(ADA, "web__get").user is True
    assert one.may(Who("q", "s", user="ada"), "mail__send").user is False, "permissions belong to a project"
    monkeypatch.setattr(permissions_module, "KNOWN_FOR_NS", -1)
    assert other.may(ADA, "mail__send").user is True
    assert [(s.kind, s.name, s.by) for s in one.stored("p")] == [
        ("role", "clerk", "cli:carol"),
        ("user", "ada", "cli:carol"),
    ]
    one.remove("p", "user", "ada")
    assert one.may(ADA, "mail__send").user is False
    with pytest.raises(RequestError, match="over the API"):
        one.remove("p", "user", "ada")


@pytest.mark.parametrize(
    ("kind", "name", "subject", "why", "field"),
    [
        ("group", "x", Subject(), "w", "kind"),
        ("user", "", Subject(), "w", "name"),
        ("role", "x", Subject(("y",)), "w", "roles"),
        ("user", "x", Subject((), ("",)), "w", "tools"),
        ("user", "x", Subject(), " ", "why"),
    ],
)
def test_what_cannot_be_given(leases: Store, kind: str, name: str, subject: Subject, why: str, field: str) -> None:
    with pytest.raises(RequestError) as error:
        over(leases, Roster()).set("p", kind, name, subject, by="x", why=why)  # type: ignore[arg-type]
    assert error.value.param == field


def test_roles_that_are_not_there_are_known() -> None:
    assert Roster({"clerk": ("x",)}, {"ann": Subject(("clerk", "chief"))}, {"a": Subject(("boss",))}).missing() == [
        "boss",
        "chief",
    ]
    assert Roster().missing() == []
