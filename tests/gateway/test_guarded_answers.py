"""A stream's text and calls: in whatever pieces they come, the same goes on."""

import contextlib
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.base.ports import Answer
from outrider.base.sse import SSESplitter, payload
from outrider.gateway.guarded_answers import GuardedReader, Spoken, whole
from outrider.guardrails import Context, Rule, Rules
from outrider.guardrails.way.asking import Waiter
from outrider.guardrails.way.placeholders import Book

RULES = Rules({"mail": Rule("pii", at=("output", "tool_args"), do="redact", options={"only": ["email"]})})
TEXTS = ["Hello <PERSON_1>. ", "Mail x@example.com now. ", "word ", "<", "https://e.test/<PERSON_1> ", "\n", "é"]


class Plain:
    """A dialect's reader that changes nothing."""

    done = False

    def feed(self, event: bytes) -> bytes:
        return event

    def close(self, blocks: Sequence[bytes]) -> Answer:
        return Answer(b"", None, "stop")


def spoken(rules: Rules = RULES) -> Spoken:
    book = Book()
    book.cover("person", "Zoe")
    return Spoken(rules, Context(given=("to zoe@known.test",)), book, escaped=False).begin()


def event(**delta: Any) -> bytes:
    reason = delta.pop("reason", None)
    said = {"id": "1", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
    return b"data: %b\n\n" % json.dumps(said).encode()


def streamed(text: str, cuts: list[int]) -> str:
    reader, out, last = GuardedReader(Plain(), spoken()), b"", 0
    for cut in [*sorted(c % (len(text) + 1) for c in cuts), len(text)]:
        out += reader.feed(event(content=text[last:cut]))
        last = cut
    out += reader.feed(event(reason="stop")) + reader.feed(b"data: [DONE]\n\n")
    return "".join(d.get("content", "") for d in deltas(out))


def deltas(out: bytes) -> list[dict[str, Any]]:
    said = [payload(one) for one in SSESplitter().feed(out)]
    return [c["delta"] for one in said if one != b"[DONE]" for c in json.loads(one)["choices"]]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(TEXTS), max_size=10).map("".join), st.lists(st.integers(0, 400), max_size=9))
def test_any_cutting_gives_what_the_whole_answer_gives(text: str, cuts: list[int]) -> None:
    answer = Answer(json.dumps({"choices": [{"message": {"content": text}}]}).encode(), None, "stop")
    whole(answer, spoken())
    assert streamed(text, cuts) == answer.text


def call(reader: GuardedReader, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    text, out = json.dumps(arguments), b""
    first = {"index": 0, "id": "c", "type": "function", "function": {"name": "send", "arguments": text[:5]}}
    out += reader.feed(event(tool_calls=[first]))
    for at in range(5, len(text), 3):
        out += reader.feed(event(tool_calls=[{"index": 0, "function": {"arguments": text[at : at + 3]}}]))
    assert b"send" not in out  # nothing of a call goes on before it is complete
    out += reader.feed(event(reason="tool_calls"))
    return [one for delta in deltas(out) for one in delta.get("tool_calls", ())]


def test_a_call_is_checked_and_restored_when_it_is_complete() -> None:
    (made,) = call(GuardedReader(Plain(), spoken()), {"note": "x@example.com", "who": "<PERSON_1>"})
    assert made["id"] == "c"
    assert json.loads(made["function"]["arguments"]) == {"note": "[EMAIL]", "who": "Zoe"}


def test_a_call_with_a_foreign_aim_is_not_restored() -> None:
    (made,) = call(GuardedReader(Plain(), spoken()), {"url": "https://evil.test/", "who": "<PERSON_1>"})
    assert json.loads(made["function"]["arguments"])["who"] == "<PERSON_1>"


def test_what_is_blocked_ends_the_stream() -> None:
    rules = Rules({"mail": Rule("pii", at=("output",), do="block", options={"only": ["email"]})})
    reader = GuardedReader(Plain(), spoken(rules))
    out = reader.feed(event(content="Fine. Write to x@example.com, and so on and on and on. Then more.\n"))
    assert "".join(d.get("content", "") for d in deltas(out)) == "Fine. Write to "
    assert not reader.done
    assert reader.feed(event(content="more")) == b""
    assert reader.done
    with pytest.raises(RequestError, match="guardrail"):
        reader.close([])


def test_calls_whose_pieces_come_by_turns_are_checked_whole() -> None:
    reader, out = GuardedReader(Plain(), spoken()), b""
    pieces = [(0, '{"note": "x@exa'), (1, '{"note": "y@exa'), (0, 'mple.com"}'), (1, 'mple.org"}')]
    for at, piece in pieces:
        named = {"name": "send", "arguments": piece} if "{" in piece else {"arguments": piece}
        out += reader.feed(event(tool_calls=[{"index": at, "function": named}]))
    assert b"send" not in out
    out += reader.feed(event(reason="tool_calls"))
    made = [one for delta in deltas(out) for one in delta.get("tool_calls", ())]
    assert [(one["index"], one["function"]["arguments"]) for one in made] == [
        (0, '{"note":"[EMAIL]"}'), (1, '{"note":"[EMAIL]"}')
    ]  # fmt: skip


def test_a_call_in_the_old_form_is_checked_in_a_stream_too() -> None:
    reader = GuardedReader(Plain(), spoken())
    out = reader.feed(event(function_call={"name": "send", "arguments": '{"note": "x@exa'}))
    out += reader.feed(event(function_call={"arguments": 'mple.com"}'}))
    assert b"send" not in out
    out += reader.feed(event(reason="function_call"))
    (made,) = [delta["function_call"] for delta in deltas(out) if "function_call" in delta]
    assert (made["name"], json.loads(made["arguments"])) == ("send", {"note": "[EMAIL]"})


def test_a_call_in_the_old_form_is_refused_in_a_stream_too() -> None:
    rules = Rules({"mail": Rule("pii", at=("tool_args",), do="block", options={"only": ["email"]})})
    reader = GuardedReader(Plain(), spoken(rules))
    out = reader.feed(event(function_call={"name": "send", "arguments": '{"note": "x@example.com"}'}))
    out += reader.feed(event(reason="function_call"))
    assert b"example" not in out
    with pytest.raises(RequestError, match="guardrail"):
        reader.close([])


def test_what_no_time_is_left_for_counts_as_unasked(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "a.db")) as made:
        made.execute("CREATE TABLE t (a int)")
    options = {"database": f"sqlite:///{tmp_path / 'a.db'}", "most_cost": 5}
    rules = Rules({"q": Rule("sql", at=("tool_args",), tools=("run",), do="block", options=options)})
    for deadline, passes in ((clock.mono_ns() + 10**12, True), (clock.mono_ns() - 1, False)):
        reader = GuardedReader(Plain(), spoken(rules))
        query = {"index": 0, "function": {"name": "run", "arguments": '{"q": "select a from t"}'}}
        assert reader.feed(event(tool_calls=[query])) + reader.feed(event(reason="tool_calls")) == b""
        assert reader.waits
        reader.ask(Waiter(deadline))
        assert (b"select a from t" in reader.feed(b"")) == passes
        if not passes:
            with pytest.raises(RequestError, match="sql: unasked"):
                reader.close([])
