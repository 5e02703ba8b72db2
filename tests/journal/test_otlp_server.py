"""OTLP against a whole Outrider: the SDK's exporter to `/v1/traces`, and a gateway request out to a collector."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

from outrider.journal.otlp import outgoing
from outrider.journal.otlp.outgoing import Collector, begin_now
from outrider.journal.read import get_run, list_runs, list_steps
from outrider.journal.rows import RunFilter
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running
from tests.journal.test_otlp_wire import endpoint

CONFIG = """
embedded: {{enabled: false}}
providers: {{scripted: {{base_url: "{url}", models: [scripted-chat]}}}}
"""
PARENT = "00-0123456789abcdef0123456789abcdef-00000000000000aa-01"


@pytest.fixture(scope="module")
def outrider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home: Path = tmp_path_factory.mktemp("home")
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), home) as served:
        yield served


def post(outrider: Running, path: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    given = {"authorization": f"Bearer {outrider.key}", "content-type": "application/json", **headers}
    request = urllib.request.Request(outrider.url + path, body, given)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as e:
        with e:
            return e.code, e.read()


def test_the_sdk_exports_to_us(outrider: Running) -> None:
    provider = TracerProvider()
    exporter = OTLPSpanExporter(f"{outrider.url}/v1/traces", headers={"authorization": f"Bearer {outrider.key}"})
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("t")
    said = json.dumps([{"role": "user", "parts": [{"type": "text", "content": "Where is my order?"}]}])
    with tracer.start_as_current_span("agent", attributes={"user.id": "u1"}) as top:
        names = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 9, "gen_ai.input.messages": said}
        with tracer.start_as_current_span("chat m", attributes=names):
            pass
    provider.shutdown()
    trace = top.get_span_context().trace_id.to_bytes(16)
    run = get_run(outrider.store(), trace)
    assert run is not None
    assert (run.name, run.user, run.source, run.status) == ("agent", "u1", "otlp", "ok")
    assert run.usage is not None
    assert run.usage.input == 9
    assert [s.kind for s in list_steps(outrider.store(), trace)] == ["code", "model"]


def test_the_sdk_is_told_when_the_key_is_wrong(outrider: Running) -> None:
    provider = TracerProvider()
    with provider.get_tracer("t").start_as_current_span("x") as span:
        pass
    exporter = OTLPSpanExporter(f"{outrider.url}/v1/traces", headers={"authorization": "Bearer sk-or-no-no"})
    assert exporter.export([span]) is SpanExportResult.FAILURE  # type: ignore[list-item]


def test_bad_spans_get_an_answer(outrider: Running) -> None:
    assert post(outrider, "/v1/traces", b"{}") == (200, b"{}")
    status, body = post(outrider, "/v1/traces", b"{")
    assert status == 400
    assert "not JSON" in json.loads(body)["error"]["message"]
    assert post(outrider, "/v1/traces", b"{}", **{"content-type": "text/plain"})[0] == 415
    assert post(outrider, "/v1/traces", b"junk", **{"content-encoding": "gzip"})[0] == 400


def test_a_gateway_request_reaches_the_collector(outrider: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "IDLE", 0.01)
    begin_now(outrider.store())
    stop, arrived = threading.Event(), threading.Event()
    with endpoint() as here:
        here.on_post = arrived.set
        thread = threading.Thread(target=outgoing.run, args=(outrider.store_url, Collector(here.url), stop))
        thread.start()
        ask = {"model": "scripted/scripted-chat", "messages": [{"role": "user", "content": "secret words"}]}
        status, _ = post(outrider, "/v1/chat/completions", json.dumps(ask).encode(), traceparent=PARENT)
        assert status == 200
        outrider.store()
        assert arrived.wait(30)
        stop.set()
        thread.join(30)
    (row,) = list_runs(outrider.store(), RunFilter(model="scripted/scripted-chat")).rows
    spans = [
        span
        for _, body in here.posts
        for group in ExportTraceServiceRequest.FromString(body).resource_spans
        for span in group.scope_spans[0].spans
    ]
    root = next(s for s in spans if s.kind == 2)
    model = next(s for s in spans if s.kind == 3)
    assert {s.trace_id.hex() for s in spans} == {PARENT.split("-")[1]}
    assert root.parent_span_id.hex() == PARENT.split("-")[2]
    assert model.parent_span_id == root.span_id
    attrs = {a.key: a.value for a in model.attributes}
    assert attrs["gen_ai.operation.name"].string_value == "chat"
    assert attrs["gen_ai.provider.name"].string_value == "scripted"
    assert attrs["gen_ai.request.model"].string_value == "scripted-chat"
    assert attrs["gen_ai.usage.input_tokens"].int_value == row.input > 0
    assert not any(b"secret words" in body for _, body in here.posts)
