"""What a model's name gives away. A list of names does not say what a model does; those that list chat models guess."""

import re
from collections.abc import Iterable

NOT_FOR_CHAT = re.compile(r"embed|minilm|rerank|(^|[-/])(bge|e5|gte)[-/]", re.IGNORECASE)
"""Names of models that answer with vectors."""


def for_chat_first(names: Iterable[str]) -> list[str]:
    """The same names: `default`, then those that may be chat models, then the others; otherwise as they came."""
    return sorted(names, key=lambda name: (name != "default", bool(NOT_FOR_CHAT.search(name))))
