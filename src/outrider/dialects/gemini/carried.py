"""Thoughts of other languages in a Gemini caller's history: they came to it wrapped as signatures (`speech.foreign`),
and Google must not see them."""

from typing import Any

from outrider.dialects import Fields
from outrider.dialects.gemini.names import WRAPPED
from outrider.dialects.gemini.speech import UNSIGNED

_MARK = WRAPPED.encode()
_SIGNATURES = ("thoughtSignature", "thought_signature")


def inside(body: bytes) -> bool:
    """Whether there may be any in a request's bytes."""
    return _MARK in body


def without(fields: Fields) -> Fields:
    """The request without them, changed in place; the names in it may be of either kind."""
    for content in _list(fields.get("contents")):
        if isinstance(content, dict) and isinstance(content.get("parts"), list):
            content["parts"] = [part for part in content["parts"] if not _is_foreign(part)]
    kept = [content for content in _list(fields.get("contents")) if not isinstance(content, dict) or content["parts"]]
    fields["contents"] = kept
    return fields


def _is_foreign(part: Any) -> bool:
    return isinstance(part, dict) and any(str(part.get(name) or "").startswith(WRAPPED) for name in _SIGNATURES)


def signed(fields: Fields) -> bool:
    """Gives calls of models that do not sign what newer Geminis take instead. False: there was nothing to do."""
    changed = False
    for content in _list(fields.get("contents")):
        if not isinstance(content, dict) or content.get("role") != "model":
            continue
        parts = [part for part in _list(content.get("parts")) if isinstance(part, dict)]
        calls = [part for part in parts if "functionCall" in part or "function_call" in part]
        if calls and not any(name in part for part in calls for name in _SIGNATURES):
            calls[0]["thoughtSignature"] = UNSIGNED
            changed = True
    return changed


def _list(said: Any) -> list[Any]:
    return said if isinstance(said, list) else []
