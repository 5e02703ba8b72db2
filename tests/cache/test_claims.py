"""A key is claimed by one, its answer stays for a day, and what is over makes room."""

import threading
from collections.abc import Callable

import pytest

from outrider.cache.claims import CLAIMED, DONE, FAILED, FAILED_KEPT_NS, KEEP_NS, Claims, Key, Place
from outrider.store import Store, open_leases

from .conftest import DIGEST, KEY, kept

HERE = Place("holder", "spool/0")
NOW = 1_790_000_000_000_000_000
RUN, OTHER = b"r" * 16, b"o" * 16


@pytest.fixture
def leases(store_url: str, opened: Callable[[str], Store]) -> Store:
    opened(store_url)
    return open_leases(store_url)


@pytest.fixture
def claims(leases: Store) -> Claims:
    return Claims(lambda: leases, largest=1000)


def take(claims: Claims, run: bytes = RUN, key: Key = KEY, now: int = NOW, **rest: bytes) -> object:
    return claims.claim(key, DIGEST, run, HERE, until=now + 100, now=now, **rest)


def test_the_second_sees_the_first(claims: Claims) -> None:
    assert take(claims) is None
    row = claims.claim(KEY, b"x", OTHER, HERE, until=NOW + 5, now=NOW)
    assert row == (DIGEST, RUN, "holder", "spool/0", CLAIMED, NOW + 100, None)
    assert take(claims, OTHER, Key("q", "k-1")) is None  # another project
    assert claims.look(KEY, NOW) == row
    assert claims.look(Key("p", "nothing"), NOW) is None


def test_an_answer_stays_for_a_day(claims: Claims) -> None:
    take(claims)
    assert claims.finish(KEY, kept(RUN), NOW)
    row = claims.look(KEY, NOW + KEEP_NS - 1)
    assert row is not None
    assert (row.state, row.kept()) == (DONE, kept(RUN))
    assert take(claims, OTHER, now=NOW + KEEP_NS - 1) == row
    assert claims.look(KEY, NOW + KEEP_NS) is None
    assert take(claims, OTHER, now=NOW + KEEP_NS) is None


def test_a_failure_frees_the_key_but_can_be_seen(claims: Claims) -> None:
    take(claims)
    claims.finish(KEY, kept(RUN, error="upstream_error"), NOW, FAILED)
    row = claims.look(KEY, NOW + FAILED_KEPT_NS - 1)
    assert row is not None
    assert row.kept() == kept(RUN, error="upstream_error")
    assert take(claims, OTHER) is None
    assert not claims.finish(KEY, kept(RUN), NOW), "it is not its key any more"


def test_a_release_frees_the_key_of_its_own_run_only(claims: Claims) -> None:
    take(claims)
    assert not claims.release(KEY, OTHER)
    assert claims.release(KEY, RUN)
    assert take(claims, OTHER) is None


def test_a_process_that_ends_gives_back_its_claims_only(claims: Claims) -> None:
    take(claims)
    take(claims, OTHER, Key("p", "done"))
    claims.finish(Key("p", "done"), kept(OTHER), NOW)
    claims.claim(Key("p", "theirs"), DIGEST, OTHER, Place("another", "s"), until=NOW, now=NOW)
    claims.release_all("holder")
    found = [claims.look(Key("p", name), NOW) is not None for name in ("k-1", "done", "theirs")]
    assert found == [False, True, True]


def test_only_the_claim_that_was_judged_is_taken_over(claims: Claims) -> None:
    take(claims)
    assert take(claims, OTHER, instead_of=b"someone else") is not None
    assert take(claims, OTHER, instead_of=RUN) is None
    assert take(claims, b"third", instead_of=RUN) is not None


def test_large_answers_are_left_to_the_journal(claims: Claims) -> None:
    take(claims)
    claims.finish(KEY, kept(RUN, b"x" * 2000), NOW)
    row = claims.look(KEY, NOW)
    assert row is not None
    assert (row.state, row.answer, row.kept()) == (DONE, None, None)
    take(claims, OTHER, Key("p", "failing"))
    claims.finish(Key("p", "failing"), kept(OTHER, b"x" * 2000), NOW, FAILED)
    assert claims.look(Key("p", "failing"), NOW) is None


def test_what_is_over_goes_in_passing(claims: Claims, leases: Store) -> None:
    for number in range(20):
        take(claims, key=Key("p", str(number)))
        claims.finish(Key("p", str(number)), kept(RUN), NOW)
    for number in range(32):
        take(claims, key=Key("q", str(number)), now=NOW + KEEP_NS)
    assert leases.query("SELECT count(*) FROM idempotency WHERE project = 'p'") == [(0,)]


def test_answers_are_bounded_in_all(claims: Claims, leases: Store) -> None:
    for number in range(10):
        take(claims, key=Key("p", str(number)))
        claims.finish(Key("p", str(number)), kept(RUN, b"x" * 500), NOW + number)
    assert claims.trim(NOW, 2000) > 0
    assert leases.query("SELECT sum(size) <= 2000, count(*) FROM idempotency") in ([(1, 10)], [(True, 10)])
    newest = claims.look(Key("p", "9"), NOW)
    assert newest is not None
    assert newest.kept() is not None
    assert claims.trim(NOW + 2 * KEEP_NS, 2000) == 10
    assert leases.query("SELECT count(*) FROM idempotency") == [(0,)]


def test_many_at_once_have_one_winner(store_url: str, leases: Store) -> None:
    stores = [open_leases(store_url) for _ in range(4)]
    won: list[bytes] = []

    def run(store: Store, number: int) -> None:
        mine = Claims(lambda: store)
        for attempt in range(10):
            run_id = bytes([number, attempt] * 8)
            if mine.claim(Key("p", str(attempt)), DIGEST, run_id, HERE, until=NOW + 9, now=NOW) is None:
                won.append(run_id)

    threads = [threading.Thread(target=run, args=(store, i)) for i, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert len(won) == len({run_id[1] for run_id in won}) == 10
