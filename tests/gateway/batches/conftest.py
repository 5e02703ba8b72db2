"""A whole Outrider with a scripted provider behind it, and files of requests."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import openai
import pytest
from openai.types import Batch

from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

T = TypeVar("T")

CONFIG = """
embedded: {{enabled: false}}
providers: {providers}
{more}
"""
SCRIPTED = '{{scripted: {{base_url: "{url}", models: [scripted-chat, scripted-embedding]{breaker}}}}}'


def line(custom_id: str, text: str = "hello", *, url: str = "/v1/chat/completions", **body: Any) -> dict[str, Any]:
    """One request as a client writes it."""
    asked = {"model": "scripted-chat", "messages": [{"role": "user", "content": text}], **body}
    return {"custom_id": custom_id, "method": "POST", "url": url, "body": asked}


def jsonl(*lines: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in lines)


class House:
    """Outrider as its clients see it."""

    def __init__(self, outrider: Running, provider: ScriptedProvider, again: "Callable[[], House]") -> None:
        self.outrider, self.provider, self.again = outrider, provider, again
        self.client = openai.OpenAI(base_url=f"{outrider.url}/v1", api_key=outrider.key, max_retries=0)

    def upload(self, content: bytes, name: str = "requests.jsonl") -> str:
        return self.client.files.create(file=(name, content), purpose="batch").id

    def begin(self, *lines: dict[str, Any], window: Any = "24h", endpoint: Any = "/v1/chat/completions") -> Batch:
        file = self.upload(jsonl(*lines))
        return self.client.batches.create(input_file_id=file, endpoint=endpoint, completion_window=window)

    def until(self, id_: str, done: Callable[[Batch], bool], patience: float = 30.0) -> Batch:
        return self.wait(lambda: self.client.batches.retrieve(id_), done, patience)

    @staticmethod
    def wait(look: Callable[[], T], done: Callable[[T], bool], patience: float = 30.0) -> T:
        deadline = time.monotonic() + patience
        while not done(seen := look()):
            assert time.monotonic() < deadline, seen
            time.sleep(0.02)
        return seen

    def until_there(self, id_: str) -> Batch:
        """Its provider works on it."""
        return self.until(id_, lambda b: "own batch" in str((b.model_extra or {})["outrider"]["waits_for"]))

    def over(self, id_: str, patience: float = 30.0) -> Batch:
        return self.until(id_, lambda batch: batch.status in ENDS, patience)

    def read(self, file: str | None) -> list[dict[str, Any]]:
        assert file is not None
        return [json.loads(text) for text in self.client.files.content(file).text.splitlines()]


ENDS = ("completed", "failed", "expired", "cancelled")


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Starts an Outrider with more configuration; it ends with the test."""
    with contextlib.ExitStack() as stack:

        def start(
            more: str = "",
            *,
            breaker: str = "",
            provider: ScriptedProvider | None = None,
            providers: str = SCRIPTED,
            store_url: str = "",
        ) -> House:
            seen = provider or ScriptedProvider()
            url = stack.enter_context(scripted_thread(seen))
            reached = providers.format(url=url, root=url.removesuffix("/v1"), breaker=breaker and f", {breaker}")
            config = CONFIG.format(providers=reached, more=more)

            def again() -> House:
                """Once more on the same home, after `outrider.stop()`."""
                outrider = running(config, tmp_path / "home", store_url=store_url)
                return House(stack.enter_context(outrider), seen, again)

            return again()

        yield start


@pytest.fixture
def house(build: Callable[..., House]) -> House:
    return build()
