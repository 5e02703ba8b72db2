"""LangSmith: runs, as its API and its clients (`list_runs`) write them. `session_id` there is the project; the session
of a conversation stands in the metadata.

https://docs.langchain.com/langsmith/run-data-format
"""

from collections.abc import Iterator, Mapping
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from outrider.journal.imports import shape
from outrider.journal.imports.chat import answer_of, messages_of
from outrider.journal.imports.shape import Skip, count, first, object_of, parsed

_KINDS = {"llm": "model", "embedding": "model", "tool": "tool", "retriever": "retrieval"}
_TALKS = ("session_id", "thread_id", "conversation_id")
_SENT = frozenset({"temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "seed", "tool_choice"})


def fits(document: Mapping[str, Any]) -> bool:
    """Whether it looks like one of these."""
    inner = document.get("runs")
    one = inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], dict) else document
    return "run_type" in one or "dotted_order" in one


def spans(document: Mapping[str, Any]) -> Iterator[Span | Skip]:
    """The spans in one object: a run, those below it (`child_runs`), or a page of runs."""
    waiting: list[Any] = document["runs"][::-1] if isinstance(document.get("runs"), list) else [document]
    while waiting:
        one = waiting.pop()
        try:
            if not isinstance(one, dict):
                raise Skip("no object")
            yield _span(one)
        except Skip as skip:
            yield skip
        below = one.get("child_runs") if isinstance(one, dict) else None
        if isinstance(below, list):
            trace = first(one, "trace_id", "id")
            inherited = {"trace_id": trace, "parent_run_id": one.get("id")}
            waiting += [{**inherited, **child} for child in reversed(below) if isinstance(child, dict)]


def _span(fields: Mapping[str, Any]) -> Span:
    own = fields.get("id")
    trace, above = first(fields, "trace_id") or own, fields.get("parent_run_id")
    begun = shape.moment(fields.get("start_time"))
    if not begun:
        raise Skip("it does not say when it began")
    kind = _KINDS.get(str(fields.get("run_type")), "code")
    asked, told = parsed(fields.get("inputs")), parsed(fields.get("outputs"))
    extra = object_of(fields.get("extra"))
    meta = object_of(extra.get("metadata"))
    said: dict[str, Any] = {"kind": kind, "request": asked, "response": told}
    if fields.get("run_type") == "llm":
        said |= _model(fields, asked, told, extra, meta)
    elif kind == "tool":
        said |= {"tool": fields.get("name"), "request": _inner(asked), "response": _result(told)}
    if not above:
        talk = first(meta, *_TALKS)
        tags = fields.get("tags")
        said["session"] = str(talk) if talk is not None else None
        said["user"] = meta.get("user_id")
        said["tags"] = [str(tag) for tag in tags][:50] if isinstance(tags, list) else None
    return shape.span(
        shape.trace_id(trace), shape.span_id(own), shape.span_id(above) if above else b"", fields.get("name"), begun,
        shape.moment(fields.get("end_time")) or begun, said, {"langsmith.metadata": meta},
        str(fields.get("error") or ""),
    )  # fmt: skip


def _model(
    fields: Mapping[str, Any], asked: Any, told: Any, extra: Mapping[str, Any], meta: Mapping[str, Any]
) -> dict[str, Any]:
    sent = object_of(extra.get("invocation_params"))
    messages, answers = messages_of(asked), answer_of(told)
    said: dict[str, Any] = {
        "model": first(sent, "model", "model_name") or meta.get("ls_model_name"),
        "provider": meta.get("ls_provider"),
        "parameters": {name: value for name, value in sent.items() if name in _SENT},
        "tools": first(sent, "tools") or (asked.get("tools") if isinstance(asked, Mapping) else None),
    }
    said |= {"messages_in": messages, "request": None} if messages else {}
    said |= {"messages_out": answers, "response": None} if answers else {}
    used = object_of(told.get("usage_metadata")) if isinstance(told, Mapping) else {}
    said["input"] = count(first(fields, "prompt_tokens") or used.get("input_tokens"))
    said["output"] = count(first(fields, "completion_tokens") or used.get("output_tokens"))
    said["cached"] = count(object_of(used.get("input_token_details")).get("cache_read"))
    said["cost_usd"] = fields.get("total_cost")
    if (token := shape.moment(fields.get("first_token_time"))) and (begun := shape.moment(fields["start_time"])):
        said["ttft_s"] = max(0, token - begun) / 1e9
    return said


def _inner(asked: Any) -> Any:
    """A tool's arguments: LangChain puts them as text under `input`."""
    if isinstance(asked, Mapping) and set(asked) == {"input"}:
        return parsed(asked["input"])
    return asked


def _result(told: Any) -> Any:
    if not isinstance(told, Mapping) or set(told) != {"output"}:
        return told
    message = answer_of(told["output"]) if isinstance(told["output"], Mapping) else []
    return message[0]["content"] if message else told["output"]
