"""Counting the tokens of a request: only where the tokenizer is known, and never below what a model sees."""

import json
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.base.ports import Deployment
from outrider.gateway import counting
from outrider.gateway.counting import IN_A_THREAD_ABOVE, count_input
from outrider.testing import ScriptedProvider
from tests.gateway.calls import body, deployment


def of(model: str) -> Deployment:
    return deployment("a", ScriptedProvider(), model)


@pytest.mark.parametrize(
    "model",
    ["gpt-4o", "gpt-4.1-mini", "gpt-5", "gpt-4-turbo", "gpt-3.5-turbo", "o3", "o4-mini", "chatgpt-4o-latest",
     "text-embedding-3-small", "openai/gpt-4o", "gpt-oss-120b"],
)  # fmt: skip
async def test_models_whose_tokenizer_is_known(model: str) -> None:
    asked = body("several ordinary words " * 50)
    counted = await count_input(of(model), asked)
    assert counted is not None
    assert 150 < counted < len(asked) // 3


@pytest.mark.parametrize(
    "model",
    ["claude-sonnet-4", "llama-3.3", "m", "gpt-j-6b", "gpt-neox", "gpt4all-falcon", "gpt2", "orca", "o", "o17b"],
)
async def test_others_are_not_guessed(model: str) -> None:
    assert await count_input(of(model), body("hello")) is None


@pytest.mark.parametrize("kind", ["image_url", "input_audio", "file", "video_url", "document"])
async def test_what_is_no_text_is_not_counted(kind: str) -> None:
    content = [{"type": "text", "text": "what is this?"}, {"type": kind, kind: {"url": "https://x.example/a.png"}}]
    for separators in ((",", ":"), (" , ", " : ")):
        asked = json.dumps({"messages": [{"role": "user", "content": content}]}, separators=separators)
        assert await count_input(of("gpt-4o"), asked.encode()) is None


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=200))
async def test_a_request_has_no_more_tokens_than_bytes_and_no_fewer_than_its_text(text: str) -> None:
    asked = body(text)
    counted, alone = await count_input(of("gpt-4o"), asked), await count_input(of("gpt-4o"), text.encode())
    assert counted is not None
    assert alone is not None
    assert alone <= counted <= len(asked)


async def test_control_words_of_a_tokenizer_are_ordinary_text() -> None:
    counted = await count_input(of("gpt-4o"), body("<|endoftext|>" * 20))
    assert counted is not None
    assert counted > 100


async def test_what_is_no_utf_8_is_counted_too() -> None:
    assert await count_input(of("gpt-4o"), b"\xff\xfe" * 10) is not None


async def test_the_loop_is_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranks are loaded, and long texts counted, in a thread."""
    threads: list[bool] = []
    count = counting._count

    def watched(name: str, asked: bytes) -> int:
        threads.append(threading.current_thread() is not threading.main_thread())
        return count(name, asked)

    monkeypatch.setattr(counting, "_count", watched)
    monkeypatch.setattr(counting, "_encodings", {})
    for model in ("gpt-4o", "gpt-4o", "gpt-4", "gpt-4"):
        await count_input(of(model), b"hello")
    assert threads == [True, False, True, False]
    await count_input(of("gpt-4o"), b"hello " * IN_A_THREAD_ABOVE)
    assert threads[-1] is True
