"""Embeddings: OpenAI's request as `batchEmbedContents` (on Vertex AI `predict`), and the answers as OpenAI's."""

from outrider.dialects import Fields, Lost, Translated


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
    if predict:
        fields: Fields = {"instances": [{"content": text} for text in given]}
        return Translated({**fields, "parameters": more} if more else fields, lost)
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
