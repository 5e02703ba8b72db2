"""How a configured provider is reached: its URL and headers, from its settings and its preset."""

from outrider.app import config_env
from outrider.app.config_structs import Provider


def reach(name: str, provider: Provider) -> tuple[str, dict[str, str], str]:
    """Base URL without a slash at its end, headers with credentials, and the preset's name or nothing."""
    preset_name = provider.preset or (name if name in config_env.presets() else "")
    preset = config_env.presets().get(preset_name, {})
    base = (provider.base_url or preset.get("base_url") or "").rstrip("/")
    headers: dict[str, str] = {}
    if provider.api_key is not None:
        key = provider.api_key.reveal()
        headers = {"api-key": key} if preset.get("auth") == "api-key" else {"authorization": f"Bearer {key}"}
    headers |= {k.lower(): v.reveal() for k, v in provider.headers.items()}
    return base, headers, preset_name
