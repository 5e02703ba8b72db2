"""The new configuration while it is being made: providers, routes and the rest, as plain values in the words of
outrider.yaml. `writing` makes text of it."""

import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import msgspec

from outrider.base import units

WORD = re.compile(r"[^A-Za-z0-9]+")
_REFERENCES = re.compile(r"\$\{env:([^}]*)\}")
FROM_ENV = "os.environ/"
MOST_AT_ONCE, MOST_A_MINUTE = 1_000_000, 10**12
"""Calls at the same time, and what a rate can say."""
LONGEST = 10 * 365 * 86_400.0
"""Seconds; what is longer is as good as for ever."""
_ORDER = (
    "preset", "base_url", "region", "project", "api_key", "headers", "models", "prices", "facts", "limits", "breaker",
    "check",
)  # fmt: skip


class ProviderDraft(msgspec.Struct):
    """One provider. `open`: it serves whatever model it is asked for, so its models are not listed."""

    name: str
    settings: dict[str, Any]
    models: list[str] = []
    open: bool = False
    prices: dict[str, dict[str, Any]] = {}
    facts: dict[str, dict[str, Any]] = {}
    limits: dict[str, dict[str, Any]] = {}

    def values(self) -> dict[str, Any]:
        """As it is written into the file."""
        found = {
            **self.settings,
            "models": [] if self.open else self.models,
            "prices": self.prices,
            "facts": self.facts,
            "limits": {"models": self.limits} if self.limits else {},
        }
        return {key: value for key in _ORDER if (value := found.get(key))}


class RouteDraft(msgspec.Struct):
    """One route: deployments with their weights, those that are only asked if all these fail, and its settings.

    `mode` is LiteLLM's word for what its models do.
    """

    name: str
    mode: str = "chat"
    weights: dict[str, float] = {}
    spare: list[str] = []
    settings: dict[str, Any] = {}


class Draft(msgspec.Struct):
    """The whole file."""

    source: str
    providers: dict[str, ProviderDraft] = {}
    routes: dict[str, dict[str, Any]] = {}
    rest: dict[str, Any] = {}

    def variables(self) -> dict[str, str]:
        """The variables that must be set, and for what."""
        found: dict[str, str] = {}
        for name, provider in self.providers.items():
            for key, value in provider.settings.items():
                for text in value.values() if isinstance(value, dict) else (value,):
                    for one in _REFERENCES.findall(str(text)):
                        found.setdefault(one, f"{key} of provider {name}")
        return dict(sorted(found.items()))


def reference(value: str) -> str:
    """`os.environ/NAME` as `${env:NAME}`, anything else as it is."""
    return "${env:" + value[len(FROM_ENV) :].strip() + "}" if value.startswith(FROM_ENV) else value


def variable(text: str) -> str:
    """The variable that the whole of a reference names, "" if it is none."""
    return text[6:-1] if text.startswith("${env:") and text.endswith("}") and text.count("$") == 1 else ""


def per_million(per_token: float) -> str:
    """Dollars per million tokens from dollars per token, without the noise of floats."""
    amount = (Decimal(repr(per_token)) * 1_000_000).normalize()
    return f"{amount:f}"


def plain(number: float) -> int | float:
    """A number without a useless `.0`."""
    return int(number) if number == int(number) else number


def seconds(number: float) -> str:
    """A duration as outrider.yaml has it."""
    return units.show_duration(max(0.001, round(min(number, LONGEST), 3)))


def label(url: str) -> str:
    """A short word for a host: its first part, or the port if it is an address; "" if the URL says neither."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    first = host.partition(".")[0]
    if not first or first.isdigit() or first in ("localhost", "api", "www") or ":" in host:
        return str(port or "") if first else ""
    return WORD.sub("-", first).strip("-").lower()
