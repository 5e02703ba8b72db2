"""Providers from the environment alone."""

import pytest

from outrider.app.settings import load, parse


def test_providers_come_from_the_environment_unless_the_file_names_them() -> None:
    env = {"OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    for settings in (load(None, env), parse("auth: on", "outrider.yaml", env)):
        openai = settings.providers["openai"]
        assert openai.base_url == "http://127.0.0.1:9/v1"
        assert openai.api_key is not None
        assert openai.api_key.reveal() == "sk-x"
    assert parse("providers: {}", "outrider.yaml", env).providers == {}


def test_a_url_alone_is_a_provider_too() -> None:
    providers = load(None, {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}).providers
    assert list(providers) == ["openai"]
    assert providers["openai"].api_key is None


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("127.0.0.1:11500", "http://127.0.0.1:11500/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("http://10.0.0.2:11434", "http://10.0.0.2:11434/v1"),
        ("https://host/api/v1/", "https://host/api/v1"),
    ],
)
def test_ollama_host_in_all_its_spellings(given: str, url: str) -> None:
    assert load(None, {"OLLAMA_HOST": given}).providers["ollama"].base_url == url


def test_a_key_without_the_region_that_it_needs_is_told_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    key = {"AWS_BEARER_TOKEN_BEDROCK": "k"}
    assert load(None, key).providers == {}
    assert "AWS_REGION or AWS_DEFAULT_REGION is not" in caplog.text
    assert list(load(None, {**key, "AWS_DEFAULT_REGION": "eu-west-1"}).providers) == ["bedrock"]
