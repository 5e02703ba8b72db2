"""`POST /v1/rerank`, as Cohere, Jina and vLLM have it: the request's known fields, and the answer in their form.

What a provider is asked for is the score of every document; which of them the caller gets, and whether with their text,
is decided here, so that it is the same for all.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from outrider.gateway.surface import body as json_body
from outrider.gateway.surface.preview import one_line

MOST = 10_000
"""Documents in one request."""


class RerankRequest(Struct, gc=False):
    """`documents` are texts, or objects (with `text`, or what else a model ranks)."""

    model: Annotated[str, Meta(min_length=1)]
    query: Annotated[str, Meta(min_length=1)]
    documents: Annotated[list[str | dict[str, Any]], Meta(min_length=1, max_length=MOST)]
    top_n: Annotated[int, Meta(ge=1)] | None = None
    return_documents: bool | None = None
    user: str | None = None
    metadata: dict[str, Any] | None = None
    cache: dict[str, Any] | None = None


_DECODER = msgspec.json.Decoder(RerankRequest)
_answer = msgspec.json.Decoder(dict[str, msgspec.Raw])
_results = msgspec.json.Decoder(list[dict[str, Any]])
_encode = msgspec.json.Encoder().encode


def parse_rerank(body: bytes) -> RerankRequest:
    """The checked request. Raises RequestError 400 in OpenAI's terms, `param` naming the field's path."""
    return json_body.decode(_DECODER, body)


def preview(request: RerankRequest) -> str:
    """The first characters of the query, on one line."""
    return one_line(request.query)


def finished(request: RerankRequest, body: bytes) -> bytes:
    """A provider's answer as the caller wants it: the best first, as many as asked for, with their documents if so."""
    fields: dict[str, Any] = dict(_answer.decode(body))
    results = _results.decode(fields["results"])
    results.sort(key=lambda one: -float(one["relevance_score"]))
    results = results[: request.top_n]
    for one in results:
        said = one.pop("document", None)
        if request.return_documents:
            one["document"] = _document(request, one["index"], said)
    fields["results"] = results
    return _encode(fields)


def _document(request: RerankRequest, index: int, said: Any) -> Any:
    """The caller's own document, in the form that answers have."""
    document = request.documents[index] if 0 <= index < len(request.documents) else said
    return {"text": document} if isinstance(document, str) else document
