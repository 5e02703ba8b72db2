"""Whole answers: a provider's response as a chat completion, a completion as a caller's response."""

import json
from pathlib import Path
from typing import Any

import openai.types.responses as wire
import pytest

from outrider.dialects.responses import answers, marks, requests, thoughts
from outrider.dialects.responses.answers import Shell
from outrider.dialects.responses.marks import FORMAT

FIXTURES = Path(__file__).parents[2] / "fixtures" / "responses"
RUN = "0199f0a2-6e3b-7c11-9a77-2f8e5d1c4b3a"
DIGITS = RUN.replace("-", "")
WHOLE = ("text", "tools", "interleaved", "web_search", "refusal", "incomplete")


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def completion(message: dict[str, Any], **choice: Any) -> dict[str, Any]:
    said = {"index": 0, "message": {"role": "assistant", "content": None, **message}, "finish_reason": "stop", **choice}
    usage = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
    return {"id": "x", "object": "chat.completion", "created": 7, "model": "m", "choices": [said], "usage": usage}


def response(message: dict[str, Any], asked: dict[str, Any] | None = None, **choice: Any) -> dict[str, Any]:
    return answers.from_chat(completion(message, **choice), Shell(asked or {}, RUN))


# -- from a provider --------------------------------------------------------------------------------------------------


def test_text() -> None:
    chat = answers.to_chat(fixture("text"))
    (choice,) = chat["choices"]
    assert choice["message"] == {"role": "assistant", "content": "Paris is the capital of France.", "refusal": None}
    assert (choice["finish_reason"], choice["native_finish_reason"]) == ("stop", "completed")
    assert [one["token"] for one in choice["logprobs"]["content"]] == ["Paris", " is the capital of France."]
    assert (chat["id"], chat["model"]) == ("resp_68e1f0a2b3c4", "gpt-4.1-2025-04-14")
    assert (chat["created"], chat["service_tier"]) == (1763801102, "default")


def test_calls_and_counts() -> None:
    chat = answers.to_chat(fixture("tools"))
    message = chat["choices"][0]["message"]
    assert chat["choices"][0]["finish_reason"] == "tool_calls"
    assert [(c["id"], c["function"]["arguments"]) for c in message["tool_calls"]] == [
        ("call_T9fkqPa1", '{"city":"Paris"}'),
        ("call_T9fkqOs2", '{"city":"Oslo"}'),
    ]
    of = {"format": FORMAT, "id": "rs_68e1f1b3aa01"}
    first, second = "**Looking at the weather**\n\nTwo cities are asked for.", "**Calling**\n\nBoth at once."
    assert message["reasoning_details"] == [
        {"type": "reasoning.summary", "summary": first, **of, "index": 0},
        {"type": "reasoning.summary", "summary": second, **of, "index": 1},
        {"type": "reasoning.encrypted", "data": "gAAAAABo4fGzUdY1-first", **of, "index": 2},
    ]
    assert message["reasoning_content"] == f"{first}\n\n{second}"
    assert chat["usage"] == {
        "prompt_tokens": 120,
        "completion_tokens": 260,
        "total_tokens": 380,
        "prompt_tokens_details": {"cached_tokens": 64},
        "completion_tokens_details": {"reasoning_tokens": 192},
    }


def test_what_cut_it_off() -> None:
    choice = answers.to_chat(fixture("incomplete"))["choices"][0]
    assert (choice["finish_reason"], choice["native_finish_reason"]) == ("length", "max_output_tokens")
    filtered = fixture("incomplete") | {"incomplete_details": {"reason": "content_filter"}}
    assert answers.to_chat(filtered)["choices"][0]["finish_reason"] == "content_filter"


def test_a_refusal_and_citations() -> None:
    assert answers.to_chat(fixture("refusal"))["choices"][0]["message"]["refusal"] == "I can't help with that."
    cited = answers.to_chat(fixture("web_search"))["choices"][0]["message"]
    where = {"end_index": 12, "start_index": 3, "title": "Outrider", "url": "https://example.com/outrider"}
    assert cited["annotations"] == [{"type": "url_citation", "url_citation": where}]
    assert [item["type"] for item in cited["provider_items"]] == ["web_search_call"]


@pytest.mark.parametrize("said", [None, {}, {"input_tokens": None}])
def test_no_counts(said: Any) -> None:
    assert answers.usage_to_chat(said) is None


