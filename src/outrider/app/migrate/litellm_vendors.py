"""Whose model a LiteLLM model string means: `azure/eu-gpt4o` is Azure's deployment `eu-gpt4o`."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec

_BEDROCK_WAYS = ("converse/", "converse_like/", "invoke/")
_FOUNDRY = ".services.ai.azure.com"
_BY_NAME = (("claude", "anthropic"), ("gemini", "vertex_ai"), ("command-", "cohere"))


class Vendor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of LiteLLM's providers; the head of `litellm_vendors.yaml` explains the fields."""

    preset: str = ""
    key: str = ""
    base: str = ""
    path: str = ""
    keyless: bool = False
    needs: Mapping[str, str] = {}
    only: tuple[str, ...] = ()
    chat_only: bool = False
    ends: tuple[str, ...] = ()
    why_not: str = ""


class Meant(msgspec.Struct, frozen=True):
    """What a model string means: LiteLLM's word for the provider, what we know of it, the model, its region if said."""

    prefix: str
    vendor: Vendor | None
    model: str
    region: str = ""


@cache
def vendors() -> Mapping[str, Vendor]:
    """All that we know, by LiteLLM's word."""
    text = (resources.files("outrider.app.migrate") / "litellm_vendors.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=dict[str, Vendor])


def meant(model: str, said: str, base: str) -> Meant:
    """What `litellm_params.model` means. `said` is its `custom_llm_provider`, `base` its address if it has one."""
    found = _meant(model, said, bool(base))
    if found.prefix == "azure_ai" and _FOUNDRY in base:  # such resources serve all their models as Azure OpenAI's do
        return Meant("azure", vendors()["azure"], found.model)
    return found


def _meant(model: str, said: str, has_base: bool) -> Meant:
    known = vendors()
    prefix, slash, rest = model.partition("/")
    if said:
        return _found(said, rest if prefix == said and slash else model)
    if slash and prefix in known:
        return _found(prefix, rest)
    if slash and not has_base:
        return Meant(prefix, None, rest)
    if slash or has_base:
        return _found("openai", model)
    guess = next((vendor for start, vendor in _BY_NAME if model.lower().startswith(start)), "openai")
    return _found(guess, model)


def _found(prefix: str, model: str) -> Meant:
    region = ""
    if prefix.startswith("bedrock"):
        for way in _BEDROCK_WAYS:
            model = model.removeprefix(way)
        first, slash, rest = model.partition("/")
        if slash and first.count("-") >= 2 and not first.startswith("arn:"):
            region, model = first, rest
    return Meant(prefix, vendors().get(prefix), model, region)
