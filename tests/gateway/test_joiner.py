"""A caller of a stream that broke sees one stream: every character once, one identity, one end."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from outrider.base.errors import UpstreamError
from outrider.base.sse import payload
from outrider.base.usage import Usage
from outrider.gateway.continuation import read
from outrider.gateway.joiner import Joiner
from outrider.gateway.seam import SHORTEST
from outrider.providers import openai
from tests.gateway.streams import DONE, event, events, follow, joined, planned, prefilling, said, telling

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=120) | st.text("ab \n", min_size=1, max_size=60)
WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=7), min_size=8, max_size=60).map(" ".join)
PLACES = st.lists(st.integers(0, 400), max_size=12)


def pieces(text: str, places: list[int]) -> list[str]:
    edges = sorted({min(p, len(text)) for p in places} | {0, len(text)})
    return [text[a:b] for a, b in pairwise(edges)]


def chunks(blocks: list[bytes]) -> list[Any]:
    return [json.loads(payload(block)) for block in blocks if payload(block) not in (b"", b"[DONE]")]


@given(TEXTS, PLACES, st.integers(0, 20), PLACES)
def test_nothing_is_lost_or_twice_after_a_prefill(text: str, cuts: list[int], broke: int, second: list[int]) -> None:
    first = events("one", pieces(text, cuts))[:-2][: broke + 1]
    made = planned(first, prefilling())
    rest = text[len(said(first).rstrip()) :]
    whole, answer = follow(first, made, events("two", pieces(rest, second)))
    assert whole == answer.text == text
    assert answer.finish == "stop"


@given(TEXTS, PLACES, st.integers(0, 20), PLACES, st.booleans())
@example("0000", [3], 1, [], False)  # what is held back leaves with an end that says nothing itself
def test_a_prefill_that_is_repeated_is_left_out(
    text: str, cuts: list[int], broke: int, second: list[int], echoes: bool
) -> None:
    first = events("one", pieces(text, cuts))[:-2][: broke + 1]
    known = said(first).rstrip()
    rest = text[len(known) :]
    assume(echoes or not rest.startswith(known))
    made = planned(first, prefilling("prefix_echoed"))
    back = known + rest if echoes and made.mode == "prefill" else rest
    whole, _ = follow(first, made, events("two", pieces(back, second)))
    assert whole == text


@given(TEXTS, PLACES, st.integers(0, 20), PLACES, st.sampled_from(["", "\n", "  "]))
def test_nothing_is_lost_or_twice_after_an_instruction(
    text: str, cuts: list[int], broke: int, second: list[int], lead: str
) -> None:
    first = events("one", pieces(text, cuts))[:-2][: broke + 1]
    made = planned(first, telling())
    known = said(first).rstrip()
    if made.mode == "again":
        return
    back = lead + made.anchor + text[len(known) :]
    whole, _ = follow(first, made, events("two", pieces(back, second)))
    assert whole == text


@given(WORDS, PLACES, st.integers(0, 20), PLACES, st.integers(SHORTEST, 400))
def test_more_may_be_repeated_than_was_asked_for(
    text: str, cuts: list[int], broke: int, second: list[int], size: int
) -> None:
    first = events("one", pieces(text, cuts))[:-2][: broke + 1]
    made = planned(first, telling())
    known = said(first).rstrip()
    back = known[-size:]
    assume(len(back.strip()) >= SHORTEST and known.find(back) == len(known) - len(back))  # where it begins is no guess
    assume(not back.startswith(made.anchor) or back == made.anchor)
    whole, _ = follow(first, made, events("two", pieces(back + text[len(known) :], second)))
    assert whole == text


@given(WORDS, st.lists(st.integers(0, 400), min_size=1, max_size=3, unique=True))
def test_a_stream_may_break_more_than_once(text: str, breaks: list[int]) -> None:
    out = [event("one", {"role": "assistant", "content": ""})]
    for place in [*sorted({b for b in breaks if b < len(text)}), len(text)]:
        whole = place == len(text)
        made = planned(out, prefilling())
        rest = text[len(said(out).rstrip()) : max(place, len(said(out).rstrip()))]
        joiner = Joiner(openai.reader(wants_usage=False), made)
        fed = events("next", [rest])
        out += filter(None, [joiner.feed(e) for e in (fed if whole else fed[:-2])])
    assert said(out) == text
    assert {c["id"] for c in chunks(out)} == {"one"}


def test_the_first_stream_s_identity_stays_and_there_is_one_head() -> None:
    first = events("one", ["Hello ", "wor"])[:-2]
    out = joined(first, planned(first, prefilling()), events("two", ["ld", "!"]))
    assert {(c["id"], c["created"], c["model"]) for c in chunks(out)} == {("one", 3, "model-one")}
    assert [c["choices"][0]["delta"] for c in chunks(out)] == [
        {"role": "assistant", "content": ""},
        {"content": "Hello "},
        {"content": "wor"},
        {"content": "ld"},
        {"content": "!"},
        {},
    ]
    assert out[-1] == DONE


def test_comments_pass() -> None:
    first = events("one", ["Hello "])[:-2]
    assert b": alive\n\n" in joined(first, planned(first, prefilling()), [b": alive\n\n", *events("two", ["world"])])


def test_a_stream_that_had_only_a_head_is_asked_again() -> None:
    first = [event("one", {"role": "assistant", "content": ""})]
    made = planned(first, telling(), n=2, logprobs=True)
    assert made.mode == "again"
    second = [event("two", {"role": "assistant", "content": ""}, index=i) for i in range(2)]
    second += [event("two", {"content": "a"}), event("two", {"content": "b"}, index=1)]
    second += [event("two", {}, "stop"), event("two", {}, "stop", index=1), DONE]
    out = joined(first, made, second)
    assert [(c["choices"][0]["index"], c["choices"][0]["delta"]) for c in chunks(out)] == [
        (0, {"role": "assistant", "content": ""}),
        (1, {"role": "assistant", "content": ""}),
        (0, {"content": "a"}),
        (1, {"content": "b"}),
        (0, {}),
        (1, {}),
    ]


def test_a_model_that_starts_anew_is_refused() -> None:
    first = events("one", ["The first thing to know about the sea is ", "that it is"])[:-2]
    made = planned(first, telling())
    with pytest.raises(UpstreamError, match="did not begin where") as caught:
        joined(first, made, events("two", ["Sure! ", "Here is ", "more."]))
    assert caught.value.code == "upstream_seam_lost"
    assert caught.value.retryable


@pytest.mark.parametrize("back", ["", "that it", "it is", "it is blue"])
def test_a_seam_that_cannot_be_proven_is_refused(back: str) -> None:
    first = events("one", ["The first thing to know about the sea is ", "that it is"])[:-2]
    with pytest.raises(UpstreamError, match="did not begin where"):
        joined(first, planned(first, telling()), events("two", [back]))


def test_thinking_is_not_begun_anew() -> None:
    first = [event("one", {"role": "assistant"}), event("one", {"reasoning_content": "Hm"})]
    made = planned(first, telling())
    assert made.mode == "again"
    second = [event("two", {"role": "assistant"}), event("two", {"reasoning_content": "Well, "})]
    out = joined(first, made, [*second, *events("two", ["Yes."])])
    assert said(out) == "Yes."
    assert [c["choices"][0]["delta"].get("reasoning_content") for c in chunks(out)] == [None, "Hm", None, None]


def test_a_model_that_only_thinks_has_not_gone_on() -> None:
    first = events("one", ["Hello "])[:-2]
    second = [event("two", {"reasoning": "Hm"}), event("two", {}, "stop")]
    with pytest.raises(UpstreamError, match="only thought"):
        joined(first, planned(first, prefilling()), second)


@pytest.mark.parametrize("to", [prefilling(), telling()], ids=["prefill", "instruction"])
def test_a_tool_call_may_follow_a_text_that_was_complete(to: Any) -> None:
    first = events("one", ["Let me look that up."])[:-2]
    tool = {"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}
    out = joined(first, planned(first, to), [event("two", tool), event("two", {}, "tool_calls"), DONE])
    assert chunks(out)[-2]["choices"][0]["delta"] == tool
    assert read(out).text == "Let me look that up."


def test_a_tool_call_ends_what_was_held_back() -> None:
    first = events("one", ["Let me look that up"])[:-2]
    tool = {"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}
    second = [event("two", {"content": "Let me look that up"}), event("two", tool), event("two", {}, "tool_calls")]
    assert said(joined(first, planned(first, telling()), second)) == "Let me look that up"


def test_what_is_held_back_leaves_with_the_end() -> None:
    first = events("one", ["Hello  "])[:-2]
    assert said(joined(first, planned(first, prefilling()), events("two", [" "]))) == "Hello  "
    no_reason = [e for e in events("two", ["Hello ", "Hel"]) if b'"stop"' not in e]
    assert said(joined(first, planned(first, prefilling("prefix_echoed")), no_reason)) == "Hello  Hel"


def test_usage_counts_both_streams_for_the_caller_and_one_for_the_record() -> None:
    first = events("one", ["Hello "])[:-2]
    made = planned(first, prefilling(), stream_options={"include_usage": True})
    joiner = Joiner(openai.reader(wants_usage=True), made, Usage(10, 2, estimated=True))
    counts = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15, "prompt_tokens_details": None}
    usage = {"id": "two", "choices": [], "usage": counts}
    second = [*events("two", ["world"])[:-1], b"data: " + json.dumps(usage).encode() + b"\n\n", DONE]
    out = [*first, *filter(None, [joiner.feed(e) for e in second])]
    assert chunks(out)[-1]["usage"] == {**counts, "prompt_tokens": 22, "completion_tokens": 5, "total_tokens": 27}
    assert joiner.close(out).usage == Usage(12, 3)


def test_usage_that_was_not_asked_for_is_in_the_record_alone() -> None:
    first = events("one", ["Hello "])[:-2]
    usage = b'data: {"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3}}\n\n'
    joiner = Joiner(openai.reader(wants_usage=False), planned(first, prefilling()), Usage(10, 2))
    fed = [joiner.feed(e) for e in [*events("two", ["world"])[:-1], usage, DONE]]
    assert b"usage" not in b"".join(fed)
    assert joiner.close(fed).usage == Usage(12, 3)


def test_usage_is_estimated_when_the_second_provider_reports_none() -> None:
    first = events("one", ["Hello "])[:-2]
    made = planned(first, prefilling())
    _, answer = follow(first, made, events("two", ["wonderful world"]))
    assert answer.usage == Usage(10, 3, estimated=True)  # the words of two messages


def test_a_second_break_is_an_error_again() -> None:
    first = events("one", ["Hello "])[:-2]
    with pytest.raises(UpstreamError, match="without an end mark"):
        joined(first, planned(first, prefilling()), events("two", ["wor"])[:-2])


class Together:
    """A reader that gives the last two events as one block, as those of other languages do at their end."""

    def __init__(self) -> None:
        self._reader, self._kept = openai.reader(wants_usage=False), b""

    @property
    def done(self) -> bool:
        return self._reader.done

    def feed(self, one: bytes) -> bytes:
        out = self._reader.feed(one)
        if b'"finish_reason": "stop"' in out:
            self._kept = out
            return b""
        return self._kept + out

    def close(self, blocks: Any) -> Any:
        return self._reader.close(blocks)


def test_a_block_of_several_events_is_read_one_by_one() -> None:
    first = events("one", ["abc"])[:-2]
    joiner = Joiner(Together(), planned(first, prefilling()))
    out = [*first, *filter(None, [joiner.feed(one) for one in events("two", ["def"])])]
    assert out[-1].endswith(DONE)
    assert (said(out), joiner.close(out).text) == ("abcdef", "abcdef")
