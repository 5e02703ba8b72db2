"""Asking a model for an evaluator: a route of an Outrider, over HTTP as anybody asks it, so that what a judge says is a
run, priced and recorded. Blocks.
"""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import answers, model_names, money
from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.knowledge.embedders import vectors_of

PATIENCE, HURRY = 300.0, 10.0
TRIES = 4
LONGEST_PAUSE = 30.0


class _Served(msgspec.Struct):
    id: str
    deployments: list[str] = []


class _List(msgspec.Struct):
    data: list[_Served]


class Asking:
    """Routes of the server at `url`; `headers` says who asks, `tags` what for."""

    def __init__(self, url: str, headers: Callable[[], Mapping[str, str]], tags: Sequence[str] = ()) -> None:
        self._url, self._headers, self._tags = url.rstrip("/"), headers, ",".join(tags)
        self._listed: dict[str, list[str]] | None = None

    def __call__(
        self, model: str, messages: Sequence[Mapping[str, Any]], *, again: str = "", **fields: Any
    ) -> tuple[str, int]:
        """The text of an answer and what it cost (nano-dollars). The same `again` is answered with the same answer.
        Raises RequestError where the route refuses, UpstreamError where it does not answer."""
        body = msgspec.json.encode({"model": model, "messages": messages, **fields})
        sent = {"content-type": "application/json", "x-outrider-tags": self._tags, "cache-control": "no-cache"}
        if again:
            sent["idempotency-key"] = again
        headers, told = self._patiently(model, urllib.request.Request(f"{self._url}/v1/chat/completions", body, sent))
        return answers.text_of(model, told, refusal=True), _nano(_paid(headers))

    def vectors(self, model: str, texts: Sequence[str]) -> tuple[Any, int]:
        """Vectors of texts, float32 (n, dimensions) of length 1, and what they cost (nano-dollars). Raises as a call
        does, but is not patient."""
        import numpy as np

        body = msgspec.json.encode({"model": model, "input": list(texts), "encoding_format": "base64"})
        sent = {"content-type": "application/json", "x-outrider-tags": self._tags}
        request = urllib.request.Request(f"{self._url}/v1/embeddings", body, sent)
        headers, told = self._once(model, request, HURRY, "gives no embeddings")
        found = vectors_of(told, len(texts))
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        return found, _nano(_paid(headers))

    def families(self, model: str) -> frozenset[str]:
        """Whose models may answer under this name: those of all deployments of the route, or of the name itself where
        the server does not list it. Raises as a call does."""
        if self._listed is None:
            _, told = self._once("", urllib.request.Request(f"{self._url}/v1/models"))
            try:
                listed = msgspec.json.decode(told, type=_List)
            except msgspec.DecodeError as error:
                raise UpstreamError(f"{self._url} lists its models in another form: {error}") from None
            self._listed = {one.id: one.deployments for one in listed.data}
        return frozenset[str]().union(*map(model_names.families, self._listed.get(model) or [model]))

    def _patiently(self, model: str, request: urllib.request.Request) -> tuple[Mapping[str, str], bytes]:
        pause = 0.5
        for turn in range(TRIES):
            try:
                return self._once(model, request)
            except (RequestError, UpstreamError) as error:
                full = error.status in (429, 503) and "budget" not in error.code
                if not full or turn == TRIES - 1:
                    raise
            time.sleep(min(LONGEST_PAUSE, pause))
            pause *= 2
        raise UpstreamError(f"the route {model!r} is full", status=503)

    def _once(
        self, model: str, request: urllib.request.Request, patience: float = PATIENCE, fault: str = ""
    ) -> tuple[Mapping[str, str], bytes]:
        for name, value in self._headers().items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=patience) as answer:
                return dict(answer.headers.items()), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(model, error.code, error.read(10_000), fault) from None
        except (OSError, http.client.HTTPException) as error:
            raise UpstreamError(f"{self._url} does not answer now: {error}; is `outrider up` running?") from None


def _paid(headers: Mapping[str, str]) -> str:
    """What an answer cost; of one that is given again, what it cost when it was made."""
    return headers.get("x-outrider-replay-cost") or headers.get("x-outrider-cost", "0")


def _nano(usd: str) -> int:
    try:
        return money.nano(usd)
    except (ArithmeticError, ValueError):
        return 0


def _refused(model: str, status: int, body: bytes, fault: str = "") -> OutriderError:
    said, code = answers.fault_of(status, body)
    whose = f"the route {model!r} {fault}" if fault else f"the judge {model!r} does not answer"
    text = f"{whose}: {said}" if model else said
    if 400 <= status < 500:
        return RequestError(text, status=status, code=code or "route_refused", param="model")
    return UpstreamError(text, status=status, code=code or "upstream", retryable=True)
