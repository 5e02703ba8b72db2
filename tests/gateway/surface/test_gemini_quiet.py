"""Models and token counts for Gemini's clients."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from outrider.testing import ScriptedProvider
from outrider.testing.running import Running, running
from outrider.testing.speaking import SpeakingProvider, speaking_thread

CONFIG = """
embedded: {{enabled: false}}
providers:
  google: {{base_url: "{url}", api_key: "${{env:PROVIDER_KEY}}", models: [gemini-3-pro, gemini-2.5-flash], facts: {{
    gemini-3-pro: {{context: 1048576, max_output: 65536}}}}}}
  openai: {{base_url: "{url}/v1", api_key: "${{env:PROVIDER_KEY}}", models: [gpt-4.1]}}
  away: {{preset: google, base_url: "http://127.0.0.1:9", api_key: "${{env:PROVIDER_KEY}}", models: [gone]}}
"""
HELLO = {"contents": [{"role": "user", "parts": [{"text": "Hello there, how are you?"}]}]}


@pytest.fixture(scope="module")
def provider() -> ScriptedProvider:
    return SpeakingProvider(["gemini-3-pro", "gpt-4.1"])


@pytest.fixture(scope="module")
def house(provider: ScriptedProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with (
        speaking_thread(provider) as url,
        running(
            CONFIG.format(url=url), tmp_path_factory.mktemp("home"), environment={"PROVIDER_KEY": "provider-key"}
        ) as outrider,
    ):
        yield outrider


def ask(house: Running, path: str, body: Any = None, *, key: str | None = None) -> tuple[int, Any]:
    said = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(house.url + path, said, {"x-goog-api-key": key or house.key} if key != "" else {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_models_are_listed_page_by_page(house: Running) -> None:
    _, first = ask(house, "/v1beta/models?pageSize=3")
    _, second = ask(house, f"/v1beta/models?pageSize=3&pageToken={first['nextPageToken']}")
    names = [one["name"] for one in first["models"] + second["models"]]
    assert names == sorted(names)
    assert {"models/gemini-3-pro", "models/gpt-4.1"} <= set(names)
    assert "nextPageToken" not in second
    status, said = ask(house, "/v1beta/models?pageSize=many")
    assert (status, said["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_a_model(house: Running) -> None:
    _, said = ask(house, "/v1beta/models/gemini-3-pro")
    assert said["name"] == "models/gemini-3-pro"
    assert (said["inputTokenLimit"], said["outputTokenLimit"]) == (1048576, 65536)
    assert "generateContent" in said["supportedGenerationMethods"]
    status, said = ask(house, "/v1beta/models/nothing")
    assert (status, said["error"]["status"]) == (404, "NOT_FOUND")


def test_where_others_list_models_google_s_clients_get_theirs(house: Running) -> None:
    _, theirs = ask(house, "/v1/models")
    assert "models/gpt-4.1" in [one["name"] for one in theirs["models"]]
    assert ask(house, "/v1/models/gpt-4.1")[1]["name"] == "models/gpt-4.1"
    request = urllib.request.Request(house.url + "/v1/models", headers={"authorization": f"Bearer {house.key}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert json.loads(answer.read())["object"] == "list"


def test_models_of_a_publisher(house: Running) -> None:
    _, said = ask(house, "/v1beta1/publishers/google/models")
    assert "publishers/google/models/gpt-4.1" in [one["name"] for one in said["publisherModels"]]
    assert ask(house, "/v1beta1/publishers/google/models/gpt-4.1")[1]["name"] == "publishers/google/models/gpt-4.1"


def test_a_key_is_needed_wherever_it_stands(house: Running) -> None:
    status, said = ask(house, "/v1beta/models", key="")
    assert (status, said["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert ask(house, f"/v1beta/models?key={house.key}", key="")[0] == 200


@pytest.mark.parametrize(
    "body",
    [HELLO, {"generateContentRequest": {"model": "models/gpt-4.1", **HELLO}}, {"generate_content_request": HELLO}],
)
def test_tokens_of_another_s_model_are_counted_here(house: Running, body: Any) -> None:
    status, said = ask(house, "/v1beta/models/gpt-4.1:countTokens", body)
    assert status == 200
    assert 7 <= said["totalTokens"] <= 40
    assert said["promptTokensDetails"][0]["tokenCount"] == said["totalTokens"]


def test_a_picture_is_not_counted_as_text(house: Running) -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": "A" * 100_000}}
    _, said = ask(house, "/v1beta/models/gone:countTokens", {"contents": [{"parts": [picture, {"text": "?"}]}]})
    assert 258 <= said["totalTokens"] < 350


def test_a_provider_that_is_away_is_estimated(house: Running) -> None:
    status, said = ask(house, "/v1/models/gone:countTokens", HELLO)
    assert status == 200
    assert said["totalTokens"] > 5


def test_google_counts_its_own(house: Running, provider: ScriptedProvider) -> None:
    status, said = ask(house, "/v1beta/models/gemini-3-pro:countTokens", HELLO)
    assert status == 200
    assert said["totalTokens"] > 0


def test_what_is_wrong_is_named(house: Running) -> None:
    status, said = ask(house, "/v1beta/models/gpt-4.1:countTokens", {"contents": []})
    assert (status, said["error"]["status"]) == (400, "INVALID_ARGUMENT")
