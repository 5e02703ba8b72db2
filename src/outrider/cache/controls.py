"""What a request says about caching: the header `cache-control`, and the body field `cache`.

The header is the one of HTTP (RFC 9111): `no-store`, `no-cache`, `max-age=N`, `only-if-cached`, and as extensions
`ttl=N` (seconds that the answer may be kept) and `namespace=NAME`; what is not understood there is ignored. The body
field has the same by the same names; a mistake in it is a 400. Both together: the stricter wins, and both namespaces
divide.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from outrider.base.errors import RequestError

_AGES = ("max-age", "s-maxage")
_SWITCHES = ("no-store", "no-cache", "only-if-cached")
FIELDS = (*_SWITCHES, *_AGES, "ttl", "namespace")
_LONGEST = 10 * 365 * 86_400.0


class Controls(msgspec.Struct, frozen=True):
    """`no_store`: neither read nor write; `no_cache`: do not read; `max_age`, `ttl`: seconds, None: not said."""

    no_store: bool = False
    no_cache: bool = False
    only_if_cached: bool = False
    max_age: float | None = None
    ttl: float | None = None
    namespace: str = ""

    @property
    def reads(self) -> bool:
        return not (self.no_store or self.no_cache)

    def refuse_miss(self) -> None:
        """Raises RequestError 504 if the caller wanted a cached answer only."""
        if self.only_if_cached:
            raise RequestError(
                "there is no cached answer, and the request says `only-if-cached`; leave that out to ask the provider",
                status=504,
                code="not_cached",
                kind="cache_miss",
            )


NONE = Controls()


def controls(header: str, field: Mapping[str, Any] | None) -> Controls:
    """The controls of a request. Raises RequestError 400 naming the part of `field` that is wrong."""
    if not header and not field:
        return NONE
    said: dict[str, str | None] = {}
    for directive in header.split(","):
        name, mark, value = directive.strip().partition("=")
        said[name.strip().lower()] = value.strip().strip('"') if mark else None
    given = field or {}
    _check(given)
    ages = [seconds for n in _AGES if (seconds := _seconds(said.get(n))) is not None]
    ages += [float(given[n]) for n in _AGES if n in given]
    ttls = [ttl for ttl in (_seconds(said.get("ttl")), given.get("ttl")) if ttl is not None]
    spaces = [space for space in (said.get("namespace"), given.get("namespace")) if space]
    switch = {name: name in said or given.get(name, False) for name in _SWITCHES}
    return Controls(
        no_store=switch["no-store"],
        no_cache=switch["no-cache"],
        only_if_cached=switch["only-if-cached"],
        max_age=min(ages, default=None),
        ttl=min(ttls, default=None),
        namespace="\n".join(spaces),
    )


def _seconds(text: str | None) -> float | None:
    return min(float(text), _LONGEST) if text and text.isascii() and text.isdigit() else None


def _check(given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if name not in FIELDS:
            raise _wrong(name, f"it is not known. Supported are: {', '.join(FIELDS)}.")
        if name in _SWITCHES:
            if not isinstance(value, bool):
                raise _wrong(name, "expected a boolean.")
        elif name == "namespace":
            if not isinstance(value, str):
                raise _wrong(name, "expected a string.")
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST:
            raise _wrong(name, "expected a number of seconds, 0 or more.")


def _wrong(name: str, what: str) -> RequestError:
    return RequestError(f"Invalid value for 'cache.{name}': {what}", code="invalid_value", param=f"cache.{name}")
