"""Values in the words of outrider.yaml."""

import pytest

from outrider.app.migrate.draft import (
    Draft,
    ProviderDraft,
    label,
    per_million,
    plain,
    reference,
    seconds,
    variable,
)


def test_references() -> None:
    assert reference("os.environ/KEY") == "${env:KEY}"
    assert reference("sk-1") == "sk-1"
    assert variable("${env:KEY}") == "KEY"
    assert variable("${env:A}${env:B}") == variable("sk-1") == ""


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("https://my-eu.openai.azure.com/", "my-eu"),
        ("http://localhost:8000/v1", "8000"),
        ("http://10.0.0.5:8001", "8001"),
        ("https://api.example.com", ""),
        ("http://[::1]:9000", "9000"),
        ("http://GPU_box/v1", "gpu-box"),
        ("not a url", ""),
        ("http://h:99999999", ""),
    ],
)
def test_a_word_for_a_host(url: str, word: str) -> None:
    assert label(url) == word


def test_numbers() -> None:
    assert [per_million(c) for c in (1.5e-07, 0.0000025, 0.0)] == ["0.15", "2.5", "0"]
    assert [seconds(s) for s in (60, 90, 600, 0.25, 1e300)] == ["1m", "90s", "10m", "250ms", "3650d"]
    assert (plain(2.0), plain(2.5)) == (2, 2.5)


def test_a_provider_lists_its_models_unless_it_serves_any() -> None:
    made = ProviderDraft("p", {"preset": "groq", "api_key": "${env:K}", "check": {"every": "5m"}}, ["m"])
    made.limits["m"] = {"requests": "6/min"}
    assert list(made.values()) == ["preset", "api_key", "models", "limits", "check"]
    made.open = True
    assert "models" not in made.values()


def test_variables_are_found_wherever_they_stand() -> None:
    settings = {"base_url": "${env:BASE}/v1", "headers": {"x-a": "${env:A}"}}
    assert Draft("LiteLLM", {"p": ProviderDraft("p", settings)}).variables() == {
        "A": "headers of provider p",
        "BASE": "base_url of provider p",
    }
