"""An agent that speaks Anthropic's Messages, as coding agents do, with providers of every language behind it.

It gives back what it was told, block by block, without knowing whose it is; each provider refuses thoughts whose
signature is not its own.
"""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from outrider.testing.running import Running, running
from outrider.testing.speaking import SpeakingProvider, speaking_thread
from outrider.testing.speaking.seals import seal
from outrider.testing.speaking.words import Ask, Call, Media, Reply, Result, Text, Thought
from tests.dialects.anthropic.fixtures import HERE, message

REACHED: dict[str, dict[str, Any]] = {
    "chat": {"preset": "openai", "base_url": "{root}/v1", "models": ["gpt-4.1"]},
    "responses": {"preset": "openai-responses", "base_url": "{root}/v1", "models": ["gpt-5"]},
    "anthropic": {"preset": "anthropic", "base_url": "{root}", "models": ["claude-sonnet-4-5"]},
    "gemini": {"preset": "google", "base_url": "{root}", "models": ["gemini-2.5-flash"]},
    "bedrock": {"dialect": "bedrock", "base_url": "{root}", "models": ["us.anthropic.claude-sonnet-4-5-20250929-v1:0"]},
}
SEALS = {"chat": "", "responses": "responses", "anthropic": "claude", "gemini": "gemini", "bedrock": "claude"}
THOUGHT = "I should look at both."
AGENT: dict[str, Any] = json.loads((HERE / "claude_code.json").read_bytes())


def scene(language: str, ask: Ask) -> Reply:
    """First it thinks and calls two tools, then it is done."""
    if any(turn.role == "assistant" for turn in ask.turns):
        return Reply((Text("Done."),))
    thought = Thought(THOUGHT, seal(SEALS[language], THOUGHT) if SEALS[language] else "")
    calls = (Call("call_1", "Read", {"file_path": "a"}), Call("call_2", "Bash", {"command": "b"}))
    return Reply((thought, Text("I look at both."), *calls), "tool_calls")


@pytest.fixture(scope="module")
def provider() -> SpeakingProvider:
    made = SpeakingProvider()
    made.scenes["agent"] = scene
    return made


@pytest.fixture(scope="module")
def house(provider: SpeakingProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with speaking_thread(provider) as root:
        providers = {
            name: {**how, "base_url": how["base_url"].format(root=root.rstrip("/")), "api_key": "${env:PROVIDER_KEY}"}
            for name, how in REACHED.items()
        }
        config = json.dumps({"embedded": {"enabled": False}, "providers": providers})
        with running(config, tmp_path_factory.mktemp("home"), environment={"PROVIDER_KEY": "k"}) as outrider:
            yield outrider


def ask(house: Running, fields: dict[str, Any]) -> dict[str, Any]:
    headers = {
        "x-api-key": house.key,
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14",
    }
    request = urllib.request.Request(f"{house.url}/v1/messages?beta=true", json.dumps(fields).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        said = answer.read()
    return message(said) if fields["stream"] else json.loads(said)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("language", list(REACHED))
def test_thoughts_tools_and_pictures(house: Running, provider: SpeakingProvider, language: str, stream: bool) -> None:
    provider.refused.clear()
    question = {"role": "user", "content": [{"type": "text", "text": "scene:agent what is in them?"}]}
    fields = {
        **AGENT,
        "model": f"{language}/{REACHED[language]['models'][0]}",
        "stream": stream,
        "messages": [question],
    }
    first = ask(house, fields)
    assert [block["type"] for block in first["content"] if block["type"] != "redacted_thinking"] == [
        *("thinking", "text", "tool_use", "tool_use"),
    ]
    assert first["content"][0]["thinking"] == THOUGHT
    assert first["stop_reason"] == "tool_use"
    picture, failure, *reminder = AGENT["messages"][-1]["content"]
    one, two = (block["id"] for block in first["content"] if block["type"] == "tool_use")
    results = [{**picture, "tool_use_id": one}, {**failure, "tool_use_id": two}, *reminder]
    said = [question, {"role": "assistant", "content": first["content"]}, {"role": "user", "content": results}]
    second = ask(house, {**fields, "messages": said})
    assert "".join(block.get("text", "") for block in second["content"]) == "Done."
    assert not provider.refused
    _check_heard(provider.heard[-1].ask, language)


def _check_heard(ask: Ask, language: str) -> None:
    """All of it was told, in the provider's own terms."""
    parts = [part for turn in ask.turns for part in turn.parts]
    thoughts = [part for part in parts if isinstance(part, Thought)]
    if SEALS[language]:
        assert seal(SEALS[language], THOUGHT) in [thought.seal for thought in thoughts]
    assert [part.arguments for part in parts if isinstance(part, Call)] == [{"file_path": "a"}, {"command": "b"}]
    results = [part for part in parts if isinstance(part, Result)]
    assert len(results) == 2
    media = [part for part in [*parts, *results[0].parts] if isinstance(part, Media)]
    assert [(one.kind, one.content[:8]) for one in media] == [("image", "iVBORw0K")]
    assert "error" in repr(results[1])
    assert [tool.name for tool in ask.tools] == ["Bash", "Read"]
