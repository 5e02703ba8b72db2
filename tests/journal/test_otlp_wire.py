"""Both directions against the real OpenTelemetry SDK and over real sockets."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.trace import Status, StatusCode

from outrider.base.errors import ConfigError, UpstreamError
from outrider.base.usage import Usage
from outrider.journal.events import BlobRef, RunRecorded, Step, StepsRecorded
from outrider.journal.otlp.incoming import Imported, decode
from outrider.journal.otlp.outgoing import Collector, from_environment, send
from outrider.journal.otlp.spans import request_of, span_id, spans_of


class Endpoint:
    """An HTTP endpoint on loopback: keeps what was posted, answers as told."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.url = ""
        self.on_post: Callable[[], object] = lambda: None


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    here = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            here.posts.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status, headers, content = here.answers.pop(0) if here.answers else (200, {}, b"")
            self.send_response(status)
            for name, value in {"content-length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            here.on_post()

        def log_message(self, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.url = f"http://127.0.0.1:{server.server_port}/v1/traces"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def received(here: Endpoint) -> list[Imported]:
    found = []
    for headers, body in here.posts:
        decoded = decode(headers["content-type"], body, "p", encoding=headers.get("content-encoding", ""))
        assert decoded.rejected == 0
        found += decoded.events
    return found


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
@pytest.mark.parametrize("processor", [SimpleSpanProcessor, BatchSpanProcessor], ids=["one by one", "batch"])
def test_spans_of_the_sdk_arrive_as_one_run(compression: Compression, processor: Any) -> None:
    """One by one, children end and are sent before their parents: the steps find their places all the same."""
    with endpoint() as here:
        provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
        provider.add_span_processor(processor(OTLPSpanExporter(here.url, compression=compression)))
        tracer = provider.get_tracer("t")
        with tracer.start_as_current_span("support agent", attributes={"gen_ai.operation.name": "invoke_agent"}) as top:
            with tracer.start_as_current_span("chat m") as model:
                model.set_attributes(
                    {
                        "gen_ai.operation.name": "chat",
                        "gen_ai.request.model": "m",
                        "gen_ai.usage.input_tokens": 12,
                        "gen_ai.usage.output_tokens": 3,
                        "gen_ai.response.finish_reasons": ["stop"],
                    }
                )
            with tracer.start_as_current_span("execute_tool look_up") as tool:
                tool.set_attributes({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look_up"})
                tool.set_status(Status(StatusCode.ERROR, "no such order"))
        provider.shutdown()
        events = [event for event, _ in received(here)]
    trace, root = top.get_span_context().trace_id.to_bytes(16), top.get_span_context().span_id
    (run,) = (e for e in events if isinstance(e, RunRecorded))
    steps = {s.name: s for e in events if isinstance(e, StepsRecorded) for s in e.steps}
    assert (run.id, run.name, run.agent, run.status) == (trace, "support agent", "shop", "ok")
    assert run.steps[0].id == root
    assert {(s.kind, s.parent, s.status) for s in steps.values()} == {("model", root, "ok"), ("tool", root, "error")}
    assert steps["chat m"].usage == Usage(input=12, output=3)
    assert all(e.run == trace for e in events if isinstance(e, StepsRecorded))


RUN = RunRecorded(
    id=bytes(range(16)),
    project="p",
    at=1_000_000_000,
    name="chat.completions",
    duration=500,
    model="smart",
    route="smart",
    deployment="openai/gpt",
    key="k",
    session="s",
    usage=Usage(input=10, output=2, cached=4),
    cost=123,
    ttft=100_000_000,
    steps=[
        Step(1, "cache", "exact", duration=5),
        Step(2, "model", "openai/gpt", 10, 100, status="error", error="rate_limited", attrs={"http_status": 429}),
        Step(
            3,
            "model",
            "openai/gpt",
            120,
            300,
            usage=Usage(input=10, output=2, cached=4),
            cost=123,
            attrs={"deployment": "openai/gpt", "try": 2},
        ),
        Step(1 << 40, "guardrail", "pii", parent=3),
    ],
)


def test_a_run_goes_out_in_the_words_of_the_conventions() -> None:
    with endpoint() as here:
        collector = Collector(here.url, headers={"x-token": "secret"})
        send(collector, request_of(spans_of(RUN), {"service.name": "outrider"}).SerializeToString())
        ((headers, body),) = here.posts
    assert headers["x-token"] == "secret"
    assert "secret" not in repr(collector)
    group = ExportTraceServiceRequest.FromString(body).resource_spans[0]
    spans = {s.span_id: s for s in group.scope_spans[0].spans}
    root, model = spans[span_id(RUN.id, 0)], spans[span_id(RUN.id, 3)]
    assert all(s.trace_id == RUN.id for s in spans.values())
    assert len(spans) == 5
    assert (root.name, root.kind, root.parent_span_id) == ("chat.completions", 2, b"")
    assert model.parent_span_id == root.span_id
    assert spans[(1 << 40).to_bytes(8)].parent_span_id == model.span_id
    attrs = {a.key: a.value for a in model.attributes}
    assert attrs["gen_ai.operation.name"].string_value == "chat"
    assert attrs["gen_ai.provider.name"].string_value == "openai"
    assert attrs["gen_ai.request.model"].string_value == "gpt"
    assert attrs["gen_ai.usage.input_tokens"].int_value == 10
    assert attrs["gen_ai.usage.cache_read.input_tokens"].int_value == 4
    assert attrs["outrider.cost.nano_usd"].int_value == 123
    assert attrs["outrider.step.try"].int_value == 2
    assert not any(a.key.startswith("gen_ai.usage") for a in root.attributes)
    failed = spans[span_id(RUN.id, 2)]
    assert failed.status.code == 2
    assert {a.key: a.value for a in failed.attributes}["http.response.status_code"].int_value == 429


def test_what_goes_out_can_come_in() -> None:
    """Another Outrider that receives our spans has the same steps, tokens and cost, each once."""
    sent = request_of(spans_of(RUN), {"service.name": "outrider"}).SerializeToString()
    events = [e for e, _ in decode("application/x-protobuf", sent, "p").events]
    steps = [s for e in events if isinstance(e, RunRecorded | StepsRecorded) for s in e.steps]
    assert [s.kind for s in steps] == ["code", "cache", "model", "model", "guardrail"]
    assert [s.error for s in steps] == ["", "", "rate_limited", "", ""]
    assert sum(s.cost for s in steps) == 123
    assert [s.usage for s in steps if s.usage] == [RUN.usage]
    (run,) = (e for e in events if isinstance(e, RunRecorded))
    assert (run.id, run.session, run.route, run.model, run.ttft) == (RUN.id, "s", "smart", "smart", RUN.ttft)


def test_a_callers_trace_holds_several_runs() -> None:
    trace = b"\7" * 16
    both = [RunRecorded(i * 16, "p", 1, "chat", trace=trace, parent_span=9, steps=RUN.steps[:3]) for i in (b"a", b"b")]
    spans = [s for run in both for s in spans_of(run)]
    assert {s.trace_id for s in spans} == {trace}
    assert len({s.span_id for s in spans}) == 8
    assert [s.parent_span_id for s in spans if s.kind == 2] == [(9).to_bytes(8)] * 2


def test_payloads_leave_only_when_allowed() -> None:
    asked = b'{"messages":[{"role":"user","content":"U"},{"role":"tool","tool_call_id":"c","content":"42"}]}'
    got = b'{"choices":[{"message":{"role":"assistant","content":"A"},"finish_reason":"stop"}]}'
    refs = {b"q" * 32: asked, b"r" * 32: got}
    step = Step(1, "model", "x/m", request=BlobRef(b"q" * 32, 1), response=BlobRef(b"r" * 32, 1))
    run = RunRecorded(b"a" * 16, "p", 1, "chat", steps=[step])
    quiet = request_of(spans_of(run), {}).SerializeToString()
    assert b"gen_ai.input.messages" not in quiet
    loud = request_of(spans_of(run, lambda _, ref: refs[ref.sha256]), {}).SerializeToString()
    ((_, bodies),) = (e for e in decode("application/x-protobuf", loud, "p").events if isinstance(e[0], StepsRecorded))
    assert [b for _, b in bodies] == [
        b'{"model":"m","messages":[{"role":"user","content":"U"},{"role":"tool","content":"42","tool_call_id":"c"}]}',
        b'{"choices":[{"index":0,"message":{"role":"assistant","content":"A"},"finish_reason":"stop"}]}',
    ]


def test_imported_runs_do_not_go_out_again() -> None:
    assert not list(spans_of(RunRecorded(b"a" * 16, "p", 1, "x", source="otlp")))
    assert not list(spans_of(StepsRecorded(b"a" * 16, "p", 1, RUN.steps, source="otlp")))


@pytest.mark.parametrize(
    ("status", "headers", "retryable", "after"),
    [
        (503, {"retry-after": "7"}, True, 7.0),
        (429, {"retry-after": "junk"}, True, None),
        (401, {}, True, None),
        (400, {}, False, None),
        (413, {}, False, None),
        (302, {"location": "http://127.0.0.1:9/"}, True, None),
    ],
)
def test_refusals_are_told_apart(status: int, headers: dict[str, str], retryable: bool, after: float | None) -> None:
    with endpoint() as here:
        here.answers = [(status, headers, b"no")]
        with pytest.raises(UpstreamError) as raised:
            send(Collector(here.url), b"")
    error = raised.value
    assert (error.status, error.retryable, error.retry_after) == (status, retryable, after)


def test_a_collector_that_is_away() -> None:
    with endpoint() as here:
        url = here.url
    with pytest.raises(UpstreamError, match="cannot be reached") as raised:
        send(Collector(url), b"")
    assert raised.value.retryable


def test_the_usual_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert from_environment() is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "a=1%202, b = x")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "2500")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,team=t")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "mine")
    found = from_environment()
    assert found is not None
    assert (found.url, found.headers, found.timeout) == ("http://c:4318/v1/traces", {"a": "1 2", "b": "x"}, 2.5)
    assert (found.resource["service.name"], found.resource["team"], found.content) == ("mine", "t", False)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://t/exact")
    assert getattr(from_environment(), "url", "") == "https://t/exact"
    assert getattr(from_environment("http://conf:1"), "url", "") == "http://conf:1/v1/traces"
    with pytest.raises(ConfigError, match="no address"):
        from_environment("collector:4318")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    with pytest.raises(ConfigError, match="http/protobuf"):
        from_environment()
