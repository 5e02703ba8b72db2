"""How hard a model shall think, as OpenAI's chat says it.

That is a wish: a model that does not think is not asked to, and nobody is refused for it.
"""

import re
from collections.abc import Container
from typing import Any

from outrider.dialects.pivot import Fields

_THINKS = re.compile(r"(^|/)(o[1-9](?!\d)|gpt-5(?!.*chat)|gpt-oss)")
_FIXED = re.compile(r"(^|/)(o[1-9](?!\d)|gpt-5(?![.\d]))(?!.*chat)")
_VERSION = re.compile(r"gpt-5(?:\.(\d+))?")
_BUDGETS = ((4096, "low"), (16384, "medium"))


def thinks(model: str) -> bool:
    """Whether it is one of OpenAI's models that think."""
    return _THINKS.search(model) is not None


def fixed(model: str, effort: Any) -> bool:
    """Whether it takes no temperature and the like: OpenAI's models that think, unless they are told not to."""
    if _FIXED.search(model) is not None:
        return True
    return thinks(model) and "gpt-oss" not in model and effort not in (None, "none")


def effort(chat: Fields, model: str, knows: Container[str]) -> str | None:
    """The `reasoning_effort` to send, None for none."""
    said = chat.get("reasoning")
    reasoning = said if isinstance(said, dict) else {}
    wanted = chat.get("reasoning_effort") or reasoning.get("effort")
    if reasoning.get("enabled") is False and reasoning.get("effort") is None:
        wanted = "none"
    if wanted is None and isinstance(budget := reasoning.get("max_tokens"), int):
        wanted = next((level for most, level in _BUDGETS if budget <= most), "high")
    if not isinstance(wanted, str) or not (thinks(model) or "reasoning_effort" in knows):
        return None
    return _level(wanted, model)


def _level(wanted: str, model: str) -> str | None:
    """The nearest level that the model knows; None: what it does unasked is nearest."""
    found = _VERSION.search(model)
    minor = int(found[1] or 0) if found else None
    if wanted == "none":
        if minor is None:
            return "low" if thinks(model) else "none"
        return "none" if minor else "minimal"
    if wanted == "minimal":
        return "minimal" if minor == 0 or not thinks(model) else "low"
    if wanted in ("xhigh", "max"):
        return "xhigh" if minor is not None and minor >= 2 else "high"
    return wanted
