"""Which URL lists a provider's models, with which credentials."""

import pytest

from outrider.app.config_reach import endpoints, models_request, reach, signer
from outrider.app.config_values import Secret
from outrider.app.settings import Provider
from outrider.base.errors import ConfigError
from outrider.providers.presets import preset
from outrider.providers.signing import aws, entra


def test_a_preset_gives_url_and_bearer() -> None:
    url, headers = models_request("openai", Provider(api_key=Secret("k", "${env:K}")))
    assert url == "https://api.openai.com/v1/models"
    assert headers == {"authorization": "Bearer k"}


def test_azure_has_its_own_path_and_header() -> None:
    provider = Provider(preset="azure", base_url="https://x.openai.azure.com/", api_key=Secret("k", "${env:K}"))
    url, headers = models_request("mine", provider)
    assert url == "https://x.openai.azure.com/openai/v1/models"
    assert headers == {"api-key": "k"}


def test_own_headers_win() -> None:
    provider = Provider(base_url="http://x/v1", headers={"Authorization": Secret("Basic b", "${env:B}")})
    assert models_request("mine", provider) == ("http://x/v1/models", {"authorization": "Basic b"})


AZURE = {"preset": "azure", "base_url": "https://x.openai.azure.com"}


def test_azure_without_a_key_asks_entra_unless_a_header_says_who_it_is() -> None:
    chosen = preset("azure")
    for headers, expected in (({}, entra.Signer), ({"Authorization": Secret("Bearer t", "${env:T}")}, type(None))):
        found = signer("mine", Provider(**AZURE, headers=headers), AZURE["base_url"], chosen)
        assert type(found) is expected
    assert signer("mine", Provider(**AZURE, api_key=Secret("k", "${env:K}")), AZURE["base_url"], chosen) is None


def test_bedrock_is_signed_or_has_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    base, headers, chosen = reach("bedrock", Provider(api_key=Secret("k", "${env:K}")))
    assert (base, headers) == ("https://bedrock-runtime.eu-west-1.amazonaws.com", {"authorization": "Bearer k"})
    assert isinstance(signer("bedrock", Provider(), base, chosen), aws.Signer)
    assert endpoints("bedrock", Provider(), chosen)["stream"] == "/model/{model}/converse-stream"
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(ConfigError, match="AWS_REGION"):
        reach("bedrock", Provider())
