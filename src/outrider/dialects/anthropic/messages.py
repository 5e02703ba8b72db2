"""Conversations: turns of blocks here, messages of several roles in chat."""

from typing import Any

from outrider.dialects.anthropic import content, turns
from outrider.dialects.anthropic.models import Model
from outrider.dialects.pivot import Fields, Lost


def to_chat(system: Any, messages: list[Fields]) -> list[Fields]:
    """Chat's messages. Results of tools become messages of their own, before what else the user says in that turn."""
    out: list[Fields] = []
    if system:
        out.append({"role": "system", "content": _parts(system)})
    for message in messages:
        role, said = message["role"], message["content"]
        if isinstance(said, str):
            out.append({"role": role, "content": said})
        elif role == "assistant":
            out.append(turns.message(said, answer=False))
        elif role == "system":
            out.append({"role": "system", "content": _parts(said)})
        else:
            rest = []
            for block in said:
                if block["type"] == "tool_result":
                    out.append(_result(block))
                else:
                    rest.append(block)
            if rest or not said:
                out.append({"role": "user", "content": _parts(rest)})
    return out


def _parts(said: str | list[Fields]) -> str | list[Fields]:
    if isinstance(said, str):
        return said
    if len(said) == 1 and said[0]["type"] == "text" and not said[0].get("cache_control"):
        text: str = said[0]["text"]
        return text
    return [content.to_part(block) for block in said]


def _result(block: Fields) -> Fields:
    message: Fields = {
        "role": "tool",
        "tool_call_id": block["tool_use_id"],
        "content": _parts(block.get("content") or ""),
    }
    if block.get("is_error"):
        message["is_error"] = True
    if mark := block.get("cache_control"):
        message["cache_control"] = mark
    return message


# -- out of chat ----------------------------------------------------------------------------------------------------


def from_chat(messages: list[Fields], model: Model, lost: Lost) -> tuple[list[Fields], list[Fields]]:
    """System blocks, and messages whose roles take turns: results of tools first in the user's, as the API demands.

    System messages within the conversation keep their place where the model takes them there, after the user's turn;
    elsewhere they join those at its beginning.
    """
    conversation = _Conversation(model)
    for number, message in enumerate(messages):
        path = f"messages[{number}]"
        role = message.get("role")
        if message.get("name") and role != "tool":
            lost.append(f"{path}.name")
        if role in ("system", "developer"):
            conversation.instructed(_blocks(message, path, lost))
        elif role == "assistant":
            conversation.say("assistant", _marked(message, turns.blocks(message, path, lost, answer=False)))
        elif role == "tool":
            conversation.say("user", [_tool_result(message, path, lost)], first=True)
        elif role == "user":
            conversation.say("user", _blocks(message, path, lost))
        else:
            lost.append(f"{path} ({role})")
    return conversation.end()


class _Conversation:
    __slots__ = ("_late", "_model", "_results", "messages", "system")

    def __init__(self, model: Model) -> None:
        self._model = model
        self._late: list[Fields] = []
        self._results = 0
        self.system: list[Fields] = []
        self.messages: list[Fields] = []

    def instructed(self, blocks: list[Fields]) -> None:
        if self.messages and self._model.mid_system:
            self._late += blocks
        else:
            self.system += blocks

    def say(self, role: str, blocks: list[Fields], *, first: bool = False) -> None:
        """Goes on with the turn if it is the same speaker's; `first`: before what else is in it."""
        if not blocks:
            return
        if not self.messages or self.messages[-1]["role"] != role:
            if role == "assistant":
                self._instruct()
            self.messages.append({"role": role, "content": []})
            self._results = 0
        said: list[Fields] = self.messages[-1]["content"]
        if first:
            said[self._results : self._results] = blocks
            self._results += len(blocks)
        else:
            said += blocks

    def _instruct(self) -> None:
        if self._late and self.messages and self.messages[-1]["role"] == "user":
            self.messages.append({"role": "system", "content": self._late})
            self._late = []

    def end(self) -> tuple[list[Fields], list[Fields]]:
        self._instruct()
        self.system += self._late
        if not self.messages and self.system:  # nobody asked anything: the API demands that somebody does
            self.messages, self.system = [{"role": "user", "content": self.system}], []
        elif self.messages and self.messages[-1]["role"] == "assistant":
            self._trim(self.messages[-1]["content"])
        for message in self.messages:
            said = message["content"]
            if len(said) == 1 and len(said[0]) == 2 and said[0]["type"] == "text":
                message["content"] = said[0]["text"]
        return self.system, self.messages

    def _trim(self, blocks: list[Fields]) -> None:
        """An answer that is to be gone on with must not end in white space."""
        if blocks[-1]["type"] == "text":
            blocks[-1] = {**blocks[-1], "text": blocks[-1]["text"].rstrip()}


def _blocks(message: Fields, path: str, lost: Lost) -> list[Fields]:
    said = message.get("content")
    if isinstance(said, str):
        return _marked(message, [{"type": "text", "text": said}] if said and not said.isspace() else [])
    found = []
    for number, part in enumerate(said or ()):
        if (block := content.to_block(part, f"{path}.content[{number}]", lost)) is not None:
            found.append(block)
    return _marked(message, found)


def _marked(message: Fields, blocks: list[Fields]) -> list[Fields]:
    """A mark on the whole message is one on its last block."""
    if blocks and (mark := message.get("cache_control")):
        blocks[-1] = {**blocks[-1], "cache_control": mark}
    return blocks


def _tool_result(message: Fields, path: str, lost: Lost) -> Fields:
    block: Fields = {"type": "tool_result", "tool_use_id": turns.tool_id(message.get("tool_call_id") or "call_0")}
    said = message.get("content")
    if isinstance(said, str):
        if said:
            block["content"] = said
    elif found := _blocks({"content": said}, path, lost):
        block["content"] = found
    if message.get("is_error"):
        block["is_error"] = True
    if mark := message.get("cache_control"):
        block["cache_control"] = mark
    return block
