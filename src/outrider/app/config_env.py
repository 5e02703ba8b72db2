"""What the environment offers when the file says nothing: the providers whose variables are set."""

import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

from outrider.app.config_reach import PLACES
from outrider.app.config_structs import Provider
from outrider.app.config_values import Secret
from outrider.providers.presets import Preset, presets

log = logging.getLogger("outrider")


def providers(env: Mapping[str, str]) -> dict[str, Provider]:
    """A provider for every preset whose key or URL variable is set, under the preset's name."""
    found = {}
    for name, preset in presets().items():
        key, url = preset.env, preset.base_url_env
        if not (env.get(key) or env.get(url)):
            continue
        if unplaced := _unplaced(preset, env):
            log.warning("%s is set, but %s is not: no provider %r without it", key or url, unplaced, name)
            continue
        found[name] = Provider(
            preset=name,
            api_key=Secret(env[key], f"${{env:{key}}}") if env.get(key) else None,
            base_url=absolute(env[url], preset.base_url) if env.get(url) else None,
        )
    return found


def _unplaced(preset: Preset, env: Mapping[str, str]) -> str:
    """The variables of which one must say what stands in the preset's address; "" if one does."""
    for field, variables in PLACES.get(preset.auth, {}).items():
        if f"{{{field}}}" in preset.base_url and not any(env.get(name) for name in variables):
            return " or ".join(variables)
    return ""


def absolute(url: str, usual: str) -> str:
    """A URL from what such variables hold: `OLLAMA_HOST` may be `host:port`, `0.0.0.0` or a whole URL.

    Scheme, port and path that are missing are taken from `usual`, the preset's own base URL.
    """
    known = urlsplit(usual)
    scheme, found, rest = url.rpartition("://")
    place, _, path = rest.partition("/")
    if not found:
        host, colon, port = place.rpartition(":")
        if not colon or not port.isdecimal():
            host, port = place, str(known.port or "")
        scheme = known.scheme or "http"
        place = ("127.0.0.1" if host in ("", "0.0.0.0") else host) + (f":{port}" if port else "")
    return f"{scheme}://{place}/{path.strip('/') or known.path.strip('/')}".rstrip("/")
