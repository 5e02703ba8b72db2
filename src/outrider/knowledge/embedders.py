"""What turns text into vectors: the embedded model, or any `/v1/embeddings` route of this Outrider by its name.

A model's name is what a collection says: `embedded/all-minilm-l6-v2`, or a route. Nothing is loaded or asked before the
first text comes.
"""

import base64
import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from outrider.base import answers, clock
from outrider.base.errors import OutriderError, RequestError, UpstreamError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from outrider.providers.embedded.embed import Embedder

    Vectors = NDArray[np.float32]

DEFAULT = "embedded/all-minilm-l6-v2"
EMBEDDED = "embedded/"
ASKED_AT_ONCE = 64
"""Texts of one request to a route: providers take more, but an answer that is lost is asked for again."""
PATIENCE = 120.0
PATIENCE_OF_A_SEARCH = 5.0
"""Seconds that a route has for the vectors of documents, and of a query: somebody waits for that."""
SLOW, LEFT_ALONE = 1.0, 10.0
"""A route that failed a query only after so many seconds is asked for no other for that long."""

Ask = Callable[[str, Sequence[str], float], "Vectors"]
"""Asks a route for the vectors of texts, and waits so many seconds at most. Raises OutriderError."""


class Embedders:
    """All models that collections name, for `knowledge.ports.Embedders`. Blocking, from any thread.

    `load` gives an embedded model by its plain name; `ask` reaches routes (None: there is no server to be asked). With
    `threads` above 1 so many batches of documents run at once, which is for a process of their own. Vectors are float32
    (n, dimensions) of length 1, in the order of the texts; a text that is too long is cut.
    """

    def __init__(self, load: Callable[[str], "Embedder"], ask: Ask | None = None, *, threads: int = 1) -> None:
        self._load, self._ask, self._threads = load, ask, threads
        self._loaded: dict[str, Embedder] = {}
        self._loading = threading.Lock()
        self._away: dict[str, tuple[float, str]] = {}
        self._pool = ThreadPoolExecutor(threads, "embed") if threads > 1 else None

    def documents(self, model: str, texts: Sequence[str]) -> "Vectors":
        if not model.startswith(EMBEDDED):
            return self._asked(model, texts, PATIENCE)
        embedder = self._embedder(model)
        rows = embedder.tokenise(texts, truncate=True)
        if self._pool is None or len(rows) < 2 * self._threads:
            return embedder.embed_rows(rows)
        return self._at_once(self._pool, embedder, rows)

    def queries(self, model: str, texts: Sequence[str]) -> "Vectors":
        if not model.startswith(EMBEDDED):
            return self._soon(model, texts)
        return self._embedder(model).embed(texts, truncate=True)

    def tokens(self, model: str, texts: Sequence[str]) -> "list[Vectors]":
        """One unit vector per token, for late interaction: for each text (tokens, dimensions). A route gives none of
        these: RequestError."""
        return self.both(model, texts)[1]

    def both(self, model: str, texts: Sequence[str]) -> "tuple[Vectors, list[Vectors]]":
        """What `queries` and `tokens` give, in one pass."""
        if not model.startswith(EMBEDDED):
            raise RequestError(f"{model!r} gives no vectors of tokens; embedded models do: {DEFAULT!r}")
        return self._embedder(model).embed_both(texts, truncate=True)

    def _embedder(self, model: str) -> "Embedder":
        """The loaded model (0.1 s the first time). Raises OutriderError when it is not installed."""
        with self._loading:
            if model not in self._loaded:
                self._loaded[model] = self._load(model.removeprefix(EMBEDDED))
            return self._loaded[model]

    def _at_once(self, pool: ThreadPoolExecutor, embedder: "Embedder", rows: list[list[int]]) -> "Vectors":
        import numpy as np

        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        shares = [order[at :: self._threads] for at in range(self._threads)]  # alike in length, so alike in work
        parts = list(pool.map(lambda share: embedder.embed_rows([rows[i] for i in share]), shares))
        found: Vectors = np.empty((len(rows), parts[0].shape[1]), np.float32)
        for share, part in zip(shares, parts, strict=True):
            found[share] = part
        return found

    def _soon(self, model: str, texts: Sequence[str]) -> "Vectors":
        """Of queries: a search asks several times, and does not wait each time for a route that hangs."""
        until, why = self._away.get(model, (0.0, ""))
        if clock.mono_ns() < until:
            raise UpstreamError(why)
        begun = clock.mono_ns()
        try:
            return self._asked(model, texts, PATIENCE_OF_A_SEARCH)
        except OutriderError as error:
            now = clock.mono_ns()
            if now - begun >= SLOW * 1e9:
                self._away[model] = (now + LEFT_ALONE * 1e9, error.message)
            raise

    def _asked(self, model: str, texts: Sequence[str], patience: float) -> "Vectors":
        import numpy as np

        if self._ask is None:
            raise OutriderError(
                f"the embeddings of {model!r} come from a route: start the server with `outrider up`",
                code="not_running",
            )
        each = range(0, len(texts), ASKED_AT_ONCE)
        parts = [self._ask(model, texts[at : at + ASKED_AT_ONCE], patience) for at in each]
        if len(sizes := {part.shape[1] for part in parts}) > 1:
            raise UpstreamError(
                f"the route {model!r} gives vectors of {sorted(sizes)} numbers at once", retryable=False
            )
        vectors: Vectors = np.concatenate(parts)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors


