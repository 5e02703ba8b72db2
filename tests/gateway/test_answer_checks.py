"""When a cascade goes on to the next deployment, and when it does not."""

import json
from typing import Any

import msgspec
import pytest

from outrider.base.ports import Answer
from outrider.gateway.answer_checks import CascadeRule, check, refuses
from outrider.gateway.surface.chat import parse_chat
from outrider.providers import openai
from tests.gateway.streams import body, event, events

ASKED = parse_chat(body())
JSON = parse_chat(body(response_format={"type": "json_object"}))
RULE = CascadeRule()


def answer(text: str | None, finish: str = "stop", **message: Any) -> Answer:
    said = {"role": "assistant", "content": text, **message}
    whole = {"choices": [{"index": 0, "message": said, "finish_reason": finish}]}
    return openai.decode("chat", 200, (), json.dumps(whole).encode())


CALL = {"tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}


def test_a_good_answer_stays() -> None:
    assert check(answer("The sea is blue."), ASKED, RULE) is None
    assert check(answer("{}"), JSON, RULE) is None


@pytest.mark.parametrize(
    ("given", "ground", "words"),
    [
        (answer("", "content_filter"), "refusal", "refused"),
        (answer(None, refusal="I can't do that."), "refusal", "refused"),
        (answer("I'm sorry, but I can't assist with that."), "refusal", "refused"),
        (answer("The sea", "length"), "length", "token limit"),
        (answer(" \n"), "empty", "empty"),
        (answer(None), "empty", "empty"),
    ],
)
def test_each_ground_is_one_that_can_be_left_out(given: Answer, ground: Any, words: str) -> None:
    assert words in str(check(given, ASKED, CascadeRule(escalate_on=(ground,))))
    others = tuple(g for g in RULE.escalate_on if g not in (ground, "empty"))
    assert check(given, ASKED, CascadeRule(escalate_on=others)) is None


def test_a_tool_call_is_an_answer() -> None:
    called = answer(None, "tool_calls", **CALL)
    assert check(called, JSON, CascadeRule(min_length=10)) is None


def test_json_must_be_json_and_fit() -> None:
    assert check(answer("Sure: {"), JSON, RULE) == "the answer is not JSON"
    assert check(answer("Sure: {"), ASKED, RULE) is None
    assert check(answer("{}"), JSON, RULE, misfit=lambda text: None) is None
    why = check(answer("{}"), JSON, RULE, misfit=lambda text: f"{text}: 'a' is missing")
    assert why == "the answer does not fit its schema: {}: 'a' is missing"
    assert check(answer("Sure: {"), JSON, CascadeRule(escalate_on=("empty",))) is None


def test_own_rules() -> None:
    assert check(answer("short"), ASKED, CascadeRule(min_length=6)) == "the answer has 5 characters, fewer than 6"
    unsure = CascadeRule(escalate_on=(), pattern=r"(?i)\bi (?:think|guess)\b")
    assert "matches" in str(check(answer("Well, I guess 4."), ASKED, unsure))
    assert check(answer("4."), ASKED, unsure) is None


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="not a regular expression"):
        msgspec.json.decode(b'{"pattern": "("}', type=CascadeRule)


def test_streams_are_looked_at_as_a_whole() -> None:
    blocks = [*events("one", [])[:1], event("one", {"refusal": "I "}), event("one", {"refusal": "can't"})]
    assert check(Answer(b"", None, "stop", ""), ASKED, RULE, blocks=blocks) == "the model refused"
    blocks = [event("one", CALL), event("one", {}, "tool_calls"), b": alive\n\n", b"data: [DONE]\n\n"]
    assert check(Answer(b"", None, "tool_calls", ""), ASKED, RULE, blocks=blocks) is None


REFUSALS = """\
I'm sorry, but I can't assist with that.
I’m sorry, but I can’t help with that request.
I'm sorry, I can't help with that.
Sorry, but I can't assist with that request.
I am sorry, but I cannot fulfill this request.
I cannot fulfill your request. I am just an AI, it is not within my programming to help with that.
I can't provide instructions on how to do that.
I cannot provide information or guidance on illegal or harmful activities.
I can't help with that. Is there something else I can do for you?
I won't help with creating content of that kind.
I will not write that.
I must decline to answer this.
I'm not able to help with that request.
I am unable to assist with this.
I'm unable to provide that information.
I apologize, but I cannot provide that.
I apologize, but I will not produce content of that nature.
My apologies, but I'm unable to comply.
As an AI language model, I cannot engage in this conversation.
As an AI language model, I don't have personal opinions on this.
As a responsible assistant I am sorry.
Unfortunately, I cannot assist with that.
Sorry, I can’t generate that image.
I'm sorry, but as an AI assistant, I cannot do that.
I'm really sorry, but I can't continue this conversation.
I can’t discuss that topic.
I'm not comfortable writing about this.
I am not comfortable with helping you do this.
This request violates our usage policies.
I'm sorry, that's not something I can help with.
I cannot create explicit content.
I'm sorry, but this content may violate our policies.""".splitlines()
ANSWERS = """\
I'm sorry for your loss. Grief takes time.
Sorry for the confusion! The capital is Canberra.
I apologize for the mistake; the sum is 12.
I can't find the word "sea" in the text.
I cannot stress enough how important backups are.
I can help with that.
Sorry, the meeting is at five, not at four.
"I can't help you," said the wolf, "but the fox can."
Unfortunately, the train leaves at nine.
Unfortunately, I do not see an error in line 4.
As an AI researcher, she published ten papers.
As an airline, we fly to forty cities.
The error "I cannot connect" means that the port is closed.
You can't assist with that unless you are an admin.
I won the race.
I will notify you when it is done.
I am able to help with that: here are the steps.
I'm comfortable with either option.
I'm not comfortable in crowds, and neither is she.
The request violates no rule.
We cannot divide by zero, so the limit is taken.
No, I do not think so.
I cannot say for certain, but the answer is most likely 42.
I can't believe it worked! Here is the output.
Sorry? Could you repeat the question?
I'm sorry to hear that. First, restart the router.
Help is on its way.
I don't know.
It cannot be done in less than O(n log n).
Request denied is what HTTP 403 means.
Declining numerals are rare in English.""".splitlines()


def test_how_refusals_begin() -> None:
    """Of the words that models of several makers use all but one, and of ordinary answers none."""
    assert [text for text in REFUSALS if not refuses(text)] == ["As a responsible assistant I am sorry."]
    assert [text for text in ANSWERS if refuses(text)] == []


def test_a_long_answer_that_begins_with_an_apology_is_an_answer() -> None:
    assert not refuses("I'm sorry, but I can't open the link. " + "Here is what I know about it. " * 30)
