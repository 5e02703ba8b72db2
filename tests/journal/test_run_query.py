"""Filters of the run list: right against a plain scan, and answered from an index."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from outrider.base.usage import Usage
from outrider.journal import read
from outrider.journal.events import RunRecorded
from outrider.journal.run_query import explain, list_runs
from outrider.store import Store

from .conftest import AT, Bench

Make = Callable[..., RunRecorded]
HOUR = 3_600_000_000_000


def many(run: Make, count: int) -> list[RunRecorded]:
    rng = random.Random(5)
    return [
        run(
            project=rng.choice(["p", "p", "q"]),
            route=rng.choice(["r0", "r0", "r0", "r1", ""]),
            model=rng.choice(["m0", "m1", "m2"]),
            deployment=rng.choice(["d0", "d1"]),
            key=rng.choice(["k0", "k1", "k2", ""]),
            status=rng.choice(["ok", "ok", "ok", "error", "cancelled"]),
            session=rng.choice(["", "s0", "s1"]),
            user=rng.choice(["", "u0"]),
            cost=rng.choice([0, 1, 7, 120, 1_000_000, 1_234_567]),
            duration=rng.randint(0, 3_000_000_000),
            ttft=rng.choice([0, 1, 300_000_000, 700_000_000]),
            at=AT + rng.randint(0, 50) * HOUR // 4,
            usage=Usage(1, 1),
            preview=" ".join(rng.choices(["alpha", "beta", "gamma", "delta", "Ünïcode", "don't"], k=3)),
        )
        for _ in range(count)
    ]


def keeps(where: read.RunFilter, e: RunRecorded) -> bool:
    """The filter's meaning, written down plainly."""
    named = ("project", "route", "model", "deployment", "key", "status", "session", "user")
    words = where.text.lower().split()
    return (
        all(not getattr(where, n) or getattr(where, n) == getattr(e, n) for n in named)
        and (where.min_cost is None or e.cost >= where.min_cost)
        and (where.max_cost is None or e.cost <= where.max_cost)
        and (where.min_duration is None or e.duration >= where.min_duration)
        and (where.min_ttft is None or (e.ttft > 0 and e.ttft >= where.min_ttft))
        and (where.since is None or e.at >= where.since)
        and (where.until is None or e.at < where.until)
        and all(w in e.preview.lower().split() for w in words[:-1])
        and (not words or any(p.startswith(words[-1]) for p in e.preview.lower().split()))
    )


F = read.RunFilter
FILTERS = [
    F(),
    F(project="q"),
    F(project="nobody"),
    F(route="r1"),
    F(route="r0", project="q", status="error"),
    F(model="m2", key="k1"),
    F(deployment="d1", min_cost=7),
    F(status="cancelled", text="alpha"),
    F(session="s1"),
    F(session="s1", user="u0", project="p"),
    F(min_cost=1_000_000),
    F(min_cost=1_000_001),
    F(min_cost=0),
    F(max_cost=0),
    F(max_cost=119, min_cost=2),
    F(max_cost=1_234_566, project="p"),
    F(min_duration=1_500_000_000),
    F(min_duration=1_234_567_890, route="r0"),
    F(min_ttft=300_000_000),
    F(min_ttft=1, min_duration=2_999_000_000),
    F(since=AT + 3 * HOUR),
    F(until=AT + 3 * HOUR + 1),
    F(since=AT + 5 * HOUR, until=AT + 6 * HOUR, project="p"),
    F(since=AT + 900 * HOUR),
    F(text="beta"),
    F(text="beta gam"),
    F(text="ünïc"),
    F(text="nothing"),
    F(text="alpha", route="r0", since=AT + HOUR, min_duration=1_000_000_000),
    F(status="running"),
]


@pytest.fixture
def filled(bench: Bench, run: Make) -> tuple[Store, list[RunRecorded]]:
    events = many(run, 300)
    bench.put(*events)
    return bench.store, events


def test_every_filter_keeps_what_it_says(filled: tuple[Store, list[RunRecorded]]) -> None:
    store, events = filled
    for where in FILTERS:
        expected = [e.id for e in reversed(events) if keeps(where, e)]
        assert [r.id for r in list_runs(store, where, limit=1000).rows] == expected, where


def test_every_filter_pages_without_gaps(filled: tuple[Store, list[RunRecorded]]) -> None:
    store, events = filled
    for where in FILTERS:
        found: list[bytes] = []
        before: int | None = None
        while True:
            page = list_runs(store, where, before=before, limit=13)
            found += [r.id for r in page.rows]
            before = page.next
            if before is None:
                break
        assert found == [e.id for e in reversed(events) if keeps(where, e)], where


def test_odd_text_is_harmless(filled: tuple[Store, list[RunRecorded]]) -> None:
    store, _ = filled
    for text in (
        '"',
        "'",
        "don't",
        "a AND",
        "NEAR(",
        "*",
        "alpha*",
        ":",
        "((",
        "\\",
        "%",
        "𝄞",
        "x" * 10_000,
        "- -",
        "\0",
    ):
        list_runs(store, F(text=text, user=text, session=text, route=text))


def test_filters_use_an_index(tmp_path: Path, opened: Callable[[str], Store], run: Make) -> None:
    bench = Bench(tmp_path / "spool", opened(f"sqlite:///{tmp_path / 'x.sqlite3'}"))
    bench.put(*many(run, 200))
    for where in FILTERS:
        if where in (F(), F(min_cost=0)):
            continue  # these keep everything: the newest runs are read by seq
        for line in explain(bench.store, where):
            assert not line.startswith("SCAN runs"), (where, line)
    bench.journals[0].close()


def test_the_narrowest_filter_drives(tmp_path: Path, opened: Callable[[str], Store], run: Make) -> None:
    bench = Bench(tmp_path / "spool", opened(f"sqlite:///{tmp_path / 'x.sqlite3'}"))
    bench.put(*(run(route="common", key=f"k{i % 50}") for i in range(100)))
    plan = explain(bench.store, F(project="default", route="common", key="k7"))
    assert any("runs_key" in line for line in plan)
    assert not any("runs_route" in line or "runs_project" in line for line in plan)
    bench.journals[0].close()
