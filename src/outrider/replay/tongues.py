"""The languages that a recorded call may have come in: each is understood as chat, and written again as itself.

A replay thinks in chat. What is sent unchanged is sent as it was recorded, where it was recorded; what is changed, or
has left the recording, is the recorded request with another conversation in it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from outrider.base.errors import OutriderError, RequestError
from outrider.base.sse import SSESplitter, kind, payload
from outrider.dialects import Fields, ToChat, understood
from outrider.dialects.anthropic import answers as anthropic_answers
from outrider.dialects.anthropic import messages as anthropic_messages
from outrider.dialects.anthropic import requests as anthropic
from outrider.dialects.anthropic import streams as anthropic_streams
from outrider.dialects.anthropic.models import model as claude
from outrider.dialects.gemini import answers as gemini_answers
from outrider.dialects.gemini import messages as gemini_messages
from outrider.dialects.gemini import requests as gemini
from outrider.dialects.gemini import streams as gemini_streams
from outrider.dialects.responses import answers as responses_answers
from outrider.dialects.responses import items
from outrider.dialects.responses import requests as responses
from outrider.dialects.responses import streams as responses_streams
from outrider.replay import answers
from outrider.replay.answers import Answer

CHAT = "chat.completions"
_object = msgspec.json.Decoder(dict[str, Any]).decode
_list = msgspec.json.Decoder(list[dict[str, Any]]).decode


class Tongue(msgspec.Struct, frozen=True):
    """A language of callers. `name` is that of its runs. `asked` makes chat of a request, `answered` of an answer,
    `hears` of a stream; `tells` gives the fields of a request that a conversation becomes (for a model), in the place
    of `told`. An answer has one of the fields `says`."""

    name: str
    asked: Callable[[Fields], Fields]
    answered: Callable[[Fields], Fields]
    hears: Callable[[], ToChat] | None
    tells: Callable[[list[Fields], str], Fields]
    told: tuple[str, ...]
    says: tuple[str, ...]

    def path(self, model: str, *, stream: bool = False, array: bool = False) -> str:
        """Where it is asked. `array`: a stream that is a JSON array."""
        if self.name == "gemini":
            method = "generateContent" if not stream else "streamGenerateContent" + ("" if array else "?alt=sse")
            return f"/v1beta/models/{quote(model, safe='/:')}:{method}"
        return _PATHS[self.name]

    def chat(self, fields: Fields) -> Fields:
        """A request as chat, at least its `messages`. Raises RequestError."""
        return understood(self.asked, fields)

    def read(self, body: bytes) -> Answer:
        """An answer, whole or streamed. Raises RequestError if it is none."""
        if self.hears is None:
            return answers.read(body)
        try:
            if body.lstrip()[:1] == b"{":
                said = _object(body)
                if not any(name in said for name in self.says):
                    raise ValueError("nothing is said")
                return answers.of_chat(self.answered(said))
            return answers.of_chunks(self._heard(self.hears(), body))
        except (msgspec.DecodeError, KeyError, TypeError, IndexError, AttributeError, ValueError, OutriderError):
            raise RequestError(f"the answer is none of {self.name!r}", code="unreadable_answer") from None

    def write(self, own: Mapping[str, Any], messages: list[Fields], model: str, changed: Mapping[str, Any]) -> Fields:
        """A recorded request with another conversation and other fields. It is not streamed. `a.b` changes the field
        `b` of `a`."""
        left = ("stream", "stream_options", *self.told)
        fields = {name: value for name, value in own.items() if name not in left}
        for name, value in changed.items():
            if name != "model" or self.name != "gemini":
                fields = _with(fields, name.split("."), value)
        return fields | self.tells(messages, model) | ({"stream": False} if self.name != "gemini" else {})

    @staticmethod
    def _heard(hears: ToChat, body: bytes) -> Iterator[Fields]:
        if body.lstrip()[:1] == b"[":
            said = [("", one) for one in _list(body)]
        else:
            splitter = SSESplitter(limit=max(1, len(body)))
            events = [(kind(one), payload(one)) for one in [*splitter.feed(body), splitter.rest()]]
            said = [(name, _object(told)) for name, told in events if told and told != b"[DONE]"]
        if isinstance(hears, gemini_streams.ToChat):
            said.append((gemini_streams.END, {}))  # Gemini's streams end without a word, and the counts come then
        for name, fields in said:
            yield from hears.feed(name, fields)


def _with(fields: Mapping[str, Any], path: list[str], value: Any) -> Fields:
    name, *below = path
    inner = fields.get(name)
    return {**fields, name: _with(inner if isinstance(inner, dict) else {}, below, value) if below else value}


def _anthropic(messages: list[Fields], model: str) -> Fields:
    system, turns = anthropic_messages.from_chat(messages, claude(model), [])
    return {"messages": turns} | ({"system": system} if system else {})


def _responses(messages: list[Fields], model: str) -> Fields:
    return {"input": items.from_chat(messages, [])}


def _gemini(messages: list[Fields], model: str) -> Fields:
    return gemini_messages.to_contents(messages, model, [])


_PATHS = {CHAT: "/v1/chat/completions", "messages": "/v1/messages", "responses": "/v1/responses"}
TONGUES: Mapping[str, Tongue] = {
    one.name: one
    for one in (
        Tongue(CHAT, dict, dict, None, lambda messages, model: {"messages": messages}, ("messages",), ()),
        Tongue(
            "messages", lambda fields: anthropic.to_chat(fields).fields, anthropic_answers.to_chat,
            anthropic_streams.ToChat, _anthropic, ("messages", "system"), ("content",),
        ),
        Tongue(
            "responses", lambda fields: responses.to_chat(fields).fields, responses_answers.to_chat,
            responses_streams.ToChat, _responses, ("input", "instructions", "previous_response_id", "conversation"),
            ("output",),
        ),
        Tongue(
            "gemini", lambda fields: gemini.to_chat(fields).fields, gemini_answers.to_chat,
            gemini_streams.ToChat, _gemini, ("contents", "systemInstruction", "system_instruction"),
            ("candidates", "promptFeedback"),
        ),
    )
}  # fmt: skip
"""By the name of their runs."""


def bare(messages: Iterable[Mapping[str, Any]]) -> list[Fields]:
    """Messages without the marks of caches, which clients move along with the end of the conversation."""
    found = []
    for one in messages:
        message = {name: value for name, value in one.items() if name != "cache_control"}
        if isinstance(parts := message.get("content"), list):
            message["content"] = [
                {name: value for name, value in part.items() if name != "cache_control"}
                if isinstance(part, dict)
                else part
                for part in parts
            ]
            if len(parts) == 1 and set(message["content"][0]) == {"type", "text"}:
                message["content"] = message["content"][0]["text"]  # as it is said where there was no mark
        found.append(message)
    return found
