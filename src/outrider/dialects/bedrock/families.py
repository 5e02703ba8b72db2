"""What sets the models behind Converse apart: fields of their own, and which thoughts they take back.

Converse has one set of parameters for all of them; what only some know goes into `additionalModelRequestFields`, each
family by its own names. A model whose family its name does not tell (the ARN of an inference profile) is spoken to as
Claude is.
"""

import re
from functools import lru_cache
from typing import Literal

import msgspec

CLAUDE_FORMAT = "anthropic-claude-v1"
OWN_FORMAT = "amazon-bedrock-v1"
"""The format of thoughts that Claude did not think, and of tools and items that only Converse has."""

Think = Literal["claude", "nova", "flat", "nested", ""]


class Family(msgspec.Struct, frozen=True):
    """`fields` maps chat's name of a parameter to the family's; `think` is how effort is told ("": it cannot be).

    `signed`: thoughts are taken back with their signature alone. `takes_plain`: it takes anybody's unsigned thoughts;
    `keeps`: it takes its own back. `caches`: it knows cache points; `caches_tools`: among tools too. `one_tool`: it can
    be told to call one tool at a time.
    """

    name: str
    fields: dict[str, str] = {}
    think: Think = ""
    signed: bool = False
    takes_plain: bool = False
    keeps: bool = True
    caches: bool = False
    caches_tools: bool = False
    one_tool: bool = False


CLAUDE = Family("claude", {"top_k": "top_k"}, "claude", signed=True, caches=True, caches_tools=True, one_tool=True)
UNKNOWN = Family("", {"top_k": "top_k"}, "claude", caches=True, caches_tools=True, one_tool=True)
PENALTIES = {"frequency_penalty": "frequency_penalty", "presence_penalty": "presence_penalty"}
_FAMILIES = (
    (re.compile(r"anthropic\.|claude"), CLAUDE),
    (re.compile(r"amazon\.nova"), Family("nova", {"top_k": "inferenceConfig.topK"}, "nova", caches=True)),
    (re.compile(r"openai\.gpt-oss"), Family("gpt-oss", think="flat", takes_plain=True)),
    (re.compile(r"openai\."), Family("openai", think="nested")),
    (re.compile(r"minimax\."), Family("minimax", takes_plain=True)),
    (re.compile(r"deepseek\."), Family("deepseek", keeps=False)),
    (re.compile(r"mistral\."), Family("mistral", {"top_k": "top_k"})),
    (re.compile(r"cohere\."), Family("cohere", {"top_k": "k", "seed": "seed", **PENALTIES})),
    (re.compile(r"ai21\."), Family("ai21", PENALTIES)),
    (re.compile(r"[a-z0-9-]+\.[a-z]"), Family("other")),  # a vendor that has nothing of its own here
)
_ARN = "arn:"


@lru_cache(1024)
def family(model: str) -> Family:
    """The family of a model's id (`us.anthropic.claude-sonnet-4-6`) or ARN."""
    found = next((family for pattern, family in _FAMILIES[:-1] if pattern.search(model)), None)
    if found is not None:
        return found
    return _FAMILIES[-1][1] if not model.startswith(_ARN) and _FAMILIES[-1][0].match(model) else UNKNOWN


def format_of(model: str) -> str:
    """The format of the thoughts of a model; one that nobody knows is taken for Claude."""
    return CLAUDE_FORMAT if not model or family(model).name in ("claude", "") else OWN_FORMAT
