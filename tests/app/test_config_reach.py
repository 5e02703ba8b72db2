"""Which URL lists a provider's models, with which credentials."""

from outrider.app.config_reach import models_request
from outrider.app.config_values import Secret
from outrider.app.settings import Provider


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
