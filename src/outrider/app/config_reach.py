"""How a configured provider is reached: base URL and credentials, from its settings and its preset."""

from outrider.app.config_structs import Provider
from outrider.providers.presets import Preset, preset


def reach(name: str, provider: Provider) -> tuple[str, dict[str, str], Preset | None]:
    """Base URL without a slash at its end ("" if nobody says it), headers with credentials, and the preset."""
    chosen = preset(provider.preset or name)
    base = (provider.base_url or (chosen.base_url if chosen else "")).rstrip("/")
    headers: dict[str, str] = {}
    if provider.api_key is not None:
        key = provider.api_key.reveal().strip()
        headers = {"api-key": key} if chosen and chosen.auth == "api-key" else {"authorization": f"Bearer {key}"}
    return base, headers | {k.lower(): v.reveal() for k, v in provider.headers.items()}, chosen


def models_request(name: str, provider: Provider) -> tuple[str, dict[str, str]]:
    """The URL that lists the provider's models, and headers with its credentials: what `outrider doctor` tries."""
    base, headers, chosen = reach(name, provider)
    return base + (chosen.paths if chosen else {}).get("models", "/models"), headers
