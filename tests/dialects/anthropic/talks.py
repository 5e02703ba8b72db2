"""Generated requests of callers who speak Anthropic's Messages."""

from typing import Any

from hypothesis import strategies as st

from outrider.dialects.pivot import Fields

WORDS = st.text('abcé \n{}"', min_size=1, max_size=12).filter(lambda text: not text.isspace())
MARKS = st.sampled_from(
    [{}, {}, {"cache_control": {"type": "ephemeral"}}, {"cache_control": {"type": "ephemeral", "ttl": "1h"}}]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | WORDS, lambda inner: st.lists(inner, max_size=2)
)
INPUTS = st.dictionaries(st.text("abc", min_size=1, max_size=3), VALUES, max_size=2)


def block(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Fields]:
    return st.builds(lambda mark, **said: {"type": kind, **said, **mark}, MARKS, **fields)


TEXT = block("text", text=WORDS)
SOURCES = st.sampled_from(
    [{"type": "base64", "media_type": "image/png", "data": "iVBO"}, {"type": "url", "url": "https://a/b.png"}]
)
IMAGE = block("image", source=SOURCES)
PAPERS = st.sampled_from(
    [
        {"type": "base64", "media_type": "application/pdf", "data": "JVBE"},
        {"type": "text", "media_type": "text/plain", "data": "some text"},
        {"type": "url", "url": "https://a/b.pdf"},
        {"type": "file", "file_id": "file_011CN"},
        {"type": "content", "content": [{"type": "text", "text": "chunk"}]},
    ]
)
DOCUMENT = st.builds(
    lambda said, more: {**said, **more},
    block("document", source=PAPERS),
    st.sampled_from([{}, {"title": "T", "citations": {"enabled": True}}, {"context": "C", "title": "T"}]),
)
SEARCHED = block("search_result", source=WORDS, title=WORDS, content=st.just([{"type": "text", "text": "found"}]))
ASKED = st.lists(TEXT | IMAGE | DOCUMENT | SEARCHED, min_size=1, max_size=3)


@st.composite
def turn(draw: st.DrawFn, number: int) -> list[Fields]:
    """An answer with thoughts and tool calls, and what the tools gave."""
    blocks: list[Fields] = []
    if draw(st.booleans()):
        blocks.append({"type": "thinking", "thinking": draw(WORDS), "signature": draw(st.text("AB+/=", min_size=1))})
    if draw(st.booleans()):
        blocks.append({"type": "redacted_thinking", "data": draw(st.text("AB+/=", min_size=1))})
    blocks += draw(st.lists(TEXT, max_size=2))
    if draw(st.booleans()):
        use = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": draw(INPUTS)}
        blocks += [use, {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}]
        blocks += draw(st.lists(TEXT, max_size=1))
    results: list[Fields] = []
    for at in range(draw(st.integers(0, 2))):
        id_ = f"toolu_{number}_{at}"
        blocks.append({"type": "tool_use", "id": id_, "name": "look", "input": draw(INPUTS), **draw(MARKS)})
        said = draw(st.none() | WORDS | st.lists(TEXT | IMAGE | DOCUMENT, min_size=1, max_size=2))
        error = draw(st.sampled_from([{}, {"is_error": True}]))
        content = {} if said is None else {"content": said}
        results.append({"type": "tool_result", "tool_use_id": id_, **content, **error, **draw(MARKS)})
    blocks = blocks or [{"type": "text", "text": draw(WORDS)}]
    results += draw(ASKED) if not results or draw(st.booleans()) else []
    return [{"role": "assistant", "content": blocks}, {"role": "user", "content": results}]


CLOSED = {"type": "object", "properties": {}, "additionalProperties": False}
TOOL = st.builds(
    lambda mark, more: {"name": "look", "input_schema": {"type": "object", "properties": {}}, **mark, **more},
    MARKS,
    st.sampled_from(
        [{}, {"description": "d"}, {"strict": True, "input_schema": CLOSED}, {"input_examples": [{"a": 1}]}]
    ),
)
TOOLS = st.lists(TOOL, min_size=1, max_size=1).flatmap(
    lambda tools: st.sampled_from(
        [tools, [*tools, {"type": "web_search_20250305", "name": "web_search", "max_uses": 2}]]
    )
)
CHOICES = st.sampled_from(
    [
        {"type": "auto"},
        {"type": "auto", "disable_parallel_tool_use": True},
        {"type": "any"},
        {"type": "tool", "name": "look", "disable_parallel_tool_use": True},
        {"type": "none"},
    ]
)
FORM = {"type": "json_schema", "schema": CLOSED}
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "system": WORDS | st.lists(TEXT, min_size=2, max_size=2),
        "temperature": st.sampled_from([0.0, 0.5, 1]),
        "top_k": st.integers(1, 9),
        "stop_sequences": st.lists(WORDS, min_size=1, max_size=2),
        "metadata": st.just({"user_id": "u"}),
        "stream": st.just(True),
        "service_tier": st.sampled_from(["auto", "standard_only"]),
        "output_config": st.just({"format": FORM}),
        "cache_control": st.just({"type": "ephemeral"}),
        "container": st.just("container_1"),
    },
)


@st.composite
def requests(draw: st.DrawFn) -> Fields:
    messages = [{"role": "user", "content": draw(WORDS) if draw(st.booleans()) else draw(ASKED)}]
    for number in range(draw(st.integers(0, 3))):
        messages += draw(turn(number))
    choice = draw(st.just({}) | st.builds(lambda said: {"tool_choice": said}, CHOICES))
    fields = {"model": "claude-sonnet-4-0", "max_tokens": 100, "tools": draw(TOOLS), "messages": messages}
    return {**fields, **choice, **draw(OPTIONS)}
