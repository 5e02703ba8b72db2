"""Generated answers: whole and as a stream they become the same chat, and the same message again."""

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outrider.dialects.anthropic import answers
from outrider.dialects.anthropic.streams import FromChat, ToChat
from tests.dialects.anthropic.fixtures import complete, message
from tests.dialects.anthropic.talks import INPUTS, WORDS

CITE = st.sampled_from(
    [
        {"type": "page_location", "cited_text": "c", "document_index": 0, "start_page_number": 1, "end_page_number": 2},
        {"type": "web_search_result_location", "url": "u", "title": "t", "cited_text": "c", "encrypted_index": "E"},
    ]
)
PLAIN = st.builds(lambda text: {"type": "text", "text": text}, WORDS)
CITED = st.builds(
    lambda text, cites: {"type": "text", "text": text, "citations": cites},
    WORDS,
    st.lists(CITE, min_size=1, max_size=2),
)
THOUGHT = st.builds(lambda text: {"type": "thinking", "thinking": text, "signature": "sig=="}, WORDS)
SECRET = st.just({"type": "redacted_thinking", "data": "Em=="})
SEARCH = st.builds(lambda said: {"type": "server_tool_use", "id": "srv", "name": "web_search", "input": said}, INPUTS)
FOUND = st.just({"type": "web_search_tool_result", "tool_use_id": "srv", "content": []})
CALL = st.builds(lambda said: {"type": "tool_use", "id": "toolu_1", "name": "look", "input": said}, INPUTS)
BEFORE = st.lists(PLAIN | CITED | THOUGHT | SECRET | SEARCH | FOUND, max_size=6)


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    """Calls stand at the end, as models put them."""
    content = [*draw(BEFORE), *draw(st.lists(CALL, max_size=2))]
    usage = {"input_tokens": 3, "cache_read_input_tokens": 2, "cache_creation_input_tokens": 0, "output_tokens": 5}
    reason = (
        "tool_use"
        if content and content[-1]["type"] == "tool_use"
        else draw(st.sampled_from(["end_turn", "pause_turn"]))
    )
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": content}
    return {**message, "stop_reason": reason, "stop_sequence": None, "usage": usage}


def events(whole: dict[str, Any], size: int) -> list[dict[str, Any]]:
    """The message as a stream, its texts and inputs in pieces of `size` characters."""
    made: list[dict[str, Any]] = [{"type": "message_start", "message": {**whole, "content": [], "stop_reason": None}}]
    for index, block in enumerate(whole["content"]):
        start, deltas = _opened(block, size)
        made.append({"type": "content_block_start", "index": index, "content_block": start})
        made += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        made.append({"type": "content_block_stop", "index": index})
    delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    return [*made, {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 5}}, {"type": "message_stop"}]


def _opened(block: dict[str, Any], size: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    def pieces(text: str, kind: str, name: str) -> list[dict[str, Any]]:
        return [{"type": kind, name: text[at : at + size]} for at in range(0, len(text), size)]

    block = copy.deepcopy(block)
    match block["type"]:
        case "text":
            cites = [{"type": "citations_delta", "citation": one} for one in block.pop("citations", ())]
            return {**block, "text": ""}, [*pieces(block["text"], "text_delta", "text"), *cites]
        case "thinking":
            signed = {"type": "signature_delta", "signature": block["signature"]}
            deltas = pieces(block["thinking"], "thinking_delta", "thinking")
            return {**block, "thinking": "", "signature": ""}, [*deltas, signed]
        case "tool_use" | "server_tool_use":
            said = json.dumps(block["input"], separators=(",", ":"), ensure_ascii=False)
            return {**block, "input": {}}, pieces(said, "input_json_delta", "partial_json")
    return block, []


def streamed(whole: dict[str, Any], size: int) -> list[dict[str, Any]]:
    reader = ToChat()
    return [chunk for event in events(whole, size) for chunk in copy.deepcopy(reader.feed("", event))]


@given(messages(), st.integers(1, 9))
def test_whole_and_streamed_become_the_same_chat(whole: dict[str, Any], size: int) -> None:
    stream, plain = complete(streamed(whole, size)), answers.to_chat(copy.deepcopy(whole))
    for made in (stream, plain):
        del made["created"]
        said = made["choices"][0]["message"]
        said["content"] = said["content"] or ""
    assert stream == plain


@given(messages(), st.integers(1, 9))
def test_they_come_back_as_the_same_message(whole: dict[str, Any], size: int) -> None:
    """But for where texts without citations are cut; a stream's citations stand at the end of their text."""
    plain = answers.from_chat(answers.to_chat(copy.deepcopy(whole)), id="msg_1")
    writer = FromChat(id="msg_1")
    stream = message(b"".join(writer.feed(chunk) for chunk in streamed(whole, size)) + writer.end())
    for made in (plain, stream):
        assert _others(made) == _others(whole)
        assert _text(made) == _text(whole)
        assert _cites(made) == _cites(whole)
        assert made["stop_reason"] == whole["stop_reason"]
        assert made["usage"] == whole["usage"]


def _others(made: dict[str, Any]) -> list[Any]:
    return [block for block in made["content"] if block["type"] != "text"]


def _text(made: dict[str, Any]) -> str:
    return "".join(block["text"] for block in made["content"] if block["type"] == "text")


def _cites(made: dict[str, Any]) -> list[Any]:
    return [cite for block in made["content"] for cite in block.get("citations") or ()]
