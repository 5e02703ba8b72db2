"""`POST /v1/responses`: what is checked, what passes as it is, what the caller gets."""

import json
from pathlib import Path
from typing import Any

import pytest

from outrider.base.errors import RequestError, UpstreamError
from outrider.base.sse import SSESplitter, payload
from outrider.dialects.responses import marks
from outrider.gateway.surface import chat, responses, responses_fields
from outrider.gateway.surface.contract import Asked, Personal

FIXTURES = Path(__file__).parents[2] / "fixtures" / "responses"
RUN = "0199f0a2-6e3b-7c11-9a77-2f8e5d1c4b3a"
DIGITS = RUN.replace("-", "")
SURFACE = responses.SURFACE


def read(body: bytes) -> Asked:
    return SURFACE.read(b"/v1/responses", b"", {}, body)


def asked(**fields: Any) -> Asked:
    return read(json.dumps({"model": "m", "input": "hi", **fields}).encode())


# -- checks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "param", "words"),
    [
        ({"model": None}, "model", "expected a string"),
        ({"input": 5}, "input", "expected a string"),
        ({"input": None}, "input", "Missing required parameter"),
        ({"input": []}, "input", "at least one item"),
        ({"input": [{"role": "boss", "content": "x"}]}, "input[0].role", "'boss'"),
        ({"input": [{"content": "x"}]}, "input[0].role", "Missing"),
        ({"input": [{"role": "user"}]}, "input[0].content", "Missing"),
        (
            {"input": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "input[0].content[0].type",
            "'input_image'",
        ),
        ({"input": [{"role": "user", "content": [{"type": "input_text"}]}]}, "input[0].content[0].text", "Missing"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_image"}]}]},
            "input[0].content[0].image_url",
            "Missing",
        ),
        (
            {"input": [{"role": "user", "content": [{"type": "input_file"}]}]},
            "input[0].content[0].file_data",
            "Missing",
        ),
        (
            {"input": [{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}]},
            "input[0].content[0].type",
            "'output_text'",
        ),
        ({"input": [{"type": "function_call", "call_id": "c", "name": "f"}]}, "input[0].arguments", "Missing"),
        (
            {"input": [{"type": "function_call", "call_id": "c", "name": "f", "arguments": {}}]},
            "input[0].arguments",
            "expected a string",
        ),
        ({"input": [{"type": "function_call_output", "output": "x"}]}, "input[0].call_id", "Missing"),
        ({"input": [{"type": "function_call_output", "call_id": "c"}]}, "input[0].output", "Missing"),
        ({"input": [{"type": "function_call_output", "call_id": "c", "output": 5}]}, "input[0].output", "array of"),
        ({"tools": [{"type": "function"}]}, "tools[0].name", "Missing"),
        ({"tools": [{"name": "f"}]}, "tools[0].type", "Missing"),
        ({"text": {"format": {"type": "json_schema", "name": "x"}}}, "text.format.schema", "Missing"),
        ({"temperature": 3}, "temperature", "<= 2"),
        ({"max_output_tokens": 0}, "max_output_tokens", ">= 1"),
        ({"truncation": "some"}, "truncation", "'auto', 'disabled'"),
        ({"stream_options": {}}, "stream_options", "'stream' is true"),
        ({"background": True}, "background", "stored"),
        (
            {"input": [{"role": "assistant", "content": [{"type": "output_text", "text": "x", "annotations": 5}]}]},
            "input[0]",
            "form",
        ),
        ({"previous_response_id": "resp_1", "conversation": "conv_1"}, "previous_response_id", "together"),
        ({"previous_response_id": "resp_1"}, "previous_response_id", "stored here"),
    ],
)
def test_a_mistake_is_named_by_its_path(fields: dict[str, Any], param: str | None, words: str) -> None:
    with pytest.raises(RequestError) as caught:
        asked(**fields)
    assert (caught.value.status, caught.value.param) == (400, param)
    assert words in caught.value.message


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"model": "m", "model": "n", "input": "x"}', b'{"model": "\xff"}']
)
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(RequestError):
        read(body)


def test_what_a_coding_agent_sends_is_understood() -> None:
    body = (FIXTURES / "codex_request.json").read_bytes()
    found = read(body)
    assert (found.model, found.stream, list(found.lost)) == ("gpt-5-codex", True, [])
    assert found.native is body
    assert chat.parse_chat(found.chat).include_usage
    assert responses_fields.refers(responses_fields.parse(body)) is False


# -- where the deployment speaks it too -------------------------------------------------------------------------------


def test_bytes_pass_when_nothing_is_stored() -> None:
    body = b'{"model": "m",  "input": "hi", "store": false, "something_new": {"a": [1]}}'
    found = read(body)
    assert found.native is body
    assert json.loads(found.chat)["provider_options"]["something_new"] == {"a": [1]}
    block = b"event: x\ndata: {}\n\n"
    assert SURFACE.native_answer(found, b"{}", RUN) == b"{}"
    assert SURFACE.native_writer(found, RUN).write(block) is block
    assert isinstance(SURFACE, Personal)


def test_what_is_stored_is_stored_by_us_alone() -> None:
    told = json.loads(asked(include=["x"], something_new=1).native)
    assert told == {
        "model": "m", "input": "hi", "something_new": 1, "store": False,
        "include": ["x", "reasoning.encrypted_content"],
    }  # fmt: skip


