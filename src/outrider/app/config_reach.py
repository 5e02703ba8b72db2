"""How a configured provider is asked for its models: what `outrider doctor` tries."""

from outrider.app.config_structs import Provider
from outrider.providers.presets import preset


def models_request(name: str, provider: Provider) -> tuple[str, dict[str, str]]:
    """The URL that lists the provider's models, and headers with its credentials."""
    chosen = preset(provider.preset or name)
    base = (provider.base_url or (chosen.base_url if chosen else "")).rstrip("/")
    path = (chosen.paths if chosen else {}).get("models", "/models")
    headers: dict[str, str] = {}
    if provider.api_key is not None:
        key = provider.api_key.reveal().strip()
        headers = {"api-key": key} if chosen and chosen.auth == "api-key" else {"authorization": f"Bearer {key}"}
    return base + path, headers | {k.lower(): v.reveal() for k, v in provider.headers.items()}