# -- to a caller ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WHOLE)
def test_there_and_back(name: str) -> None:
    """Everything but ids and what chat has no word for is as the provider said it."""
    said = fixture(name)
    back = answers.from_chat(answers.to_chat(said), Shell({}, RUN))
    wire.Response.model_validate(back)
    assert (back["status"], back["usage"]) == (said["status"], said["usage"])
    assert back["incomplete_details"] == said["incomplete_details"]
    assert back["id"] == f"resp_{DIGITS}"
    for ours, theirs in zip(back["output"], said["output"], strict=True):
        kept = ours.keys() - {"id"}
        assert {k: ours[k] for k in kept} == {k: v for k, v in theirs.items() if k in kept}
        assert theirs.keys() - ours.keys() <= {"phase", "status"}
        if ours["type"] in ("reasoning", "web_search_call"):
            assert ours["id"] == f"{theirs['id']}_or{DIGITS}"
        assert ours["id"].endswith(f"_or{DIGITS}")


def test_a_response_repeats_what_was_asked() -> None:
    tools = [{"type": "function", "name": "f", "parameters": {}, "strict": True}]
    asked = {"instructions": "Be brief.", "tools": tools, "temperature": 0.2, "metadata": {"a": "b"},
             "store": False, "previous_response_id": "resp_1", "reasoning": {"effort": "low"},
             "text": {"verbosity": "low"}}  # fmt: skip
    said = response({"content": "hi"}, asked)
    assert said["tools"] == tools
    assert (said["instructions"], said["temperature"], said["metadata"]) == ("Be brief.", 0.2, {"a": "b"})
    assert (said["store"], said["previous_response_id"]) == (False, "resp_1")
    assert said["reasoning"] == {"effort": "low", "summary": None}
    assert said["text"] == {"format": {"type": "text"}, "verbosity": "low"}
    assert (said["created_at"], said["model"]) == (7, "m")
    assert said["usage"]["input_tokens_details"] == {"cached_tokens": 0, "cache_write_tokens": 0}


def test_custom_tools_and_namespaces_are_called_by_their_names() -> None:
    tools = [
        {"type": "custom", "name": "patch"},
        {"type": "namespace", "name": "mcp", "tools": [{"type": "function", "name": "find"}]},
    ]
    calls = [
        {"id": "a", "type": "function", "function": {"name": "patch", "arguments": '{"input":"+x"}'}},
        {"id": "b", "type": "function", "function": {"name": "mcp__find", "arguments": "{}"}},
        {"id": "c", "type": "custom", "custom": {"name": "patch", "input": "+y"}},
        {"id": "d", "type": "function", "function": {"name": "patch", "arguments": "+z"}},
    ]
    first, second, third, fourth = response({"tool_calls": calls}, {"tools": tools}, finish_reason="tool_calls")[
        "output"
    ]
    assert (first["type"], first["call_id"], first["name"], first["input"]) == ("custom_tool_call", "a", "patch", "+x")
    assert (second["name"], second["namespace"], second["arguments"]) == ("find", "mcp", "{}")
    assert (third["type"], third["input"], fourth["input"]) == ("custom_tool_call", "+y", "+z")


CLAUDE = [
    {"type": "reasoning.text", "text": "hm", "signature": "sig", "format": "anthropic-claude-v1", "index": 0},
    {"type": "reasoning.encrypted", "data": "red", "format": "anthropic-claude-v1", "index": 1},
]


def test_thoughts_of_others_come_back_sealed() -> None:
    said = response({"content": "yes", "reasoning_details": CLAUDE, "reasoning_content": "hm"})
    thought, message = said["output"]
    assert thought["summary"] == [{"type": "summary_text", "text": "hm"}]
    again = requests.to_chat({"model": "m", "input": [{"role": "user", "content": "?"}, thought, message]})
    assert again.fields["messages"][1]["reasoning_details"] == CLAUDE


def test_plain_thoughts_are_shown_as_they_are() -> None:
    thought, message = response({"content": "yes", "reasoning_content": "well"})["output"]
    assert thought["content"] == [{"type": "reasoning_text", "text": "well"}]
    summed, _ = response({"content": "yes", "reasoning_content": "well"}, {"reasoning": {"summary": "auto"}})["output"]
    assert summed["summary"] == [{"type": "summary_text", "text": "well"}]
    for one in (thought, summed):
        again = requests.to_chat({"model": "m", "input": [one, message]}).fields["messages"]
        assert again == [{"role": "assistant", "content": "yes", "reasoning_content": "well"}]


