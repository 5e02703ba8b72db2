"""What models can do: from the configuration, else from `facts.yaml`, and the context length from the price list.

Unknown is None and means "taken to be able": nothing is kept from a model because nobody described it.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources

import msgspec

from outrider.base.ports import Deployment, Facts
from outrider.providers import prices


class _Family(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Models whose name (after the last slash) matches `match` from its beginning."""

    match: str
    sees: tuple[str, ...] | None = None
    tools: bool | None = None
    json_schema: bool | None = None
    context: int | None = None
    max_output: int | None = None


def facts(deployment: Deployment) -> Facts:
    """Everything known about a deployment's model; what its owner says wins, field by field."""
    said, family = deployment.facts, _family(deployment.model)
    context = said.context or (family.context if family else None)
    if context is None:
        context = prices.context(deployment.price_list, deployment.model)
    if family is None:
        return msgspec.structs.replace(said, context=context)
    return Facts(
        context=context,
        max_output=said.max_output or family.max_output,
        sees=said.sees if said.sees is not None or family.sees is None else frozenset(family.sees),
        tools=family.tools if said.tools is None else said.tools,
        json_schema=family.json_schema if said.json_schema is None else said.json_schema,
        tags=said.tags,
    )


def max_output(deployment: Deployment) -> int | None:
    """Tokens of an answer at most; None: nobody says."""
    family = _family(deployment.model)
    return deployment.facts.max_output or (family.max_output if family else None)


complete = prices.loaded
"""Whether the price list is there yet: until then context lengths are missing."""


@lru_cache(512)
def _family(model: str) -> _Family | None:
    name = model.rpartition("/")[2].lower()
    return next((family for pattern, family in _families() if pattern.match(name)), None)


@cache
def _families() -> Sequence[tuple[re.Pattern[str], _Family]]:
    text = (resources.files("outrider.providers") / "facts.yaml").read_bytes()
    return [(re.compile(f.match), f) for f in msgspec.yaml.decode(text, type=list[_Family])]
