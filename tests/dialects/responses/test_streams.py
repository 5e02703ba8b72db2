"""Streams: a provider's events as chat chunks, chat chunks as a caller's events."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from outrider.base.errors import UpstreamError
from outrider.base.sse import SSESplitter, payload
from outrider.dialects.responses import answers, errors, events, replay
from outrider.dialects.responses.answers import Shell
from outrider.dialects.responses.streams import FromChat, ToChat

FIXTURES = Path(__file__).parents[2] / "fixtures" / "responses"
RUN = "0199f0a2-6e3b-7c11-9a77-2f8e5d1c4b3a"
WHOLE = ("text", "tools", "interleaved", "web_search", "refusal", "incomplete")
_typed: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def chunks_of(name: str) -> list[dict[str, Any]]:
    reader = ToChat()
    out = []
    for event in SSESplitter().feed((FIXTURES / f"{name}.sse").read_bytes()):
        out += reader.feed("", json.loads(payload(event)))
    assert reader.done
    return out


def written(chunks: list[dict[str, Any]], asked: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    writer = FromChat(Shell(asked or {}, RUN))
    out = b"".join([*[writer.feed(chunk) for chunk in chunks], writer.end()])
    found = [json.loads(payload(event)) for event in SSESplitter().feed(out)]
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    return found


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"created": 7, "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def gathered(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """The message of the chunks, put together as the official client does."""
    said: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    entries: dict[int, dict[str, Any]] = {}
    calls: dict[int, dict[str, Any]] = {}
    for one in chunks:
        for choice in one["choices"]:
            delta = choice["delta"]
            for name in ("content", "refusal", "reasoning_content"):
                if delta.get(name):
                    said[name] = (said.get(name) or "") + delta[name]
            for name in ("annotations", "provider_items"):
                if delta.get(name):
                    said.setdefault(name, []).extend(delta[name])
            for entry in delta.get("reasoning_details", ()):
                known = entries.setdefault(entry["index"], {**entry, "text": "", "summary": ""})
                known["text"] += entry.get("text", "")
                known["summary"] += entry.get("summary", "")
            for call in delta.get("tool_calls", ()):
                known = calls.setdefault(call["index"], {k: v for k, v in call.items() if k != "index"})
                part = call.get("function") or call.get("custom")
                if known[known["type"]] is not part:
                    for name, text in part.items():
                        known[known["type"]][name] += text
    if entries:
        said["reasoning_details"] = [
            {k: v for k, v in e.items() if v or k not in ("text", "summary")} for _, e in sorted(entries.items())
        ]
    if calls:
        said["tool_calls"] = [call for _, call in sorted(calls.items())]
    return said


# -- from a provider --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WHOLE)
def test_a_stream_says_what_the_whole_answer_says(name: str) -> None:
    whole, chunks = answers.to_chat(fixture(name)), chunks_of(name)
    assert gathered(chunks) == whole["choices"][0]["message"]
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == whole["usage"]
    last = chunks[-2]["choices"][0]
    assert last["finish_reason"] == whole["choices"][0]["finish_reason"]
    assert last["native_finish_reason"] == whole["choices"][0]["native_finish_reason"]
    tokens = [t for c in chunks for o in c["choices"] if o.get("logprobs") for t in o["logprobs"]["content"]]
    assert tokens == ((whole["choices"][0]["logprobs"] or {}).get("content") or [])
    assert all(one["id"] == whole["id"] and one["model"] == whole["model"] for one in chunks)


def test_nothing_is_said_before_the_model_does() -> None:
    """Until then somebody else could still answer."""
    reader = ToChat()
    head = SSESplitter().feed((FIXTURES / "tools.sse").read_bytes())[:4]
    assert [reader.feed("", json.loads(payload(event))) for event in head] == [[], [], [], []]


@pytest.mark.parametrize(
    ("said", "code", "status", "retryable"),
    [
        ({"type": "error", "code": "server_error", "message": "boom", "param": None}, "upstream_error", 500, True),
        ({"type": "error", "error": {"code": "slow_down", "message": "slow"}}, "upstream_error", 503, True),
        ({"type": "error", "code": "rate_limit_exceeded", "message": "x"}, "provider_rate_limited", 429, True),
        (
            {"type": "response.failed", "response": {"error": {"code": "invalid_prompt", "message": "no"}}},
            "provider_refused_request", 400, False,
        ),
        ({"type": "response.failed", "response": {}}, "upstream_error", 500, True),
    ],
)  # fmt: skip
def test_an_error_in_a_stream(said: dict[str, Any], code: str, status: int, retryable: bool) -> None:
    with pytest.raises(UpstreamError) as caught:
        ToChat().feed("error", said)
    assert (caught.value.code, caught.value.status, caught.value.retryable) == (code, status, retryable)
    assert caught.value.body is not None
    assert json.loads(caught.value.body)["error"]["message"] in str(caught.value) or not said.get("message")


@pytest.mark.parametrize("name", WHOLE)
def test_a_server_that_tells_only_whole_items(name: str) -> None:
    """Some send no pieces, some nothing but the end."""
    said, whole = fixture(name), answers.to_chat(fixture(name))
    end = {"type": f"response.{said['status']}", "response": said}
    items = [{"type": "response.output_item.done", "output_index": i, "item": o} for i, o in enumerate(said["output"])]
    for told in ([*items, end], [end]):
        reader = ToChat()
        message = gathered([one for event in told for one in reader.feed("", event)])
        assert message == whole["choices"][0]["message"]


# -- to a caller ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WHOLE)
def test_a_callers_stream_ends_with_the_whole_answer(name: str) -> None:
    found = written(chunks_of(name))
    for event in found:
        _typed.validate_python(event)
    whole = answers.from_chat(answers.to_chat(fixture(name)), Shell({}, RUN))
    assert found[-1]["type"] == f"response.{whole['status']}"
    assert found[-1]["response"] == whole
    assert [event["type"] for event in found[:2]] == ["response.created", "response.in_progress"]


@pytest.mark.parametrize("name", WHOLE)
def test_events_come_in_the_order_in_which_openai_sends_them(name: str) -> None:
    """Kinds of events, each run of deltas counted once; ids and indexes fit."""
    theirs = [json.loads(payload(event)) for event in SSESplitter().feed((FIXTURES / f"{name}.sse").read_bytes())]
    ours = written(chunks_of(name))

    def kinds(found: list[dict[str, Any]]) -> Counter[str]:
        kept = [e["type"] for e in found if not e["type"].startswith("response.web_search_call")]
        return Counter(kind for kind in kept if not kind.endswith(".delta"))

    assert kinds(ours) == kinds(theirs)
    open_: dict[int, str] = {}
    for event in ours:
        if event["type"] == "response.output_item.added":
            assert event["output_index"] == len(open_)
            open_[event["output_index"]] = event["item"]["id"]
        elif "item_id" in event:
            assert open_[event["output_index"]] == event["item_id"]
        elif event["type"] == "response.output_item.done":
            assert open_[event["output_index"]] == event["item"]["id"]


def test_pieces_of_calls_may_come_in_turn() -> None:
    def call(index: int, text: str, **more: Any) -> dict[str, Any]:
        return chunk(tool_calls=[{"index": index, "function": {"arguments": text, **more.pop("f", {})}, **more}])

    found = written(
        [
            call(0, "", id="a", type="function", f={"name": "x"}),
            call(1, "", id="b", type="function", f={"name": "y"}),
            call(0, '{"n":'), call(1, '{"m":'), call(0, "1}"), call(1, "2}"), chunk("tool_calls"),
        ]
    )  # fmt: skip
    done = [event["item"] for event in found if event["type"] == "response.output_item.done"]
    assert [(i["call_id"], i["name"], i["arguments"]) for i in done] == [("a", "x", '{"n":1}'), ("b", "y", '{"m":2}')]
    assert found[-1]["response"]["output"] == done


def test_a_custom_tool_that_the_model_took_for_a_function() -> None:
    asked = {"tools": [{"type": "custom", "name": "patch"}]}
    first = {"index": 0, "id": "a", "type": "function", "function": {"name": "patch", "arguments": '{"input":'}}
    found = written(
        [
            chunk(tool_calls=[first]),
            chunk(tool_calls=[{"index": 0, "function": {"arguments": '"+x"}'}}]),
            chunk("tool_calls"),
        ],
        asked,
    )
    assert [e["delta"] for e in found if e["type"] == "response.custom_tool_call_input.delta"] == ["+x"]
    assert found[-1]["response"]["output"][0]["input"] == "+x"


def test_thoughts_of_others_in_pieces() -> None:
    def piece(**said: Any) -> dict[str, Any]:
        return chunk(reasoning_details=[{"format": "anthropic-claude-v1", "index": 0, **said}])

    found = written(
        [
            piece(type="reasoning.text", text="h"), piece(type="reasoning.text", text="m"),
            piece(type="reasoning.text", signature="sig"), chunk(content="yes"), chunk("stop"),
        ]
    )  # fmt: skip
    deltas = [e["delta"] for e in found if e["type"] == "response.reasoning_summary_text.delta"]
    assert deltas == ["h", "m"]
    entry = {"type": "reasoning.text", "text": "hm", "signature": "sig", "format": "anthropic-claude-v1", "index": 0}
    message = {"role": "assistant", "content": "yes", "reasoning_details": [entry]}
    whole = answers.output_of(message, {}, Shell({}, RUN), "completed")
    assert found[-1]["response"]["output"] == whole


def test_plain_thoughts_and_a_signed_call() -> None:
    call = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    found = written(
        [
            chunk(reasoning_content="we"),
            chunk(reasoning_content="ll"),
            chunk(tool_calls=[{**call, "thought_signature": "s"}]),
        ]
    )
    assert [e["delta"] for e in found if e["type"] == "response.reasoning_text.delta"] == ["we", "ll"]
    summed = written([chunk(reasoning_content="well"), chunk(content="x")], {"reasoning": {"summary": "auto"}})
    assert summed[-1]["response"]["output"][0]["summary"] == [{"type": "summary_text", "text": "well"}]
    assert [item["type"] for item in found[-1]["response"]["output"]] == ["reasoning", "function_call"]


def test_pictures_in_a_stream() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}, "thought_signature": "s"}
    found = written([chunk(content="here"), chunk(images=[picture]), chunk("stop")])
    whole = answers.output_of({"content": "here", "images": [picture]}, {}, Shell({}, RUN), "completed")
    assert found[-1]["response"]["output"] == whole
    made = {"type": "image_generation_call", "id": "ig_68e1", "status": "completed", "result": "aGk="}
    (one,) = ToChat().feed("", {"type": "response.output_item.done", "output_index": 0, "item": made})
    assert one["choices"][0]["delta"]["images"][0]["image_url"]["url"] == "data:image/png;base64,aGk="


def test_codes_of_failures_are_from_openais_list() -> None:
    assert errors.told("budget_exceeded", "x") == {"code": "rate_limit_exceeded", "message": "x"}
    assert errors.told("server_error", "x")["code"] == errors.told("whatever", "x")["code"] == "server_error"


def test_a_stream_that_broke() -> None:
    writer = FromChat(Shell({}, RUN))
    writer.feed(chunk(content="once"))
    error, failed = [json.loads(payload(e)) for e in SSESplitter().feed(writer.failed("upstream_stream_cut", "cut"))]
    assert (error["type"], error["code"], error["message"]) == ("error", "upstream_stream_cut", "cut")
    assert (failed["type"], failed["response"]["status"]) == ("response.failed", "failed")
    assert failed["response"]["error"] == {"code": "server_error", "message": "cut"}
    assert failed["sequence_number"] == error["sequence_number"] + 1
    assert SSESplitter().feed(FromChat(Shell({}, RUN)).failed("x", "y"))[1:] == []


pieces = st.lists(
    st.one_of(
        st.builds(lambda text: {"content": text}, st.text(max_size=6)),
        st.builds(lambda text: {"reasoning_content": text}, st.text(max_size=6)),
        st.builds(lambda text: {"refusal": text}, st.text(max_size=6)),
        st.builds(
            lambda index, text: {
                "tool_calls": [
                    {"index": index, "id": f"c{index}", "function": {"name": f"f{index}", "arguments": text}}
                ]
            },
            st.integers(0, 2),
            st.text(max_size=6),
        ),
    ),
    max_size=12,
)


@given(pieces)
def test_whatever_comes_the_events_add_up_to_the_end(deltas: list[dict[str, Any]]) -> None:
    found = written([chunk(**delta) for delta in deltas] + [chunk("stop")])
    output = found[-1]["response"]["output"]
    texts: dict[tuple[int, int, str], str] = {}
    for event in found:
        if event["type"].endswith(".delta"):
            place = event.get("content_index", event.get("summary_index", 0))
            key = (event["output_index"], place, event["type"])
            texts[key] = texts.get(key, "") + event["delta"]
    for (at, place, kind), text in texts.items():
        item = output[at]
        if "arguments" in kind:
            assert item["arguments"] == text
        else:
            part = item["content"][place]
            assert part.get("text", part.get("refusal")) == text
    done = {e["output_index"]: e["item"] for e in found if e["type"] == "response.output_item.done"}
    assert [item for _, item in sorted(done.items())] == output


@pytest.mark.parametrize("name", WHOLE)
def test_an_item_ends_before_the_next_begins(name: str) -> None:
    ours = [e for e in written(chunks_of(name)) if e["type"].startswith("response.output_item.")]
    assert [(e["type"].rpartition(".")[2], e["output_index"]) for e in ours] == [
        (what, at) for at in range(len(fixture(name)["output"])) for what in ("added", "done")
    ]


BROKEN = [
    {"type": "response.output_item.added", "output_index": 0, "item": 5},
    {"type": "response.output_item.done", "output_index": 0, "item": {"type": "reasoning", "summary": [None]}},
    {"type": "response.output_text.delta", "output_index": [1], "delta": "x"},
    {"type": "response.completed", "response": {"status": "incomplete", "incomplete_details": 7}},
    {"type": ["response.created"]},
]


@pytest.mark.parametrize("event", BROKEN)
def test_events_of_an_unknown_form_are_a_providers_fault(event: dict[str, Any]) -> None:
    with pytest.raises(UpstreamError) as caught:
        ToChat().feed("", event)
    assert caught.value.code == "upstream_invalid_answer"


@pytest.mark.parametrize(
    "said", [{"choices": [{"delta": {"content": 5}}]}, {"choices": [], "usage": {"prompt_tokens": "x"}}]
)
def test_chunks_of_an_unknown_form_are_a_providers_fault(said: dict[str, Any]) -> None:
    with pytest.raises(UpstreamError) as caught:
        written([said])
    assert caught.value.code == "upstream_invalid_answer"


# -- again ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WHOLE)
def test_a_finished_response_can_be_seen_again_as_a_stream(name: str) -> None:
    found = [json.loads(payload(event)) for event in replay.events(fixture(name))]
    for event in found:
        _typed.validate_python(event)
    reader = ToChat()
    message = gathered([one for event in found for one in reader.feed("", event)])
    assert message == answers.to_chat(fixture(name))["choices"][0]["message"]
    assert events.FromChat is FromChat
