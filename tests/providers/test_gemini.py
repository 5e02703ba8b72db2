"""Gemini as a provider: requests on the wire, answers, streams however they are cut, and bytes that pass."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.base.errors import RequestError, UpstreamError
from outrider.base.ports import Deployment
from outrider.base.sse import SSESplitter
from outrider.base.usage import Usage
from outrider.dialects.gemini.names import wrapped
from outrider.providers import gemini

FIXTURES = Path(__file__).parents[1] / "fixtures" / "gemini"
PATHS = {name: path.replace("{model}", "gemini-3-pro") for name, path in gemini.PATHS.items()}
HEADERS = ((b"content-type", b"application/json"), (b"x-goog-api-key", b"secret"))
JSON = [(b"content-type", b"application/json; charset=UTF-8")]
STREAMS = ["stream_text", "stream_tools", "stream_signed", "stream_two"]


def deployment(model: str = "gemini-3-pro", **paths: str) -> Deployment:
    transport: Any = None
    return Deployment("google/x", "google", model, "gemini", transport, {**PATHS, **paths}, HEADERS)


def chat(**more: Any) -> bytes:
    return json.dumps({"model": "route", "messages": [{"role": "user", "content": "Hi"}], **more}).encode()


def answer(name: str) -> Any:
    return gemini.decode("chat", 200, JSON, (FIXTURES / f"{name}.json").read_bytes())


# -- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [True, False])
def test_a_request(stream: bool) -> None:
    wire = gemini.encode(deployment(), "chat", chat(max_tokens=9), "route", stream=stream, wants_usage=True)
    assert wire.path == PATHS["stream" if stream else "chat"]
    assert wire.path.endswith(":streamGenerateContent?alt=sse") == stream
    assert wire.headers == HEADERS
    assert json.loads(wire.body) == {
        "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
        "generationConfig": {"maxOutputTokens": 9},
    }
    assert wire.lost == []


def test_what_is_lost_is_named() -> None:
    wire = gemini.encode(deployment(), "chat", chat(logit_bias={"1": 1}), "r", stream=False, wants_usage=True)
    assert wire.lost == ["logit_bias"]


def test_embeddings() -> None:
    body = json.dumps({"model": "r", "input": "a"}).encode()
    wire = gemini.encode(deployment(), "embeddings", body, "r", stream=False, wants_usage=True)
    assert wire.path.endswith(":batchEmbedContents")
    vertex = deployment(embeddings="/v1/x:predict")
    assert b"instances" in gemini.encode(vertex, "embeddings", body, "r", stream=False, wants_usage=True).body
    said = gemini.decode("embeddings", 200, JSON, b'{"embeddings": [{"values": [0.5]}]}')
    assert json.loads(said.body)["data"][0]["embedding"] == [0.5]


def test_what_it_does_not_do() -> None:
    with pytest.raises(RequestError, match="has no rerank"):
        gemini.encode(deployment(), "rerank", b"{}", "r", stream=False, wants_usage=True)


def test_models_are_listed() -> None:
    assert gemini.models(b'{"models": [{"name": "models/gemini-3-pro", "version": "1"}, {}]}') == ["gemini-3-pro"]
    vertex = b'{"publisherModels": [{"name": "publishers/google/models/gemini-2.5-flash"}]}'
    assert gemini.models(vertex) == ["gemini-2.5-flash"]


# -- answers ----------------------------------------------------------------------------------------------------------


def test_an_answer() -> None:
    found = answer("text")
    assert found.text == "An outrider rides beside the coach."
    assert found.finish == "stop"
    assert found.usage == Usage(14, 129, cached=6, reasoning=121)
    assert answer("tools").finish == "tool_calls"
    assert answer("blocked").finish == "content_filter"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"<html>", "upstream_invalid_answer"),
        (200, b'{"error": {"code": 500, "message": "m", "status": "INTERNAL"}}', "upstream_error"),
        (503, b"no", "upstream_error"),
        (400, b'{"error": {"code": 400, "message": "m"}}', "provider_refused_request"),
    ],
)
def test_what_is_no_answer(status: int, body: bytes, code: str) -> None:
    for read in (lambda: gemini.decode("chat", status, JSON, body), lambda: gemini.native_decode(status, JSON, body)):
        with pytest.raises(UpstreamError) as raised:
            read()
        assert raised.value.code == code


def test_refusals() -> None:
    errors = json.loads((FIXTURES / "errors.json").read_text())
    quota = gemini.classify(429, JSON, json.dumps(errors["quota"]["body"]).encode())
    assert (quota.retry_after, quota.retryable) == (38.5, True)
    listed = gemini.classify(404, JSON, json.dumps(errors["in_a_list"]["body"]).encode())
    assert listed.body is not None
    assert json.loads(listed.body)["error"]["code"] == 404, "a list of one is that one"
    key = gemini.classify(400, JSON, json.dumps(errors["key"]["body"]).encode())
    assert (key.status, key.body) == (401, None)
    assert gemini.classify(503, [(b"retry-after", b"7")], b"").retry_after == 7


# -- streams ----------------------------------------------------------------------------------------------------------


def blocks(stream: bytes, *cuts: int) -> list[bytes]:
    """A stream as its splitter gives it, when it arrives in these pieces."""
    splitter: SSESplitter = gemini.splitter()
    out: list[bytes] = []
    edges = [0, *sorted(cuts), len(stream)]
    for start, end in pairwise(edges):
        out += splitter.feed(stream[start:end])
    return [*out, splitter.rest() + b"\n\n"]


def read(stream: bytes, *cuts: int, native: bool = False) -> tuple[bytes, Any]:
    reader: Any = gemini.native_reader() if native else gemini.reader(wants_usage=True)
    out = b"".join(reader.feed(block) for block in blocks(stream, *cuts))
    assert reader.done
    return out, reader.close([])


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("native", [True, False])
def test_a_stream(name: str, native: bool) -> None:
    stream = (FIXTURES / f"{name}.sse").read_bytes()
    out, found = read(stream, native=native)
    if native:
        assert out == stream
    else:
        assert out.endswith(b"data: [DONE]\n\n")
    finish, text, usage = {
        "stream_text": ("stop", "An outrider rides beside — the coach.", Usage(9, 65, reasoning=55)),
        "stream_tools": ("tool_calls", "", Usage(71, 129, reasoning=94)),
        "stream_signed": ("stop", "Done, then.", Usage(5, 23, reasoning=20)),
        "stream_two": ("length", "Heads.", Usage(4, 5)),
    }[name]
    assert (found.finish, found.text, found.usage) == (finish, text, usage)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(STREAMS), st.lists(st.integers(0, 1200), max_size=6), st.booleans())
def test_however_the_bytes_come_it_is_the_same(name: str, cuts: list[int], native: bool) -> None:
    stream = (FIXTURES / f"{name}.sse").read_bytes()
    out, found = read(stream, *[min(cut, len(stream)) for cut in cuts], native=native)
    whole, same = read(stream, native=native)
    assert out == whole or not native
    assert _chunks(out) == _chunks(whole)
    assert found == same


def _chunks(out: bytes) -> list[Any]:
    said = [block.removeprefix(b"data: ") for block in out.replace(b"\r\n", b"\n").split(b"\n\n") if block]
    chunks = [json.loads(one) for one in said if one != b"[DONE]"]
    for chunk in chunks:
        chunk.pop("created", None)
    return chunks


@pytest.mark.parametrize("native", [True, False])
def test_a_last_event_that_was_not_closed_counts(native: bool) -> None:
    stream = (FIXTURES / "stream_text.sse").read_bytes()
    _, found = read(stream.rstrip(), native=native)
    assert (found.finish, found.text) == ("stop", "An outrider rides beside — the coach.")


@pytest.mark.parametrize("native", [True, False])
def test_a_stream_that_is_cut(native: bool) -> None:
    stream = b"\r\n\r\n".join((FIXTURES / "stream_text.sse").read_bytes().split(b"\r\n\r\n")[:3]) + b"\r\n\r\n"
    reader: Any = gemini.native_reader() if native else gemini.reader(wants_usage=True)
    for block in SSESplitter().feed(stream):
        assert reader.feed(block)
    with pytest.raises(UpstreamError, match="without an end mark"):
        reader.close([])


@pytest.mark.parametrize("native", [True, False])
def test_errors_and_nonsense_in_a_stream(native: bool) -> None:
    for event in (b'data: {"error": {"code": 500, "message": "m", "status": "INTERNAL"}}\r\n\r\n', b"data: {\r\n\r\n"):
        reader: Any = gemini.native_reader() if native else gemini.reader(wants_usage=True)
        with pytest.raises(UpstreamError):
            reader.feed(event)
    assert reader.feed(b": still here\n\n") == b": still here\n\n"


def test_the_end_of_a_native_stream_is_held_until_it_is_sure() -> None:
    reader = gemini.native_reader()
    given = [reader.feed(block) for block in blocks((FIXTURES / "stream_two.sse").read_bytes())]
    assert given[1] == b"", "that one candidate ended is told with what comes next"
    assert given[2]
    assert not given[-2] or given[-1], "the last event is there when the end is known"


# -- bytes that pass --------------------------------------------------------------------------------------------------

NATIVE = b'{"contents":[{"parts":[{"text":"Hi"}]}],  "unknownField": [1.0]}'


def native(body: bytes, model: str = "gemini-2.5-flash", *, max_tokens: int | None = None, **headers: str) -> Any:
    given = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return gemini.native_encode(deployment(model), body, model, stream=True, max_tokens=max_tokens, headers=given)


def test_bytes_pass() -> None:
    wire = native(NATIVE, authorization="Bearer mine", x_goog_user_project="p", x_goog_api_key="mine")
    assert wire.body == NATIVE
    assert wire.path == PATHS["stream"]
    assert wire.headers == [*HEADERS, (b"x-goog-user-project", b"p")]


def test_what_is_changed_on_the_way() -> None:
    assert json.loads(native(b'{"model": "models/route", "contents": []}').body)["model"] == "models/gemini-2.5-flash"
    lowered = json.loads(native(NATIVE, max_tokens=5).body)
    assert lowered["generationConfig"] == {"maxOutputTokens": 5}
    assert lowered["unknownField"] == [1.0]
    snake = b'{"contents": [], "generation_config": {"max_output_tokens": 50, "top_k": 1}}'
    assert json.loads(native(snake, max_tokens=5).body)["generation_config"] == {"max_output_tokens": 5, "top_k": 1}


def test_calls_of_others_are_marked_for_newer_models() -> None:
    body = b'{"contents": [{"role": "model", "parts": [{"functionCall": {"name": "f"}}]}]}'
    assert native(body).body == body
    marked = json.loads(native(body, "gemini-3-pro").body)
    assert marked["contents"][0]["parts"][0]["thoughtSignature"] == "skip_thought_signature_validator"
    signed = body.replace(b'"f"}', b'"f"}, "thoughtSignature": "AAAA"')
    assert native(signed, "gemini-3-pro").body == signed


def test_a_native_answer_is_looked_at() -> None:
    for name in ("text", "tools", "blocked", "malformed"):
        body = (FIXTURES / f"{name}.json").read_bytes()
        found = gemini.native_decode(200, JSON, body)
        assert found.body is body
        assert found.usage is not None
        if name != "malformed":
            assert (found.finish, found.text, found.usage) == (
                answer(name).finish,
                answer(name).text,
                answer(name).usage,
            )


def test_wrapped_thoughts_are_no_signature_of_ours() -> None:
    assert not wrapped({"a": 1}).startswith("skip")
