"""What Claude models take, by the version in their names: facts of Anthropic's documentation (November 2026)."""

import re
from functools import lru_cache

import msgspec

_NAME = re.compile(
    r"claude-(?:(?P<family>[a-z]+)-)?(?P<major>\d)(?:[-.](?P<minor>\d{1,2}))?(?:-(?P<family_last>[a-z]+))?(?![\d.])"
)
MANUAL_EFFORT = ("opus", (4, 5))
LEVELS = ("low", "medium", "high", "xhigh", "max")


class Model(msgspec.Struct, frozen=True):
    """`adaptive`: it decides itself how much to think, on request; `budget`: it takes a budget for that. `silent`: it
    can be told not to think. `efforts` are the levels that it knows, `sampling` whether it takes temperature, top_p and
    top_k (`both`: two of them at once), `mid_system` system messages between turns.
    """

    adaptive: bool
    budget: bool
    silent: bool
    efforts: tuple[str, ...]
    sampling: bool
    both: bool
    mid_system: bool


OTHER = Model(adaptive=False, budget=True, silent=True, efforts=(), sampling=True, both=True, mid_system=False)
"""Models of other makers behind this language: what Claude 3.7 took, which they followed."""


@lru_cache(256)
def model(name: str) -> Model:
    """What the model of this name takes. A Claude whose name has no version is taken for the newest."""
    if "claude" not in name:
        return OTHER
    found = _NAME.search(name)
    if found is None:
        family, version = "", (99, 0)
    else:
        family = found["family"] or found["family_last"] or ""
        version = (int(found["major"]), int(found["minor"] or 0))
    always = family in ("fable", "mythos")
    return Model(
        adaptive=version >= (4, 6),
        budget=version <= (4, 6),
        silent=not always,
        efforts=_efforts(family, version),
        sampling=version < (4, 7),
        both=version < (4, 1),
        mid_system=version >= (4, 8) and (family, version) != ("sonnet", (5, 0)),
    )


def _efforts(family: str, version: tuple[int, int]) -> tuple[str, ...]:
    if version >= (4, 7):
        return LEVELS
    if version >= (4, 6):
        return ("low", "medium", "high", "max")
    return ("low", "medium", "high") if (family, version) == MANUAL_EFFORT else ()
