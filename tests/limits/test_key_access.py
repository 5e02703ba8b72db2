"""Keys that make keys: only with the right to, and nothing that their maker could not do."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from outrider.base.errors import RequestError
from outrider.journal.append import Journal
from outrider.journal.events import KeyCreated, KeyRevoked
from outrider.journal.index import Indexer
from outrider.journal.rows import KeyRow
from outrider.limits.key_access import Keys
from outrider.limits.keys import Identity, digest, new_key
from outrider.store import Store


class House:
    def __init__(self, home: Path, store: Store) -> None:
        self._journal, self._indexer = Journal(home / "spool"), Indexer(home / "spool", store)
        self.keys = Keys(lambda: store, self.record)
        self.recorded: list[KeyCreated | KeyRevoked] = []

    async def record(self, change: KeyCreated | KeyRevoked) -> None:
        self.recorded.append(change)
        self._journal.append_now(change)
        self._indexer.drain()

    async def key(self, *may: str, project: str = "p", team: str = "") -> Identity:
        _, event = new_key(project, may=may, team=team)
        await self.record(event)
        return Identity(project, event.public, team)

    def row(self, public: str) -> KeyRow:
        return next(row for row in self.keys.all(Identity("p", "")) if row.public == public)

    def close(self) -> None:
        self._journal.close()


@pytest.fixture
def house(tmp_path: Path, store: Store) -> Iterator[House]:
    made = House(tmp_path, store)
    yield made
    made.close()


async def refused(house: House, who: Identity, may: Sequence[str] = ()) -> RequestError:
    before = len(house.recorded)
    with pytest.raises(RequestError) as caught:
        await house.keys.create(who, "n", may)
    assert len(house.recorded) == before
    return caught.value


async def test_a_caller_does_not_slip_past_its_budget_by_a_fresh_key(house: House) -> None:
    for may in ((), ("budgets", "deployments")):
        error = await refused(house, await house.key(*may))
        assert (error.status, error.code) == (403, "not_allowed")
        assert "--may keys" in error.message


async def test_a_new_key_has_project_and_team_of_its_maker(house: House) -> None:
    maker = await house.key("keys", team="search")
    browser = Identity("p", maker.key)  # a session does not know the team
    for who in (maker, browser):
        text, made = await house.keys.create(who, "n")
        row = house.row(made.public)
        assert (row.project, row.team, row.may, row.digest) == ("p", "search", "", digest(text))
        assert made.by == maker.key


async def test_a_right_is_given_only_by_who_has_it(house: House) -> None:
    maker = await house.key("keys", "budgets")
    _, made = await house.keys.create(maker, "n", ["keys", "budgets", "keys"])
    assert house.row(made.public).may == "budgets keys"
    error = await refused(house, maker, ["deployments"])
    assert (error.status, error.param) == (403, "may")
    assert "deployments" in error.message
    error = await refused(house, maker, ["fly"])
    assert (error.status, error.param) == (400, "may")
    operator = Identity("p", maker.key, operator=True)
    await house.keys.create(operator, "n", ["deployments"])
    await house.keys.create(Identity("p", ""), "auth is off", ["deployments"])


async def test_a_name_is_checked(house: House) -> None:
    with pytest.raises(RequestError):
        await house.keys.create(Identity("p", ""), "two\nlines")


async def test_a_key_ends_itself_and_others_only_by_right(house: House) -> None:
    caller, other, maker = await house.key(), await house.key(), await house.key("keys")
    for public in (other.key, "nobody"):
        with pytest.raises(RequestError) as caught:
            await house.keys.revoke(caller, public)
        assert caught.value.status == 403  # whether there is such a key is not told
    await house.keys.revoke(caller, caller.key)
    await house.keys.revoke(maker, other.key)
    count = len(house.recorded)
    await house.keys.revoke(maker, other.key)  # twice is harmless
    assert len(house.recorded) == count
    assert house.row(caller.key).revoked_at > 0
    assert house.row(other.key).revoked_at > 0


async def test_keys_of_another_project_are_out_of_reach(house: House) -> None:
    maker, stranger = await house.key("keys"), await house.key(project="q")
    for public in (stranger.key, "nobody"):
        with pytest.raises(RequestError) as caught:
            await house.keys.revoke(maker, public)
        assert (caught.value.status, caught.value.code) == (404, "key_not_found")
    assert stranger.key not in [row.public for row in house.keys.all(maker)]
