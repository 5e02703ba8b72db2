"""What a key may do beyond calling and reading, asked in one place."""

from pathlib import Path

import pytest

from outrider.base.errors import RequestError, StoreUnavailable
from outrider.journal.append import Journal
from outrider.journal.events import KeyRevoked
from outrider.journal.index import Indexer
from outrider.limits.keys import Identity, new_key
from outrider.limits.rights import RIGHTS, Right, has_right, require, rights
from outrider.store import Store


def away() -> Store:
    raise StoreUnavailable("the database is away")


def test_a_key_has_the_rights_that_it_was_made_with_until_it_ends(tmp_path: Path, store: Store) -> None:
    journal, indexer = Journal(tmp_path / "spool"), Indexer(tmp_path / "spool", store)
    made: dict[str, Identity] = {}
    for name, may in {"caller": [], "one": ["keys"], "all": [*RIGHTS, "of-a-later-version"]}.items():
        _, event = new_key("p", name, may=may)
        journal.append_now(event, [], "p")
        made[name] = Identity("p", event.public)
    indexer.drain()
    found = {name: rights(lambda: store, who) for name, who in made.items()}
    assert found == {"caller": (), "one": ("keys",), "all": RIGHTS}
    assert rights(lambda: store, Identity("p", "not-indexed-yet")) == ()
    journal.append_now(KeyRevoked(made["all"].key, 1))
    indexer.drain()
    assert rights(lambda: store, made["all"]) == ()
    journal.close()


@pytest.mark.parametrize("who", [Identity("p", ""), Identity("p", "k", operator=True)])
def test_who_runs_outrider_may_everything_also_while_the_store_is_away(who: Identity) -> None:
    for right in RIGHTS:
        assert has_right(away, who, right)
        require(away, who, right)


@pytest.mark.parametrize("right", RIGHTS)
def test_who_may_not_is_told_how_to_get_it(store: Store, right: Right) -> None:
    with pytest.raises(RequestError, match=f"--may {right}` may") as caught:
        require(lambda: store, Identity("p", "k"), right)
    assert (caught.value.status, caught.value.code) == (403, "not_allowed")


def test_nobody_is_asked_while_the_store_is_away() -> None:
    with pytest.raises(StoreUnavailable):
        has_right(away, Identity("p", "k"), "keys")
