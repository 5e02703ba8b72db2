"""Vectors for Gemini's clients: of OpenAI's models, and of Google's own with their settings."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from outrider.testing import ScriptedProvider, plans, scripted_thread
from outrider.testing.plans import Plan
from outrider.testing.running import Running, running

CONFIG = """
embedded: {{enabled: false}}
providers:
  google: {{base_url: "{url}", api_key: "${{env:PROVIDER_KEY}}", models: [gemini-embedding-001]}}
  openai: {{base_url: "{url}/v1", api_key: "${{env:PROVIDER_KEY}}", models: [text-embedding-3-small]}}
"""


class Embedding(ScriptedProvider):
    """Also speaks `batchEmbedContents`; `asked` is the last such request."""

    asked: Any = None

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        if not path.endswith(":batchEmbedContents"):
            return super().plan(method, path, headers, body)
        self.asked = json.loads(body)
        vectors = [{"values": [0.5, float(at)]} for at, _ in enumerate(self.asked["requests"])]
        return plans.plain(json.dumps({"embeddings": vectors}).encode())


@pytest.fixture(scope="module")
def provider() -> Embedding:
    return Embedding()


@pytest.fixture(scope="module")
def house(provider: Embedding, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with (
        scripted_thread(provider) as url,
        running(
            CONFIG.format(url=url), tmp_path_factory.mktemp("home"), environment={"PROVIDER_KEY": "provider-key"}
        ) as outrider,
    ):
        yield outrider


def ask(house: Running, path: str, body: Any, **headers: str) -> tuple[int, Any, Any]:
    given = {"x-goog-api-key": house.key, **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = urllib.request.Request(f"{house.url}/v1beta/models/{path}", json.dumps(body).encode(), given)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, json.loads(error.read())


def text(said: str) -> dict[str, Any]:
    return {"content": {"parts": [{"text": said}]}}


def test_one_vector(house: Running) -> None:
    body = {**text("hello"), "outputDimensionality": 4}
    status, headers, said = ask(house, "text-embedding-3-small:embedContent", body)
    assert status == 200
    assert len(said["embedding"]["values"]) == 4
    assert said["usageMetadata"]["promptTokenCount"]
    assert headers["x-request-id"]


def test_several(house: Running) -> None:
    _, _, said = ask(house, "text-embedding-3-small:batchEmbedContents", {"requests": [text("a"), text("b")]})
    first, second = (one["values"] for one in said["embeddings"])
    assert first != second


def test_google_s_own_settings(house: Running, provider: Embedding) -> None:
    requests = [{"model": "models/gemini-embedding-001", "task_type": "RETRIEVAL_QUERY", **text(one)} for one in "ab"]
    status, _, said = ask(house, "gemini-embedding-001:batchEmbedContents", {"requests": requests})
    assert status == 200
    assert [one["values"] for one in said["embeddings"]] == [[0.5, 0.0], [0.5, 1.0]]
    assert [one["taskType"] for one in provider.asked["requests"]] == ["RETRIEVAL_QUERY"] * 2


def test_what_others_do_not_know_is_named(house: Running) -> None:
    body = {**text("hello"), "taskType": "CLUSTERING"}
    status, _, said = ask(house, "text-embedding-3-small:embedContent", body)
    assert (status, said["error"]["details"][0]["reason"]) == (400, "CANNOT_BE_EXPRESSED")
    status, headers, _ = ask(house, "text-embedding-3-small:embedContent", body, x_outrider_lossy="allow")
    assert (status, headers["x-outrider-lost"]) == (200, "taskType")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "content"),
        ({"content": {"parts": [1]}}, "content"),
        ({"requests": []}, "requests"),
        ({"requests": [{**text("a"), "title": "x"}, text("b")]}, "requests"),
        ({"content": {"parts": [{"inlineData": {}}]}}, "content.parts[0]"),
    ],
)
def test_what_is_wrong_is_named(house: Running, body: Any, field: str) -> None:
    status, _, said = ask(house, "text-embedding-3-small:embedContent", body)
    assert (status, said["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert said["error"]["details"][1]["fieldViolations"][0]["field"] == field


def test_errors_of_the_way_are_told_in_google_s_shape(house: Running) -> None:
    status, _, said = ask(house, "text-embedding-3-small:embedContent", text("scripted:status=400"))
    assert (status, said["error"]["code"], said["error"]["status"]) == (400, 400, "INVALID_ARGUMENT")
    assert ask(house, "nothing:embedContent", text("a"))[0] == 404
