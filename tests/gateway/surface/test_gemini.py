"""Gemini's callers before a whole Outrider: their own language behind it, and others'."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from outrider.base.errors import RequestError, UpstreamError
from outrider.dialects.gemini.names import wrapped
from outrider.gateway.surface.gemini import SURFACE
from outrider.testing.running import Running, running
from outrider.testing.speaking import SpeakingProvider, speaking_thread

CONFIG = """
embedded: {{enabled: false}}
providers:
  google: {{base_url: "{url}", api_key: "${{env:PROVIDER_KEY}}", models: [gemini-3-pro]}}
  anthropic: {{base_url: "{url}", api_key: "${{env:PROVIDER_KEY}}", models: [claude-sonnet-4-5]}}
  openai: {{base_url: "{url}/v1", api_key: "${{env:PROVIDER_KEY}}", models: [gpt-4.1]}}
routes:
  gemini-3-pro: {{deployments: [google/gemini-3-pro], retries: 0}}
  claude-sonnet-4-5: {{deployments: [anthropic/claude-sonnet-4-5], retries: 0}}
  gpt-4.1: {{deployments: [openai/gpt-4.1], retries: 0}}
"""
MODELS = ["gemini-3-pro", "claude-sonnet-4-5", "gpt-4.1"]
HELLO = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}


@pytest.fixture(scope="module")
def provider() -> SpeakingProvider:
    return SpeakingProvider(["gemini-3-pro", "claude-sonnet-4-5", "gpt-4.1"])


@pytest.fixture(scope="module")
def house(provider: SpeakingProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with (
        speaking_thread(provider) as url,
        running(
            CONFIG.format(url=url), tmp_path_factory.mktemp("home"), environment={"PROVIDER_KEY": "provider-key"}
        ) as outrider,
    ):
        yield outrider


def ask(
    house: Running, path: str, body: Any = HELLO, *, key: str | None = None, **headers: str
) -> tuple[int, Any, bytes]:
    said = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"x-goog-api-key": key or house.key, **{k.replace("_", "-"): v for k, v in headers.items()}}
    request = urllib.request.Request(house.url + path, said, given)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def generate(house: Running, model: str, body: Any = HELLO, **headers: str) -> Any:
    status, _, said = ask(house, f"/v1beta/models/{model}:generateContent", body, **headers)
    assert status == 200, said
    return json.loads(said)


def texts(said: Any) -> str:
    return "".join(p.get("text", "") for c in said["candidates"] for p in c["content"]["parts"] if not p.get("thought"))


@pytest.mark.parametrize("model", MODELS)
def test_an_answer(house: Running, model: str) -> None:
    said = generate(house, model)
    assert texts(said) == "This is a scripted answer."
    assert said["candidates"][0]["finishReason"] == "STOP"
    assert said["usageMetadata"]["candidatesTokenCount"] == 5
    assert said["modelVersion"]
    assert said["responseId"]


@pytest.mark.parametrize("model", MODELS)
def test_a_stream_of_events(house: Running, model: str) -> None:
    status, headers, said = ask(house, f"/v1beta/models/{model}:streamGenerateContent?alt=sse")
    assert status == 200
    assert headers["content-type"].startswith("text/event-stream")
    events = [json.loads(one.removeprefix(b"data: ")) for one in said.split(b"\r\n\r\n") if one]
    assert "".join(texts(event) for event in events) == "This is a scripted answer."
    assert events[-1]["candidates"][0]["finishReason"] == "STOP"
    assert events[-1]["usageMetadata"]["totalTokenCount"]


@pytest.mark.parametrize("model", MODELS)
def test_a_stream_as_an_array(house: Running, model: str) -> None:
    status, headers, said = ask(house, f"/v1beta/models/{model}:streamGenerateContent")
    assert status == 200
    assert headers["content-type"].startswith("application/json")
    assert "".join(texts(event) for event in json.loads(said)) == "This is a scripted answer."


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models/gemini-3-pro:generateContent",
        "/v1beta1/projects/p/locations/l/publishers/google/models/gemini-3-pro:generateContent",
        "/v1beta/models/google%2Fgemini-3-pro:generateContent",
        "/v1beta/models/google/gemini-3-pro:generateContent?key={key}",
    ],
)
def test_where_it_is_asked(house: Running, path: str) -> None:
    status, _, said = ask(house, path.format(key=house.key))
    assert (status, texts(json.loads(said))) == (200, "This is a scripted answer.")


def test_bytes_pass_to_a_gemini(house: Running, provider: SpeakingProvider) -> None:
    body = b'{"contents": [{"parts": [{"text": "Hello"}], "role": "user"}],  "generationConfig": {"topK": 3.0}}'
    generate(house, "gemini-3-pro", body)
    assert provider.heard[-1].body == body
    assert provider.heard[-1].headers["x-goog-api-key"] == "provider-key"


WEATHER = {"functionDeclarations": [{"name": "weather", "parameters": {"type": "object", "properties": {
    "city": {"type": "string"}}, "required": ["city"]}}]}  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_a_tool_goes_round(house: Running, provider: SpeakingProvider, model: str) -> None:
    contents = [{"role": "user", "parts": [{"text": "Weather?"}]}]
    config = {"functionCallingConfig": {"mode": "ANY"}}
    said = generate(house, model, {"contents": contents, "tools": [WEATHER], "toolConfig": config})
    turn = said["candidates"][0]["content"]
    (call,) = [part["functionCall"] for part in turn["parts"] if "functionCall" in part]
    assert call["name"] == "weather"
    result = {"name": "weather", "response": {"output": "sunny"}, **({"id": call["id"]} if "id" in call else {})}
    contents += [turn, {"role": "user", "parts": [{"functionResponse": result}]}]
    said = generate(house, model, {"contents": contents, "tools": [WEATHER]})
    assert texts(said) == "The tool said: sunny"
    assert not provider.refused


@pytest.mark.parametrize("model", MODELS)
def test_a_schema_is_held_to(house: Running, model: str) -> None:
    schema = {"type": "OBJECT", "properties": {"n": {"type": "INTEGER"}}, "required": ["n"]}
    config = {"responseMimeType": "application/json", "responseSchema": schema}
    said = generate(house, model, {**HELLO, "generationConfig": config})
    assert isinstance(json.loads(texts(said))["n"], int)


def test_what_another_model_cannot_do(house: Running) -> None:
    body = {**HELLO, "tools": [{"googleSearch": {}}]}
    status, _, said = ask(house, "/v1beta/models/gpt-4.1:generateContent", body)
    error = json.loads(said)["error"]
    assert (status, error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["details"][0]["reason"] == "CANNOT_BE_EXPRESSED"
    status, headers, _ = ask(house, "/v1beta/models/gpt-4.1:generateContent", body, x_outrider_lossy="allow")
    assert status == 200
    assert "tools[0]" in headers["x-outrider-lost"]


REFUSED: list[tuple[Any, str]] = [
    ({}, "contents"),
    ({"contents": []}, "contents"),
    ({"contents": [{"role": "user"}]}, "contents[0].parts"),
    ({"contents": [{"role": "robot", "parts": [{"text": "x"}]}]}, "contents[0].role"),
    ({"contents": [{"parts": [{"text": "x"}, {"thought": True}]}]}, "contents[0].parts[1]"),
    ({"contents": [{"parts": [{"text": "x", "inlineData": {"mimeType": "a/b", "data": ""}}]}]}, "contents[0].parts[0]"),
    ({"contents": [{"parts": [{"inline_data": {"data": "AA"}}]}]}, "contents[0].parts[0].inlineData.mimeType"),
    ({**HELLO, "generationConfig": {"temperature": 3}}, "generationConfig.temperature"),
    ({**HELLO, "generation_config": {"max_output_tokens": "x"}}, "generationConfig.maxOutputTokens"),
    ({**HELLO, "toolConfig": {"functionCallingConfig": {"mode": "MAYBE"}}}, "toolConfig.functionCallingConfig.mode"),
    ({**HELLO, "tools": [{"functionDeclarations": [{}]}]}, "tools[0].functionDeclarations[0].name"),
]


@pytest.mark.parametrize(("body", "field"), REFUSED)
def test_what_is_wrong_is_named(house: Running, body: Any, field: str) -> None:
    status, headers, said = ask(house, "/v1beta/models/gemini-3-pro:generateContent", body)
    error = json.loads(said)["error"]
    assert (status, error["code"], error["status"]) == (400, 400, "INVALID_ARGUMENT")
    assert headers["content-type"].startswith("application/json")
    fields = [d["fieldViolations"][0]["field"] for d in error["details"] if "fieldViolations" in d]
    assert fields == [field]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"contents": 1, "contents": 2}'])
def test_nonsense(house: Running, body: bytes) -> None:
    status, _, said = ask(house, "/v1beta/models/gemini-3-pro:generateContent", body)
    assert (status, json.loads(said)["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_who_is_not_known(house: Running) -> None:
    status, _, said = ask(house, "/v1beta/models/gemini-3-pro:generateContent", key="sk-or-nobody")
    assert (status, json.loads(said)["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_a_model_that_is_not_there(house: Running) -> None:
    status, _, said = ask(house, "/v1beta/models/nothing:generateContent")
    error = json.loads(said)["error"]
    assert (status, error["status"]) == (404, "NOT_FOUND")
    assert "gemini-3-pro" in error["message"]


@pytest.mark.parametrize("model", MODELS)
def test_a_provider_that_limits(house: Running, model: str) -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": "scripted:status=429,retry-after=3"}]}]}
    status, headers, said = ask(house, f"/v1beta/models/{model}:generateContent", body)
    error = json.loads(said)["error"]
    assert (status, error["code"], error["status"]) == (429, 429, "RESOURCE_EXHAUSTED")
    assert headers["retry-after"] == "3"


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("array", [True, False])
def test_an_error_inside_a_stream(house: Running, model: str, array: bool) -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": "scripted:error-in-200=2,words=6"}]}]}
    _, _, said = ask(house, f"/v1beta/models/{model}:streamGenerateContent{'' if array else '?alt=sse'}", body)
    if array:
        events = json.loads(said)
    else:
        events = [json.loads(one.removeprefix(b"data: ")) for one in said.replace(b"\r\n", b"\n").split(b"\n\n") if one]
    assert events[-1]["error"]["status"]
    assert texts(events[0])


def test_foreign_thoughts_do_not_reach_google() -> None:
    thought = {"text": "Hm", "thought": True, "thoughtSignature": wrapped({"format": "anthropic-claude-v1"})}
    contents = [*HELLO["contents"], {"role": "model", "parts": [thought, {"text": "Hi"}]}]
    body = json.dumps({"contents": contents}).encode()
    asked = SURFACE.read(b"/v1beta/models/m:generateContent", b"", {}, body)
    assert json.loads(asked.native)["contents"][1]["parts"] == [{"text": "Hi"}]
    assert b"anthropic-claude-v1" in asked.chat
    assert asked.lost == []


def test_errors_in_google_s_shape() -> None:
    refused = RequestError("No room.", status=429, code="budget_exceeded", details={"room": 3},
                           headers=(("retry-after", "60"),))  # fmt: skip
    status, headers, body = SURFACE.error(refused)
    said = json.loads(body)["error"]
    assert (status, said["message"], said["status"]) == (429, "No room.", "RESOURCE_EXHAUSTED")
    assert said["details"][0]["metadata"] == {"room": "3"}
    assert said["details"][1]["retryDelay"] == "60s"
    assert (b"retry-after", b"60") in headers
    own = UpstreamError("m", status=400, retryable=False, body=b'{"error": {"code": 400}}')
    own.language = "gemini"
    assert SURFACE.error(own)[2] == own.body
    own.language = "anthropic"
    assert json.loads(SURFACE.error(own)[2])["error"]["message"] == "m"


def test_an_error_before_anything_was_understood() -> None:
    assert SURFACE.error_event(None, UpstreamError("m")).startswith(b"data: {")


@pytest.mark.parametrize("properties", [[{"type": None}], {"city": True}])
def test_a_schema_of_an_odd_form_is_answered(house: Running, properties: Any) -> None:
    """Whoever it is that cannot read it says so: nobody waits."""
    tool = {"functionDeclarations": [{"name": "look", "parameters": {"type": "OBJECT", "properties": properties}}]}
    config = {"functionCallingConfig": {"mode": "ANY"}}
    said = generate(house, "claude-sonnet-4-5", {**HELLO, "tools": [tool], "toolConfig": config})
    assert said["candidates"][0]["content"]["parts"][0]["functionCall"]["name"] == "look"
