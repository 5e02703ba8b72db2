"""`POST /api/casebook/ask`: a question over all cases, answered with citations that were checked, or refused."""

import anyio.to_thread
import msgspec
from starlette.responses import Response

from outrider.api.casebook import finder_of
from outrider.api.edge import Ask, Endpoint
from outrider.api.streamed import Tell, streamed
from outrider.base.errors import RequestError, UpstreamError
from outrider.casebook.recording import NAME, Recorded, ask_recorded
from outrider.knowledge.recording import Asker


class NewQuestion(msgspec.Struct, forbid_unknown_fields=True):
    """A question over all cases; `field:value` in it narrows them. `model` is a route that writes the answer, and each
    of its sentences is held to the passages; "" quotes the cases. `stream`: sentences come as server-sent events with
    what they rest on, then the whole answer."""

    question: str
    model: str = ""
    stream: bool = False


async def question(ask: Ask) -> Recorded | Response:
    if ask.body.stream:
        return await streamed(lambda tell: _answer(ask, tell))
    return await anyio.to_thread.run_sync(_answer, ask, None)


def _answer(ask: Ask, tell: Tell | None) -> Recorded:
    wanted: NewQuestion = ask.body
    model = None
    if wanted.model:
        if ask.deps.writer is None:
            raise RequestError("this process asks no routes", status=503, code="not_served", param="model")
        model = ask.deps.writer(ask.who, wanted.model, "casebook")
    asker = Asker(ask.who.project, ask.who.key, name=NAME)
    try:
        return ask_recorded(
            finder_of(ask), wanted.question, asker, model=model, route=wanted.model, stream=tell
        )  # fmt: skip
    except UpstreamError as error:
        raise RequestError(error.message, status=502, code="upstream_error", param="model") from None


ENDPOINTS = [
    Endpoint(
        "POST",
        "/api/casebook/ask",
        "An answer with citations that were checked, or a refusal",
        Recorded,
        act=question,
        takes=NewQuestion,
        streams=True,
    )
]
