"""A stream whose calls wait: text goes on at once, no byte of a call does."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import UpstreamError
from outrider.base.ports import Answer
from outrider.gateway.control import holding as module
from outrider.gateway.control.calls import Judged
from outrider.gateway.control.holding import Holding
from outrider.gateway.control.rewriting import calls_in, chunk_of, stream_without
from tests.gateway.control.test_rewriting import delta, piece


class Plain:
    """A reader that changes nothing."""

    done = False
    closed: Sequence[bytes] = ()

    def feed(self, event: bytes) -> bytes:
        return event

    def close(self, blocks: Sequence[bytes]) -> Answer:
        self.closed = blocks
        return Answer(b"", None, "stop")


def through(*events: bytes, **how: Any) -> tuple[list[bytes], Holding]:
    holding = Holding(Plain(), **how)
    return [out for event in events if (out := holding.feed(event))], holding


def test_text_is_untouched_and_nothing_is_held() -> None:
    events = [
        delta(role="assistant", content=""),
        delta(content='say "tool_calls"'),
        delta(finish="stop"),
        b"data: [DONE]\n\n",
    ]
    sent, holding = through(*events)
    assert sent == events
    assert holding.held == []


def test_calls_and_the_end_wait_while_text_flows() -> None:
    call, more, end, done = (
        delta(tool_calls=[piece(0, "a", '{"x":')]),
        delta(tool_calls=[piece(0, arguments="1}")]),
        delta(finish="tool_calls"),
        b"data: [DONE]\n\n",
    )
    sent, holding = through(delta(content="one"), call, delta(content="two"), more, end, done)
    assert [chunk_of(one)["choices"][0]["delta"] for one in sent] == [{"content": "one"}, {"content": "two"}]
    assert holding.held == [call, more, end, done]


def test_text_beside_a_call_in_one_event() -> None:
    both = delta(role="assistant", content="I do", tool_calls=[piece(0, "a", "{}")], finish=None)
    sent, holding = through(both)
    assert b"tool_calls" not in b"".join(sent)
    assert chunk_of(sent[0])["choices"][0]["delta"]["content"] == "I do"
    assert [one.tool for _, one in calls_in(holding.held)] == ["a"]
    assert b"I do" not in b"".join(holding.held)


@pytest.mark.parametrize(
    "event",
    [
        b'data: {"choices":[{"delta":{"tool\\u005fcalls":[{"index":0,"function":{"name":"a"}}]}}]}\n\n',
        b'data: {"choices":[{"index":0,"delta":{"function_call":{"name":"a","arguments":"{}"}}}]}\n\n',
        b'data: {"choices":[{"delta":{"provider_items":[{"type":"computer_call","call_id":"c"}]}}]}\n\n',
    ],
)
def test_calls_in_other_spellings(event: bytes) -> None:
    sent, holding = through(event)
    assert sent == []
    assert len(holding.held) == 1


@pytest.mark.parametrize(
    "event",
    [
        b'event: content_block_start\ndata: {"content_block":{"type": "tool_use","name":"a"}}\n\n',
        b'data: {"type":"response.output_item.added","item":{"type":"function_call","call_id":"c","name":"a"}}\n\n',
        b'data: {"type":"response.output_item.added","item":{"type":"custom_tool_call","call_id":"c"}}\n\n',
        b'data: {"type":"response.output_item.added","item":{"type":"local_shell_call","call_id":"a"}}\n\n',
        b'data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"a"}}]}}]}\n\n',
        b'data: {"candidates":[{"content":{"parts":[{"function_call":{"name":"a"}}]}}]}\n\n',
        b'data: {"content_block":{"type":"tool\\u005fuse"}}\n\n',
    ],
)
def test_native_calls_hold_all_that_follows(event: bytes) -> None:
    text = b'data: {"type":"response.output_text.delta","delta":"the \\"tool_use\\" of it"}\n\n'
    sent, holding = through(text, event, text, native=True)
    assert sent == [text]
    assert holding.held == [event, text]


def test_what_a_providers_own_tools_do_holds_nothing() -> None:
    search = b'data: {"type":"response.output_item.added","item":{"type":"web_search_call","id":"ws_1"}}\n\n'
    ran = b'data: {"type":"content_block_start","content_block":{"type":"server_tool_use","name":"web_search"}}\n\n'
    sent, holding = through(search, ran, native=True)
    assert (sent, holding.held) == ([search, ran], [])


def test_a_whole_message_has_no_place_in_a_stream() -> None:
    said = b'data: {"choices":[{"index":0,"delta":{"content":"x"},"message":{"tool_calls":[{"id":"i"}]}}]}\n\n'
    sent, _ = through(said)
    assert b"tool_calls" not in b"".join(sent)
    assert b'"content":"x"' in b"".join(sent)


def test_what_closes_is_the_whole() -> None:
    plain = Plain()
    holding = Holding(plain)
    call = delta(tool_calls=[piece(0, "a", "{}")])
    holding.feed(call)
    holding.close([b"before"])
    assert plain.closed == [b"before", call]


def test_it_holds_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_HELD", 1000)
    holding = Holding(Plain())
    long = delta(tool_calls=[piece(0, arguments="x" * 600)])
    holding.feed(long)
    with pytest.raises(UpstreamError, match="cannot be judged"):
        holding.feed(long)
    assert sum(map(len, holding.held)) <= 1000


def test_the_second_answer_in_one_has_no_head() -> None:
    sent, _ = through(delta(role="assistant", content="more"), again=True)
    assert chunk_of(sent[0])["choices"][0]["delta"] == {"content": "more"}


PIECES = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["text", "call", "both"]), st.text(max_size=12)),
    min_size=1,
    max_size=25,
)


@given(PIECES, st.booleans(), st.sets(st.integers(0, 30)))
def test_however_a_stream_is_mixed_text_is_whole_and_calls_wait(
    pieces: list[tuple[int, str, str]], ends: bool, out: set[int]
) -> None:
    events, texts, open_ = [], {0: "", 1: ""}, dict[int, int]()
    for choice, kind, said in pieces:
        delta_: dict[str, Any] = {}
        if kind != "call":
            delta_["content"] = said
            texts[choice] += said
        if kind != "text":
            number = open_[choice] = open_.get(choice, -1) + 1
            delta_["tool_calls"] = [piece(number, "secret_tool", f'"{len(said)}"', id_=f"id{choice}.{number}")]
        events.append(delta(choice, **delta_))
    if ends:
        events += [delta(choice, finish="tool_calls") for choice in (0, 1)]
    events.append(b"data: [DONE]\n\n")
    wanted = calls_in(events)
    sent, holding = through(*events)
    assert b"secret_tool" not in b"".join(sent)
    judged = {at: Judged(at, one, "deny" if n in out else "allow", ("no",)) for n, (at, one) in enumerate(wanted)}
    whole = [*sent, *holding.held]
    assert sorted(calls_in(whole)) == sorted(wanted)
    left = calls_in(stream_without(holding.held, judged))
    assert sorted(one.id for _, one in left) == sorted(one.id for at, one in wanted if judged[at].passes)
    heard = {0: "", 1: ""}
    for event in whole:
        for choice in chunk_of(event).get("choices", ()):
            heard[choice["index"]] += choice["delta"].get("content") or ""
    assert heard == texts
