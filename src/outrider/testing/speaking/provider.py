"""A provider that speaks every language Outrider knows, each at its own path, and refuses what the real one refuses.

It shares no code with the translations that it is there to test. What it says is a scene's script where the request
names one (`scene:NAME` anywhere in its body), else what `answering` makes of the request.
"""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

import msgspec

from outrider.testing import plans, script
from outrider.testing.plans import Command, Piece, Plan
from outrider.testing.provider import ScriptedProvider
from outrider.testing.speaking import answering, chat, converse, gemini, messages, responses, responses_stream
from outrider.testing.speaking.words import Ask, Failure, Refused, Reply

Script = Callable[[str, Ask], Reply | Failure]
"""What a scene answers: gets the provider's language and what it heard."""

LANGUAGES = (chat, responses, messages, gemini, converse)
_WHERE = (
    ("/chat/completions", chat),
    ("/messages", messages),
    ("/responses", responses),
    (":generateContent", gemini),
    (":streamGenerateContent", gemini),
    ("/converse", converse),
    ("/converse-stream", converse),
)
_SCENE = re.compile(rb"scene:([a-z0-9-]+)")


class Heard(msgspec.Struct):
    """One request that was understood: in which language, where it came, and what it said."""

    language: str
    path: str
    headers: Mapping[str, str]
    ask: Ask
    body: bytes


class SpeakingProvider(ScriptedProvider):
    """`heard` has the last requests, `refused` the last that were not accepted, newest last. `seen` of the scripted
    provider shows both ends as it does there.
    """

    def __init__(self, models: Sequence[str] = ("scripted-chat",), *, keep: int = 100) -> None:
        super().__init__(models, keep=keep)
        self.heard: deque[Heard] = deque(maxlen=keep)
        self.refused: deque[tuple[str, Refused]] = deque(maxlen=keep)
        self.scenes: dict[str, Script] = {}

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        """What to answer, with the request counted."""
        route = path.partition("?")[0]
        language = next((spoken for end, spoken in _WHERE if route.endswith(end)), None)
        if method != "POST" or language is None:
            return _tokens(route, body) or super().plan(method, path, headers, body)
        self.count("requests")
        self.count("chat")
        given = self.headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in headers}
        try:
            ask = language.hear(path, given, body)
        except Refused as refused:
            self.refused.append((language.NAME, refused))
            self.count("failed")
            return _failed(language, language.refusal(refused))
        self.by_model[ask.model] += 1
        self.heard.append(Heard(language.NAME, path, given, ask, body))
        self.requests = [*self.requests[1 - self._keep :], json.loads(body)]
        if ask.stream:
            self.count("streams")
        return self._answered(language, path, ask, body)

    def _answered(self, language: ModuleType, path: str, ask: Ask, body: bytes) -> Plan:
        number = self.counts["requests"]
        scene = self.scenes.get(found[1].decode()) if (found := _SCENE.search(body)) else None
        command: Command = {}
        if scene is not None:
            said = scene(language.NAME, ask)
        else:
            text = answering.last_text(ask)
            command = self._drawn(ask.model, text)
            said = answering.failure(command) or answering.reply(ask, command, number)
            if isinstance(said, Failure) and "fail-times" in command and self._refusal(text, command) is None:
                said = answering.reply(ask, command, number)
        failed = said if isinstance(said, Failure) else None
        if failed is not None and (failed.after < 0 or not ask.stream):
            self.count("failed")
            return _failed(language, failed, float(command.get("delay") or 0))
        reply = said if isinstance(said, Reply) else answering.reply(ask, command, number)
        if not ask.stream:
            plan = plans.plain(msgspec.json.encode(language.whole(reply, ask, number)))
        else:
            plan = _streamed(language, reply, failed, ask, number, command, "alt=sse" in path)
        plan.delay = float(command.get("delay") or 0)
        plan.billed = reply.counts.input, reply.counts.output
        return plan


def _failed(language: ModuleType, failed: Failure, delay: float = 0.0) -> Plan:
    status, headers, body = language.failure(failed)
    return plans.plain(msgspec.json.encode(body), status, headers, delay=delay)


def _streamed(
    language: ModuleType, reply: Reply, failed: Failure | None, ask: Ask, number: int, command: Command, sse: bool
) -> Plan:
    spoken = responses_stream if language is responses else language
    events: list[bytes] = list(spoken.stream(reply, ask, number))
    if failed is not None:
        at = min(failed.after + 4, len(events) // 2)  # some events come before the first text
        events = events[:at] if failed.cut else [*events[:at], language.failure_event(failed)]
    kind = language.TYPE
    if language is gemini and not sse:
        events, kind = _array(events), b"application/json; charset=UTF-8"
    gap, size = float(command.get("gap") or 0), reply.split or int(command.get("split") or 0)
    if size or not gap:
        joined = b"".join(events)
        events = [joined[i : i + size] for i in range(0, len(joined), size)] if size else [joined]
    pieces: list[Piece] = [(gap, event) for event in events]
    return Plan(200, [(b"content-type", kind)], pieces, ending="cut" if failed is not None and failed.cut else "clean")


def _array(events: Sequence[bytes]) -> list[bytes]:
    """Without `alt=sse` Google streams one JSON array."""
    said = [event[6:-4] for event in events]
    return [(b",\r\n" if at else b"[") + one for at, one in enumerate(said)] + [b"]"]


def _tokens(route: str, body: bytes) -> Plan | None:
    """The counting of tokens: a word is one."""
    if not route.endswith(("/messages/count_tokens", ":countTokens")):
        return None
    count = sum(len(text.split()) for text in _texts(json.loads(body)))
    named: dict[str, Any] = {"totalTokens": count} if route.endswith(":countTokens") else {"input_tokens": count}
    return plans.plain(msgspec.json.encode(named))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        inner = [v for k, v in value.items() if k not in _LABELS] if isinstance(value, dict) else value
        for one in inner:
            yield from _texts(one)


_LABELS = ("role", "type", "model", "mimeType", "media_type", "id")
COMMANDS = {
    name: script.COMMANDS[name]
    for name in (
        "status", "retry-after", "fail-times", "key", "delay", "gap", "chunks", "words", "text", "tool", "cut", "split",
        "error-in-200",
    )
}  # fmt: skip
"""The commands of the scripted provider that are followed in every language."""
