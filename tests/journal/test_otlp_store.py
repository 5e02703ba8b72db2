"""OTLP through the whole journal: imported spans read back as one run; records posted once, in order, from a cursor."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from outrider.base import ids
from outrider.base.errors import UpstreamError
from outrider.journal.append import blob
from outrider.journal.events import RunRecorded, Step
from outrider.journal.otlp import outgoing
from outrider.journal.otlp.outgoing import Collector, begin_now, export_pending
from outrider.journal.otlp.wire import pair
from outrider.journal.read import get_body, get_run, list_runs, list_steps
from outrider.journal.rows import RunFilter
from tests.journal.place import Place
from tests.journal.test_otlp_wire import endpoint

TRACE = bytes(range(1, 17))


@pytest.fixture
def place(tmp_path: Path, store_url: str) -> Iterator[Place]:
    with closing(Place(tmp_path, store_url)) as made:
        yield made


def span(number: int, parent: int = 0, at: int = 1_000, tokens: int = 0, **more: str) -> Span:
    made = Span(
        trace_id=TRACE,
        span_id=number.to_bytes(8),
        parent_span_id=parent.to_bytes(8) if parent else b"",
        name=f"span {number}",
        start_time_unix_nano=at,
        end_time_unix_nano=at + 100,
    )
    attrs = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": tokens} if tokens else {}
    made.attributes.extend(pair(k, v) for k, v in {**attrs, **more}.items())
    return made


def run(number: int, **fields: object) -> RunRecorded:
    steps = [Step(1, "model", "x/m", attrs={"number": number})]
    return RunRecorded(ids.new_id(), "p", at=number, name=f"run {number}", steps=steps, **fields)  # type: ignore[arg-type]


ROOT, EARLY, LATE = span(1), span(2, 1, at=1_200, tokens=5), span(3, 2, at=1_300, tokens=7)
ORDERS = {
    "in order": [[ROOT, EARLY, LATE]],
    "children first": [[LATE], [EARLY], [ROOT]],
    "late child": [[ROOT], [EARLY], [LATE]],
    "all sent twice": [[EARLY, LATE], [ROOT], [EARLY], [ROOT, LATE], [ROOT, EARLY, LATE]],
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_spans_in_any_order_and_number_give_the_same_run(place: Place, order: list[list[Span]]) -> None:
    for spans in order:
        place.take_in(*spans)
    found = get_run(place.store, TRACE)
    assert found is not None
    assert (found.name, found.at, found.duration, found.status, found.source) == ("span 1", 1_000, 100, "ok", "otlp")
    assert found.usage is not None
    assert found.usage.input == 12
    steps = {s.id: (s.parent, s.start, s.duration) for s in list_steps(place.store, TRACE)}
    assert steps == {1: (0, 0, 100), 2: (1, 200, 100), 3: (2, 300, 100)}
    (row,) = list_runs(place.store, RunFilter(project="p")).rows
    assert (row.steps, row.input) == (3, 12)


def test_a_run_without_its_root_is_running(place: Place) -> None:
    place.take_in(EARLY)
    (row,) = list_runs(place.store, RunFilter()).rows
    assert (row.status, row.source, row.steps) == ("running", "otlp", 1)


def test_another_project_cannot_add_to_a_run(place: Place) -> None:
    place.take_in(ROOT, EARLY)
    place.take_in(span(9, 1, tokens=1_000_000), span(1), project="other")
    (row,) = list_runs(place.store, RunFilter()).rows
    assert (row.project, row.steps, row.input) == ("p", 2, 5)


def test_payloads_are_bodies(place: Place) -> None:
    place.take_in(span(1, **{"gen_ai.operation.name": "execute_tool", "gen_ai.tool.call.arguments": '{"a": 1}'}))
    (step,) = list_steps(place.store, TRACE)
    assert step.request is not None
    assert get_body(place.store, "p", step.request.sha256) == b'{"a":1}'


def names(posts: list[bytes]) -> list[str]:
    """Names of the run spans that were posted."""
    groups = [g for post in posts for g in ExportTraceServiceRequest.FromString(post).resource_spans]
    return [s.name for g in groups for s in g.scope_spans[0].spans if s.kind == Span.SPAN_KIND_SERVER]


def test_every_record_is_posted_in_order_and_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "RECORDS", 3)
    posts: list[bytes] = []
    place.record(*(run(n) for n in range(7)))
    place.take_in(ROOT)
    while export_pending(place.store, posts.append):
        pass
    place.record(run(7))
    assert export_pending(place.store, posts.append) == 1
    assert export_pending(place.store, posts.append) == 0
    assert names(posts) == [f"run {n}" for n in range(8)]


def test_what_a_collector_did_not_take_is_sent_again(place: Place) -> None:
    place.record(run(1))

    def away(_: bytes) -> None:
        raise UpstreamError("away", status=503)

    with pytest.raises(UpstreamError):
        export_pending(place.store, away)
    posts: list[bytes] = []
    assert export_pending(place.store, posts.append) == 1
    assert names(posts) == ["run 1"]


def test_a_span_that_is_refused_for_good_stops_nothing(place: Place) -> None:
    place.record(*(run(n) for n in range(5)))
    posts: list[bytes] = []

    def picky(body: bytes) -> None:
        if b"run 3" in body:
            raise UpstreamError("too odd", status=400, retryable=False)
        posts.append(body)

    assert export_pending(place.store, picky) == 5
    assert names(posts) == ["run 0", "run 1", "run 2", "run 4"]
    assert export_pending(place.store, picky) == 0


def test_posts_are_bounded_and_a_long_run_is_divided(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "SPANS", 100)
    steps = [Step(n + 1, "code", "s") for n in range(1_000)]
    place.record(run(0), RunRecorded(ids.new_id(), "p", 1, "long", steps=steps), run(1))
    posts: list[bytes] = []
    taken = 4

    def breaks(body: bytes) -> None:
        if len(posts) == taken:
            raise UpstreamError("away")
        posts.append(body)

    with pytest.raises(UpstreamError):
        export_pending(place.store, breaks)
    taken = 100
    assert export_pending(place.store, breaks) == 2  # the first record was complete; the long one begins again
    groups = [ExportTraceServiceRequest.FromString(p).resource_spans[0].scope_spans[0].spans for p in posts]
    assert max(map(len, groups)) == 100
    assert len({(s.trace_id, s.span_id) for g in groups for s in g}) == 2 + 1_001 + 2


def test_one_sender_at_a_time(place: Place) -> None:
    place.record(run(1))
    seen: list[int] = []

    def post(_: bytes) -> None:
        seen.append(export_pending(place.store, lambda _: None, owner="another machine"))

    assert export_pending(place.store, post) == 1
    assert seen == [0]


def test_history_before_the_first_collector_stays_here(place: Place) -> None:
    place.record(run(1))
    begin_now(place.store)
    posts: list[bytes] = []
    assert export_pending(place.store, posts.append) == 0
    place.record(run(2))
    begin_now(place.store)
    assert export_pending(place.store, posts.append) == 1
    assert names(posts) == ["run 2"]


def test_the_exporter_outlives_a_collector_that_fails(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(outgoing, "IDLE", 0.01)
    body = b'{"messages":[{"role":"user","content":"private words"}]}'
    begin_now(place.store)
    stop, arrived = threading.Event(), threading.Event()
    with endpoint() as here:
        here.answers = [(503, {}, b""), (500, {}, b"")]
        here.on_post = lambda: arrived.set() if len(here.posts) == 3 else None
        collector = Collector(here.url, resource={"service.name": "mine"}, content=True)
        thread = threading.Thread(target=outgoing.run, args=(place.url, collector, stop))
        thread.start()
        place.journal.append_now(run(1, request=blob(body)), [(blob(body), body)], "p")
        place.indexer.drain()
        assert arrived.wait(20)
        stop.set()
        thread.join(20)
        assert len({post for _, post in here.posts}) == 1
    sent = ExportTraceServiceRequest.FromString(here.posts[-1][1])
    assert sent.resource_spans[0].resource.attributes[0].value.string_value == "mine"
    assert b"private words" in here.posts[-1][1]
