"""Runs, steps, bodies, keys as the readers give them, on both databases."""

from collections.abc import Callable

import msgspec

from outrider.base import ids
from outrider.base.usage import Usage
from outrider.journal import read
from outrider.journal.events import KeyCreated, KeyRevoked, RunRecorded, Step, StepsRecorded

from .conftest import AT, Bench

Make = Callable[..., RunRecorded]


def step(n: int, **fields: object) -> Step:
    return Step(n, "model", f"step {n}", **fields)  # type: ignore[arg-type]


def test_an_empty_store_answers_everything(bench: Bench) -> None:
    store = bench.store
    assert read.list_runs(store, read.RunFilter()) == read.RunPage([], None)
    assert read.list_runs(store, read.RunFilter(route="x", text="y", since=1)).rows == []
    assert read.get_run(store, bytes(16)) is None
    assert read.list_steps(store, bytes(16)) == []
    assert read.get_body(store, "p", bytes(32)) is None
    assert read.usage_report(store, "model", since=0, until=AT) == []
    assert read.facet(store, "route") == []
    assert read.newest_seq(store) == 0
    assert read.list_keys(store) == []
    assert read.find_key(store, "x") is None
    assert read.export_records(store) == []


def test_a_run_comes_back_whole(bench: Bench, run: Make) -> None:
    event = run(
        user="ü", session="s", tags=["a", "b"], stream=True, cache="miss", trace=b"t" * 16, why="first", overhead=5
    )
    bench.put(event)
    assert read.get_run(bench.store, event.id) == msgspec.structs.replace(event, steps=[])
    assert read.list_steps(bench.store, event.id) == event.steps
    row = read.list_runs(bench.store, read.RunFilter()).rows[0]
    assert (row.seq, row.id, row.project, row.at, row.duration) == (1, event.id, "default", event.at, event.duration)
    assert (row.name, row.source, row.status, row.error, row.http_status) == ("chat", "gateway", "ok", "", 200)
    assert (row.model, row.route, row.deployment, row.provider, row.key) == (
        "small",
        "small",
        "openai/small",
        "openai",
        "k1",
    )
    assert (row.user, row.session, row.stream, row.cache) == ("ü", "s", True, "miss")
    assert (row.input, row.output, row.cost, row.ttft, row.overhead, row.steps) == (100, 20, 10**6, 5 * 10**8, 5, 1)
    assert row.preview == event.preview


def test_a_bare_run_is_fine(bench: Bench) -> None:
    event = RunRecorded(ids.new_id(), "p", 5, "x")
    bench.put(event)
    assert read.get_run(bench.store, event.id) == event
    assert read.list_runs(bench.store, read.RunFilter()).rows[0].route == ""


def test_text_that_postgres_refuses_is_cleaned(bench: Bench, run: Make) -> None:
    bench.put(run(model="a\0b", user="u\0", preview="nul \0 here", name="x" * 1000))
    row = read.list_runs(bench.store, read.RunFilter(model="a\0b", user="u\0", text="nul here")).rows[0]
    assert (row.model, row.user, row.preview, len(row.name)) == ("ab", "u", "nul  here", 256)


def test_pages_go_back_and_forth(bench: Bench, run: Make) -> None:
    bench.put(*(run() for _ in range(10)))
    first = read.list_runs(bench.store, read.RunFilter(), limit=4)
    assert [r.seq for r in first.rows] == [10, 9, 8, 7]
    assert first.next == 7
    second = read.list_runs(bench.store, read.RunFilter(), before=first.next, limit=4)
    third = read.list_runs(bench.store, read.RunFilter(), before=second.next, limit=4)
    assert [r.seq for r in third.rows] == [2, 1]
    assert third.next is None
    newer = read.list_runs(bench.store, read.RunFilter(), after=8)
    assert [r.seq for r in newer.rows] == [10, 9]


def test_steps_of_a_long_run_page(bench: Bench) -> None:
    id_ = ids.new_id()
    parts = [StepsRecorded(id_, "p", AT, [step(p * 100 + i + 1) for i in range(100)], "job") for p in range(10)]
    bench.put(*parts)
    running = read.get_run(bench.store, id_)
    assert running is not None
    assert (running.status, running.name, running.at) == ("running", "job", AT)
    assert [s.id for s in read.list_steps(bench.store, id_, offset=150, limit=120)] == list(range(151, 271))
    assert [s.id for s in read.list_steps(bench.store, id_, offset=990)] == list(range(991, 1001))
    assert read.list_steps(bench.store, id_, offset=1000) == []
    bench.put(RunRecorded(id_, "p", AT, "job", duration=9, steps=[step(5000)], cost=3))
    done = read.get_run(bench.store, id_)
    assert done is not None
    assert (done.status, done.duration, done.cost) == ("ok", 9, 3)
    assert [s.id for s in read.list_steps(bench.store, id_, offset=999)] == [1000, 5000]
    rows = read.list_runs(bench.store, read.RunFilter()).rows
    assert [(r.steps, r.status, r.seq) for r in rows] == [(1001, "ok", 11)]


