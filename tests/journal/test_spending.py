"""What budgets were charged, summed from the runs: once each, and for longer than the runs are kept."""

from collections import Counter
from collections.abc import Callable

import pytest

from outrider.journal import projections
from outrider.journal import prune as prune_module
from outrider.journal.events import Charge, RunRecorded, StepsRecorded
from outrider.journal.prune import prune
from outrider.store import Store

from .conftest import AT, Bench

Make = Callable[..., RunRecorded]
HOUR = 3_600_000_000_000


def spent(store: Store) -> list[tuple[object, ...]]:
    return store.query(
        "SELECT budget, value, starts, holder, bucket, amount, calls FROM budget_spent"
        " ORDER BY budget, value, starts, holder, bucket"
    )


def refused(store: Store) -> list[tuple[object, ...]]:
    return store.query("SELECT holder, amount, calls, refused, refused_at FROM budget_spent ORDER BY holder")


def test_charges_add_up_by_account_holder_and_bucket(bench: Bench, run: Make) -> None:
    day = AT // (24 * HOUR) * 24 * HOUR
    bench.put(
        run(charges=[Charge("a", "ann", 7, day, 5), Charge("b", "", 0, day, 1)], holder="h1"),
        run(charges=[Charge("a", "ann", 7, day, 6)], holder="h1"),
        run(charges=[Charge("a", "ann", 7, day, 9)], holder="h2"),
        run(),
    )
    assert spent(bench.store) == [
        ("a", "ann", 7, "h1", day, 11, 2),
        ("a", "ann", 7, "h2", day, 9, 1),
        ("b", "", 0, "h1", day, 1, 1),
    ]


def test_refusals_are_counted_beside_what_was_charged(bench: Bench, run: Make) -> None:
    nothing, some = Charge("a", "ann", 7, 0, 0), Charge("a", "ann", 7, 0, 5)
    bench.put(run(at=AT + 2, charges=[nothing]), run(at=AT + 1, charges=[nothing]), run(charges=[some], holder="h"))
    assert refused(bench.store) == [("", 0, 0, 2, AT + 2), ("h", 5, 1, 0, 0)]
    one = run(at=AT + 9, charges=[nothing, some], holder="h")  # refused after an attempt that cost something
    bench.put(one, one)
    bench.put(run(at=AT + 1, charges=[nothing]))
    told = [("", 0, 0, 3, AT + 2), ("h", 10, 2, 1, AT + 9)]
    assert refused(bench.store) == told
    projections.rebuild(bench.store)
    assert refused(bench.store) == told
    assert bench.store.query("SELECT amount FROM spend_hours") == [(10,)]


def test_a_run_that_comes_twice_is_charged_once(bench: Bench, run: Make) -> None:
    one = run(charges=[Charge("a", "", 0, 0, 5)], holder="h")
    bench.put(one, one)
    bench.put(one)
    bench.put(StepsRecorded(one.id, "default", AT, []))
    assert spent(bench.store) == [("a", "", 0, "h", 0, 5, 1)]
    long = run(charges=[Charge("a", "", 0, 0, 7)], holder="h")
    bench.put(StepsRecorded(long.id, "default", AT, []), long)
    assert spent(bench.store) == [("a", "", 0, "h", 0, 12, 2)]


def test_text_that_a_database_refuses_is_cleaned(bench: Bench, run: Make) -> None:
    bench.put(run(charges=[Charge("a", "x\0y", 0, 0, 5)], holder="h"))
    assert spent(bench.store) == [("a", "xy", 0, "h", 0, 5, 1)]


@pytest.mark.parametrize("size", [HOUR, 24 * HOUR, 25 * 60_000_000_000, 1 << 62])
def test_sums_outlive_retention_and_a_rebuild(
    bench: Bench, run: Make, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Whatever the buckets: hours, days, parts of a rolling window, or one for ever."""
    monkeypatch.setattr(prune_module, "_BLOCKS", 1)
    expected: Counter[int] = Counter()
    for i in range(200):
        at = AT + i * HOUR // 4
        expected[at // size * size] += i
        bench.put(run(at=at, charges=[Charge("a", "", 0, at // size * size, i)], holder="h"))
    projections.rebuild(bench.store)
    assert {row[4]: row[5] for row in spent(bench.store)} == expected
    assert prune(bench.store, bench.spool, max_bytes=60_000)
    bench.indexer.drain()
    if size < HOUR:  # what begins in an hour that retention did not reach is computed again
        with bench.store.write() as tx:
            tx.execute("DELETE FROM budget_spent WHERE bucket = ?", ((AT + 49 * HOUR) // size * size,))
    projections.rebuild(bench.store)
    assert {row[4]: row[5] for row in spent(bench.store)} == expected
