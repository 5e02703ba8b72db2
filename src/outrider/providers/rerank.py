"""Rerankers' wire form: Cohere's, which Jina, vLLM, Together and others share, and Voyage's, which differs in names.

Every document's score is asked for: `gateway.surface.rerank` chooses among them.
"""

from typing import Any

import msgspec

from outrider.base.errors import UpstreamError
from outrider.base.ports import Answer
from outrider.base.usage import MOST_TOKENS, Usage

_OURS = ("top_n", "return_documents", "cache", "metadata", "user")
"""Fields that are not the provider's concern."""
_encode = msgspec.json.Encoder().encode
_raw = msgspec.json.Decoder(dict[str, msgspec.Raw])
_documents = msgspec.json.Decoder(list[msgspec.Raw])
_fields = msgspec.json.Decoder(dict[str, Any])
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def asked(body: bytes, model: str) -> bytes:
    """The provider's request for a checked one. Documents that are objects with nothing but text become texts, which
    every provider takes."""
    fields = {name: value for name, value in _raw.decode(body).items() if name not in _OURS}
    fields["model"] = msgspec.Raw(_encode(model))
    fields["documents"] = msgspec.Raw(_encode([_plain(one) for one in _documents.decode(fields["documents"])]))
    return _encode(fields)


def _plain(document: msgspec.Raw) -> msgspec.Raw:
    if bytes(document)[:1] != b"{":
        return document
    said = _object.decode(document)
    text = said.get("text")
    return text if text is not None and len(said) == 1 and bytes(text)[:1] == b'"' else document


def decode(body: bytes) -> Answer:
    """The answer with `results` of `index` and `relevance_score`, and `usage`. Raises UpstreamError if it is none."""
    try:
        said = _fields.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _invalid(f"invalid JSON ({error})"[:300]) from None
    results = said.pop("results", None)
    if results is None:
        results = said.pop("data", None)
        said.pop("object", None)
    if not isinstance(results, list):
        detail = said.get("message") or said.get("detail") or said.get("error")
        raise _invalid(f"no results: {str(detail)[:300]}" if detail else "no `results`")
    counted = _tokens(said)
    if counted is not None:
        said["usage"] = {"prompt_tokens": counted, "total_tokens": counted}
    answer = {"results": [_scored(one) for one in results], **said}
    return Answer(_encode(answer), None if counted is None else Usage(counted), "stop")


def _scored(said: Any) -> dict[str, Any]:
    if isinstance(said, dict):
        index, score = said.get("index"), said.get("relevance_score", said.get("score"))
        if isinstance(index, int) and isinstance(score, int | float):
            said.pop("score", None)
            return {**said, "index": index, "relevance_score": score}
    raise _invalid("a result without `index` and `relevance_score`")


def _tokens(said: dict[str, Any]) -> int | None:
    """What the provider counted: Cohere says it elsewhere than the others."""
    usage, tokens = said.get("usage"), (said.get("meta") or {}).get("tokens")
    for place, name in ((usage, "prompt_tokens"), (usage, "total_tokens"), (tokens, "input_tokens")):
        count = place.get(name) if isinstance(place, dict) else None
        if isinstance(count, int | float) and 0 < count <= MOST_TOKENS:
            return int(count)
    return None


def _invalid(what: str) -> UpstreamError:
    return UpstreamError(f"the provider's answer to a rerank request has {what}", code="upstream_invalid_answer")
