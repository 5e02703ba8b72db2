"""Calls, routes and deployments as the corridor's stages meet them, with a client that writes down what it gets."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from outrider.base.ports import Answer, Deployment, Transport
from outrider.base.usage import Price
from outrider.gateway import receive
from outrider.gateway.attempts import Attempts
from outrider.gateway.call import Call
from outrider.gateway.patience import Watch
from outrider.gateway.server import Exchange
from outrider.gateway.surface.chat import parse_chat
from outrider.gateway.table import Route
from outrider.limits.board import Board
from outrider.limits.keys import Identity
from outrider.limits.vitals import Vitals
from outrider.testing import ScriptedProvider

PATHS = {
    "chat": "/v1/chat/completions",
    "embeddings": "/v1/embeddings",
    "models": "/v1/models",
    "rerank": "/v1/rerank",
}


class Client:
    """The side of an `Exchange` that stages use."""

    def __init__(self, body: bytes, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        self.body, self.headers, self.path = body, list(headers), b"/v1/chat/completions"
        self.gone = self.congested = self.ended = self.aborted = False
        self.identity, self.query, self.route = None, b"", None
        self.on_gone: Callable[[], object] | None = None
        self.on_writable: Callable[[], None] | None = None
        self.status, self.head, self.received = 0, b"", list[bytes]()

    def start(self, status: int, head: bytes) -> None:
        self.status, self.head = status, head

    def write(self, chunk: bytes) -> None:
        self.received.append(chunk)

    def end(self, last: bytes = b"") -> None:
        self.received += [last] if last else []
        self.ended = True

    def reply(self, status: int, head: bytes, body: bytes) -> None:
        self.start(status, head)
        self.end(body)

    def abort(self) -> None:
        self.aborted = True

    @property
    def answer(self) -> Any:
        return json.loads(b"".join(self.received))


def deployment(name: str, transport: Transport | ScriptedProvider, model: str = "m") -> Deployment:
    way = transport.transport() if isinstance(transport, ScriptedProvider) else transport
    return Deployment(f"{name}/{model}", name, model, "openai", way, PATHS)


def route(*deployments: Deployment, **rules: Any) -> Route:
    return Route("r", deployments, **{"retries": 0, **rules})


def body(text: str, *, stream: bool = False, model: str = "r", **fields: Any) -> bytes:
    streamed = {"stream": True} if stream else {}
    messages = [{"role": "user", "content": text}]
    return json.dumps({"model": model, "messages": messages, **fields, **streamed}).encode()


def call(
    text: str = "hello",
    through: Route | None = None,
    *,
    stream: bool = False,
    fields: Mapping[str, Any] | None = None,
    **headers: str,
) -> Call:
    """A chat call of the current task, parsed and identified; header names take `_` for `-`."""
    wire = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    task = asyncio.current_task()
    assert task is not None
    made = Call(cast(Exchange, Client(body(text, stream=stream, **fields or {}), wire)), "chat", task)
    made.identity, made.model, made.stream, made.route = Identity("p", "k"), "r", stream, through
    made.request = parse_chat(made.body)
    made.max_output = made.request.output_limit
    return made


def client(made: Call) -> Client:
    return cast(Client, made.exchange)


async def ask(made: Call, price: Price | None = None) -> Answer:
    """Stage `call` alone."""
    attempts = Attempts(Watch(), lambda deployment, at, size: price, Vitals(Board()))
    return await attempts.ask(made, receive.relay if made.stream else receive.collect)
