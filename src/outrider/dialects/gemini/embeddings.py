"""Embeddings: OpenAI's request as `batchEmbedContents` (on Vertex AI `predict`), and Gemini's callers' as OpenAI's."""

from typing import Any

from outrider.base.errors import RequestError
from outrider.dialects import Fields, Lost, Translated
from outrider.dialects.gemini.names import FORMAT, camel

_OWN = ("taskType", "title")


def from_chat(asked: Fields, model: str, *, predict: bool = False) -> Translated:
    """A list of requests, one per text; `predict`: as Vertex AI wants them. Token ids cannot be sent; vectors come as
    numbers, which clients that ask for base64 take too."""
    lost: Lost = []
    texts = asked.get("input")
    if isinstance(texts, str):
        texts = [texts]
    if any(not isinstance(text, str) for text in texts or ()):
        lost.append("input (token ids)")
    given = [text for text in texts or () if isinstance(text, str)]
    more: Fields = {"outputDimensionality": asked["dimensions"]} if asked.get("dimensions") else {}
    own = asked.get("provider_options") or {}
    if predict:
        task = {"task_type": own["taskType"]} if "taskType" in own else {}
        fields: Fields = {"instances": [{"content": text, **task} for text in given]}
        return Translated({**fields, "parameters": more} if more else fields, lost)
    more |= {name: own[name] for name in _OWN if name in own}
    requests = [{"model": f"models/{model}", "content": {"parts": [{"text": text}]}, **more} for text in given]
    return Translated({"requests": requests}, lost)


def to_chat(said: Fields, model: str = "") -> Fields:
    """OpenAI's list of vectors, of either answer. Not every model counts tokens here."""
    if "predictions" in said:
        found = [one.get("embeddings") or {} for one in said["predictions"]]
        read = sum(int((one.get("statistics") or {}).get("token_count") or 0) for one in found)
    else:
        found = said.get("embeddings") or ([said["embedding"]] if said.get("embedding") else [])
        read = (said.get("usageMetadata") or {}).get("promptTokenCount") or 0
    listed = [
        {"object": "embedding", "index": at, "embedding": one.get("values") or []} for at, one in enumerate(found)
    ]
    answer: Fields = {"object": "list", "data": listed, "model": model}
    if read:
        answer["usage"] = {"prompt_tokens": read, "total_tokens": read}
    return answer


def request_to_chat(asked: Fields, model: str, lost: Lost, *, ours: bool) -> Fields:
    """A caller's `embedContent` or `batchEmbedContents` as OpenAI's. `ours`: a Gemini will answer, which knows its own
    settings. Raises RequestError for what is no such request."""
    single = "requests" not in asked
    requests = [asked] if single else asked["requests"]
    if not isinstance(requests, list) or not requests or not all(isinstance(one, dict) for one in requests):
        raise RequestError("requests is a list of objects, at least one", code="invalid_type", param="requests")
    texts, settings = [], []
    for at, one in enumerate(requests):
        path = "content" if single else f"requests[{at}].content"
        texts.append(_text(camel(one).get("content"), path, lost))
        given = {**camel(one.get("embedContentConfig") or {}), **one}
        settings.append({name: given[name] for name in (*_OWN, "outputDimensionality") if given.get(name) is not None})
    if any(one != settings[0] for one in settings):
        raise RequestError(
            "all requests of a batch have the same settings here", param="requests", code="invalid_value"
        )
    fields: Fields = {"model": model, "input": texts}
    if "outputDimensionality" in settings[0]:
        fields["dimensions"] = settings[0].pop("outputDimensionality")
    if settings[0] and ours:
        fields["provider_options"] = {"format": FORMAT, **settings[0]}
    else:
        lost += settings[0]
    return fields


def _text(content: Any, path: str, lost: Lost) -> str:
    parts = content.get("parts") if isinstance(content, dict) else None
    if isinstance(parts, dict):
        parts = [parts]
    if isinstance(content, str):
        return content
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise RequestError(f"{path} has a list of parts", code="missing_required_parameter", param=path)
    lost += [f"{path}.parts[{at}]" for at, part in enumerate(parts) if not isinstance(part.get("text"), str)]
    return "".join(part["text"] for part in parts if isinstance(part.get("text"), str))


def answer_from_chat(said: Fields, *, one: bool) -> Fields:
    """OpenAI's vectors for a Gemini caller; `one`: it asked for a single one."""
    found = [{"values": vector.get("embedding") or []} for vector in said.get("data") or ()]
    answer: Fields = {"embedding": found[0] if found else {}} if one else {"embeddings": found}
    read = (said.get("usage") or {}).get("prompt_tokens")
    if read:
        answer["usageMetadata"] = {"promptTokenCount": read, "totalTokenCount": read}
    return answer
