"""Every language is served where its clients look for it."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

CONFIG = """
embedded: {{enabled: false}}
providers: {{scripted: {{base_url: "{url}", models: [scripted-chat]}}}}
"""
ASKED = {"model": "scripted-chat", "max_tokens": 20, "messages": [{"role": "user", "content": "hello"}]}
ITEMS = {"model": "scripted-chat", "input": "hello"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with (
        scripted_thread(ScriptedProvider()) as url,
        running(CONFIG.format(url=url), tmp_path_factory.mktemp("home")) as outrider,
    ):
        yield outrider


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions", "/chat/completions", "/v1/messages", "/messages", "/v1/responses"]
)
def test_it_is_answered(house: Running, path: str) -> None:
    asked = ITEMS if path.endswith("/responses") else ASKED
    request = urllib.request.Request(house.url + path, json.dumps(asked).encode(), {"x-api-key": house.key})
    with urllib.request.urlopen(request, timeout=20) as answer:
        said = json.loads(answer.read())
    assert said["usage"]
    assert said["id"]


def test_an_unknown_key_is_told_in_the_callers_language(house: Running) -> None:
    request = urllib.request.Request(house.url + "/v1/messages", json.dumps(ASKED).encode(), {"x-api-key": "no"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=20)
    said = json.loads(caught.value.read())
    assert (said["type"], said["error"]["type"]) == ("error", "authentication_error")


@pytest.mark.parametrize("path", ["/v1/rerank", "/v2/rerank", "/rerank"])
def test_documents_are_ranked(house: Running, path: str) -> None:
    asked = {"model": "scripted-chat", "query": "hello there", "documents": ["goodbye", "hello"], "top_n": 1}
    key = {"authorization": f"Bearer {house.key}"}
    request = urllib.request.Request(house.url + path, json.dumps(asked).encode(), key)
    with urllib.request.urlopen(request, timeout=20) as answer:
        said = json.loads(answer.read())
    assert said["results"] == [{"index": 1, "relevance_score": 0.5}]


def test_anthropics_callers_list_models_in_their_words(house: Running) -> None:
    head = {"x-api-key": house.key, "anthropic-version": "2023-06-01"}
    with urllib.request.urlopen(urllib.request.Request(house.url + "/v1/models", headers=head), timeout=20) as answer:
        said = json.loads(answer.read())
    assert (said["has_more"], said["last_id"]) == (False, "scripted-chat")
    assert {model["type"] for model in said["data"]} == {"model"}
