"""`POST /v1/messages/count_tokens`: how much of a model's context a request takes, for every model.

Anthropic's own models are counted by their provider; where a model's tokenizer is known, here; else it is judged by
size, rather above than below: agents shorten their history by it. Nothing is recorded, and nobody is charged.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from outrider.base.errors import OutriderError, UpstreamError
from outrider.base.ports import Deployment
from outrider.dialects import ODD, Fields, odd_request
from outrider.dialects.anthropic import carried, requests
from outrider.gateway import aliases, counting
from outrider.gateway.corridor import Corridor
from outrider.gateway.estimating import tokens
from outrider.gateway.surface import http
from outrider.gateway.surface.messages import SURFACE, read_counted
from outrider.providers import anthropic

PATIENCE = 10.0
LARGEST = 1 << 16
PER_MESSAGE = 4
ABOVE = 1.25
"""By how much an estimate is raised: tokenizers differ by about that."""
PER_IMAGE = 1600
"""What a picture takes at most in the models that say so."""
FILE_BYTES_PER_TOKEN = 25
"""Of a file, encoded in base64: a page of a PDF has about 2,000 tokens and, with us, 50 kB."""
_json = msgspec.json.Encoder()


def routes(corridor: Corridor) -> list[Route]:
    async def answer(request: Request) -> Response:
        try:
            await http.identify(corridor, request)
            return await _count(corridor, request)
        except ClientDisconnect:
            return Response(status_code=499)
        except OutriderError as error:
            status, headers, body = SURFACE.error(error)
            return Response(body, status, {k.decode(): v.decode("latin-1") for k, v in headers})

    return [Route(f"{root}/messages/count_tokens", answer, methods=["POST"]) for root in ("/v1", "")]


async def _count(corridor: Corridor, request: Request) -> Response:
    body = await request.body()
    fields = read_counted(body)
    deployment = corridor.table.resolve(fields["model"]).deployments[0]
    try:
        how, count = "provider", await _by_provider(deployment, request, body, fields)
        if count is None:
            how, count = await _here(deployment, fields)
    except ODD:
        raise odd_request() from None
    answer = _json.encode({"input_tokens": count})
    return Response(answer, media_type="application/json", headers={"x-outrider-counted-by": how})


async def _by_provider(deployment: Deployment, request: Request, body: bytes, fields: Fields) -> int | None:
    """What the provider counts; None if it speaks another language, or does not answer."""
    if deployment.dialect != anthropic.name or "count_tokens" not in deployment.paths:
        return None
    if carried.inside(body):
        body = _json.encode({**fields, "messages": carried.without(fields["messages"])})
    headers = aliases.apply(dict(request.scope["headers"]))
    try:
        async with asyncio.timeout(PATIENCE):
            wire = anthropic.count_encode(deployment, body, headers)
            response = await deployment.transport.send(wire)
            return anthropic.count_decode(response.status, response.headers, await response.read(LARGEST))
    except (UpstreamError, TimeoutError):
        return None


async def _here(deployment: Deployment, fields: Fields) -> tuple[str, int]:
    """Our own count, and whether a tokenizer made it."""
    chat = requests.to_chat({"max_tokens": 1, **fields}).fields
    texts: list[str] = []
    more = _gather(chat, texts)
    text = "\n".join(texts).encode()
    more += PER_MESSAGE * len(chat["messages"])
    count = await counting.count_input(deployment, text)
    if count is not None:
        return "tokenizer", count + more
    return "estimate", int(tokens(text) * ABOVE) + 1 + more


def _gather(chat: Fields, texts: list[str]) -> int:
    """Puts all that is read as text into `texts`; tokens for what is not."""
    for tool in chat.get("tools") or ():
        said = tool.get("function") or tool.get("provider") or tool
        texts.append(_json.encode(said).decode())
    more = 0
    for message in chat["messages"]:
        more += sum(map(_weigh, _parts(message, texts)))
    form = chat.get("response_format")
    if form is not None:
        texts.append(_json.encode(form).decode())
    return more


def _parts(message: Fields, texts: list[str]) -> Iterable[Fields]:
    """The parts of a message that are not text; what is goes into `texts`."""
    content = message.get("content")
    if isinstance(content, str):
        texts.append(content)
    for call in message.get("tool_calls") or ():
        texts += (call["function"]["name"], call["function"]["arguments"])
    for thought in message.get("reasoning_details") or ():
        texts.append(thought.get("text") or thought.get("summary") or "")
    for item in message.get("provider_items") or ():
        texts.append(_json.encode(item).decode())
    rest = []
    for part in content if isinstance(content, list) else ():
        if part["type"] == "text":
            texts.append(part["text"])
        elif part["type"] == "provider":
            texts.append(_json.encode(part["provider"]).decode())
        else:
            rest.append(part)
    return rest


def _weigh(part: Fields) -> int:
    if part["type"] == "image_url":
        return PER_IMAGE
    file: Any = part.get("file") or {}
    return max(PER_IMAGE, len(file.get("file_data") or "") // FILE_BYTES_PER_TOKEN)
