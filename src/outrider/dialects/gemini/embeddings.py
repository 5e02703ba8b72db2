"""Embeddings: OpenAI's request as `batchEmbedContents`, its answer as OpenAI's, and the way back for callers."""

from outrider.dialects import Fields, Lost, Translated


def from_chat(asked: Fields, model: str) -> Translated:
    """A list of requests, one per text. Token ids cannot be sent; vectors come as numbers, which clients that ask for
    base64 take too."""
    lost: Lost = []
    texts = asked.get("input")
    if isinstance(texts, str):
        texts = [texts]
    if any(not isinstance(text, str) for text in texts or ()):
        lost.append("input (token ids)")
    more: Fields = {"outputDimensionality": asked["dimensions"]} if asked.get("dimensions") else {}
    requests = [
        {"model": f"models/{model}", "content": {"parts": [{"text": text}]}, **more}
        for text in texts or ()
        if isinstance(text, str)
    ]
    return Translated({"requests": requests}, lost)


def to_chat(said: Fields, model: str = "") -> Fields:
    """OpenAI's list of vectors. Gemini counts no tokens here."""
    vectors = said.get("embeddings") or ([said["embedding"]] if said.get("embedding") else [])
    listed = [
        {"object": "embedding", "index": at, "embedding": vector.get("values") or []}
        for at, vector in enumerate(vectors)
    ]
    answer: Fields = {"object": "list", "data": listed, "model": model}
    counts = said.get("usageMetadata") or {}
    if counts.get("promptTokenCount"):
        read = counts["promptTokenCount"]
        answer["usage"] = {"prompt_tokens": read, "total_tokens": read}
    return answer
