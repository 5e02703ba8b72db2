"""Streamed answers held to their form, event by event."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from outrider.base.errors import UpstreamError
from outrider.base.ports import Answer
from outrider.gateway.structured import Rules, StructuredReader, Verdict, Wanted, watch
from outrider.gateway.structured.schema import parse
from outrider.providers import openai
from tests.gateway.test_structured import BODY, GOOD, request, want
from tests.gateway.test_structured_repair import CONTAINERS, VALUES, written

DONE = b"data: [DONE]\n\n"
ANYTHING = request({"type": ["object", "array"]})


def chunk(delta: Any, finish: str | None = None, index: int = 0, **more: Any) -> bytes:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"id": "1", "vendor": 1.50, "choices": [choice], **more}).encode() + b"\n\n"


def events(*pieces: str, finish: str | None = "stop", index: int = 0) -> list[bytes]:
    head, tail = chunk({"role": "assistant", "content": ""}, None, index), chunk({}, finish, index)
    return [head, *(chunk({"content": piece}, None, index) for piece in pieces), tail]


def cut(text: str, size: int = 3) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]


class Streamed:
    """What became of a stream: the bytes passed on, their text by choice, and the verdict."""

    def __init__(self, stream: Sequence[bytes], wanted: Wanted) -> None:
        reader = watch(wanted, openai.reader(wants_usage=False))
        self.pieces = [reader.feed(event) for event in stream]
        self.out = b"".join(self.pieces)
        self.verdict = finished(reader, [piece for piece in self.pieces if piece])
        self.texts: dict[int, str] = {}
        self.finishes: list[str] = []
        for said in self.out.split(b"\n\n"):
            if said and said != DONE.strip():
                for choice in json.loads(said[6:])["choices"]:
                    content = choice["delta"].get("content")
                    if content:
                        self.texts[choice["index"]] = self.texts.get(choice["index"], "") + content
                    self.finishes += [choice["finish_reason"]] if choice["finish_reason"] else []

    @property
    def text(self) -> str:
        return self.texts.get(0, "")


def finished(reader: StructuredReader, blocks: Sequence[bytes]) -> Verdict:
    return reader.verdict(reader.close(blocks), BODY, left=0)


def streamed(text: str, body: bytes = BODY, **how: Any) -> Streamed:
    return Streamed([*events(*cut(text), **how), DONE], want(body))


# -- nothing to do ----------------------------------------------------------------------------------------------------


@given(VALUES, st.integers(1, 9), st.sampled_from(["", "\n", "  "]), st.sampled_from([None, 2]))
def test_what_fits_streams_byte_for_byte(value: Any, size: int, blank: str, indent: int | None) -> None:
    text = blank + written(value, indent) + blank
    stream = [*events(*cut(text, size)), DONE]
    found = Streamed(stream, want(request({})))
    assert found.out == b"".join(stream)
    assert found.verdict.result == "valid"
    if isinstance(value, dict | list):
        assert Streamed(stream, want(ANYTHING)).out == b"".join(stream)


def test_chunks_go_on_as_they_come() -> None:
    stream = [*events(*cut(GOOD)), DONE]
    pieces = Streamed(stream, want()).pieces
    assert pieces == [b"", stream[0] + stream[1], *stream[2:]]  # the role waits for the first text
    reader = watch(want(), openai.reader(wants_usage=False))
    comment = b": keep-alive\n\n"
    assert reader.feed(comment) == comment


# -- repairs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    "around",
    [
        "```json\n{}\n```",
        "Sure! Here it is:\n```\n{}\n```\nHope this helps.",
        "Use {this}, not { that }: {}",
        '<think>I might say {"city": 1}.</think>\n{}',
        "{}}}",
        "{} // done",
    ],
)
def test_what_stands_around_is_left_out(around: str, size: int) -> None:
    text = around.replace("{}", GOOD, 1)
    found = Streamed([*events(*cut(text, size)), DONE], want())
    assert found.text.strip() == GOOD
    assert found.verdict.result == "repaired"
    assert found.finishes == ["stop"]
    assert found.out.endswith(DONE)


def test_unknown_fields_survive_a_rewritten_chunk() -> None:
    stream = [chunk({"content": "``` " + GOOD, "x": {"y": 1}}, z=[1]), chunk({}, "stop"), DONE]
    found = Streamed(stream, want())
    first = json.loads(found.pieces[0][6:])
    assert first["z"] == [1]
    assert first["vendor"] == 1.5
    assert first["choices"][0]["delta"] == {"content": GOOD, "x": {"y": 1}}


@given(CONTAINERS, st.data())
@example([1, 23], None)
def test_a_cut_answer_is_continued_to_something_valid_or_ends_in_an_error(value: Any, choice: Any) -> None:
    text = written(value)
    prefix = text[: choice.draw(st.integers(0, len(text))) if choice is not None else 5]
    found = streamed(prefix, ANYTHING)
    if found.verdict.result == "failed":
        assert found.finishes == []
        assert DONE not in found.out
        assert found.text == prefix
    else:
        assert found.text.startswith(prefix)
        assert set(found.text[len(prefix) :]) <= {"]", "}"}
        parse(found.text)
        assert found.finishes == ["stop"]


def test_missing_brackets_come_before_the_finish_chunk() -> None:
    found = streamed(GOOD[:-1].replace("3", '3, "note": "x"'), request({"type": "object"}))
    assert found.text.endswith('"x"}')
    *_, added, _ = found.out.split(DONE)[0].rstrip().split(b"\n\n")
    assert json.loads(added[6:])["choices"] == [{"index": 0, "delta": {"content": "}"}, "finish_reason": None}]
    assert found.verdict.answer is not None
    assert found.verdict.answer.text == found.text


def test_missing_brackets_with_the_last_text_in_the_finish_chunk() -> None:
    stream = [chunk({"role": "assistant", "content": '{"a": '}), chunk({"content": '["x"'}, "stop"), DONE]
    found = Streamed(stream, want(ANYTHING))
    assert found.text == '{"a": ["x"]}'
    assert found.finishes == ["stop"]


def test_missing_brackets_of_a_stream_without_a_reason_to_end() -> None:
    stream = [*events('{"a": "x"')[:-1], DONE]
    found = Streamed(stream, want(ANYTHING))
    assert found.text == '{"a": "x"}'
    assert found.out.endswith(DONE)


# -- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "passed", "place"),
    [
        ('{"city": "Rome", "days": "three"}', None, "days (type)"),
        ('{"city": "Rome", "days": 3', None, "the whole answer (syntax)"),  # 3 of 30?
        ("{'city': 'Rome', 'days': 3}", None, "the whole answer (syntax)"),  # has gone out as it is
        (f"{GOOD} {GOOD}", f"{GOOD} ", "the whole answer (syntax)"),
        ("I would rather not.", "", "the whole answer (syntax)"),
        ("", "", "the whole answer (syntax)"),
    ],
)
def test_a_misfit_has_no_end(text: str, passed: str | None, place: str) -> None:
    found = streamed(text)
    assert found.text.strip() == (text if passed is None else passed).strip()
    assert found.finishes == []
    assert DONE not in found.out
    assert found.verdict.attrs == {"result": "failed", "errors": [place]}
    assert found.verdict.flaws


def test_a_misfit_of_which_nothing_was_sent_can_be_asked_again() -> None:
    reader = watch(want(), openai.reader(wants_usage=False))
    out = [reader.feed(event) for event in [*events("I would ", "rather not."), DONE]]
    assert b"".join(out) == b""
    verdict = reader.verdict(reader.close([]), BODY, left=1)
    assert verdict.result == "re-asked"
    assert verdict.again is not None
    assert json.loads(verdict.again)["messages"][1] == {"role": "assistant", "content": "I would rather not."}


def test_without_repair_nothing_is_left_out_or_added() -> None:
    text = f"```\n{GOOD}\n```"
    found = Streamed([*events(*cut(text)), DONE], want(rules=Rules(repair=False)))
    assert (found.text, found.verdict.result) == (text, "failed")


def test_a_broken_stream_is_the_readers_to_tell() -> None:
    reader = watch(want(), openai.reader(wants_usage=False))
    blocks = [out for event in events(*cut(GOOD))[:-1] if (out := reader.feed(event))]
    with pytest.raises(UpstreamError, match="end mark"):
        reader.close(blocks)
    reader = watch(want(), openai.reader(wants_usage=False))
    reader.feed(events("x")[0])
    with pytest.raises(UpstreamError, match="broken JSON"):
        reader.feed(b'data: {"id"\n\n')
    odd = chunk({"content": GOOD}).replace(b'"index": 0', b'"index": "0"')
    assert reader.feed(odd).endswith(odd)  # not ours to understand


def test_a_misfit_without_an_end_mark_is_still_a_misfit() -> None:
    reader = watch(want(), openai.reader(wants_usage=False))
    blocks = [out for event in events(*cut('{"city": 1}')) if (out := reader.feed(event))]
    assert isinstance(reader.close(blocks), Answer)
    assert reader.verdict(reader.close(blocks), BODY, left=0).result == "failed"


# -- what is not meant to be JSON -------------------------------------------------------------------------------------

CALL = {"tool_calls": [{"index": 0, "id": "1", "function": {"name": "look", "arguments": "{}"}}]}


@pytest.mark.parametrize("before", ["", "Let me look {here}: "])
def test_a_call_of_tools_passes_with_the_words_before_it(before: str) -> None:
    stream = [chunk({"role": "assistant", "content": before}), chunk(CALL), chunk({}, "tool_calls"), DONE]
    found = Streamed(stream, want())
    assert found.text == before
    assert b'"look"' in found.out
    assert found.finishes == ["tool_calls"]
    assert found.verdict.result == "skipped"


def test_a_refusal_passes() -> None:
    stream = [chunk({"role": "assistant", "content": None}), chunk({"refusal": "No."}), chunk({}, "stop"), DONE]
    found = Streamed(stream, want())
    assert found.out == b"".join(stream)
    assert found.verdict.result == "skipped"


@pytest.mark.parametrize("finish", ["length", "content_filter"])
@pytest.mark.parametrize("text", ['{"city": "Ro', '{"city": "Rome"', "Well, I", ""])
def test_an_answer_that_was_cut_off_is_given_as_it_is(text: str, finish: str) -> None:
    """Brackets would make it look whole; its reason to end says that it is not."""
    found = streamed(text, finish=finish)
    assert (found.text, found.finishes, found.verdict.result) == (text, [finish], "skipped")


def test_thoughts_in_fields_of_their_own_are_not_held_up() -> None:
    thought = chunk({"role": "assistant", "content": "", "reasoning_content": "hm {"})
    stream = [thought, *events(GOOD)[1:], DONE]
    found = Streamed(stream, want())
    assert found.pieces[0] == thought
    assert found.out == b"".join(stream)


def test_content_in_parts_is_judged_as_it_went() -> None:
    parts = [{"type": "text", "text": GOOD}]
    stream = [chunk({"role": "assistant", "content": parts}), chunk({}, "stop"), DONE]
    reader = watch(want(), openai.reader(wants_usage=False))
    out = [reader.feed(event) for event in stream]
    assert b"".join(out) == b"".join(stream)
    assert finished(reader, [piece for piece in out if piece]).result == "valid"


# -- several choices, usage, and streams that go on elsewhere ---------------------------------------------------------


def test_each_choice_is_judged() -> None:
    zero, one = events(*cut(GOOD)), events(*cut(f"```\n{GOOD[:-1]}}}\n```"), index=1)
    usage = b'data: {"id":"1","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n'
    mixed = [event for pair in zip(zero, one, strict=False) for event in pair] + one[len(zero) :]
    found = Streamed([*mixed, usage, DONE], want())
    assert {index: text.strip() for index, text in found.texts.items()} == {0: GOOD, 1: GOOD}
    assert found.finishes == ["stop", "stop"]
    assert found.verdict.result == "repaired"
    bad = Streamed([*events(GOOD), *events("no", index=1), DONE], want())
    assert bad.finishes == ["stop"]
    assert bad.verdict.result == "failed"


def test_two_choices_in_one_chunk() -> None:
    both = [
        {"index": i, "delta": {"content": text}, "finish_reason": "stop"} for i, text in enumerate([GOOD, "x " + GOOD])
    ]
    found = Streamed([b"data: " + json.dumps({"id": "1", "choices": both}).encode() + b"\n\n", DONE], want())
    assert found.texts == {0: GOOD, 1: GOOD}
    assert found.verdict.result == "repaired"


def test_a_stream_that_goes_on_elsewhere_is_one_text() -> None:
    asked = want()
    first = watch(asked, openai.reader(wants_usage=False))
    early = [first.feed(event) for event in events("```\n", GOOD[:10])[:-1]]
    second = watch(asked, openai.reader(wants_usage=False), joined=True)
    assert second is first
    late = [second.feed(event) for event in [*events(GOOD[10:])[1:], DONE]]
    assert finished(second, [b"".join(early + late)]).result == "repaired"
    assert b"".join(late).endswith(DONE)


def test_a_stream_that_broke_before_any_text_begins_anew() -> None:
    asked = want()
    watch(asked, openai.reader(wants_usage=False)).feed(events("Well, ")[1])
    again = watch(asked, openai.reader(wants_usage=False), joined=True)
    out = [again.feed(event) for event in [*events(GOOD), DONE]]
    assert b"".join(out) == b"".join([*events(GOOD), DONE])
    assert finished(again, out).result == "valid"
    assert watch(asked, openai.reader(wants_usage=False)) is not again
