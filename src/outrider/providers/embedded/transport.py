"""The embedded models as a `Transport`: OpenAI-form requests in, OpenAI's answers and streams out, no network.

Everything that computes runs in threads, the event loop only passes chunks on. Models load on first use.
"""

import asyncio
import base64
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from outrider.base import clock, ids
from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.base.ports import WireRequest, WireResponse
from outrider.providers.embedded import catalogue, chat, weights, wire
from outrider.providers.embedded.catalogue import Model
from outrider.providers.embedded.embed import DIMENSIONS, Embedder, Stop, Stopped
from outrider.providers.embedded.gate import Gate
from outrider.providers.embedded.generation import Generation, Stream
from outrider.providers.embedded.ranking import Ranking
from outrider.providers.embedded.runtime import MARGIN, SEATS, ChatRuntime

QUEUE = 64
"""Chat requests that may wait for their turn; embedding requests likewise."""
MAX_INPUTS = 2048  # texts in one embeddings request, as at OpenAI

T = TypeVar("T")


class _Embeddings(msgspec.Struct):
    input: str | list[Any]
    model: str = ""
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: int | None = None
    truncate: bool = False


_embeddings = msgspec.json.Decoder(_Embeddings)


class _Loaded:
    """A chat model in memory and the gate in front of it."""

    def __init__(self, runtime: ChatRuntime, queue: int) -> None:
        self.runtime = runtime
        self.gate = Gate(runtime.seats, runtime.context - MARGIN, queue)


