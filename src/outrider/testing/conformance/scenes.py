"""What a scene is: a conversation in nobody's language, with what a caller says and what the provider answers."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from outrider.testing.speaking import seals
from outrider.testing.speaking.words import Failure, Part, Reply, Thought, Tool, Turn


class Step(Struct, frozen=True):
    """One request and its answer. `says` is added to what was said before. `elsewhere`: a provider of another language
    is asked this time, so that the next one finds thoughts in the conversation that are not its own.
    """

    says: tuple[Turn, ...]
    reply: Reply | Failure = Reply()
    elsewhere: bool = False


class Scene(Struct, frozen=True):
    """`needs` names what the caller must have words for, and some providers lack; `tells` what the answer contains that
    some providers never say and some callers' languages cannot show. `native` scenes are about bytes that pass, so
    they are for a caller and a provider of the same language. Without `ids` the calls' ids need only pair.
    """

    name: str
    title: str
    steps: tuple[Step, ...]
    tools: tuple[Tool, ...] = ()
    choice: str = ""
    params: Mapping[str, Any] = {}
    unknown: Mapping[str, Any] = {}
    needs: frozenset[str] = frozenset()
    tells: frozenset[str] = frozenset()
    native: bool = False
    marks: int = 0
    ids: bool = True


class Speaker(Struct, frozen=True):
    """A provider's language. `lacks` has what it has no words for, with a pattern for how that is named when it is
    refused; `silent` what it does not tell in its answers; `seals` who signs its thoughts.
    """

    name: str
    caller: str
    seals: str
    lacks: Mapping[str, str] = {}
    silent: frozenset[str] = frozenset()


_PENALTIES = "penalty|Penalty"
_OWN = "tools|web_search|google_?search"
SPEAKERS = {
    one.name: one
    for one in (
        Speaker(
            "chat",
            "chat",
            "chat",
            {
                "top_k": "top_k",
                "file_url": "file",
                "cited": "citations",
                "marks": "",
                "tool_error": "",
                "tool_image": "",
                "budget": "",
                "safety": "safety",
                "server_tool": _OWN,
            },
            frozenset({"thoughts", "hidden", "cites_document", "stopped", "held_calls"}),
        ),
        Speaker(
            "responses",
            "responses",
            "responses",
            {
                "server_tool": _OWN,
                "safety": "safety",
                "n": r"\bn\b",
                "seed": "seed",
                "penalties": _PENALTIES,
                "stop": "stop",
                "top_k": "top_k",
                "audio": "audio",
                "cited": "citations",
                "marks": "",
                "tool_error": "",
                "budget": "",
            },
            frozenset({"cites_document", "stopped", "more", "held_calls", "plain_thoughts"}),
        ),
        Speaker(
            "anthropic",
            "messages",
            "claude",
            {
                "server_tool": _OWN,
                "safety": "safety",
                "n": r"\bn\b",
                "seed": "seed",
                "penalties": _PENALTIES,
                "logprobs": "logprobs",
                "audio": "audio",
                "tier": "service_tier",
                "verbosity": "verbosity",
                "json": "",
                "hot": "temperature",
                "foreign_ids": "",
            },
            frozenset({"likely", "more", "held_calls", "plain_thoughts"}),
        ),
        Speaker(
            "gemini",
            "gemini",
            "gemini",
            {
                "server_tool": _OWN,
                "parallel": "",
                "verbosity": "verbosity",
                "cited": "citations",
                "marks": "",
                "strict": "",
            },
            frozenset({"cites_document", "hidden", "written", "stopped", "plain_thoughts"}),
        ),
        Speaker(
            "bedrock",
            "",
            "claude",
            {
                "server_tool": _OWN,
                "safety": "safety",
                "n": r"\bn\b",
                "seed": "seed",
                "penalties": _PENALTIES,
                "logprobs": "logprobs",
                "image_url": "image",
                "file_url": "file",
                "verbosity": "verbosity",
                "json": "",
                "hot": "temperature",
                "foreign_ids": "",
            },
            frozenset({"likely", "more", "reasoning", "held_calls", "plain_thoughts"}),
        ),
    )
}
"""A lacking aspect with an empty pattern may be left out without a word: it changes no answer, or the gateway sees to
it itself."""


def lacking(scene: Scene, speaker: Speaker) -> dict[str, re.Pattern[str]]:
    """What the scene needs and the provider's language lacks, with how it must be named."""
    return {
        aspect: re.compile(pattern, re.IGNORECASE)
        for aspect, pattern in speaker.lacks.items()
        if aspect in scene.needs and pattern
    }


def sealed(reply: Reply, speaker: Speaker) -> Reply:
    """The reply with its thoughts signed by this provider. OpenAI's chat has none; its relatives tell them as text."""

    def one(part: Part) -> Part:
        return (
            Thought(part.text, seals.seal(speaker.seals, part.text or part.seal)) if isinstance(part, Thought) else part
        )

    if speaker.name == "chat":
        return reply
    return msgspec.structs.replace(reply, parts=tuple(one(part) for part in reply.parts))


def other(speaker: Speaker) -> Speaker:
    """A provider whose thoughts this one cannot accept."""
    return SPEAKERS["gemini" if speaker.seals == "claude" else "anthropic"]
