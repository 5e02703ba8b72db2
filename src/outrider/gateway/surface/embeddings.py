"""`POST /v1/embeddings`: the request's known fields, checked."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from outrider.gateway.surface import body as json_body
from outrider.gateway.surface.preview import one_line


class EmbeddingsRequest(Struct, gc=False):
    """`input` is one text, several, one list of token ids, or several."""

    model: Annotated[str, Meta(min_length=1)]
    input: str | list[str | int | list[int]]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Meta(ge=1, le=1 << 20)] | None = None
    user: str | None = None
    metadata: dict[str, Any] | None = None
    cache: dict[str, Any] | None = None


_DECODER = msgspec.json.Decoder(EmbeddingsRequest)


def parse_embeddings(body: bytes) -> EmbeddingsRequest:
    """The checked request. Raises RequestError 400 in OpenAI's terms, `param` naming the field's path."""
    request = json_body.decode(_DECODER, body)
    if not request.input:
        raise json_body.invalid("input", "expected at least one text; it is empty.")
    if isinstance(request.input, list) and len({item.__class__ for item in request.input}) > 1:
        raise json_body.invalid("input", "texts and token ids are mixed; send one kind.", "invalid_type")
    return request


def preview(request: EmbeddingsRequest) -> str:
    """The first characters of the first text, on one line."""
    first = request.input if isinstance(request.input, str) else request.input[0]
    return one_line(first) if isinstance(first, str) else ""