def test_a_signature_on_a_call_comes_back_with_it() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}, "thought_signature": "sig"}
    said = response({"tool_calls": [call]}, finish_reason="tool_calls")
    assert [item["type"] for item in said["output"]] == ["reasoning", "function_call"]
    again = requests.to_chat({"model": "m", "input": said["output"]}).fields["messages"]
    assert again[0]["tool_calls"] == [call]


PICTURE = {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,aGk="}, "thought_signature": "s"}


def test_pictures_that_a_model_made() -> None:
    said = response({"content": "here", "images": [PICTURE]})
    assert [item["type"] for item in said["output"]] == ["message", "reasoning", "image_generation_call"]
    assert (said["output"][2]["result"], said["output"][2]["output_format"]) == ("aGk=", "jpeg")
    wire.Response.model_validate(said)
    again = requests.to_chat({"model": "m", "input": said["output"]}).fields["messages"]
    assert again == [{"role": "assistant", "content": "here", "images": [PICTURE]}]
    assert requests.from_chat({"messages": again}, "gpt-5").lost == ["messages[0].images"]


def test_a_picture_of_a_providers_goes_back_to_it() -> None:
    made = {"type": "image_generation_call", "id": "ig_68e1", "status": "completed", "result": "aGk="}
    message = answers.to_chat({"status": "completed", "output": [made]})["choices"][0]["message"]
    assert message["images"] == [{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}]
    back = requests.from_chat({"messages": [message]}, "gpt-5")
    assert (back.fields["input"], back.lost) == ([made], [])


def test_a_cut_answer_says_which_item_was_cut() -> None:
    said = response({"content": "once upon"}, finish_reason="length")
    assert (said["status"], said["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert said["output"][0]["status"] == "incomplete"


def test_an_empty_answer_has_no_items() -> None:
    assert response({"content": ""})["output"] == []


def test_audio_tokens_are_counted() -> None:
    chat = completion({"content": "x"})
    chat["usage"]["prompt_tokens_details"] = {"cached_tokens": 1, "cache_write_tokens": 2, "audio_tokens": 3}
    counted = answers.from_chat(chat, Shell({}, RUN))["usage"]
    assert counted["input_tokens_details"] == {"cached_tokens": 1, "cache_write_tokens": 2, "audio_tokens": 3}
    assert answers.usage_to_chat(counted) is not None
    assert answers.usage_to_chat(counted)["prompt_tokens_details"] == chat["usage"]["prompt_tokens_details"]  # type: ignore[index]


# -- marks ------------------------------------------------------------------------------------------------------------


def test_ids_name_the_run_and_give_back_the_providers() -> None:
    assert marks.run_of(marks.response_id(RUN)) == marks.run_of(f"resp_{RUN}") == DIGITS
    assert [marks.run_of(id_) for id_ in ("resp_abc", "msg_" + DIGITS, "")] == [None, None, None]
    assert marks.split_id(marks.item_id("rs_68e1", RUN)) == ("rs_68e1", DIGITS)
    assert marks.split_id("msg_or_1") == ("msg_or_1", None)
    assert marks.is_made_up("msg_0")
    assert marks.is_made_up("fc_i12")
    assert not marks.is_made_up("rs_68e1f1b3aa01")


def test_a_provider_gets_its_own_ids_and_nobody_elses_thoughts() -> None:
    said = response({"content": "yes", "reasoning_details": CLAUDE})["output"]
    own = {"type": "reasoning", "id": marks.item_id("rs_68e1f1b3aa01", RUN), "summary": [], "encrypted_content": "g"}
    user = {"role": "user", "content": "hi"}
    assert marks.clean([user, *said, own]) == [
        user,
        {k: v for k, v in said[1].items() if k != "id"},
        {**own, "id": "rs_68e1f1b3aa01"},
    ]


@pytest.mark.parametrize("sealed", ["or1.!!!", "or1.aGk=", "or1."])
def test_a_seal_that_was_changed_gives_no_thoughts(sealed: str) -> None:
    assert marks.unseal(sealed) == []
    assert thoughts.given_back({"type": "reasoning", "summary": [], "encrypted_content": sealed}) == []
