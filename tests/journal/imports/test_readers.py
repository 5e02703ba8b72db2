"""Each tool's export: what its reader makes of it, and of what is odd in it."""

from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from outrider.journal.imports import langfuse, langsmith, otlp, phoenix
from outrider.journal.imports.shape import Skip
from outrider.journal.otlp.wire import value_of
from tests.journal.imports import exported

READERS = (otlp, langsmith, phoenix, langfuse)


def attributes(span: Any) -> dict[str, Any]:
    assert isinstance(span, Span)
    return {kv.key: value_of(kv.value) for kv in span.attributes}


def words(reader: ModuleType, document: dict[str, Any]) -> list[str]:
    return [str(one) for one in reader.spans(document) if isinstance(one, Skip)]


@pytest.mark.parametrize(
    ("reader", "document"),
    [
        (langfuse, exported.langfuse()),
        (langfuse, {"trace": exported.langfuse(), "observations": []}),
        (langfuse, {"data": exported.langfuse_rows()}),
        (langfuse, exported.langfuse_rows()[0]),
        (langsmith, exported.langsmith()[0]),
        (langsmith, {"runs": exported.langsmith()}),
        (phoenix, exported.phoenix()[0]),
        (phoenix, exported.phoenix_rows()[0]),
        (phoenix, {"data": exported.phoenix(), "next_cursor": None}),
        (phoenix, {"traceId": "t", "spans": exported.phoenix()}),
        (otlp, exported.otlp()),
    ],
)
def test_every_form_is_known_by_itself(reader: ModuleType, document: dict[str, Any]) -> None:
    assert next(one for one in READERS if one.fits(document)) is reader
    assert not words(reader, document)


def test_a_failed_observation_and_one_of_no_time() -> None:
    failed = {**exported.langfuse()["observations"][0], "level": "ERROR", "statusMessage": "no model"}
    (span,) = langfuse.spans(failed)
    assert (span.status.code, span.status.message) == (2, "no model")
    assert words(langfuse, {**failed, "startTime": None}) == ["it does not say when it began"]
    assert words(langfuse, {"id": "t", "timestamp": exported.DAY + "00Z", "observations": ["o1"]})[0].startswith(
        "an observation that is named"
    )
    assert words(langfuse, {"data": [5]}) == ["no object"]
    assert words(langfuse, {"id": "t"}) == ["neither a trace nor an observation of Langfuse"]


def test_runs_below_runs() -> None:
    chain, child = exported.langsmith()[2], exported.langsmith()[3]
    del child["trace_id"], child["parent_run_id"]
    first, second = langsmith.spans({**chain, "child_runs": [child, 5]})
    assert second.parent_span_id == first.span_id
    assert second.trace_id == first.trace_id
    failed = {**child, "trace_id": chain["id"], "error": "boom"}
    (span,) = langsmith.spans(failed)
    assert span.status.message == "boom"
    assert words(langsmith, {"run_type": "llm", "start_time": "2026-01-01"}) == ["it has no id of its trace"]
    assert words(langsmith, {"run_type": "llm", "id": "x"}) == ["it does not say when it began"]


def test_documents_and_tools_of_openinference() -> None:
    row = {
        "context": {"trace_id": exported.TRACE, "span_id": "00000000000000aa"}, "start_time": exported.DAY + "00Z",
        "span_kind": "RETRIEVER", "name": "search", "status_code": "ERROR", "status_message": "late",
        "attributes": {"retrieval": {"documents": [{"document": {"content": "a", "score": 1}}]},
                       "llm": {"tools": [{"tool": {"json_schema": '{"name": "x"}'}}]}, "input": {"value": "q"}},
    }  # fmt: skip
    (span,) = phoenix.spans(row)
    said = attributes(span)
    assert said["retrieval.documents.0.document.content"] == "a"
    assert said["llm.tools.0.tool.json_schema"] == '{"name": "x"}'
    assert (said["openinference.span.kind"], said["input.value"], span.status.message) == ("RETRIEVER", "q", "late")
    deep: dict[str, Any] = {}
    for _ in range(60):
        deep = {"a": deep or 1}
    assert words(phoenix, {**row, "attributes": deep}) == ["its attributes are nested too deeply, or are too many"]
    assert words(phoenix, {**row, "start_time": None}) == ["it does not say when it began"]
    assert words(phoenix, {"spans": [5]}) == ["no object"]


def test_what_is_no_trace() -> None:
    assert words(otlp, {"resourceMetrics": []}) == ["no `resourceSpans`: only traces become runs"]
    assert "not hexadecimal" in words(otlp, {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "zz"}]}]}]})[0]


_VALUE: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.just(exported.DAY + "00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    reader=st.sampled_from(READERS),
    base=st.sampled_from(
        [exported.langfuse(), exported.langfuse_rows()[0], *exported.langsmith(), *exported.phoenix(),
         *exported.phoenix_rows(), exported.otlp()]
    ),
    odd=st.dictionaries(st.integers(0, 30), _VALUE, max_size=4),
)  # fmt: skip
def test_nothing_is_too_odd(reader: ModuleType, base: dict[str, Any], odd: dict[int, Any]) -> None:
    names = sorted(base)
    document = {**base, **{names[at % len(names)]: value for at, value in odd.items()}}
    reader.fits(document)
    for one in reader.spans(document):
        assert isinstance(one, Span | Skip)
