"""Token counts, in both directions."""

from typing import Any

from outrider.base.usage import MOST_TOKENS
from outrider.dialects import Fields

_DETAILS = {"AUDIO": "audio_tokens", "IMAGE": "image_tokens", "VIDEO": "video_tokens"}
_TIERS = {"ON_DEMAND_PRIORITY": "priority", "ON_DEMAND_FLEX": "flex", "standard": "default"}


def to_chat(said: Any) -> Fields:
    """Chat's `usage`. What tools on the provider's side read counts as prompt, thoughts count as completion. A strange
    count is none: the answer is as good."""
    said = said if isinstance(said, dict) else {}
    read = _count(said, "promptTokenCount") + _count(said, "toolUsePromptTokenCount")
    thought = _count(said, "thoughtsTokenCount")
    written = _count(said, "candidatesTokenCount") + thought
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {
            "cached_tokens": _count(said, "cachedContentTokenCount"),
            **_by_kind(said, "promptTokensDetails"),
        },
        "completion_tokens_details": {"reasoning_tokens": thought, **_by_kind(said, "candidatesTokensDetails")},
    }


def searches(candidates: Any) -> int:
    """How often Google was searched for these candidates (or what is known about them)."""
    found = 0
    for one in candidates if isinstance(candidates, list) else ():
        grounding = one.get("groundingMetadata") if isinstance(one, dict) else None
        queries = grounding.get("webSearchQueries") if isinstance(grounding, dict) else None
        found += len([query for query in queries if query]) if isinstance(queries, list) else 0
    return found


def from_chat(said: Fields) -> Fields:
    read, written = said.get("prompt_tokens") or 0, said.get("completion_tokens") or 0
    of_read, of_written = said.get("prompt_tokens_details") or {}, said.get("completion_tokens_details") or {}
    thought = min(of_written.get("reasoning_tokens") or 0, written)
    counts: Fields = {"promptTokenCount": read, "candidatesTokenCount": written - thought}
    counts["totalTokenCount"] = read + written
    if of_read.get("cached_tokens"):
        counts["cachedContentTokenCount"] = of_read["cached_tokens"]
    if thought:
        counts["thoughtsTokenCount"] = thought
    for name, details, whole in (
        ("promptTokensDetails", of_read, read),
        ("candidatesTokensDetails", of_written, written - thought),
    ):
        kinds = {kind: details[key] for kind, key in _DETAILS.items() if details.get(key)}
        rest = whole - sum(kinds.values())
        if rest >= 0:
            kinds = {"TEXT": rest, **kinds} if rest else kinds
            counts[name] = [{"modality": kind, "tokenCount": count} for kind, count in kinds.items()]
    return counts


def tier(said: Any) -> str | None:
    """Chat's `service_tier`, where the counts tell how the call was served."""
    said = said if isinstance(said, dict) else {}
    found = said.get("serviceTier") or said.get("trafficType")
    return _TIERS.get(found, found if found in ("flex", "priority") else None) if isinstance(found, str) else None


def _by_kind(said: Fields, name: str) -> Fields:
    found: Fields = {"audio_tokens": 0}
    details = said.get(name)
    for one in details if isinstance(details, list) else ():
        kind = _DETAILS.get(str(one.get("modality"))) if isinstance(one, dict) else None
        if kind:
            found[kind] = _count(one, "tokenCount")
    return found


def _count(said: Fields, name: str) -> int:
    found: Any = said.get(name)
    return found if isinstance(found, int) and 0 < found <= MOST_TOKENS else 0
