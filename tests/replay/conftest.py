"""A whole Outrider with a scripted provider, and an agent whose conversations it records."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from outrider.base import ids
from outrider.replay.asking import Gateway
from outrider.replay.recording import Recording, read
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

CALLS, CALLS_OTHER, SAYS = "scripted:tool=weather", "scripted:tool=news", "scripted:text=It rains"
CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted:
    base_url: "{url}"
    models: [plain, "{calls}", "{other}", "{says}"]
    prices: {{plain: {{input: 1, output: 2}}}}
"""
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string", "enum": ["Rome"]}}},
    },
}
Tool = Callable[[str, Any], str]


class House:
    """`provider` counts what it is asked."""

    def __init__(self, outrider: Running, provider: ScriptedProvider) -> None:
        self.outrider, self.provider = outrider, provider

    def ask(self, messages: list[dict[str, Any]], *, session: str = "", **fields: Any) -> tuple[str, Any]:
        """Id of the run, and the answer (of a stream: its text)."""
        run, said = self.post(
            "/v1/chat/completions", {"model": f"scripted/{CALLS}", "messages": messages, **fields}, session=session
        )
        return run, said.decode() if fields.get("stream") else json.loads(said)

    def post(self, path: str, fields: dict[str, Any], *, session: str = "", **headers: str) -> tuple[str, bytes]:
        """Id of the run, and the answer's bytes."""
        sent = {
            "authorization": f"Bearer {self.outrider.key}",
            "content-type": "application/json",
            "x-outrider-session": session,
            **headers,
        }
        request = urllib.request.Request(f"{self.outrider.url}{path}", json.dumps(fields).encode(), sent)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.headers["x-request-id"], answer.read()

    def work(self, session: str, questions: list[str], tool: Tool, **fields: Any) -> list[str]:
        """An agent's conversation: ids of its runs."""
        runs: list[str] = []
        messages: list[dict[str, Any]] = [{"role": "system", "content": "You are of use."}]
        for question in questions:
            messages = [*messages, {"role": "user", "content": question}]
            while True:
                run, answer = self.ask(messages, session=session, tools=[WEATHER], **fields)
                runs.append(run)
                message = answer["choices"][0]["message"]
                messages = [*messages, message]
                if not message.get("tool_calls"):
                    break
                for call in message["tool_calls"]:
                    said = tool(call["function"]["name"], json.loads(call["function"]["arguments"]))
                    messages.append({"role": "tool", "tool_call_id": call["id"], "content": said})
        return runs

    def recording(self, run: str, *, step: int = 0) -> Recording:
        return read(self.outrider.store(), ids.parse(run), step=step)

    def gateway(self) -> Gateway:
        key = {"authorization": f"Bearer {self.outrider.key}"}
        return Gateway(self.outrider.url, lambda: key, ["replay:test"])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    provider = ScriptedProvider()
    with scripted_thread(provider) as url:
        config = CONFIG.format(url=url, calls=CALLS, other=CALLS_OTHER, says=SAYS)
        with running(config, tmp_path / "home") as outrider:
            yield House(outrider, provider)
