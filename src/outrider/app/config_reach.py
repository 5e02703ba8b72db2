"""How a configured provider is reached: base URL and credentials, from its settings and its preset."""

from collections.abc import Mapping
from urllib.parse import quote

from outrider.app.config_structs import Provider
from outrider.base import env, plugins
from outrider.base.errors import ConfigError
from outrider.gateway.signed import Signer
from outrider.providers.presets import Preset, preset

USUAL = {"chat": "/chat/completions", "embeddings": "/embeddings", "models": "/models", "rerank": "/rerank"}
OPENAIS = ("openai", "responses")
"""Dialects whose providers have all of the usual endpoints."""
PLACES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "aws": {"region": ("AWS_REGION", "AWS_DEFAULT_REGION")},
    "vertex": {"region": ("GOOGLE_CLOUD_LOCATION",), "project": ("GOOGLE_CLOUD_PROJECT",)},
}
"""Fields of a provider that stand in addresses, and the variables that say them where the configuration does not: by
how requests are signed."""

SIGNED = {"aws": "bedrock", "entra": "azure", "vertex": "vertex"}
"""Ways to sign, and the extra that each needs."""


def reach(name: str, provider: Provider) -> tuple[str, dict[str, str], Preset | None]:
    """Base URL without a slash at its end ("" if nobody says it), headers with credentials, and the preset."""
    chosen = preset(provider.preset or name)
    base = placed((provider.base_url or (chosen.base_url if chosen else "")).rstrip("/"), name, provider, chosen)
    base = base.replace("//global-aiplatform.", "//aiplatform.")  # the one region that is not in the host's name
    headers: dict[str, str] = dict(chosen.headers) if chosen else {}
    if provider.api_key is not None:
        key = provider.api_key.reveal().strip()
        auth = "api-key" if chosen and chosen.auth == "entra" else chosen.auth if chosen else ""
        headers |= {auth: key} if auth.endswith("api-key") else {"authorization": f"Bearer {key}"}
    return base, headers | {k.lower(): v.reveal() for k, v in provider.headers.items()}, chosen


def placed(text: str, name: str, provider: Provider, chosen: Preset | None) -> str:
    """A URL or path with the provider's region and project put in. Raises ConfigError if one is missing."""
    for field in ("region", "project"):
        if f"{{{field}}}" in text:
            variables = PLACES.get(chosen.auth if chosen else "", {}).get(field, ())
            value = getattr(provider, field) or next((found for v in variables if (found := env.get(v))), "")
            if not value:
                hint = f", or {' or '.join(variables)} in the environment" if variables else ""
                raise ConfigError(f"provider {name!r} needs `{field}`{hint}")
            text = text.replace(f"{{{field}}}", quote(value, safe=""))
    return text


def signer(name: str, provider: Provider, base: str, chosen: Preset | None) -> Signer | None:
    """Who signs the provider's requests; None: its credentials are headers. Raises ConfigError."""
    if chosen is None or chosen.auth not in SIGNED or provider.api_key is not None:
        return None
    if any(header.lower() in ("authorization", "api-key") for header in provider.headers):
        return None
    try:
        made: Signer = plugins.load("outrider.providers.signing", chosen.auth).signer(base)
    except ImportError as error:
        extra = SIGNED[chosen.auth]
        raise ConfigError(f"provider {name!r} needs {error.name}: pip install 'outrider[{extra}]'") from None
    return made


def language(provider: Provider, chosen: Preset | None) -> str:
    """The dialect that is spoken with the provider."""
    return provider.dialect or (chosen.dialect if chosen else "openai")


def endpoints(name: str, provider: Provider, chosen: Preset | None) -> dict[str, str]:
    """Paths after the base URL: usual ones, the dialect's, and the preset's if that is the dialect it means."""
    spoken = language(provider, chosen)
    try:
        speak = plugins.load("outrider.providers", spoken)
    except LookupError as error:
        raise ConfigError(f"provider {name!r}: {error}") from None
    own = getattr(speak, "PATHS", {})
    usual = USUAL if spoken in OPENAIS else {"models": USUAL["models"]}
    found = {**usual, **own}
    if chosen is not None and chosen.dialect == spoken:
        found |= chosen.paths
    elif chosen is not None:
        found |= {k: v for k, v in chosen.paths.items() if k not in own}
    return {endpoint: placed(path, name, provider, chosen) for endpoint, path in found.items()}


def models_request(name: str, provider: Provider) -> tuple[str, dict[str, str]]:
    """The URL that lists the provider's models, and headers with its credentials: what `outrider doctor` tries."""
    base, headers, chosen = reach(name, provider)
    return base + endpoints(name, provider, chosen)["models"], headers
