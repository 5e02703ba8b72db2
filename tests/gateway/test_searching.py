"""How many searches a request allows, in every language, and that their fees are held before a provider is asked."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from outrider.base.usage import Fee
from outrider.gateway.searching import UNKNOWN_SEARCHES, fees
from outrider.testing import scripted_thread
from outrider.testing.running import Running, running
from tests.gateway.test_fees import ASKS, Searching

ANTHROPIC = {"type": "web_search_20250305", "name": "web_search"}
FUNCTION = {"type": "function", "function": {"name": "web_search", "parameters": {}}}
EACH = Fee(7)


@pytest.mark.parametrize(("body", "searches"), [
    ({"tools": [{**ANTHROPIC, "max_uses": 3}]}, 3),
    ({"tools": [ANTHROPIC]}, UNKNOWN_SEARCHES),
    ({"tools": [{**ANTHROPIC, "max_uses": True}]}, UNKNOWN_SEARCHES),
    ({"tools": [{"type": "provider", "provider": {**ANTHROPIC, "max_uses": 2}}]}, 2),
    ({"tools": [{"type": "web_search"}], "max_tool_calls": 4}, 4),
    ({"tools": [{"type": "web_search_preview_2025_03_11"}]}, UNKNOWN_SEARCHES),
    ({"tools": [{"googleSearch": {}}]}, UNKNOWN_SEARCHES),
    ({"tools": [{"google_search_retrieval": {}}]}, UNKNOWN_SEARCHES),
    ({"web_search_options": {}}, UNKNOWN_SEARCHES),
    ({"tools": [FUNCTION], "messages": [{"role": "user", "content": "search the web"}]}, 0),
    ({"tools": "web_search", "messages": 1}, 0),
    ({"messages": [{"role": "user", "content": "web_search"}]}, 0),
])  # fmt: skip
def test_what_a_request_allows(body: dict[str, Any], searches: int) -> None:
    said = json.dumps(body).encode()
    assert fees(said, EACH, 1) == 7 * searches
    assert fees(said, EACH, 2) == 14 * searches
    assert fees(said, Fee(7, "prompt"), 1) == (7 if searches else 0)
    assert fees(said, Fee(7, "answer"), 1) == 7
    assert fees(said, None, 1) == 0


def test_what_is_not_json_goes_to_nobody() -> None:
    assert fees(b'{"web_search', EACH, 1) == 0


CONFIG = """
embedded: {{enabled: false}}
providers:
  anthropic: {{api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}", models: [claude-sonnet-4-5]}}
  google: {{api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}", models: [gemini-3-pro-preview]}}
  openai-responses: {{api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}/v1", models: [gpt-5]}}
budgets:
  small: {{usd: 0.08, window: lifetime, per: user}}
"""


@pytest.fixture(scope="module")
def outrider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with (
        scripted_thread(Searching()) as url,
        running(
            CONFIG.format(root=url.removesuffix("/v1")),
            tmp_path_factory.mktemp("home"),
            environment={"PROVIDER_KEY": "k-1"},
        ) as found,
    ):
        yield found


SEARCH = {
    "chat": {"web_search_options": {}, "max_tokens": 9},
    "messages": {"tools": [{**ANTHROPIC, "max_uses": 8}]},
    "responses": {"tools": [{"type": "web_search"}], "max_output_tokens": 99},
}


def ask(outrider: Running, language: str, model: str, user: str, **fields: Any) -> httpx.Response:
    path, body = ASKS[language]
    headers = {"authorization": f"Bearer {outrider.key}", "x-outrider-user": user}
    return httpx.post(f"{outrider.url}{path}", json={"model": model, **body, **fields}, headers=headers, timeout=60)


@pytest.mark.parametrize(("language", "model"), [
    ("chat", "google/gemini-3-pro-preview"),
    ("chat", "anthropic/claude-sonnet-4-5"),
    ("messages", "anthropic/claude-sonnet-4-5"),
    ("messages", "google/gemini-3-pro-preview"),
    ("responses", "openai-responses/gpt-5"),
    ("responses", "anthropic/claude-sonnet-4-5"),
])  # fmt: skip
def test_searches_that_do_not_fit_are_not_begun(outrider: Running, language: str, model: str) -> None:
    user = f"{language} {model}"
    refused = ask(outrider, language, model, user, **SEARCH[language])
    assert refused.status_code == 429, refused.text
    assert "budget" in refused.text
    bare = {"max_tokens": 9} if language == "chat" else {"max_output_tokens": 99} if language == "responses" else {}
    assert ask(outrider, language, model, user, **bare).status_code == 200


def test_fewer_of_them_do_fit(outrider: Running) -> None:
    few = {"tools": [{**ANTHROPIC, "max_uses": 5}]}
    assert ask(outrider, "messages", "anthropic/claude-sonnet-4-5", "few", **few).status_code == 200
    short = {"tools": [{"type": "web_search"}], "max_tool_calls": 3, "max_output_tokens": 99}
    assert ask(outrider, "responses", "openai-responses/gpt-5", "few of gpt", **short).status_code == 200