def test_a_provider_keeps_its_own_conversations() -> None:
    body = b'{"model":"m","input":"hi","conversation":"conv_1"}'
    found = read(body)
    assert found.native is body
    assert json.loads(found.chat)["provider_options"]["conversation"] == "conv_1"


def test_our_marks_do_not_reach_a_provider() -> None:
    sealed = {"type": "reasoning", "id": marks.item_id("rs_0", RUN), "summary": [], "encrypted_content": marks.seal([])}
    theirs = {"type": "reasoning", "id": marks.item_id("rs_68e1", RUN), "summary": [], "encrypted_content": "g"}
    found = asked(input=[{"role": "user", "content": "user_or_not"}, sealed, theirs], store=False)
    assert json.loads(found.native)["input"] == [
        {"role": "user", "content": "user_or_not"},
        {**theirs, "id": "rs_68e1"},
    ]


@pytest.mark.parametrize("name", ["text", "tools", "interleaved", "web_search", "refusal", "incomplete"])
def test_a_stored_answer_has_our_ids_and_nothing_else_is_changed(name: str) -> None:
    found = asked(previous_response_id=None)
    said = json.loads((FIXTURES / f"{name}.json").read_text())
    ours = json.loads(SURFACE.native_answer(found, json.dumps(said).encode(), RUN))
    wanted = {**said, "id": f"resp_{DIGITS}", "store": True}
    wanted["output"] = [{**item, "id": f"{item['id']}_or{DIGITS}"} for item in said["output"]]
    assert ours == wanted
    stream = (FIXTURES / f"{name}.sse").read_bytes()
    writer = SURFACE.native_writer(found, RUN)
    events = SSESplitter().feed(b"".join(writer.write(event) for event in SSESplitter().feed(stream)))
    assert json.loads(payload(events[-1]))["response"] == wanted
    for event, theirs in zip(events, SSESplitter().feed(stream), strict=True):
        one, other = json.loads(payload(event)), json.loads(payload(theirs))
        assert one.keys() == other.keys()
        assert event.split(b"\n")[0] == theirs.split(b"\n")[0]
        if "item_id" in other:
            assert one == {**other, "item_id": f"{other['item_id']}_or{DIGITS}"}


@pytest.mark.parametrize("item", [None, 3, "x", {"id": 5}, {"id": {}}])
def test_answers_with_items_of_an_unknown_form_pass(item: Any) -> None:
    said = json.dumps({"id": "resp_theirs", "output": [item]}).encode()
    ours = json.loads(SURFACE.native_answer(asked(), said, RUN))
    assert ours == {"id": marks.response_id(RUN), "output": [item]}


def test_events_of_an_unknown_form_pass() -> None:
    event = b'event: response.output_item.added\ndata: {"type":"response.output_item.added","item":5}\n\n'
    assert SURFACE.native_writer(asked(), RUN).write(event) == event


# -- what the caller gets ---------------------------------------------------------------------------------------------


def test_an_answer_and_a_stream() -> None:
    found = asked(stream=True, instructions="Be brief.")
    choice = {"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}
    said = json.loads(SURFACE.answer(found, {"created": 1, "model": "m", "choices": [choice]}, RUN))
    assert (said["id"], said["instructions"]) == (f"resp_{DIGITS}", "Be brief.")
    assert said["output"][0]["content"][0]["text"] == "hello"
    assert SURFACE.stream_type(found).startswith(b"text/event-stream")
    writer = SURFACE.writer(found, RUN)
    delta = {"index": 0, "delta": {"content": "hello"}, "finish_reason": "stop"}
    out = writer.feed({"created": 1, "model": "m", "choices": [delta]}) + writer.end()
    last = json.loads(payload(SSESplitter().feed(out)[-1]))
    assert last["response"]["output"] == said["output"]


def test_an_answer_of_an_unknown_form_is_a_providers_fault() -> None:
    with pytest.raises(UpstreamError):
        SURFACE.answer(asked(), {"choices": [{"message": 5}]}, RUN)


def test_errors_look_as_openais_do() -> None:
    status, _, body = SURFACE.error(RequestError("no", code="nope", param="input"))
    assert (status, json.loads(body)["error"]["param"]) == (400, "input")
    shown = b'{"error": {"message": "their words", "type": "invalid_request_error", "param": "x", "code": "y"}}'
    error = UpstreamError("failed", code="provider_refused_request", status=400, retryable=False, body=shown)
    error.language = "responses"
    assert SURFACE.error(error)[2] == shown
    error.language = "anthropic"
    assert json.loads(SURFACE.error(error)[2])["error"]["message"] == "failed"


def test_errors_within_a_stream_go_on_counting() -> None:
    found = asked(stream=True)
    error = UpstreamError("broke off", code="upstream_stream_cut")
    before = json.loads(payload(SURFACE.error_event(found, error)))
    assert (before["type"], before["sequence_number"], before["message"]) == ("error", 0, "broke off")
    assert SURFACE.error_event(None, error).startswith(b"event: error\n")
    writer = SURFACE.writer(found, RUN)
    sent = SSESplitter().feed(writer.feed({"choices": [{"index": 0, "delta": {"content": "x"}}]}))
    after = [json.loads(payload(event)) for event in SSESplitter().feed(SURFACE.error_event(found, error))]
    assert [event["type"] for event in after] == ["error", "response.failed"]
    assert [event["sequence_number"] for event in after] == [len(sent), len(sent) + 1]