def loader(models_dir: Path, parallel: int = 1) -> Callable[[str], "Embedder"]:
    """Loads embedded models from where they are installed."""

    def load(name: str) -> "Embedder":
        from outrider.providers.embedded import catalogue, weights
        from outrider.providers.embedded.embed import Embedder

        model = catalogue.find(name)
        if model.kind != "embed":
            raise RequestError(f"{name!r} does not make embeddings; use {DEFAULT!r} or a route", param="embeddings")
        if not weights.is_installed(name, models_dir):
            raise OutriderError(
                f"the embedded model {name!r} is not installed; run `outrider models install {name}`",
                code="model_not_installed",
            )
        return Embedder(weights.folder(name, models_dir), model.context, parallel=parallel)

    return load


def over_http(url: str, headers: Callable[[], Mapping[str, str]]) -> Ask:
    """Asks the server at `url`; `headers` says who asks."""

    def ask(model: str, texts: Sequence[str], patience: float = PATIENCE) -> "Vectors":
        body = msgspec.json.encode({"model": model, "input": list(texts), "encoding_format": "base64"})
        sent = {"content-type": "application/json", "x-outrider-tags": "knowledge", **headers()}
        request = urllib.request.Request(f"{url}/v1/embeddings", body, sent)
        try:
            with urllib.request.urlopen(request, timeout=patience) as answer:
                return vectors_of(answer.read(), len(texts))
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(model, error.code, error.read(10_000)) from None
        except (OSError, http.client.HTTPException) as error:
            text = f"the embeddings of {model!r} are not to be had now: {error}; is `outrider up` running?"
            raise UpstreamError(text) from None

    return ask


class _Vector(msgspec.Struct):
    index: int
    embedding: str | list[float]


class _Answer(msgspec.Struct):
    data: list[_Vector]


def vectors_of(body: bytes, count: int) -> "Vectors":
    """The vectors of an embeddings answer, in order. Raises UpstreamError for one that is not whole."""
    import numpy as np

    try:
        found = sorted(msgspec.json.decode(body, type=_Answer).data, key=lambda one: one.index)
        rows = [
            np.frombuffer(base64.b64decode(one.embedding, validate=True), "<f4")
            if isinstance(one.embedding, str)
            else np.array(one.embedding, np.float32)
            for one in found
        ]
        if [one.index for one in found] != list(range(count)):
            raise ValueError(f"{len(found)} vectors for {count} texts")
        vectors: Vectors = np.stack(rows).astype(np.float32)
        if not np.isfinite(vectors).all():
            raise ValueError("a vector has values that are no numbers")
        return vectors
    except (msgspec.DecodeError, ValueError) as error:
        raise UpstreamError(f"an embeddings answer cannot be used: {error}") from None


def _refused(model: str, status: int, body: bytes) -> OutriderError:
    said, _ = answers.fault_of(status, body)
    text = f"the route {model!r} gives no embeddings: {said}"
    return UpstreamError(text, status=status, retryable=status in (408, 409, 429) or status >= 500)
