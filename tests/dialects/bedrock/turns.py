"""Generated answers of Converse, whole and as the events of a stream; and chat's chunks put together again."""

import json
from typing import Any

from hypothesis import strategies as st

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(lambda t: not t.isspace())
names = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(names, values, max_size=3)
base64 = st.sampled_from(["QUFB", "c2lnbmF0dXJl", "AA=="])
text = texts.map(lambda said: {"text": said})
signed = st.builds(
    lambda said, sign: {"reasoningContent": {"reasoningText": {"text": said, "signature": sign}}}, texts, base64
)
secret = base64.map(lambda said: {"reasoningContent": {"redactedContent": said}})
ids = st.from_regex(r"tooluse_[A-Za-z0-9_-]{4,12}", fullmatch=True)
use = st.builds(
    lambda id, name, input: {"toolUse": {"toolUseId": id, "name": name, "input": input}}, ids, names, objects
)
counts = st.integers(0, 10**6)
usages = st.fixed_dictionaries(
    {"inputTokens": counts, "outputTokens": counts, "totalTokens": counts},
    optional={"cacheReadInputTokens": counts, "cacheWriteInputTokens": counts},
)


@st.composite
def contents(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Blocks of an answer: text at most once and before tools are called, as in chat."""
    before = draw(st.lists(signed | secret, max_size=3))
    after = draw(st.lists(signed | secret | use, max_size=3))
    return [*before, *draw(st.lists(text, max_size=1)), *after]


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": draw(contents())}},
        "stopReason": draw(
            st.sampled_from(["end_turn", "tool_use", "max_tokens", "stop_sequence", "content_filtered"])
        ),
        "usage": draw(usages),
        "metrics": {"latencyMs": 12},
    }


def pieces(said: str, size: int) -> list[str]:
    return [said[at : at + size] for at in range(0, len(said), size)]


def events(answer: dict[str, Any], size: int = 4) -> list[tuple[str, dict[str, Any]]]:
    """The answer as Converse streams it, texts in pieces of `size` characters."""
    out: list[tuple[str, dict[str, Any]]] = [("messageStart", {"role": "assistant"})]
    for index, block in enumerate(answer["output"]["message"]["content"]):
        deltas: list[dict[str, Any]] = []
        if "text" in block:
            deltas = [{"text": piece} for piece in pieces(block["text"], size)]
        elif "toolUse" in block:
            start = {name: value for name, value in block["toolUse"].items() if name != "input"}
            out.append(("contentBlockStart", {"start": {"toolUse": start}, "contentBlockIndex": index}))
            whole = json.dumps(block["toolUse"]["input"], separators=(",", ":"), ensure_ascii=False)
            deltas = [{"toolUse": {"input": piece}} for piece in pieces("" if whole == "{}" else whole, size)]
        elif "reasoningText" in block["reasoningContent"]:
            said = block["reasoningContent"]["reasoningText"]
            deltas = [{"reasoningContent": {"text": piece}} for piece in pieces(said["text"], size)]
            deltas.append({"reasoningContent": {"signature": said["signature"]}})
        else:
            deltas = [{"reasoningContent": block["reasoningContent"]}]
        out += [("contentBlockDelta", {"delta": delta, "contentBlockIndex": index}) for delta in deltas]
        out.append(("contentBlockStop", {"contentBlockIndex": index}))
    out.append(("messageStop", {"stopReason": answer["stopReason"]}))
    out.append(("metadata", {"usage": answer["usage"], "metrics": answer["metrics"]}))
    return out


def gathered(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """What a client makes of chat's chunks: message, why it ended, usage."""
    message: dict[str, Any] = {"content": None}
    thoughts: dict[int, dict[str, Any]] = {}
    calls: dict[int, dict[str, Any]] = {}
    told: dict[str, Any] = {}
    for chunk in chunks:
        told |= {name: chunk[name] for name in ("usage", "service_tier") if name in chunk}
        for choice in chunk["choices"]:
            delta = choice["delta"]
            message["role"] = delta.get("role") or message.get("role")
            for name in ("content", "reasoning_content"):
                if delta.get(name):
                    message[name] = (message.get(name) or "") + delta[name]
            for detail in delta.get("reasoning_details", ()):
                _join(thoughts.setdefault(detail["index"], {}), detail, "text")
            for call in delta.get("tool_calls", ()):
                kept = calls.setdefault(call["index"], {"function": {}})
                _join(kept["function"], call["function"], "arguments")
                kept |= {name: call[name] for name in ("id", "type") if name in call}
            for name in ("annotations", "images", "provider_items"):
                message.setdefault(name, []).extend(delta.get(name, ()))
            told |= {
                name: value for name, value in choice.items() if name not in ("delta", "logprobs", "index") and value
            }
    message |= {"reasoning_details": list(thoughts.values()), "tool_calls": list(calls.values())}
    return {"message": {name: value for name, value in message.items() if value or name == "content"}, **told}


def _join(kept: dict[str, Any], piece: dict[str, Any], name: str) -> None:
    joined = kept.get(name, "") + (piece.get(name) or "") if name in piece or name in kept else None
    kept |= piece
    if joined is not None:
        kept[name] = joined


def flat(chat: dict[str, Any]) -> dict[str, Any]:
    """A whole chat answer in the form of `gathered`."""
    (choice,) = chat["choices"]
    told = {name: value for name, value in choice.items() if name not in ("message", "logprobs", "index") and value}
    told |= {name: chat[name] for name in ("usage", "service_tier") if name in chat}
    return {"message": {n: v for n, v in choice["message"].items() if v or n == "content"}, **told}
