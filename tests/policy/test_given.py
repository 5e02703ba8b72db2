"""Permissions given over the API as they were at a moment."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

from outrider.journal.events import Event, GrantGiven, GrantWithdrawn, PermissionRemoved, PermissionSet
from outrider.policy.given import given_by, granted_by
from outrider.policy.grants import Grant
from outrider.policy.permissions import Permissions, Roster, Subject
from tests.journal.place import Place


@pytest.fixture
def place(tmp_path: Path, store_url: str) -> Iterator[Place]:
    with closing(Place(tmp_path, store_url)) as made:
        yield made


def test_what_was_given_and_not_ended_by_then(place: Place) -> None:
    for event in (
        PermissionSet("p", "agent", "a", 10, [], ["x"]),
        PermissionSet("p", "agent", "a", 20, ["clerk"], ["y"]),
        PermissionSet("q", "role", "clerk", 25, [], ["z"]),
        PermissionRemoved("p", "agent", "a", 30),
    ):
        place.journal.append_now(event, (), event.project)
    place.indexer.drain()
    assert given_by(place.store, 9) == {}
    assert [(s.name, s.grants) for s in given_by(place.store, 19)["p"]] == [("a", Subject((), ("x",)))]
    assert [s.grants for s in given_by(place.store, 29)["p"]] == [Subject(("clerk",), ("y",))]
    assert given_by(place.store, 31).keys() == {"q"}


def granted(place: Place, moment: int) -> list[tuple[tuple[str, ...], bool, int]]:
    return [(one.tools, one.strict, one.until) for one in granted_by(place.store, moment).get(("p", "s"), ())]


def put(place: Place, *events: Event) -> None:
    for event in events:
        place.journal.append_now(event, (), "p")
    place.indexer.drain()


def test_a_session_that_was_strict_stays_so_when_its_grant_ends(place: Place) -> None:
    """It is in a session itself: a replay must not be allowed more than that was."""
    short, taken = Grant(("a",), until=20, strict=True), Grant(("b",), strict=True)
    put(place, GrantGiven("p", "s", 0, msgspec.json.encode(short), 10))
    assert granted(place, 15) == [(("a",), True, 0)]
    assert granted(place, 25) == [((), True, 0)]
    put(place, GrantGiven("p", "s", 1, msgspec.json.encode(taken), 30), GrantWithdrawn("p", "s", 1, 40))
    assert granted(place, 35) == [((), True, 0), (("b",), True, 0)]
    assert granted(place, 45) == [((), True, 0), ((), True, 0)]


def test_what_one_process_ended_stays_ended_though_another_wrote_of_its_beginning_later(place: Place) -> None:
    put(
        place,
        GrantWithdrawn("p", "s", 0, 20),
        GrantGiven("p", "s", 0, msgspec.json.encode(Grant(("a",))), 10),
        PermissionRemoved("p", "agent", "a", 20),
        PermissionSet("p", "agent", "a", 10, [], ["x"]),
    )
    assert granted(place, 15) == [(("a",), False, 0)]
    assert granted(place, 25) == []
    assert given_by(place.store, 15).keys() == {"p"}
    assert given_by(place.store, 25) == {}


def test_what_is_held_stands_for_the_store() -> None:
    def nowhere() -> NoReturn:
        raise AssertionError("the store is not asked")

    permissions = Permissions(nowhere, Roster)
    permissions.hold({})
    assert permissions.roster("p") == Roster()
