"""The scripted provider, in process: what it remembers, and a `Transport` to it.

It counts what it saw, cancelled requests among it, and `until` waits for a count, so that a test can prove
that a cancellation reached the provider. What it answers is decided in `script`; `serving` puts it behind
HTTP.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from outrider.base.errors import UpstreamError
from outrider.base.ports import Transport, WireRequest, WireResponse
from outrider.testing import plans, script
from outrider.testing.plans import Command, Piece, Plan

MODELS = ("scripted-chat", "scripted-embedding")
ENDPOINTS = {"/chat/completions": "chat", "/embeddings": "embeddings", "/rerank": "rerank"}
"""What a path's end asks for."""
_SAYS = re.compile(rb'"content": "[^"]')


class ScriptedProvider:
    """What the provider remembers. `counts` has: requests, chat, embeddings, rerank, models, streams,
    completed, cancelled, failed, and what would be on its bill: input_tokens, output_tokens.

    `requests` holds the last bodies (decoded) and `headers` those of the last request, for tests to look at. `struck`
    counts by `key` what a `rate` has spoilt.
    """

    def __init__(self, models: Sequence[str] = MODELS, *, keep: int = 100) -> None:
        self.models, self._keep = models, keep
        self.forget()

    def forget(self) -> None:
        """Start counting anew."""
        self.counts: Counter[str] = Counter()
        self.by_model: Counter[str] = Counter()
        self.requests: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.struck: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._times: Counter[tuple[str, str]] = Counter()
        self._changed = asyncio.Event()

    def count(self, what: str) -> None:
        self.counts[what] += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def until(self, **at_least: int) -> Counter[str]:
        """Wait until every count named has reached its number: `await provider.until(cancelled=1)`."""
        while any(self.counts[name] < number for name, number in at_least.items()):
            await self._changed.wait()
        return Counter(self.counts)

    def transport(self) -> Transport:
        return ScriptedTransport(self)

    def seen(self) -> dict[str, Any]:
        """Counts and the last request, without the values of credentials."""
        hidden = {"authorization", "api-key", "x-api-key"}
        headers = {k: "(given)" if k in hidden else v for k, v in self.headers.items()}
        last = self.requests[-1] if self.requests else None
        return {**self.counts, "by_model": self.by_model, "last": last, "headers": headers}

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        """What to answer, with the request counted."""
        self.count("requests")
        self.headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in headers}
        route = urlsplit(path).path
        if method == "GET" and route.endswith("/models"):
            self.count("models")
            return script.models(self.models)
        endpoint = next((name for end, name in ENDPOINTS.items() if route.endswith(end)), None)
        if method != "POST" or endpoint is None:
            return plans.failure(404, f"scripted: no {method} {route}")
        try:
            request = json.loads(body)
            text = script.last_text(request)
            command = self._drawn(str(request.get("model", "")), text)
            return self._planned(endpoint, request, text, command)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            return plans.failure(400, f"scripted: the request is not understood: {error}")

    def _planned(self, endpoint: str, request: dict[str, Any], text: str, command: Command) -> Plan:
        self.count(endpoint)
        if request.get("stream"):
            self.count("streams")
        self.by_model[str(request.get("model"))] += 1
        self.requests = [*self.requests[1 - self._keep :], request]
        refused = self._refusal(text, command)
        if refused is not None:
            self.count("failed")
            return refused
        if endpoint == "embeddings":
            return script.embeddings(request, command)
        if endpoint == "rerank":
            return script.rerank(request, command)
        return self._billed(script.chat(request, command, self.counts["requests"]), bool(request.get("stream")))

    def _drawn(self, model: str, text: str) -> Command:
        """The commands that count for this request: those of the model's name only as often as their `rate` says."""
        command = script.commands(model, text)
        if "rate" not in command:
            return command
        key = command.get("key") or text
        time, request = self._times[model, key], self._times[model, ""]
        self._times[model, key] += 1
        self._times[model, ""] += 1
        if not script.struck(command, key, time, request):
            return script.commands("", text)
        self.struck[key] += 1
        return command

    def _billed(self, plan: Plan, stream: bool) -> Plan:
        """Count the tokens of an answer: of a stream, those that were sent."""
        self.counts["input_tokens"] += plan.billed[0]
        if stream and plan.billed[1]:
            plan.pieces = self._counted(plan.pieces)
        else:
            self.counts["output_tokens"] += plan.billed[1]
        return plan

    def _counted(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        for pause, piece in pieces:
            self.counts["output_tokens"] += len(_SAYS.findall(piece))
            yield pause, piece

    def _refusal(self, text: str, command: Command) -> Plan | None:
        status = int(command.get("status") or 500)
        if "fail-times" in command:
            key = command.get("key") or text
            self._failures[key] += 1
            if self._failures[key] > int(command["fail-times"] or 1):
                return None
        elif "status" not in command:
            return None
        headers = [(b"retry-after", command["retry-after"].encode())] if "retry-after" in command else []
        return plans.failure(status, f"scripted: status {status}", headers, delay=float(command.get("delay") or 0))


class ScriptedTransport:
    """The provider as a `base.ports.Transport`."""

    def __init__(self, provider: ScriptedProvider) -> None:
        self.provider = provider

    async def send(self, request: WireRequest) -> WireResponse:
        plan = self.provider.plan(request.method, request.path, request.headers, request.body)
        request.sent = True
        try:
            await asyncio.sleep(plan.delay + plan.slow_head)
        except asyncio.CancelledError:
            self.provider.count("cancelled")
            raise
        if plan.ending == "reset":
            raise UpstreamError("the scripted provider reset the connection", code="upstream_disconnected")
        return ScriptedResponse(plan, self.provider)

    async def close(self) -> None:
        """Nothing is open."""


class ScriptedResponse:
    """A `base.ports.WireResponse` that follows a plan."""

    def __init__(self, plan: Plan, provider: ScriptedProvider) -> None:
        self.status: int = plan.status
        self.headers: Sequence[tuple[bytes, bytes]] = plan.headers
        self.complete = False
        self._plan, self._provider = plan, provider
        self._over = False
        self._flows = asyncio.Event()
        self._flows.set()

    async def read(self, limit: int) -> bytes:
        body = bytearray()

        def keep(part: bytes) -> bool:
            body.extend(part)
            if len(body) > limit:
                raise UpstreamError(
                    f"the answer is larger than {limit} bytes", code="upstream_answer_too_large", retryable=False
                )
            return True

        await self.pass_to(keep)
        return bytes(body)

    async def pass_to(self, sink: Callable[[bytes], bool]) -> None:
        try:
            wanted = await self._pour(sink)
        except BaseException:
            self.abort()
            raise
        if wanted:
            self._over = True
            if self._plan.ending == "cut":
                raise UpstreamError("the scripted provider cut its answer", code="upstream_disconnected")
            self.complete = True
            self._provider.count("completed")

    async def _pour(self, sink: Callable[[bytes], bool]) -> bool:
        """Send the pieces; False when the sink wants no more."""
        for pause, piece in self._plan.pieces:
            await asyncio.sleep(pause)
            await self._flows.wait()
            if self._over:
                raise UpstreamError("the exchange was aborted", code="upstream_disconnected")
            if not sink(piece):
                return False
        return True

    def pause(self) -> None:
        self._flows.clear()

    def resume(self) -> None:
        self._flows.set()

    def abort(self) -> None:
        if not self._over:
            self._over = True
            self._flows.set()
            self._provider.count("cancelled")
