"""Chat requests as Converse requests; each is checked against the types of AWS's own package."""

import json
from typing import Any

import pytest

from outrider.dialects.bedrock.requests import from_chat
from tests.dialects.bedrock.aws import check

CLAUDE = "us.anthropic.claude-sonnet-4-6"
NOVA = "amazon.nova-2-lite-v1:0"
PNG = "data:image/png;base64,iVBORw0KGgo="
PDF = "data:application/pdf;base64,JVBERi0xLjQ="
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {"name": "weather", "description": "The weather", "parameters": {"type": "object"}, "strict": True},
}


def said(model: str = CLAUDE, lost: list[str] | None = None, **fields: Any) -> dict[str, Any]:
    fields.setdefault("messages", [{"role": "user", "content": "hi"}])
    told = from_chat({"model": "m", **fields}, model)
    assert told.lost == (lost or [])
    check(told.fields)
    return told.fields


def turns(*messages: dict[str, Any], **more: Any) -> Any:
    return said(messages=list(messages), **more)["messages"]


def content(*parts: Any, **more: Any) -> Any:
    return turns({"role": "user", "content": list(parts)}, **more)[0]["content"]


def test_the_least() -> None:
    assert said() == {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}


def test_system_and_developer_go_before_the_conversation() -> None:
    told = said(
        messages=[
            {"role": "system", "content": "Be kind."},
            {
                "role": "developer",
                "content": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
            },
            {"role": "user", "content": "hi"},
        ]
    )
    assert told["system"] == [{"text": "Be kind."}, {"text": "Be brief."}, {"cachePoint": {"type": "default"}}]


def test_turns_alternate_and_empty_text_is_not_sent() -> None:
    assert turns(
        {"role": "user", "content": "a"},
        {"role": "user", "content": [{"type": "text", "text": ""}, {"type": "text", "text": "b"}]},
        {"role": "assistant", "content": ""},
        {"role": "assistant", "content": "c"},
    ) == [
        {"role": "user", "content": [{"text": "a"}, {"text": "b"}]},
        {"role": "assistant", "content": [{"text": "c"}]},
    ]


def test_media() -> None:
    assert content(
        {"type": "image_url", "image_url": {"url": PNG}},
        {"type": "image_url", "image_url": {"url": "s3://bucket/cat.jpg"}},
        {"type": "file", "file": {"filename": "My.Report_1.pdf", "file_data": PDF}},
        {"type": "file", "file": {"filename": "My.Report_1.pdf", "file_data": PDF}},
        {"type": "file", "file": {"file_data": PNG}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}},
        {"type": "video_url", "video_url": {"url": "s3://bucket/a.3gp"}},
    ) == [
        {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}},
        {"image": {"format": "jpeg", "source": {"s3Location": {"uri": "s3://bucket/cat.jpg"}}}},
        {"document": {"format": "pdf", "name": "My Report 1", "source": {"bytes": "JVBERi0xLjQ="}}},
        {"document": {"format": "pdf", "name": "My Report 1 2", "source": {"bytes": "JVBERi0xLjQ="}}},
        {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}},
        {"audio": {"format": "wav", "source": {"bytes": "UklGRg=="}}},
        {"video": {"format": "mp4", "source": {"bytes": "AAAA"}}},
        {"video": {"format": "three_gp", "source": {"s3Location": {"uri": "s3://bucket/a.3gp"}}}},
        {"text": "My Report 1, My Report 1 2"},
    ]


def test_a_document_that_may_be_cited() -> None:
    part = {
        "type": "file",
        "file": {"filename": "a.txt", "file_data": "data:text/plain;base64,aGk="},
        "title": "Facts",
        "context": "From the archive",
        "citations": {"enabled": True},
    }
    assert content(part) == [
        {
            "document": {
                "format": "txt",
                "name": "Facts",
                "source": {"bytes": "aGk="},
                "context": "From the archive",
                "citations": {"enabled": True},
            }
        },
        {"text": "Facts"},
    ]


