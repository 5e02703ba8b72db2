"""Permissions given over the API as they were at a moment."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import pytest

from outrider.journal.events import PermissionRemoved, PermissionSet
from outrider.policy.given import given_by
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


def test_what_is_held_stands_for_the_store() -> None:
    def nowhere() -> NoReturn:
        raise AssertionError("the store is not asked")

    permissions = Permissions(nowhere, Roster)
    permissions.hold({})
    assert permissions.roster("p") == Roster()
