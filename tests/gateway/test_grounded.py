"""A model's text on a route with knowledge: in whatever pieces it comes, the same sentences go on, checked."""

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outrider.base.grounding import Note, Said
from outrider.base.ports import Answer
from outrider.gateway.grounded import NOTHING_BORNE, GroundedReader, Telling, whole
from outrider.knowledge.sentences import sentences, settled


class Strict:
    """Drops sentences with `lie`, cites the others."""

    refusal, facts, record, key, cost = "", dict[str, Any](), b"", b"", 0

    def told(self) -> tuple[str, str]:
        return "", ""

    def extract(self) -> Iterator[Said]:
        yield Said("")

    def settled(self, text: str) -> int:
        return settled(text)

    def cut(self, text: str) -> Iterator[str]:
        at = 0
        for _, end in sentences(text):
            yield text[at:end]
            at = end
        if at < len(text):
            yield text[at:]

    def check(self, sentence: str) -> Said:
        if not sentence.strip():
            return Said(sentence)
        if "lie" in sentence:
            return Said("", (), ("lie",))
        lead = len(sentence) - len(sentence.lstrip())
        return Said(sentence, [Note(lead, len(sentence), 1, "u", "t", "q", "d", (0, 1))])

    def flaws(self, text: str) -> Sequence[str]:
        return ()


class Plain:
    """A dialect's reader that changes nothing."""

    done = False

    def feed(self, event: bytes) -> bytes:
        return event

    def close(self, blocks: Sequence[bytes]) -> Answer:
        return Answer(b"", None, "stop")


TEXT = "It grew by 3.5 %. That is a lie. It fell in 2024, e.g. in May. [1] The end is near"
TOLD = "It grew by 3.5 %. It fell in 2024, e.g. in May. [1] The end is near"


def chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
    choices = [{"index": 0, "delta": delta, "finish_reason": reason}]
    return b"data: %b\n\n" % json.dumps({"id": "x", "choices": choices}).encode()


def read(out: bytes) -> tuple[str, list[dict[str, Any]], list[str]]:
    text, notes, reasons = "", list[dict[str, Any]](), list[str]()
    for event in out.decode().split("\n\n"):
        if event.startswith("data: {"):
            for choice in json.loads(event[6:])["choices"]:
                text += choice["delta"].get("content") or ""
                notes += choice["delta"].get("annotations") or []
                reasons += [choice["finish_reason"]] if choice["finish_reason"] else []
    return text, notes, reasons


@given(st.lists(st.integers(0, len(TEXT)), max_size=20), st.booleans())
def test_pieces_do_not_matter(cuts: list[int], says_why: bool) -> None:
    edges = [0, *sorted(cuts), len(TEXT)]
    facts: dict[str, Any] = {}
    reader = GroundedReader(Plain(), Strict(), facts)
    out = reader.feed(chunk({"role": "assistant", "content": ""}))
    for start, end in pairwise(edges):
        out += reader.feed(chunk({"content": TEXT[start:end]}))
    out += reader.feed(chunk({}, "stop")) if says_why else b""
    out += reader.feed(b"data: [DONE]\n\n")
    text, notes, reasons = read(out)
    assert text == TOLD
    assert [TOLD[n["url_citation"]["start_index"] : n["url_citation"]["end_index"]] for n in notes] == [
        "It grew by 3.5 %.", "It fell in 2024, e.g. in May. [1]", "The end is near",
    ]  # fmt: skip
    assert reasons == (["stop"] if says_why else [])
    assert out.endswith(b"data: [DONE]\n\n")
    reader.close([])
    assert facts == {"sentences": 4, "cited": 3, "unsupported": ["lie"], "dropped": 1}


def test_a_tool_call_does_not_wait() -> None:
    reader = GroundedReader(Plain(), Strict(), {})
    assert reader.feed(chunk({"content": "I look it up"})) == b""
    out = reader.feed(chunk({"tool_calls": [{"index": 0, "id": "1", "function": {"name": "f", "arguments": "{}"}}]}))
    assert b"I look it up" in out
    assert b"tool_calls" in out
    assert b'"reasoning_content":"hm"' in reader.feed(chunk({"reasoning_content": "hm"}))


def test_a_stream_that_goes_on_counts_from_what_was_said() -> None:
    reader = GroundedReader(Plain(), Strict(), {}, length=100)
    _, notes, _ = read(reader.feed(chunk({"content": " It grew."}, "stop")))
    assert (notes[0]["url_citation"]["start_index"], notes[0]["url_citation"]["end_index"]) == (101, 109)


def test_where_nothing_is_left_it_says_so() -> None:
    telling = Telling(Strict())
    assert telling.feed("A lie. Another lie. And so on, a lie") == ("", [])
    assert telling.end() == (NOTHING_BORNE, [])


def test_a_whole_answer_is_checked_in_every_choice() -> None:
    message = {"role": "assistant", "content": TEXT}
    body = {"choices": [{"index": 0, "message": message}, {"index": 1, "message": {"content": None}}], "usage": {}}
    answer = Answer(json.dumps(body).encode(), None, "stop", TEXT)
    assert whole(Strict(), answer)["dropped"] == 1
    made = json.loads(answer.body)["choices"]
    assert made[0]["message"]["content"] == answer.text == TOLD
    assert len(made[0]["message"]["annotations"]) == 3
    assert made[1]["message"]["content"] is None