@pytest.mark.parametrize(
    ("part", "lost"),
    [
        ({"type": "image_url", "image_url": {"url": "https://a.example/x.png"}}, "image_url by address"),
        ({"type": "image_url", "image_url": {"url": "data:image/bmp;base64,AA=="}}, "image_url of type image/bmp"),
        ({"type": "video_url", "video_url": {"url": "https://a.example/x.mp4"}}, "video_url by address"),
        ({"type": "file", "file": {"file_id": "file-1"}}, "file by id"),
        ({"type": "file", "file": {"file_url": "https://a.example/x.pdf"}}, "file by address"),
        ({"type": "file", "file": {"file_data": "data:application/zip;base64,AA=="}}, "file of type 'application/zip'"),
        ({"type": "input_audio", "input_audio": {"data": "AA==", "format": "midi"}}, "input_audio"),
        ({"type": "thinking"}, "thinking"),
    ],
)
def test_what_cannot_be_said_is_named(part: dict[str, Any], lost: str) -> None:
    parts = [{"type": "text", "text": "see"}, part]
    assert content(*parts, lost=[f"messages[0].content[1] ({lost})"]) == [{"text": "see"}]


def test_cache_marks() -> None:
    hour = {"type": "ephemeral", "ttl": "1h"}
    told = said(
        messages=[
            {
                "role": "user",
                "content": [{"type": "text", "text": "a", "cache_control": hour}, {"type": "text", "text": "b"}],
            },
            {"role": "assistant", "content": "c", "cache_control": {"type": "ephemeral", "ttl": "5m"}},
            {"role": "user", "content": "d"},
        ],
        tools=[{**TOOL, "cache_control": hour}],
    )
    assert told["messages"][0]["content"][1] == {"cachePoint": {"type": "default", "ttl": "1h"}}
    assert told["messages"][1]["content"][1] == {"cachePoint": {"type": "default"}}
    assert told["toolConfig"]["tools"][1] == {"cachePoint": {"type": "default", "ttl": "1h"}}


def test_a_model_without_a_cache_gets_no_marks() -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    assert content({"type": "text", "text": "a", **mark}, model="meta.llama4-scout-17b-instruct-v1:0") == [
        {"text": "a"}
    ]


def test_tools_are_called_and_answer() -> None:
    told = said(
        tools=[TOOL],
        messages=[
            {"role": "user", "content": "Oslo and Rome?"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "weather", "arguments": '{"city": "Oslo"}'},
                    },
                    {"id": "call|2", "type": "function", "function": {"name": "weather", "arguments": ""}},
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": "cold"},
            {
                "role": "tool",
                "tool_call_id": "call|2",
                "is_error": True,
                "content": [
                    {"type": "text", "text": "no city"},
                    {"type": "image_url", "image_url": {"url": PNG}, "cache_control": {"type": "ephemeral"}},
                ],
            },
            {"role": "user", "content": "and?"},
        ],
    )
    _, called, answered = told["messages"]
    made = called["content"][1]["toolUse"]["toolUseId"]
    assert called["content"][0] == {"toolUse": {"toolUseId": "call_1", "name": "weather", "input": {"city": "Oslo"}}}
    assert called["content"][1]["toolUse"]["input"] == {}
    assert made != "call|2"
    assert answered == {
        "role": "user",
        "content": [
            {"toolResult": {"toolUseId": "call_1", "content": [{"text": "cold"}]}},
            {
                "toolResult": {
                    "toolUseId": made,
                    "status": "error",
                    "content": [{"text": "no city"}, {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}}],
                }
            },
            {"cachePoint": {"type": "default"}},
            {"text": "and?"},
        ],
    }


def test_arguments_that_are_no_object_are_kept_within_one() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "[1"}}
    told = said(messages=[{"role": "user", "content": "x"}, {"role": "assistant", "tool_calls": [call]}])
    assert told["messages"][1]["content"][0]["toolUse"]["input"] == {"invalid_json": "[1"}


def test_limits() -> None:
    told = said(max_completion_tokens=500, max_tokens=400, stop=["END", ""])
    assert told["inferenceConfig"] == {"maxTokens": 500, "stopSequences": ["END"]}
    assert told["additionalModelResponseFieldPaths"] == ["/stop_sequence"]


