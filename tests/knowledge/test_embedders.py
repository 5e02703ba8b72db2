"""Vectors by a model's name: the embedded model, and routes that are asked over HTTP."""

import base64
import struct
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.knowledge import embedders
from outrider.knowledge.embedders import DEFAULT, Embedders, loader, over_http, vectors_of

TEXTS = ["A contract ends after a year.", "Cats sleep.", *(f"Sentence number {n} is about trains." for n in range(20))]


@pytest.mark.model
def test_batches_at_once_give_the_same_vectors_as_one_after_another(embed_models: Path) -> None:
    one, two = Embedders(loader(embed_models)), Embedders(loader(embed_models, 2), threads=2)
    alone, at_once = one.documents(DEFAULT, TEXTS), two.documents(DEFAULT, TEXTS)
    assert at_once.shape == (len(TEXTS), 384)
    assert np.min(np.sum(alone * at_once, axis=1)) > 0.95  # int8: what it is batched with counts a little
    assert np.allclose(np.linalg.norm(at_once, axis=1), 1.0, atol=1e-5)


@pytest.mark.model
def test_a_long_text_is_cut_and_tokens_have_vectors_of_their_own(embed_models: Path) -> None:
    embedders = Embedders(loader(embed_models))
    assert embedders.queries(DEFAULT, ["word " * 5000]).shape == (1, 384)
    (tokens,) = embedders.tokens(DEFAULT, ["three plain words"])
    assert tokens.shape == (3, 384)


def test_a_model_that_is_not_there_is_told_with_the_remedy(tmp_path: Path) -> None:
    embedders = Embedders(loader(tmp_path))
    with pytest.raises(OutriderError, match="outrider models install all-minilm-l6-v2"):
        embedders.documents(DEFAULT, ["text"])
    with pytest.raises(OutriderError, match="there is no embedded model 'gpt'"):
        embedders.documents("embedded/gpt", ["text"])
    with pytest.raises(RequestError, match="does not make embeddings"):
        embedders.documents("embedded/smollm2-135m", ["text"])


def test_a_route_without_a_server() -> None:
    embedders = Embedders(loader(Path()))
    with pytest.raises(OutriderError, match="outrider up"):
        embedders.queries("my-route", ["text"])
    with pytest.raises(RequestError, match="no vectors of tokens"):
        embedders.tokens("my-route", ["text"])


def test_a_route_is_asked_in_parts_and_its_vectors_get_length_one() -> None:
    asked: list[int] = []

    def ask(model: str, texts: Sequence[str], patience: float) -> Any:
        asked.append(len(texts))
        return np.array([[float(len(text)), 0.0, 2.0] for text in texts], np.float32)

    found = Embedders(loader(Path()), ask).documents("my-route", ["x" * n for n in range(130)])
    assert asked == [64, 64, 2]
    assert np.allclose(np.linalg.norm(found, axis=1), 1.0)
    assert found[3][0] == pytest.approx(3 / np.hypot(3, 2))


class _Route(BaseHTTPRequestHandler):
    status = 200
    seen: tuple[dict[str, Any], str | None] = ({}, None)

    def do_POST(self) -> None:
        body = msgspec.json.decode(self.rfile.read(int(self.headers["content-length"])))
        type(self).seen = (body, self.headers.get("authorization"))
        rows = [{"index": i, "embedding": _packed([1.0, i])} for i in range(len(body["input"]))]
        answer = {"data": rows[::-1]} if self.status == 200 else {"error": {"message": "no room"}}
        sent = msgspec.json.encode(answer)
        self.send_response(self.status)
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _packed(values: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


@pytest.fixture
def server() -> Iterator[str]:
    _Route.status = 200
    server = HTTPServer(("127.0.0.1", 0), _Route)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_over_http(server: str) -> None:
    ask = over_http(server, lambda: {"authorization": "Bearer key"})
    assert ask("my-route", ["a", "b", "c"]).tolist() == [[1, 0], [1, 1], [1, 2]]
    body, sent = _Route.seen
    assert (body["model"], body["input"], sent) == ("my-route", ["a", "b", "c"], "Bearer key")
    for status, retryable in ((429, True), (404, False)):
        _Route.status = status
        with pytest.raises(UpstreamError, match="'my-route' gives no embeddings: no room") as caught:
            ask("my-route", ["a"])
        assert caught.value.retryable is retryable


def test_a_route_that_gives_other_sizes_at_once_is_not_believed() -> None:
    def ask(model: str, texts: Sequence[str], patience: float) -> NDArray[np.float32]:
        return np.ones((len(texts), 2 if len(texts) == embedders.ASKED_AT_ONCE else 3), np.float32)

    made = Embedders(loader(Path("nowhere")), ask)
    with pytest.raises(UpstreamError, match=r"'mine' gives vectors of \[2, 3\] numbers at once"):
        made.documents("mine", ["a"] * (embedders.ASKED_AT_ONCE + 1))


def test_nobody_answers() -> None:
    with pytest.raises(UpstreamError, match="is `outrider up` running"):
        over_http("http://127.0.0.1:9", dict)("my-route", ["a"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"data": []}',
        b'{"data": [{"index": 1, "embedding": [1]}]}',
        b'{"data": [{"index":0,"embedding":"%"}]}',
        b'{"data": [{"index":0,"embedding":"AADAfwAAgD8="}]}',  # not a number, and 1
    ],
)
def test_an_answer_that_is_not_whole(body: bytes) -> None:
    with pytest.raises(UpstreamError, match="cannot be used"):
        vectors_of(body, 1)
