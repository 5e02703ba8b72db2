"""How many searches a request allows, in every language, and that their fees are held before a provider is asked."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from outrider.base.usage import Fee
from outrider.dialects.pivot import MOST_SEARCHES
from outrider.gateway.searching import UNKNOWN_SEARCHES, fees, mentions
from outrider.testing import scripted_thread
from outrider.testing.running import Running, running
from tests.gateway.test_fees import ASKS, Searching

ANTHROPIC = {"type": "web_search_20250305", "name": "web_search"}
FUNCTION = {"type": "function", "function": {"name": "web_search", "parameters": {}}}
EACH = Fee(7)


@pytest.mark.parametrize(("dialect", "body", "searches"), [
    ("anthropic", {"tools": [{**ANTHROPIC, "max_uses": 3}]}, 3),
    ("anthropic", {"tools": [ANTHROPIC]}, UNKNOWN_SEARCHES),
    ("anthropic", {"tools": [{**ANTHROPIC, "max_uses": True}]}, UNKNOWN_SEARCHES),
    ("anthropic", {"tools": [{**ANTHROPIC, "max_uses": 10**30}]}, MOST_SEARCHES),
    ("anthropic", {"tools": [{"type": "provider", "provider": {**ANTHROPIC, "max_uses": 2}}]}, 2),
    ("responses", {"tools": [{"type": "web_search"}], "max_tool_calls": 4}, 4),
    ("responses", {"tools": [{"type": "web_search"}], "provider_options": {"max_tool_calls": 4}}, 4),
    ("responses", {"tools": [{"type": "web_search_preview_2025_03_11"}]}, UNKNOWN_SEARCHES),
    ("gemini", {"tools": [{"googleSearch": {}}]}, UNKNOWN_SEARCHES),
    ("gemini", {"tools": [{"google_search_retrieval": {}}]}, UNKNOWN_SEARCHES),
    ("openai", {"web_search_options": {}}, UNKNOWN_SEARCHES),
    ("openai", {"tools": [FUNCTION], "messages": [{"role": "user", "content": "search the web"}]}, 0),
    ("openai", {"tools": "web_search", "messages": 1}, 0),
    ("openai", {"messages": [{"role": "user", "content": "web_search"}]}, 0),
])  # fmt: skip
def test_what_a_request_allows(dialect: str, body: dict[str, Any], searches: int) -> None:
    said = json.dumps(body).encode()
    assert fees(said, EACH, 1, dialect) == 7 * searches
    assert fees(said, EACH, 2, dialect) == 14 * searches
    assert fees(said, Fee(7, "prompt"), 1, dialect) == (7 if searches else 0)
    assert fees(said, Fee(7, "answer"), 1, dialect) == 7
    assert fees(said, None, 1, dialect) == 0


@pytest.mark.parametrize(("dialect", "body"), [
    ("gemini", {"tools": [{"googleSearch": {}}], "max_tool_calls": 0}),
    ("gemini", {"tools": [{"googleSearch": {}, "max_uses": 0}]}),
    ("anthropic", {"web_search_options": {}, "max_tool_calls": 0}),
    ("responses", {"tools": [{"type": "web_search", "max_uses": 0}]}),
])  # fmt: skip
def test_a_limit_counts_only_where_the_provider_heeds_it(dialect: str, body: dict[str, Any]) -> None:
    assert fees(json.dumps(body).encode(), EACH, 1, dialect) == 7 * UNKNOWN_SEARCHES


def test_letters_that_are_escaped_are_letters() -> None:
    for letter in "earch":
        said = json.dumps({"tools": [ANTHROPIC]}).replace(letter, f"\\u{ord(letter):04x}").encode()
        assert mentions(said)
        assert fees(said, EACH, 1, "anthropic") == 7 * UNKNOWN_SEARCHES


def test_what_is_not_json_goes_to_nobody() -> None:
    assert fees(b'{"web_search', EACH, 1, "openai") == 0


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


def test_a_limit_that_the_provider_never_hears_is_none(outrider: Running) -> None:
    """With losses allowed it is left out of what Google gets, who then searches as often as it likes."""
    path, body = ASKS["chat"]
    said = {"model": "google/gemini-3-pro-preview", **body, **SEARCH["chat"], "max_tool_calls": 0}
    headers = {"authorization": f"Bearer {outrider.key}", "x-outrider-user": "sly", "x-outrider-lossy": "allow"}
    answer = httpx.post(f"{outrider.url}{path}", json=said, headers=headers, timeout=60)
    assert answer.status_code == 429, answer.text
    assert "budget" in answer.text


def test_escaped_letters_hide_no_search(outrider: Running) -> None:
    path, body = ASKS["messages"]
    said = json.dumps({"model": "anthropic/claude-sonnet-4-5", **body, "tools": [ANTHROPIC]})
    headers = {"authorization": f"Bearer {outrider.key}", "x-outrider-user": "sly", "content-type": "application/json"}
    hidden = said.replace("web_search", "web_s\\u0065arch")
    answer = httpx.post(f"{outrider.url}{path}", content=hidden, headers=headers, timeout=60)
    assert answer.status_code == 429, answer.text
