"""Documents ranked by how near their embeddings are to the query's: no reranker, but one that is always there.

A cross-encoder reads query and document together and is better at it; so the answer says how its scores came about.
"""

from typing import Any

import msgspec

from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.providers.embedded import wire
from outrider.providers.embedded.embed import Embedder, Stop, Stopped

METHOD = "cosine similarity of embeddings"
MOST = 2048  # documents in one request


class _Asked(msgspec.Struct):
    query: str
    documents: list[Any]
    model: str = ""


_asked = msgspec.json.Decoder(_Asked)


class Ranking:
    """One understood request. Raises RequestError (400) for what the embedder cannot rank."""

    def __init__(self, body: bytes) -> None:
        try:
            asked = _asked.decode(body)
        except msgspec.DecodeError as error:
            raise RequestError(f"the rerank request is not valid: {error}") from None
        if not 0 < len(asked.documents) <= MOST:
            raise RequestError(f"'documents' has {len(asked.documents)} items; send 1 to {MOST}", param="documents")
        self.model = asked.model
        self._texts = [asked.query, *(_text(at, one) for at, one in enumerate(asked.documents))]

    def answer(self, embedder: Embedder, name: str, stop: Stop) -> bytes:
        """The whole answer. Runs in a thread; empty when it was stopped. Long documents are cut to what fits."""
        rows = embedder.tokenise(self._texts, truncate=True)
        try:
            vectors = embedder.embed_rows(rows, stop)
        except Stopped:
            return b""
        scores = (vectors[1:] @ vectors[0]).tolist()  # unit vectors: their product is the cosine
        order = sorted(range(len(scores)), key=lambda at: -scores[at])
        used = sum(len(row) for row in rows)
        return wire.encode(
            {
                "id": f"rerank-{ids.token(12)}",
                "model": name,
                "results": [{"index": at, "relevance_score": scores[at]} for at in order],
                "usage": {"prompt_tokens": used, "total_tokens": used},
                "method": METHOD,
            }
        )


def _text(at: int, document: Any) -> str:
    text = document.get("text") if isinstance(document, dict) else document
    if not isinstance(text, str):
        raise RequestError(f"'documents[{at}]' must be a text, or an object with one", param="documents")
    return text or " "