def test_a_schema_is_told_as_text() -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "additionalProperties": False}
    form = {"type": "json_schema", "json_schema": {"name": "place", "schema": schema, "strict": True}}
    told = said(response_format=form, reasoning_effort="low")
    text = told["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
    assert (json.loads(text["schema"]), text["name"]) == (schema, "place")
    assert told["outputConfig"]["effort"] == "low"
    said(response_format={"type": "json_object"}, lost=["response_format (json_object)"])
    assert "outputConfig" not in said(response_format={"type": "text"})


def test_a_schema_that_strict_output_does_not_take_is_made_to_fit() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    told = json.loads(said(response_format=form)["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"])
    assert told["additionalProperties"] is False
    assert "minimum" not in told["properties"]["n"]
    open_ = {"type": "json_schema", "json_schema": {"schema": {"type": "object", "additionalProperties": True}}}
    said(response_format=open_, lost=["response_format.json_schema.schema (additionalProperties)"])


def test_a_conversation_that_begins_with_nothing_but_instructions() -> None:
    told = said(messages=[{"role": "system", "content": "Say hi."}])
    assert told == {"messages": [{"role": "user", "content": [{"text": "Say hi."}]}]}


def test_instructions_between_turns() -> None:
    messages = [
        {"role": "system", "content": "a"},
        {"role": "user", "content": "b"},
        {"role": "system", "content": "c"},
        {"role": "assistant", "content": "d "},
    ]
    told = said(messages=messages, model="anthropic.claude-opus-4-8")
    assert [(turn["role"], turn["content"][0]["text"]) for turn in told["messages"]] == [
        ("user", "b"),
        ("system", "c"),
        ("assistant", "d"),
    ]
    assert said(messages=messages)["system"] == [{"text": "a"}, {"text": "c"}]


def test_results_of_tools_come_first() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    told = turns(
        {"role": "user", "content": "x"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "user", "content": "wait"},
        {"role": "tool", "tool_call_id": "c", "content": " "},
        tools=[TOOL],
    )
    assert told[2]["content"] == [{"toolResult": {"toolUseId": "c", "content": []}}, {"text": "wait"}]


@pytest.mark.parametrize(("asked", "told"), [("flex", "flex"), ("scale", "reserved"), ("auto", None)])
def test_tiers(asked: str, told: str | None) -> None:
    assert said(service_tier=asked).get("serviceTier", {}).get("type") == told


def test_bedrocks_own_fields_pass() -> None:
    own = {
        "guardrailConfig": {"guardrailIdentifier": "abc", "guardrailVersion": "1", "trace": "enabled"},
        "performanceConfig": {"latency": "optimized"},
        "requestMetadata": {"team": "a"},
        "additionalModelRequestFields": {"anthropic_beta": ["context-1m-2025-08-07"]},
    }
    assert {name: value for name, value in said(**own, top_k=3).items() if name in own} == {
        **own,
        "additionalModelRequestFields": {"top_k": 3, "anthropic_beta": ["context-1m-2025-08-07"]},
    }


def test_options_of_this_provider_and_of_others() -> None:
    latency = {"performanceConfig": {"latency": "optimized"}}
    assert (
        said(provider_options={"format": "amazon-bedrock-v1", **latency})["performanceConfig"]
        == latency["performanceConfig"]
    )
    other = {"format": "google-gemini-v1", "cachedContent": "c"}
    said(provider_options=other, lost=["provider_options.cachedContent"])


def test_content_for_the_guardrail() -> None:
    assert content(
        {"type": "text", "text": "is it?", "guard_content": ["query"]},
        {"type": "text", "text": "see", "guard_content": True},
        {"type": "image_url", "image_url": {"url": PNG}, "guard_content": True},
    ) == [
        {"guardContent": {"text": {"text": "is it?", "qualifiers": ["query"]}}},
        {"guardContent": {"text": {"text": "see"}}},
        {"guardContent": {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}}},
    ]


def test_what_means_nothing_is_left_out_and_the_rest_is_named() -> None:
    silent = {
        "n": 1, "logprobs": False, "store": False, "user": "u", "metadata": {"a": "b"}, "frequency_penalty": 0,
        "logit_bias": {}, "seed": None, "parallel_tool_calls": True, "stream": True, "modalities": ["text"],
    }  # fmt: skip
    assert said(**silent) == said()
    said(n=2, seed=7, logprobs=True, x_new=1, lost=["n", "seed", "logprobs", "x_new"])
    function = [{"role": "user", "content": "a"}, {"role": "function", "name": "f", "content": "b"}]
    said(messages=function, lost=["messages[1] (function)"])