def test_steps_add_cost_and_tokens_once(bench: Bench) -> None:
    id_ = ids.new_id()
    one, two = step(1, cost=5, usage=Usage(10, 1)), step(2, cost=7, usage=Usage(20, 2), start=10, duration=30)
    bench.put(StepsRecorded(id_, "p", AT, [one]), StepsRecorded(id_, "p", AT, [one, two]))
    row = read.list_runs(bench.store, read.RunFilter()).rows[0]
    assert (row.cost, row.input, row.output, row.steps, row.status, row.duration) == (12, 30, 3, 2, "running", 40)
    final = RunRecorded(id_, "p", AT, "job", cost=100, usage=Usage(1, 1), steps=[two, step(3)])
    bench.put(final, StepsRecorded(id_, "p", AT, [two, step(4, cost=1)]), final)
    rows = read.list_runs(bench.store, read.RunFilter()).rows
    assert [(r.cost, r.input, r.output, r.steps, r.status) for r in rows] == [(113, 31, 4, 4, "ok")]
    assert [s.id for s in read.list_steps(bench.store, id_)] == [1, 2, 3, 4]
    run = read.get_run(bench.store, id_)
    assert run is not None
    assert (run.cost, run.usage) == (113, Usage(31, 4))


def test_steps_after_the_run_are_added(bench: Bench, run: Make) -> None:
    event = run()
    bench.put(event)
    bench.put(StepsRecorded(event.id, "default", event.at, [step(1), step(2, cost=9)]))
    row = read.list_runs(bench.store, read.RunFilter()).rows[0]
    assert (row.cost, row.steps, row.status, row.duration) == (1_000_009, 2, "ok", event.duration)
    assert [s.name for s in read.list_steps(bench.store, event.id)] == ["openai/small", "step 2"]


def test_another_project_cannot_add_to_a_run(bench: Bench, run: Make) -> None:
    event = run()
    bench.put(event, StepsRecorded(event.id, "other", event.at, [step(9, cost=9)]), run(id=event.id, project="other"))
    rows = read.list_runs(bench.store, read.RunFilter()).rows
    assert [(r.project, r.cost, r.steps) for r in rows] == [("default", event.cost, 1)]
    assert read.usage_report(bench.store, "project", since=0, until=2 * AT)[0].cost == event.cost


def test_a_run_sent_twice_counts_once(bench: Bench, run: Make) -> None:
    event = run()
    bench.put(event, event)
    bench.put(event)
    assert len(read.list_runs(bench.store, read.RunFilter()).rows) == 1
    assert read.usage_report(bench.store, "model", since=0, until=2 * AT)[0].calls == 1


def test_export_goes_on_from_any_seq(bench: Bench, run: Make) -> None:
    events = [run() for _ in range(200)]
    bench.put(*events)
    for after, limit in ((0, 50), (63, 3), (64, 100), (199, 5), (200, 5)):
        found = read.export_records(bench.store, after=after, limit=limit)
        assert [seq for seq, _ in found] == list(range(after + 1, min(after + limit, 200) + 1))
        assert [e for _, e in found] == events[after : after + limit]


def test_facets_are_the_values_in_use(bench: Bench, run: Make) -> None:
    bench.put(run(route="b"), run(route="a", project="q"), run(route="a"))
    assert read.facet(bench.store, "route") == ["a", "b"]
    assert read.facet(bench.store, "project") == ["default", "q"]
    assert read.facet(bench.store, "route", "q") == ["a"]


def test_keys_are_listed_found_and_revoked(bench: Bench) -> None:
    bench.put(KeyCreated("a", "p", b"1" * 32, 10, "one"), KeyCreated("b", "q", b"2" * 32, 20), KeyRevoked("a", 30))
    bench.put(KeyRevoked("a", 40), KeyRevoked("nobody", 1), KeyCreated("b", "other", b"3" * 32, 50))
    assert read.list_keys(bench.store) == [
        read.KeyRow("b", "q", b"2" * 32, "", 20, 0),
        read.KeyRow("a", "p", b"1" * 32, "one", 10, 30),
    ]
    assert [k.public for k in read.list_keys(bench.store, "p")] == ["a"]
    found = read.find_key(bench.store, "b")
    assert found is not None
    assert found.digest == b"2" * 32
