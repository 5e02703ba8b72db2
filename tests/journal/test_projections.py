"""Every projection can be dropped and computed again, and is then the same."""

import random
from collections.abc import Callable

import pytest

from outrider.base import ids
from outrider.base.budget import Budget, Raise
from outrider.base.usage import Usage
from outrider.journal import projections, read
from outrider.journal import prune as prune_module
from outrider.journal.events import (
    AlarmRaised,
    AlarmSent,
    BodiesDropped,
    BudgetRaised,
    BudgetRemoved,
    BudgetSet,
    Charge,
    KeyCreated,
    KeyRevoked,
    RunRecorded,
    Step,
    StepsRecorded,
)
from outrider.journal.prune import prune
from outrider.store import Store

from .conftest import AT, Bench

Make = Callable[..., RunRecorded]
HOUR = 3_600_000_000_000


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every projection, sorted."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for projection in projections.projections():
        for table in projection.tables:
            if table != "runs_text":
                found[table] = sorted(store.query(f"SELECT * FROM {table}"), key=repr)
    found["search"] = [
        (word, *[r.seq for r in read.list_runs(store, read.RunFilter(text=word), limit=1000).rows])
        for word in ("hello", "number3", "nothing")
    ]
    return found


BUDGETS = [
    BudgetSet(Budget("a", "money", 5, per="user"), 1, "ann", "pilot"),
    BudgetSet(Budget("a", "calls", 5), 2, "ann", "calls now"),
    BudgetSet(Budget("b", "money", 7), 3, "config", origin="config"),
    BudgetRaised(Raise("a", 3, 9, "u", "ann", "launch"), 4),
    BudgetRaised(Raise("a", 4, 9, "", "ann", "launch"), 4),
    BudgetRaised(Raise("a", 0, 0, "u", "ann", "over"), 4),
    BudgetRemoved("b", 5, "config"),
]


def fill(bench: Bench, run: Make, seed: int) -> None:
    """Plain runs, long ones in every order, repeated ones, keys, and others."""
    rng = random.Random(seed)
    long_ids = [ids.new_id() for _ in range(4)]
    for i in range(120):
        choice = rng.random()
        at = AT + rng.randint(0, 60) * HOUR
        steps = [Step(rng.randint(1, 30), "tool", f"t{i}", cost=rng.randint(0, 9), usage=Usage(1, 1)) for _ in range(3)]
        if choice < 0.2:
            bench.put(StepsRecorded(rng.choice(long_ids), "default", at, steps, "job"))
        elif choice < 0.25:
            bench.put(run(id=rng.choice(long_ids), at=at, steps=steps))
        elif choice < 0.3:
            bench.put(KeyCreated(f"k{i}", "p", bytes(32), i), KeyRevoked(f"k{i - 1}", i))
        elif choice < 0.32:
            bench.put(BodiesDropped(i, "7", 1, 5))
        elif choice < 0.4:
            bench.put(rng.choice(BUDGETS))
        elif choice < 0.45:
            raised = AlarmRaised(ids.new_id(), "fraction", "a", i, level=rng.choice([500, 800]))
            bench.put(raised, AlarmSent(raised.id, i, 1))
        elif choice < 0.55:
            charge = Charge("a", rng.choice("uv"), 0, 0, rng.randint(1, 9))
            bench.put(run(at=at + rng.choice([0, 150 * HOUR]), charges=[charge], holder="h"))
        else:
            event = run(at=at, status=rng.choice(["ok", "error"]), route=rng.choice("abc"), cost=rng.randint(0, 10**7))
            bench.put(*[event] * rng.choice([1, 1, 1, 2]))


def test_the_projections_are_found_by_file_name() -> None:
    assert {"budgets", "keys", "runs", "usage"} <= {p.tables[0] for p in projections.projections()}


def test_a_rebuild_changes_nothing(bench: Bench, run: Make) -> None:
    fill(bench, run, 1)
    before = contents(bench.store)
    assert len(before["runs"]) > 60
    assert len(before["run_parts"]) > 4
    assert projections.rebuild(bench.store) == read.newest_seq(bench.store)
    assert contents(bench.store) == before


def test_a_rebuild_repairs(bench: Bench, run: Make) -> None:
    fill(bench, run, 2)
    before = contents(bench.store)
    with bench.store.write() as tx:
        tx.execute("DELETE FROM runs WHERE seq > 40")
        tx.execute("UPDATE usage SET calls = 0")
        tx.execute("DELETE FROM keys")
    assert contents(bench.store) != before
    projections.rebuild(bench.store)
    assert contents(bench.store) == before


def test_batches_of_any_size_give_the_same(bench: Bench, run: Make) -> None:
    fill(bench, run, 3)
    one_by_one = contents(bench.store)
    projections.rebuild(bench.store)
    assert contents(bench.store) == one_by_one


def test_sums_outlive_retention_and_a_rebuild(bench: Bench, run: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune_module, "_BLOCKS", 1)
    bench.put(*(run(at=AT + i * HOUR // 4) for i in range(200)))
    usage = contents(bench.store)["usage"]
    assert prune(bench.store, bench.spool, max_bytes=60_000)
    bench.indexer.drain()
    left = contents(bench.store)
    assert 0 < len(left["runs"]) < 200
    assert left["usage"] == usage
    projections.rebuild(bench.store)
    assert contents(bench.store) == left
