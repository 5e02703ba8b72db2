"""OTLP in: what foreign spans become, in every spelling, and what bad requests are told."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from outrider.base.errors import RequestError
from outrider.journal.events import RunRecorded, StepsRecorded
from outrider.journal.otlp.incoming import Decoded, decode
from outrider.journal.otlp.wire import JSON, PROTOBUF, pair

TRACE = bytes(range(1, 17))
ROOT, CHILD = b"\0\0\0\0\0\0\0\x01", b"\0\0\0\0\0\0\0\x02"
REMOTE = 0x300


def request(*spans: dict[str, Any], resource: dict[str, Any] | None = None) -> ExportTraceServiceRequest:
    message = ExportTraceServiceRequest()
    group = message.resource_spans.add()
    group.resource.attributes.extend(pair(k, v) for k, v in (resource or {}).items())
    scope = group.scope_spans.add()
    for given_ in spans:
        fields = {"trace_id": TRACE, "span_id": ROOT, "name": "span", "start_time_unix_nano": 1_000, **given_}
        attrs, events = fields.pop("attrs", {}), fields.pop("events", ())
        fields.setdefault("end_time_unix_nano", fields["start_time_unix_nano"] + 500)
        span = scope.spans.add(**fields)
        span.attributes.extend(pair(k, v) for k, v in attrs.items())
        for name, carried in events:
            span.events.add(name=name).attributes.extend(pair(k, v) for k, v in carried.items())
    return message


def take(*spans: dict[str, Any], **kw: Any) -> Decoded:
    return decode(PROTOBUF, request(*spans, **kw).SerializeToString(), "p", key="k")


def run_of(decoded: Decoded) -> tuple[RunRecorded, list[Any]]:
    event, bodies = decoded.events[0]
    assert isinstance(event, RunRecorded)
    found = {ref.sha256: body for ref, body in bodies}
    refs = (event.request, event.response)
    return event, [json.loads(found[r.sha256]) if r else None for r in refs]


def test_root_is_the_run_and_the_others_are_its_steps() -> None:
    decoded = take(
        {"name": "agent", "attrs": {"user.id": "u", "session.id": "s", "gen_ai.operation.name": "invoke_agent"}},
        {
            "span_id": CHILD,
            "parent_span_id": ROOT,
            "name": "chat m",
            "start_time_unix_nano": 1_200,
            "attrs": {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 7},
        },
        resource={"service.name": "shop"},
    )
    run, steps = (event for event, _ in decoded.events)
    assert isinstance(run, RunRecorded)
    assert isinstance(steps, StepsRecorded)
    assert (run.id, run.trace, run.project, run.key, run.source) == (TRACE, TRACE, "p", "k", "otlp")
    assert (run.user, run.session, run.agent, run.at, run.duration) == ("u", "s", "shop", 1_000, 500)
    assert [(s.id, s.parent, s.kind) for s in run.steps] == [(1, 0, "code")]
    assert (steps.run, steps.at, steps.source, steps.name) == (TRACE, 1_200, "otlp", "shop")
    (step,) = steps.steps
    assert (step.id, step.parent, step.kind, step.start) == (2, 1, "model", 0)
    assert step.usage is not None
    assert step.usage.input == 7


def test_sending_again_or_apart_gives_the_same_ids() -> None:
    root, child = {"name": "a"}, {"span_id": CHILD, "parent_span_id": ROOT, "name": "b"}
    together = take(root, child)
    apart = [*take(child).events, *take(root).events]
    assert take(root, child) == together
    assert sorted(apart, key=str) == sorted(together.events, key=str)


def test_a_remote_parent_makes_a_root_unless_it_is_here_too() -> None:
    remote = {"span_id": CHILD, "parent_span_id": ROOT, "flags": REMOTE}
    ((alone, _),) = take(remote).events
    assert isinstance(alone, RunRecorded)
    assert alone.parent_span == 1
    (root, _), (rest, _) = take({}, remote).events
    assert isinstance(root, RunRecorded)
    assert isinstance(rest, StepsRecorded)
    assert root.parent_span == 0


def test_current_conventions_give_chat_bodies_usage_and_cost() -> None:
    said = [{"role": "user", "parts": [{"type": "text", "content": "Hello  there"}]}]
    done = [{"role": "assistant", "parts": [{"type": "text", "content": "Hi"}], "finish_reason": "stop"}]
    run, (asked, got) = run_of(
        take(
            {
                "attrs": {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.provider.name": "azure.ai.openai",
                    "gen_ai.request.model": "m",
                    "gen_ai.response.model": "m-1",
                    "gen_ai.request.temperature": 0.5,
                    "gen_ai.system_instructions": '[{"type":"text","content":"Be brief"}]',
                    "gen_ai.input.messages": json.dumps(said),
                    "gen_ai.output.messages": json.dumps(done),
                    "gen_ai.usage.input_tokens": 10,
                    "gen_ai.usage.output_tokens": 3,
                    "gen_ai.usage.cache_read.input_tokens": 4,
                    "gen_ai.usage.cost": 0.00025,
                    "gen_ai.response.time_to_first_chunk": 0.25,
                }
            }
        )
    )
    assert (run.model, run.provider, run.cost, run.ttft) == ("m", "azure", 250_000, 250_000_000)
    assert run.preview == "Hello there"
    assert run.usage is not None
    assert (run.usage.input, run.usage.output, run.usage.cached) == (10, 3, 4)
    assert asked["messages"] == [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "Hello  there"},
    ]
    assert asked["temperature"] == 0.5
    assert got == {
        "model": "m-1",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    }


FLAT_OPENINFERENCE = {
    "openinference.span.kind": "LLM",
    "llm.model_name": "m",
    "llm.provider": "openai",
    "llm.token_count.prompt": 5,
    "llm.token_count.completion": 2,
    "llm.invocation_parameters": '{"temperature": 0.1}',
    "llm.input_messages.0.message.role": "system",
    "llm.input_messages.0.message.content": "S",
    "llm.input_messages.1.message.role": "user",
    "llm.input_messages.1.message.contents.0.message_content.type": "text",
    "llm.input_messages.1.message.contents.0.message_content.text": "U",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c1",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "f",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"x":1}',
    "input.value": "ignored beside the messages",
}
FLAT_OPENLLMETRY = {
    "llm.request.type": "chat",
    "gen_ai.system": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.usage.prompt_tokens": 5,
    "gen_ai.usage.completion_tokens": 2,
    "gen_ai.prompt.0.role": "system",
    "gen_ai.prompt.0.content": "S",
    "gen_ai.prompt.1.role": "user",
    "gen_ai.prompt.1.content": '[{"type":"text","text":"U"}]',
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.finish_reason": "tool_calls",
    "gen_ai.completion.0.tool_calls.0.id": "c1",
    "gen_ai.completion.0.tool_calls.0.name": "f",
    "gen_ai.completion.0.tool_calls.0.arguments": '{"x":1}',
}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}


@pytest.mark.parametrize("attrs", [FLAT_OPENINFERENCE, FLAT_OPENLLMETRY], ids=["openinference", "openllmetry"])
def test_older_spellings_give_the_same_bodies(attrs: dict[str, Any]) -> None:
    run, (asked, got) = run_of(take({"attrs": attrs}))
    assert (run.model, run.provider, run.steps[0].kind) == ("m", "openai", "model")
    assert run.usage is not None
    assert (run.usage.input, run.usage.output) == (5, 2)
    assert asked["messages"] == [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}]
    assert got["choices"][0]["message"]["tool_calls"] == [CALL]
    assert run.steps[0].attrs["operation"] == "chat" if "llm.request.type" in attrs else True


def test_messages_on_events() -> None:
    _, (asked, got) = run_of(
        take(
            {
                "attrs": {"gen_ai.operation.name": "chat"},
                "events": [
                    ("gen_ai.user.message", {"content": "U"}),
                    ("gen_ai.tool.message", {"content": "42", "id": "c1"}),
                    ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": '{"content":"A"}'}),
                ],
            }
        )
    )
    assert asked["messages"] == [
        {"role": "user", "content": "U"},
        {"role": "tool", "content": "42", "tool_call_id": "c1"},
    ]
    assert got["choices"][0]["message"] == {"role": "assistant", "content": "A"}
    assert got["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    ("attrs", "kind"),
    [
        ({"gen_ai.operation.name": "execute_tool"}, "tool"),
        ({"gen_ai.operation.name": "retrieval"}, "retrieval"),
        ({"gen_ai.operation.name": "embeddings"}, "model"),
        ({"gen_ai.operation.name": "invoke_workflow"}, "code"),
        ({"openinference.span.kind": "GUARDRAIL"}, "guardrail"),
        ({"openinference.span.kind": "RERANKER"}, "retrieval"),
        ({"traceloop.span.kind": "tool"}, "tool"),
        ({"mcp.method.name": "tools/call"}, "tool"),
        ({"outrider.step.kind": "human", "gen_ai.operation.name": "chat"}, "human"),
        ({"gen_ai.system": "x", "gen_ai.request.model": "m"}, "model"),
        ({"http.method": "GET"}, "code"),
    ],
)
def test_kinds(attrs: dict[str, Any], kind: str) -> None:
    run, _ = run_of(take({"attrs": attrs}))
    assert run.steps[0].kind == kind


def test_tool_and_retrieval_payloads_become_bodies() -> None:
    tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.call.arguments": '{"a":1}'}
    _, (asked, got) = run_of(take({"attrs": {**tool, "gen_ai.tool.call.result": '{"b":2}'}}))
    assert (asked, got) == ({"a": 1}, {"b": 2})
    found = {
        "openinference.span.kind": "RETRIEVER",
        "input.value": '"q"',
        "retrieval.documents.0.document.content": "D",
        "retrieval.documents.0.document.score": 0.5,
    }
    _, (asked, got) = run_of(take({"attrs": found}))
    assert (asked, got) == ("q", {"documents": [{"content": "D", "score": 0.5}]})


def test_errors_exceptions_and_long_attributes() -> None:
    run, (asked, _) = run_of(
        take(
            {
                "status": {"code": 2, "message": "broke"},
                "attrs": {"note": "short", "page": "x" * 5_000},
                "events": [("exception", {"exception.type": "ValueError", "exception.message": "no"})],
            }
        )
    )
    assert (run.status, run.error, run.message) == ("error", "ValueError", "broke")
    assert run.steps[0].attrs["note"] == "short"
    assert "page" not in run.steps[0].attrs
    assert asked["attributes"]["page"] == "x" * 5_000


def test_input_tokens_include_what_the_cache_served() -> None:
    counts = {"gen_ai.usage.input_tokens": 3, "gen_ai.usage.cache_read_input_tokens": 100}
    run, _ = run_of(take({"attrs": {"gen_ai.operation.name": "chat", **counts}}))
    assert run.usage is not None
    assert (run.usage.input, run.usage.cached) == (103, 100)


def test_sums_on_agent_spans_are_not_counted() -> None:
    run, _ = run_of(take({"attrs": {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 99}}))
    assert run.usage is None


JSON_BODY = {
    "resourceSpans": [
        {
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
            "scopeSpans": [
                {
                    "spans": [
                        {
                            "traceId": TRACE.hex(),
                            "spanId": ROOT.hex(),
                            "name": "a",
                            "kind": 3,
                            "startTimeUnixNano": "1000",
                            "endTimeUnixNano": "1500",
                            "unknownField": {"x": 1},
                            "attributes": [{"key": "gen_ai.usage.input_tokens", "value": {"intValue": "9"}}],
                        }
                    ]
                }
            ],
        }
    ]
}


def test_json_reads_as_protobuf_does_and_gzip_too() -> None:
    plain = json.dumps(JSON_BODY).encode()
    attrs = {"attrs": {"gen_ai.usage.input_tokens": 9}, "name": "a", "kind": 3}
    expected = take(attrs, resource={"service.name": "shop"})
    assert decode(JSON, plain, "p", key="k").events == expected.events
    zipped = decode(JSON + "; charset=utf-8", gzip.compress(plain), "p", encoding="gzip", key="k")
    assert zipped.events == expected.events


def test_answers_follow_the_request() -> None:
    good, part = take({}), take({}, {"span_id": b"\0" * 8})
    assert (good.content_type, good.answer) == (PROTOBUF, b"")
    plain = decode(JSON, b"{}")
    assert (plain.content_type, plain.answer) == (JSON, b"{}")
    message = ExportTraceServiceResponse.FromString(part.answer)
    assert message.partial_success.rejected_spans == 1
    assert "span id" in message.partial_success.error_message
    assert len(part.events) == 1


@pytest.mark.parametrize(
    ("kind", "body", "encoding", "status", "words"),
    [
        ("text/plain", b"", "", 415, "application/x-protobuf"),
        (PROTOBUF, b"\xff\xff", "", 400, "protobuf"),
        (JSON, b"{", "", 400, "not JSON"),
        (JSON, b"[]", "", 400, "resourceSpans"),
        (JSON, b"[" * 100_000, "", 400, "not JSON"),
        (JSON, b'{"resourceSpans": 3}', "", 400, "OTLP"),
        (JSON, b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz"}]}]}]}', "", 400, "hexadecimal"),
        (JSON, b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"x"}]}]}]}', "", 400, "OTLP"),
        (JSON, b"abc", "gzip", 400, "gzip"),
        (JSON, gzip.compress(b"{}", mtime=0)[:-9], "gzip", 400, "ends early"),
        (JSON, gzip.compress(b" " * 200_000, mtime=0), "gzip", 413, "smaller"),
        (JSON, b"{}", "br", 415, "gzip"),
    ],
)
def test_bad_requests_are_told_what_is_wrong(kind: str, body: bytes, encoding: str, status: int, words: str) -> None:
    with pytest.raises(RequestError) as raised:
        decode(kind, body, encoding=encoding, limit=150_000)
    assert raised.value.status == status
    assert words in raised.value.message


def status_of(kind: str, body: bytes, encoding: str = "") -> int:
    try:
        decode(kind, body, encoding=encoding)
    except RequestError as e:
        return e.status
    return 200


LEAF = st.one_of(st.text(max_size=8), st.integers(-(2**70), 2**70), st.floats(), st.booleans(), st.none())
NAMES = st.sampled_from([*FLAT_OPENINFERENCE, *FLAT_OPENLLMETRY, "gen_ai.input.messages", "gen_ai.output.messages"])
VALUES = st.one_of(
    LEAF,
    st.recursive(LEAF, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=9), v, max_size=3)),
    st.sampled_from(['[{"parts":[{"type":"tool_call"}]}]', '[{"role":1,"content":{}}]', "[[", "{}", '{"messages":3}']),
)


@settings(deadline=None)
@given(st.dictionaries(NAMES | st.text(max_size=12), VALUES, max_size=8), st.booleans())
def test_any_attributes_give_records(attrs: dict[str, Any], on_event: bool) -> None:
    span: dict[str, Any] = {"events": [("gen_ai.choice", attrs), ("gen_ai.user.message", attrs)]}
    decoded = take(span if on_event else {"attrs": attrs})
    assert len(decoded.events) == 1
    assert decoded.rejected == 0


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([JSON, PROTOBUF]), st.sampled_from(["", "gzip"]))
def test_any_bytes_are_read_or_refused(body: bytes, kind: str, encoding: str) -> None:
    assert status_of(kind, body, encoding) in (200, 400, 413, 415)


@settings(deadline=None)
@given(
    st.recursive(
        LEAF,
        lambda v: (
            st.lists(v)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "resourceSpans",
                        "scopeSpans",
                        "spans",
                        "traceId",
                        "spanId",
                        "attributes",
                        "key",
                        "value",
                        "links",
                        "name",
                    ]
                ),
                v,
            )
        ),
    )
)
def test_any_json_is_read_or_refused(tree: Any) -> None:
    assert status_of(JSON, json.dumps(tree).encode()) in (200, 400)


@pytest.mark.parametrize("value", ['{"stringValue": "\\ud800"}', '{"doubleValue": "NaN"}', '{"bytesValue": "AAE="}'])
def test_odd_json_values(value: str) -> None:
    plain = json.dumps(JSON_BODY).replace('{"intValue": "9"}', value)
    assert status_of(JSON, plain.encode()) in (200, 400)
