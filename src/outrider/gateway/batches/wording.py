"""A line of a batch as its provider hears it elsewhere: the same words as one call would be asked with. Pure.

It mirrors what a trial does of a request that nobody changes on its way, and gives nothing for any other: such a line
is executed here, where its answer, or the refusal that it deserves, is made as always.
"""

from collections.abc import Mapping
from typing import NamedTuple, cast

from outrider.base import plugins
from outrider.base.errors import RequestError
from outrider.base.ports import Deployment, Dialect, NativeDialect, WireRequest
from outrider.dialects import ODD
from outrider.gateway.identify import known_as
from outrider.gateway.structured import adapt, wanted
from outrider.gateway.surface import chat, embeddings, messages, responses
from outrider.gateway.surface.contract import Asked, Surface
from outrider.gateway.table import Route
from outrider.gateway.voice import BETAS, may_lose, with_betas

SPOKEN: Mapping[str, tuple[str, Surface | None]] = {
    "/v1/chat/completions": ("chat", None),
    "/v1/messages": ("chat", messages.SURFACE),
    "/v1/responses": ("chat", responses.SURFACE),
    "/v1/embeddings": ("embeddings", None),
}
"""What is asked for at a path, and whose language is spoken there (None: chat's own)."""


def endpoint_of(path: str) -> str:
    """`chat`, `embeddings`, "" for what no provider's batch does."""
    return SPOKEN.get(path, ("", None))[0]


class Worded(NamedTuple):
    """A line's request, with the tokens that each of its `choices` answers may have at most (None: nobody says), and
    the user that it names."""

    wire: WireRequest
    most: int | None = None
    choices: int = 1
    user: str = ""


def worded(route: Route, at: Deployment, path: str, body: bytes, headers: Mapping[bytes, bytes]) -> Worded | None:
    """The request for `at`; None: it must be executed here."""
    try:
        made, lost = _worded(route, at, path, body, headers)
    except (RequestError, *ODD):
        return None
    return None if made is None or (lost and not may_lose(headers, route)) else made


def _worded(
    route: Route, at: Deployment, path: str, body: bytes, headers: Mapping[bytes, bytes]
) -> tuple[Worded | None, bool]:
    """The request, and whether something of the caller's is not in it."""
    endpoint, surface = SPOKEN[path]
    speak: Dialect = plugins.load("outrider.providers", at.dialect)
    asked: Asked | None = None
    most, choices = None, 1
    if surface is not None:
        asked = surface.read(path.encode(), b"", headers, body)
        if asked.pending is not None:
            return None, False
        body = asked.chat
    if endpoint == "embeddings":
        texts = embeddings.parse_embeddings(body)
        model, user, want = texts.model, texts.user, None
    else:
        request = chat.parse_chat(body)
        most, choices, user = request.output_limit, request.n or 1, request.user
        model = request.model if asked is None else asked.model
        want = wanted(request, route.structured) if request.response_format is not None else None
    named = known_as(user or "")
    if asked is not None and surface is not None and surface.name == speak.SPEAKS and asked.native and want is None:
        own = cast(NativeDialect, speak).native_encode(
            at, asked.native, model, stream=False, max_tokens=None, headers=headers
        )
        return Worded(own, most, choices, named), bool(own.lost)
    encode = speak.encode if asked is None else getattr(speak, "encode_pivot", speak.encode)
    body = body if want is None else adapt(body, at, want)
    made: WireRequest = encode(at, endpoint, body, model, stream=False, wants_usage=asked is not None)
    if BETAS in headers:
        with_betas(made, at, headers)
    return Worded(made, most, choices, named), bool(made.lost or (asked is not None and asked.lost))
