"""One good request in every language, and asking for it."""

import copy
import json
import urllib.error
import urllib.request
from typing import Any

from outrider.testing.speaking import chat, converse, gemini, messages, responses
from outrider.testing.speaking.words import Ask, Refused

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
CALLED = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"city":"Bern"}'}}
CHAT: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "scene:x hi"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"city":"Bern"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "rain"},
    ],
    "tools": [{"type": "function", "function": {"name": "look", "parameters": SCHEMA}}],
    "temperature": 0.5,
    "max_completion_tokens": 100,
}
RESPONSES: dict[str, Any] = {
    "model": "m",
    "instructions": "be brief",
    "input": [
        {"role": "user", "content": "scene:x hi"},
        {"type": "function_call", "call_id": "c1", "name": "look", "arguments": '{"city":"Bern"}'},
        {"type": "function_call_output", "call_id": "c1", "output": "rain"},
    ],
    "tools": [{"type": "function", "name": "look", "parameters": SCHEMA, "strict": False}],
    "temperature": 0.5,
    "max_output_tokens": 100,
}
MESSAGES: dict[str, Any] = {
    "model": "m",
    "max_tokens": 100,
    "system": "be brief",
    "messages": [
        {"role": "user", "content": "scene:x hi"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "look", "input": {"city": "Bern"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "rain"}]},
    ],
    "tools": [{"name": "look", "input_schema": SCHEMA}],
    "temperature": 0.5,
}
GEMINI: dict[str, Any] = {
    "systemInstruction": {"parts": [{"text": "be brief"}]},
    "contents": [
        {"role": "user", "parts": [{"text": "scene:x hi"}]},
        {"role": "model", "parts": [{"functionCall": {"id": "c1", "name": "look", "args": {"city": "Bern"}}}]},
        {"role": "user", "parts": [{"functionResponse": {"id": "c1", "name": "look", "response": {"output": "rain"}}}]},
    ],
    "tools": [{"functionDeclarations": [{"name": "look", "parametersJsonSchema": SCHEMA}]}],
    "generationConfig": {"temperature": 0.5, "maxOutputTokens": 100},
}
CONVERSE: dict[str, Any] = {
    "system": [{"text": "be brief"}],
    "messages": [
        {"role": "user", "content": [{"text": "scene:x hi"}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "c1", "name": "look", "input": {"city": "Bern"}}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "c1", "content": [{"text": "rain"}]}}]},
    ],
    "toolConfig": {"tools": [{"toolSpec": {"name": "look", "inputSchema": {"json": SCHEMA}}}]},
    "inferenceConfig": {"temperature": 0.5, "maxTokens": 100},
}
KEYS = {"authorization": "Bearer k", "x-api-key": "k", "anthropic-version": "2023-06-01", "x-goog-api-key": "k"}
GOOD = {
    "chat": (chat, "/v1/chat/completions", "/v1/chat/completions", CHAT),
    "responses": (responses, "/v1/responses", "/v1/responses", RESPONSES),
    "anthropic": (messages, "/v1/messages", "/v1/messages", MESSAGES),
    "gemini": (
        gemini,
        "/v1beta/models/m:generateContent",
        "/v1beta/models/m:streamGenerateContent?alt=sse",
        GEMINI,
    ),
    "bedrock": (converse, "/model/m/converse", "/model/m/converse-stream", CONVERSE),
}


def hear(language: str, *path: Any, value: Any = ..., headers: dict[str, str] | None = None) -> Ask:
    """What is heard of the good request with the field at `path` set to `value` (`...`: as it is)."""
    module, url, _, good = GOOD[language]
    body = copy.deepcopy(good)
    if path:
        within: Any = body
        for step in path[:-1]:
            within = within[step]
        within[path[-1]] = value
    ask: Ask = module.hear(url, KEYS if headers is None else headers, json.dumps(body).encode())
    return ask


def refused(language: str, *path: Any, value: Any = ..., headers: dict[str, str] | None = None) -> str:
    """Why that is refused; "" if it is not."""
    try:
        hear(language, *path, value=value, headers=headers)
    except Refused as error:
        return f"{error.message} {error.where}"
    return ""


def post(root: str, path: str, body: Any) -> tuple[int, str, bytes]:
    """Status, content type and body."""
    request = urllib.request.Request(root + path, json.dumps(body).encode(), KEYS)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers["content-type"], answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["content-type"], error.read()