class EmbeddedTransport:
    """Implements `base.ports.Transport` for `/v1/chat/completions`, `/v1/embeddings`, `/v1/rerank`, `/v1/models`.

    `models_dir` is where `outrider models install` puts weights; `chat` and `embed` serve requests that name no
    model and are what `warm` loads; any other installed model is loaded when a request names it. `threads` (None: the
    cores) and `slots` (sequences generated at once) are for the chat model. Belongs to one event loop.
    """

    def __init__(
        self,
        models_dir: Path,
        chat: str = catalogue.CHAT_DEFAULT,
        embed: str = catalogue.EMBED_DEFAULT,
        *,
        threads: int | None = None,
        slots: int = SEATS,
        queue: int = QUEUE,
    ) -> None:
        self._models_dir = models_dir
        self._defaults = {"chat": chat, "embed": embed}
        self._threads, self._slots, self._queue = threads, slots, queue
        self._loaded: dict[str, asyncio.Task[Any]] = {}
        self._pool = ThreadPoolExecutor(slots + 2, "outrider-chat")
        self._embed_pool = ThreadPoolExecutor(1, "outrider-embed")
        self._embedding = Gate(1, 1, queue)
        self._running: dict[Generation, asyncio.Future[None]] = {}
        self._closed = False

    # Loading

    async def warm(self) -> None:
        """Load both default models now. Raises OutriderError when one is not installed or does not load."""
        for kind in ("chat", "embed"):
            await self._load(self._model(self._defaults[kind], kind))

    async def embedder(self) -> Embedder:
        """The default embedder, loaded: vectors without JSON around them. Its methods block: call them in threads."""
        found: Embedder = await self._load(self._model(self._defaults["embed"], "embed"))
        return found

    def _model(self, name: str, kind: str) -> Model:
        """The installed model that a request names. Raises RequestError (404)."""
        model = catalogue.MODELS.get(name or self._defaults[kind])
        if model is None or model.kind != kind:
            known = [n for n, m in catalogue.MODELS.items() if m.kind == kind]
            raise RequestError(
                f"there is no embedded {kind} model {name!r}; there are: {', '.join(known)}",
                status=404,
                code="model_not_found",
                param="model",
            )
        if not weights.is_installed(model.name, self._models_dir):
            raise RequestError(
                f"the embedded model {model.name!r} is not installed; run `outrider models install {model.name}`",
                status=404,
                code="model_not_installed",
                param="model",
            )
        return model

    async def _load(self, model: Model) -> Any:
        """The model in memory; loaded once, however many ask. A failed load is tried again by the next request."""
        if self._closed:
            raise UpstreamError("the embedded models are shut down", code="closed", retryable=False)
        task = self._loaded.get(model.name)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._loaded[model.name] = asyncio.get_running_loop().create_task(self._open(model))
        return await asyncio.shield(task)

    async def _open(self, model: Model) -> Any:
        folder = weights.folder(model.name, self._models_dir)
        if model.kind == "embed":
            return await self._in(self._embed_pool, lambda: Embedder(folder, model.context))

        def load() -> ChatRuntime:
            return ChatRuntime(folder, model.context, seats=self._slots, threads=self._threads)

        return _Loaded(await self._in(self._pool, load), self._queue)

    @staticmethod
    async def _in(pool: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, call)

    # Answering

    async def count(self, body: bytes) -> int:
        """Exact prompt tokens of a chat request's body, template and tool descriptions included.

        Raises RequestError for what `send` would refuse.
        """
        plan = chat.understand(body)
        loaded: _Loaded = await self._load(self._model(plan.model, "chat"))
        return await self._in(self._pool, lambda: loaded.runtime.count(plan.messages, plan.switches))

    async def send(self, request: WireRequest) -> WireResponse:
        path = request.path.partition("?")[0]
        request.sent = True
        try:
            if path.endswith("/chat/completions"):
                return await self._chat(request.body)
            if path.endswith("/embeddings"):
                return await self._embed(request.body)
            if path.endswith("/rerank"):
                return await self._rank(request.body)
            if path.endswith("/models"):
                return self._list()
            raise RequestError(f"the embedded model has no {path!r}", status=404, code="not_found")
        except RequestError as error:
            return wire.refusal(error)
        except UpstreamError:
            raise
        except OutriderError as error:
            return wire.refusal(RequestError(error.message, status=500, code=error.code, kind="server_error"))

    async def close(self) -> None:
        """Stop what runs, wait for it, free the models."""
        self._closed = True
        for generation in self._running:
            generation.stop()
        if self._running:
            await asyncio.wait(self._running.values())
        for task in self._loaded.values():
            try:
                loaded = await task
            except OutriderError:
                continue
            if isinstance(loaded, _Loaded):
                await self._in(self._pool, loaded.runtime.close)
        self._loaded.clear()
        self._pool.shutdown(wait=False)
        self._embed_pool.shutdown(wait=False)

    def _list(self) -> WireResponse:
        models = [
            {
                "id": m.name,
                "object": "model",
                "created": 0,
                "owned_by": "outrider",
                "context_length": m.context,
                "kind": m.kind,
            }
            for m in weights.installed(self._models_dir)
        ]
        return wire.Whole(wire.encode({"object": "list", "data": models}))

    async def _chat(self, body: bytes) -> WireResponse:
        plan = chat.understand(body)
        model = self._model(plan.model, "chat")
        plan.model = model.name
        plan.native.setdefault("temperature", model.temperature)
        loaded: _Loaded = await self._load(model)
        loaded.gate.check()
        if plan.choices > loaded.runtime.seats:
            raise RequestError(f"'n' is {plan.choices}; this model makes {loaded.runtime.seats} at once", param="n")
        runtime, choices = loaded.runtime, plan.choices
        prompt = await self._in(self._pool, lambda: runtime.count(plan.messages, plan.switches))
        room = (runtime.context - MARGIN - prompt) // choices
        if room < 1:
            raise RequestError(
                f"this model's context is {runtime.context} tokens and the messages take {prompt}; shorten them",
                code="context_length_exceeded",
                param="messages",
            )
        limit = min(plan.limit or chat.DEFAULT_MAX_TOKENS, room)
        tokens = prompt + limit * choices
        await loaded.gate.enter(choices, tokens)
        answer = chat.Answer(plan, f"chatcmpl-{ids.token(12)}", clock.now_ns() // 1_000_000_000)
        generation = Generation(plan, answer)

        def release() -> None:
            loaded.gate.leave(choices, tokens)
            self._running.pop(generation, None)

        self._running[generation] = generation.start(self._pool, runtime, {**plan.native, "max_tokens": limit}, release)
        return await self._head(plan, generation)

    @staticmethod
    async def _head(plan: chat.Plan, generation: Generation) -> WireResponse:
        """The answer, once its status is certain: with the first text of a stream, at the end of any other."""
        rest, first = generation.chunks(), []
        try:
            async for chunk in rest:
                first.append(chunk)
                if plan.stream and generation.answer.sniffed:
                    return Stream(generation, first, rest)
        except BaseException:
            generation.stop()
            raise
        if plan.stream:
            return Stream(generation, first, rest)
        return wire.Whole(wire.encode(generation.answer.body()))

    async def _embed(self, body: bytes) -> WireResponse:
        try:
            request = _embeddings.decode(body)
        except msgspec.DecodeError as error:
            raise RequestError(f"the embeddings request is not valid: {error}") from None
        texts = _texts(request)
        return await self._embedded(
            request.model, lambda embedder, name, stop: _answer(embedder, name, request, texts, stop)
        )

    async def _rank(self, body: bytes) -> WireResponse:
        ranking = Ranking(body)
        return await self._embedded(ranking.model, ranking.answer)

    async def _embedded(self, name: str, answer: Callable[[Embedder, str, Stop], bytes]) -> WireResponse:
        """What `answer` makes of an embedder, in its thread; stopped when nobody waits any more."""
        model = self._model(name, "embed")
        embedder: Embedder = await self._load(model)
        await self._embedding.enter(1, 1)
        stopped = False
        try:
            run = self._in(self._embed_pool, lambda: answer(embedder, model.name, lambda: stopped))
            return wire.Whole(await asyncio.shield(asyncio.ensure_future(run)))
        except asyncio.CancelledError:
            stopped = True
            raise
        finally:
            self._embedding.leave(1, 1)


def _texts(request: _Embeddings) -> Sequence[str]:
    """The texts to embed. Raises RequestError (400)."""
    if request.dimensions not in (None, DIMENSIONS):
        raise RequestError(
            f"'dimensions' is {request.dimensions}; this model's vectors have {DIMENSIONS} and cannot be cut",
            param="dimensions",
        )
    texts = [request.input] if isinstance(request.input, str) else request.input
    if not 0 < len(texts) <= MAX_INPUTS:
        raise RequestError(f"'input' has {len(texts)} texts; send 1 to {MAX_INPUTS}", param="input")
    for index, text in enumerate(texts):
        if isinstance(text, int | list):
            raise RequestError(
                "'input' holds token ids; the embedded model has tokens of its own: send text", param="input"
            )
        if not isinstance(text, str):
            raise RequestError(f"'input[{index}]' must be a text", param="input")
        if not text:
            raise RequestError(f"'input[{index}]' is empty; leave it out", param="input")
    return texts


def _answer(
    embedder: Embedder, name: str, request: _Embeddings, texts: Sequence[str], stop: Callable[[], bool]
) -> bytes:
    """The whole embeddings answer. Runs in a thread; empty when it was stopped (nobody waits then)."""
    rows = embedder.tokenise(texts, truncate=request.truncate)
    try:
        vectors = embedder.embed_rows(rows, stop)
    except Stopped:
        return b""
    if request.encoding_format == "base64":
        shown: list[Any] = [base64.b64encode(v.astype("<f4").tobytes()).decode() for v in vectors]
    else:
        shown = vectors.tolist()
    used = sum(len(r) for r in rows)
    return wire.encode(
        {
            "object": "list",
            "data": [{"object": "embedding", "index": i, "embedding": v} for i, v in enumerate(shown)],
            "model": name,
            "usage": {"prompt_tokens": used, "total_tokens": used},
        }
    )
