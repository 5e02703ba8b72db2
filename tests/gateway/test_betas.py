"""Betas of Anthropic's: they go wherever Anthropic is asked, and elsewhere what they meant is named."""

from collections.abc import Iterator

import httpx
import pytest

from outrider.testing import scripted_thread
from outrider.testing.running import Running, running
from outrider.testing.speaking.provider import SpeakingProvider

CONFIG = """
embedded: {{enabled: false}}
providers:
  anthropic: {{api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}", models: [claude-sonnet-4-5]}}
  other: {{preset: openai, api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}/v1", models: [gpt-5]}}
routes:
  checked: {{deployments: [anthropic/claude-sonnet-4-5], structured: {{retries: 0}}}}
  fixed:
    deployments: [fixed/claude-sonnet-4-5]
guardrails: {{rules: {{addresses: {{check: pii, do: redact, routes: [checked]}}}}}}
"""
FIXED = """  fixed:
    {{preset: anthropic, api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}", headers: {{anthropic-beta: b}}}}
"""
BETAS = "claude-code-20250219, context-1m-2025-08-07,oauth-2025-04-20,interleaved-thinking-2025-05-14"
KEPT = "claude-code-20250219,context-1m-2025-08-07,interleaved-thinking-2025-05-14"
CHAT = ("/v1/chat/completions", {"messages": [{"role": "user", "content": "mail bob@example.com"}], "max_tokens": 9})
MESSAGES = ("/v1/messages", CHAT[1])


@pytest.fixture(scope="module")
def provider() -> SpeakingProvider:
    return SpeakingProvider()


@pytest.fixture(scope="module")
def outrider(provider: SpeakingProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with scripted_thread(provider) as url:
        config = CONFIG.replace("routes:\n", FIXED + "routes:\n", 1).format(root=url.removesuffix("/v1"))
        with running(config, tmp_path_factory.mktemp("home"), environment={"PROVIDER_KEY": "k-1"}) as found:
            yield found


def ask(outrider: Running, where: tuple[str, dict[str, object]], model: str, betas: str = BETAS) -> httpx.Response:
    headers = {"authorization": f"Bearer {outrider.key}", "anthropic-beta": betas}
    answer = httpx.post(f"{outrider.url}{where[0]}", json={**where[1], "model": model}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize(
    ("where", "model"),
    [(MESSAGES, "claude-sonnet-4-5"), (MESSAGES, "checked"), (CHAT, "claude-sonnet-4-5"), (CHAT, "checked")],
)
def test_they_reach_anthropic(
    outrider: Running, provider: SpeakingProvider, where: tuple[str, dict[str, object]], model: str
) -> None:
    answer = ask(outrider, where, model)
    heard = provider.heard[-1]
    assert heard.headers["anthropic-beta"] == KEPT
    assert (b"bob@example.com" in heard.body) is (model != "checked")
    assert "x-outrider-lost" not in answer.headers


def test_the_deployments_own_stay(outrider: Running, provider: SpeakingProvider) -> None:
    ask(outrider, MESSAGES, "fixed", "x-1,b")
    assert provider.heard[-1].headers["anthropic-beta"] == "b,x-1"


def test_elsewhere_what_they_meant_is_named(outrider: Running, provider: SpeakingProvider) -> None:
    answer = ask(outrider, MESSAGES, "gpt-5")
    assert answer.headers["x-outrider-lost"] == "anthropic-beta (context-1m-2025-08-07)"
    assert "anthropic-beta" not in provider.heard[-1].headers
    assert "x-outrider-lost" not in ask(outrider, MESSAGES, "gpt-5", "claude-code-20250219").headers
