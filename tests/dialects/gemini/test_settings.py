"""How an answer is made, to chat and from chat, for each generation of models."""

from typing import Any

import pytest

from outrider.dialects.gemini.names import FORMAT
from outrider.dialects.gemini.requests import from_chat, to_chat

HELLO = [{"role": "user", "parts": [{"text": "Hello"}]}]


def chat_of(**fields: Any) -> dict[str, Any]:
    made = to_chat({"contents": [{"role": "user", "parts": [{"text": "Hello"}]}], **fields}, "m")
    assert made.lost == []
    return made.fields


def gemini_of(model: str = "gemini-2.5-flash", **chat: Any) -> dict[str, Any]:
    made = from_chat({"model": "x", "messages": [{"role": "user", "content": "Hello"}], **chat}, model)
    assert made.lost == []
    return made.fields


CONFIGS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"maxOutputTokens": 5}, {"max_completion_tokens": 5}),
    ({"temperature": 0.5, "topP": 0.9, "topK": 40}, {"temperature": 0.5, "top_p": 0.9, "top_k": 40}),
    ({"candidateCount": 2}, {"n": 2}),
    ({"stopSequences": ["a", "b"]}, {"stop": ["a", "b"]}),
    ({"seed": 7, "presencePenalty": 0.1, "frequencyPenalty": -0.1},
     {"seed": 7, "presence_penalty": 0.1, "frequency_penalty": -0.1}),
    ({"responseLogprobs": True, "logprobs": 3}, {"logprobs": True, "top_logprobs": 3}),
    ({"responseMimeType": "application/json"}, {"response_format": {"type": "json_object"}}),
    ({"responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}},
     {"response_format": {"type": "json_schema", "json_schema": {"name": "response", "schema": {"type": "object"}}}}),
    ({"thinkingConfig": {"thinkingBudget": 512}}, {"reasoning": {"max_tokens": 512}}),
    ({"thinkingConfig": {"thinkingBudget": -1, "includeThoughts": True}},
     {"reasoning": {"enabled": True, "display": "summarized"}}),
    ({"thinkingConfig": {"thinkingBudget": 0}}, {"reasoning_effort": "none"}),
    ({"responseModalities": ["TEXT", "IMAGE"]}, {"modalities": ["text", "image"]}),
    ({"responseModalities": ["AUDIO"],
      "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}},
     {"modalities": ["audio"], "audio": {"voice": "Kore", "format": "pcm16"}}),
    ({"mediaResolution": "MEDIA_RESOLUTION_LOW"},
     {"provider_options": {"format": FORMAT, "generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_LOW"}}}),
]  # fmt: skip


@pytest.mark.parametrize(("config", "chat"), CONFIGS)
def test_settings_there_and_back(config: dict[str, Any], chat: dict[str, Any]) -> None:
    said = chat_of(generationConfig=config)
    assert {name: said[name] for name in said.keys() - {"model", "messages"}} == chat
    back = gemini_of(**chat)["generationConfig"]
    if back.get("thinkingConfig", {}).get("includeThoughts") and "thinkingConfig" in config:
        config["thinkingConfig"].setdefault("includeThoughts", True)  # chat shows thoughts that are asked for
    assert back == config


NEIGHBOURS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]},
     {"safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]}),
    ({"cachedContent": "cachedContents/c"},
     {"provider_options": {"format": FORMAT, "cachedContent": "cachedContents/c"}}),
    ({"serviceTier": "flex"}, {"service_tier": "flex"}),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "chat"), NEIGHBOURS)
def test_what_stands_beside_the_settings(fields: dict[str, Any], chat: dict[str, Any]) -> None:
    said = chat_of(**fields)
    assert {name: said[name] for name in said.keys() - {"model", "messages"}} == chat
    assert gemini_of(**chat) == {"contents": HELLO, **fields}


EFFORTS = [
    ("gemini-2.5-flash", "none", {"thinkingBudget": 0}),
    ("gemini-2.5-pro", "none", {"thinkingBudget": 128}),
    ("gemini-2.5-pro", "low", {"thinkingBudget": 1024}),
    ("gemini-2.5-flash", "medium", {"thinkingBudget": 8192}),
    ("gemini-2.5-flash", "max", {"thinkingBudget": 24576}),
    ("gemini-3-flash-preview", "none", {"thinkingLevel": "MINIMAL"}),
    ("gemini-3-pro-preview", "minimal", {"thinkingLevel": "LOW"}),
    ("gemini-3-pro-preview", "medium", {"thinkingLevel": "HIGH"}),
    ("gemini-3.1-pro", "medium", {"thinkingLevel": "MEDIUM"}),
    ("gemini-4-argon", "xhigh", {"thinkingLevel": "HIGH"}),
    ("projects/1/endpoints/2", "high", {"thinkingBudget": 24576}),
]


@pytest.mark.parametrize(("model", "effort", "config"), EFFORTS)
def test_effort_by_generation(model: str, effort: str, config: dict[str, Any]) -> None:
    assert gemini_of(model, reasoning_effort=effort)["generationConfig"]["thinkingConfig"] == config


@pytest.mark.parametrize(
    ("model", "asked", "given"),
    [
        ("gemini-2.5-flash", 31999, 24576),
        ("gemini-2.5-pro", 31999, 31999),
        ("gemini-2.5-pro", 64, 128),
        ("gemini-2.5-flash-lite", 64, 512),
        ("gemini-3-pro", 64000, 64000),
    ],
)
def test_a_budget_is_one_that_the_model_takes(model: str, asked: int, given: int) -> None:
    config = gemini_of(model, reasoning={"max_tokens": asked, "display": "omitted"})["generationConfig"]
    assert config["thinkingConfig"]["thinkingBudget"] == given


def test_models_that_do_not_think() -> None:
    said = {"model": "x", "messages": [{"role": "user", "content": "Hi"}]}
    assert from_chat({**said, "reasoning_effort": "none"}, "gemini-2.0-flash").lost == []
    made = from_chat({**said, "reasoning_effort": "high", "reasoning": {"summary": "auto"}}, "gemini-2.0-flash")
    assert made.lost == ["reasoning_effort", "reasoning"]
    assert "generationConfig" not in made.fields


FORM = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}
TOOL = {"type": "function", "function": {"name": "f"}}


def test_a_form_beside_functions() -> None:
    older = gemini_of(response_format=FORM, tools=[TOOL])
    assert "generationConfig" not in older
    assert '{"type":"object"}' in older["systemInstruction"]["parts"][0]["text"]
    newer = gemini_of("gemini-3-pro", response_format=FORM, tools=[TOOL])
    assert newer["generationConfig"]["responseJsonSchema"] == {"type": "object"}


def test_thinking_without_a_level() -> None:
    assert gemini_of(reasoning={"enabled": False})["generationConfig"]["thinkingConfig"] == {"thinkingBudget": 0}
    summed = gemini_of("gemini-3-flash", reasoning={"effort": "low", "summary": "auto"})
    assert summed["generationConfig"]["thinkingConfig"] == {"thinkingLevel": "LOW", "includeThoughts": True}
    hidden = gemini_of(reasoning={"max_tokens": 5, "display": "omitted"})["generationConfig"]["thinkingConfig"]
    assert hidden == {"thinkingBudget": 5, "includeThoughts": False}


def test_of_two_limits_the_larger() -> None:
    assert gemini_of(max_tokens=5, max_completion_tokens=9)["generationConfig"] == {"maxOutputTokens": 9}
