"""What a model's name gives away. A list of names does not say what a model does; those that list chat models guess."""

import re
from collections.abc import Iterable

NOT_FOR_CHAT = re.compile(r"embed|minilm|rerank|(^|[-/])(bge|e5|gte)[-/]", re.IGNORECASE)
"""Names of models that answer with vectors."""
_FAMILIES = {
    "openai": r"gpt|chatgpt|davinci|o[1345](?![a-z0-9])",
    "anthropic": r"claude",
    "google": r"gemini|gemma|palm",
    "meta": r"(?:code)?llama",
    "mistral": r"mistral|mixtral|ministral|codestral|pixtral|magistral|devstral",
    "qwen": r"qwen|qwq|qvq",
    "deepseek": r"deepseek",
    "cohere": r"command|aya(?![a-z])|c4ai",
    "amazon": r"nova(?![a-z])|titan",
    "xai": r"grok",
    "microsoft": r"phi(?![a-z])",
    "moonshot": r"kimi|moonshot",
    "zhipu": r"glm(?![a-z])|chatglm",
    "ibm": r"granite",
    "nvidia": r"nemotron",
    "huggingface": r"smollm|zephyr",
    "allenai": r"olmo|tulu",
    "ai21": r"jamba",
    "minimax": r"minimax",
}
_KNOWN = {name: re.compile(rf"(?<![a-z])(?:{words})") for name, words in _FAMILIES.items()}
_WORD = re.compile(r"[a-z]+")


def for_chat_first(names: Iterable[str]) -> list[str]:
    """The same names: `default`, then those that may be chat models, then the others; otherwise as they came."""
    return sorted(names, key=lambda name: (name != "default", bool(NOT_FOR_CHAT.search(name))))


def families(name: str) -> frozenset[str]:
    """Whose model `provider/model` is: those who trained what is in it (a distilled or tuned model has several). A name
    that says nothing is a family by its first word."""
    model = name.rpartition("/")[2].lower()
    found = frozenset(family for family, pattern in _KNOWN.items() if pattern.search(model))
    if found:
        return found
    word = _WORD.search(model)
    return frozenset({word[0] if word else model}) - {""}
