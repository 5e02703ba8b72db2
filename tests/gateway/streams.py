"""Streams of chat chunks as a provider writes them, and models that go on with a text in one way or another."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from outrider.base.ports import Answer, Deployment
from outrider.gateway.continuation import Continuation, plan, read
from outrider.gateway.joiner import Joiner
from outrider.providers import openai
from outrider.testing import ScriptedProvider
from tests.gateway.calls import PATHS, deployment

DONE = b"data: [DONE]\n\n"


def event(id_: str, delta: dict[str, Any], finish: str | None = None, **fields: Any) -> bytes:
    choice = {"index": fields.pop("index", 0), "delta": delta, "finish_reason": finish}
    head = {"id": id_, "object": "chat.completion.chunk", "created": len(id_), "model": f"model-{id_}"}
    return f"data: {json.dumps({**head, 'choices': [choice], **fields})}\n\n".encode()


def events(id_: str, pieces: Iterable[str], finish: str = "stop") -> list[bytes]:
    """A whole stream without usage: the role, the pieces, the reason, the end mark."""
    texts = [event(id_, {"content": piece}) for piece in pieces]
    return [event(id_, {"role": "assistant", "content": ""}), *texts, event(id_, {}, finish), DONE]


def body(**fields: Any) -> bytes:
    return json.dumps(
        {"model": "r", "messages": [{"role": "user", "content": "go"}], "stream": True, **fields}
    ).encode()


def prefilling(way: str = "continue_final_message", **paths: str) -> Deployment:
    """A deployment that goes on with a last assistant message."""
    return msgspec.structs.replace(deployment("b", ScriptedProvider()), prefill=way, paths={**PATHS, **paths})


def telling() -> Deployment:
    """A deployment that has to be told."""
    return deployment("b", ScriptedProvider())


def joined(first: Sequence[bytes], continuation: Continuation, second: Iterable[bytes], **more: Any) -> list[bytes]:
    """What the caller gets in all."""
    joiner = Joiner(openai.reader(wants_usage=False), continuation, **more)
    out = [*first, *filter(None, [joiner.feed(event) for event in second])]
    joiner.close(out)
    return out


def follow(first: Sequence[bytes], continuation: Continuation, second: Iterable[bytes]) -> tuple[str, Answer]:
    """The text that the caller puts together, and the answer that is recorded."""
    joiner = Joiner(openai.reader(wants_usage=False), continuation)
    out = [*first, *filter(None, [joiner.feed(event) for event in second])]
    return said(out), joiner.close(out)


def said(blocks: Sequence[bytes]) -> str:
    return read(blocks).text


def planned(first: Sequence[bytes], to: Any, **fields: Any) -> Continuation:
    made = plan(body(**fields), read(first), to)
    assert made is not None
    return made
