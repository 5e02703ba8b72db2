"""The limits of a worker follow the configuration, the store, and what is changed here."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from outrider.app import paths
from outrider.app.limiting import Limiting
from outrider.app.settings import Settings, parse
from outrider.app.stores import StoreHandle
from outrider.base import clock, ids
from outrider.base.budget import Amount, Budget, Subject
from outrider.journal.append import Journal
from outrider.journal.events import BudgetRemoved, BudgetSet
from outrider.journal.index import Indexer
from outrider.limits.held import Note
from outrider.store import open_leases, open_store

BASE = "embedded: {enabled: false}\nproviders: {a: {base_url: 'http://127.0.0.1:9/v1'LIMITS}}\n"
TEAM = Budget("team", "calls", 100, window="lifetime")
SUBJECT = Subject("default", user="ada")


def settings(more: str = "", limits: str = "") -> Settings:
    return parse(BASE.replace("LIMITS", limits) + more, "t", {})


class House:
    """What workers of one home share; `away` makes the store unreachable for those that are made then."""

    def __init__(self, home: Path) -> None:
        self.home, self.url = home, f"sqlite:///{home / 'outrider.sqlite3'}"
        self.store = open_store(self.url)
        open_leases(self.url).close()
        self.indexer = Indexer(paths.spool(home), self.store)
        self.made: list[tuple[Limiting, Journal, StoreHandle]] = []

    def worker(self, given: Settings, url: str = "") -> Limiting:
        handle, journal = StoreHandle(url or self.url), Journal(paths.spool(self.home))
        found = Limiting(given, self.home, url or self.url, handle, journal)
        self.made.append((found, journal, handle))
        return found

    async def close(self) -> None:
        for limiting, journal, handle in self.made:
            await limiting.stop()
            journal.close()
            handle.close()
        self.store.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path)
    yield made
    await made.close()


def covering(limiting: Limiting) -> dict[str, int]:
    return {account.budget.id: account.budget.limit for account in limiting.ledger.covering(SUBJECT, ids.new_id())}


async def test_budgets_of_the_configuration_hold_from_the_start_and_change_with_it(house: House) -> None:
    limiting = house.worker(settings("budgets: {pilot: {usd: 5, window: lifetime}}\n"))
    assert covering(limiting) == {"pilot": 5_000_000_000}
    await limiting.start()
    limiting.use(settings("budgets: {pilot: {usd: 7, window: lifetime}}\n"))
    assert covering(limiting) == {"pilot": 7_000_000_000}
    limiting.use(settings())
    assert covering(limiting) == {}


async def test_a_change_holds_at_once_here_and_after_a_look_elsewhere(house: House) -> None:
    here, there = house.worker(settings()), house.worker(settings())
    await here.start()
    await there.start()
    await here.record(BudgetSet(TEAM, clock.now_ns(), "ann", "pilot"))
    assert covering(here) == {"team": 100}
    await there.look()
    assert covering(there) == {}
    house.indexer.drain()
    for worker in (here, there):
        await worker.look()
        assert covering(worker) == {"team": 100}
    await there.record(BudgetRemoved("team", clock.now_ns(), "bob", "over"))
    assert covering(there) == {}
    house.indexer.drain()
    await here.look()
    assert covering(here) == {}


async def test_what_is_borrowed_is_returned_at_the_end(house: House) -> None:
    limiting = house.worker(settings("budgets: {pilot: {calls: 100, window: lifetime}}\n"))
    await limiting.start()
    run = ids.new_id()
    accounts = limiting.ledger.covering(SUBJECT, run)
    hold = await limiting.ledger.hold(run, accounts, Amount(calls=1), Note("default", clock.now_ns()))
    hold.release()
    assert sum(stand.granted for stand in limiting.ledger.snapshot()) >= 1
    await house.close()
    house.made.clear()
    leases = open_leases(house.url)
    assert leases.query("SELECT coalesce(sum(granted), 0) FROM budget_leases", ()) == [(0,)]
    leases.close()
    house.store = open_store(house.url)


async def test_while_the_store_is_away_budgets_are_those_known_last(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    first = house.worker(settings())
    await first.start()
    await first.record(BudgetSet(TEAM, clock.now_ns(), "ann", "pilot"))
    house.indexer.drain()
    await first.look()
    restarted = house.worker(settings(), "postgresql://me:hidden@127.0.0.1:9/none")
    await restarted.start()
    assert covering(restarted) == {"team": 100}
    await restarted.look()
    assert [r.message for r in caplog.records if "known last" in r.message] == caplog.messages[:1]
    assert "hidden" not in caplog.text


async def test_rates_shares_and_shedding_follow_the_configuration(house: House) -> None:
    limiting = house.worker(settings("rates: {few: {per: user, requests: 2/h}}\n"))
    assert list(limiting.rates.rules) == ["few"]
    limits = ", limits: {concurrent: 2}"
    limiting.use(settings("server: {most_calls: 9, shed_lag: 2s}\nshares: {default: 3}\n", limits))
    assert list(limiting.rates.rules) == []
    assert (limiting.shedder.most, limiting.shedder.lag) == (9, 2.0)
    assert limiting.lanes.of("a", "m") is not None
    assert limiting.lanes.of("b", "m") is None


async def test_rates_are_shared_through_the_lease_store(house: House) -> None:
    given = settings("rates: {few: {per: user, requests: 2/h}}\n")
    one, two = house.worker(given), house.worker(given)
    ended = await asyncio.gather(
        *(worker.rates.admit(SUBJECT, 1, clock.mono_ns() + 10**10) for worker in (one, two, one, two)),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, BaseException) for one in ended) == 2
