"""A cheap answer is looked at before the caller sees it; a dearer model is asked if it is not good enough."""

import json
from typing import Any

import pytest

from outrider.base.errors import RequestError, UpstreamError
from outrider.base.usage import Price
from outrider.gateway import receive
from outrider.gateway.answer_checks import CascadeRule
from outrider.gateway.attempts import Attempts, NoAnswer
from outrider.gateway.call import Call
from outrider.gateway.guarded import Guards
from outrider.gateway.patience import Watch
from outrider.gateway.structured import Rules, wanted
from outrider.guardrails import Rule as Guardrail
from outrider.guardrails import Rules as Guardrails
from outrider.limits.board import Board
from outrider.limits.vitals import Vitals
from outrider.testing import ScriptedProvider
from tests.gateway.calls import call, client, deployment, route

RULE = CascadeRule()
GOOD = "scripted:text=Paris it is"
BAD = {
    "scripted:text=I'm sorry, but I can't help with that.": "the model refused",
    "scripted:text= ": "the answer is empty",
    "scripted:finish=length,text=It is": "the answer was cut off by its token limit",
}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FORM = {"response_format": {"type": "json_schema", "json_schema": {"name": "c", "schema": SCHEMA}}}


def asked(*models: str, stream: bool = False, fields: Any = None, **rules: Any) -> Call:
    """A call of the user's `hello` to deployments that answer as the commands in their names say."""
    ways = [deployment(f"d{i}", ScriptedProvider(), model) for i, model in enumerate(models)]
    made = call("hello", route(*ways, **{"cascade": RULE, **rules}), stream=stream, fields=fields)
    made.want = wanted(made.request, Rules(0))
    return made


async def answer(made: Call) -> str:
    """What the client gets, by the stage `call` and the answer's end."""
    attempts = Attempts(Watch(), lambda deployment, at, size: Price(1000, 1000), Vitals(Board()))
    found = await attempts.ask(made, receive.relay if made.stream else receive.collect)
    if not made.stream:
        return found.text
    made.exchange.end(made.held)
    return said(made)


def said(made: Call) -> str:
    """The text of the events that the client got, and that they are one whole stream, recorded as it was sent."""
    received = b"".join(client(made).received)
    assert client(made).status == 200
    assert received == b"".join(made.blocks)
    events = [line[6:] for line in received.decode().split("\n") if line.startswith("data: ")]
    chunks = [json.loads(event) for event in events if event != "[DONE]"]
    assert len({chunk["id"] for chunk in chunks}) == 1
    return "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"])


def names(made: Call) -> list[str]:
    return [f"{step.name.partition('/')[0]} {step.status}" for step in made.steps]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_good_cheap_answer_is_the_answer(stream: bool) -> None:
    made = asked(GOOD, "scripted:text=never", stream=stream)
    assert await answer(made) == "Paris it is"
    assert names(made) == ["d0 ok"]
    assert "escalated" not in made.why


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("bad", BAD)
async def test_a_bad_one_is_never_seen_and_is_paid_for(bad: str, stream: bool) -> None:
    made = asked(bad, GOOD, stream=stream)
    assert await answer(made) == "Paris it is"
    assert names(made) == ["d0 ok", "d1 ok"]
    assert made.steps[0].attrs["escalated"] == BAD[bad]
    assert f"escalated: {BAD[bad]}" in made.why
    assert made.cost == made.steps[0].cost + made.steps[1].cost
    assert made.steps[0].cost > 0
    assert made.deployment is not None
    assert made.deployment.provider == "d1"


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_that_misses_its_schema_goes_on(stream: bool) -> None:
    made = asked('scripted:text={"town": "Paris"}', 'scripted:text={"city": "Paris"}', stream=stream, fields=FORM)
    assert await answer(made) == '{"city": "Paris"}'
    assert made.steps[0].attrs["escalated"] == "the answer does not fit its schema: the whole answer (required)"


async def test_json_without_a_schema_must_be_json() -> None:
    loose = {"response_format": {"type": "json_object"}}
    made = asked("scripted:text=Paris", 'scripted:text={"a": 1}', fields=loose)
    made.want = None  # a route that does not hold answers to their form
    assert await answer(made) == '{"a": 1}'
    assert made.steps[0].attrs["escalated"] == "the answer is not JSON"


async def test_only_what_the_rule_names_counts() -> None:
    made = asked(next(iter(BAD)), GOOD, cascade=CascadeRule(escalate_on=("length",)))
    assert (await answer(made)).startswith("I'm sorry")


async def test_the_last_one_is_not_looked_at_and_streams_at_once() -> None:
    refusal = next(iter(BAD))
    made = asked(refusal, refusal, stream=True)
    assert (await answer(made)).startswith("I'm sorry")
    assert names(made) == ["d0 ok", "d1 ok"]
    assert made.ttft > 0


@pytest.mark.parametrize("stream", [False, True])
async def test_a_weak_answer_is_kept_for_the_case_that_nobody_gives_a_better_one(stream: bool) -> None:
    made = asked("scripted:text=I cannot help with that", "scripted:status=503", stream=stream)
    assert await answer(made) == "I cannot help with that"
    assert names(made) == ["d0 ok", "d1 error"]
    assert made.why.endswith("nobody gave a better answer")
    assert made.deployment is not None
    assert made.deployment.provider == "d0"


async def test_of_several_weak_answers_the_last_is_kept() -> None:
    made = asked("scripted:text= ", "scripted:text=I cannot help you", "scripted:status=503")
    assert await answer(made) == "I cannot help you"


async def test_a_weak_answer_to_a_form_is_judged_by_itself() -> None:
    """What watched the stream of the better model, which broke off, says nothing about the answer that is kept."""
    weak = 'scripted:text={"town": "Paris"}'
    made = asked(weak, "scripted:status=503", stream=True, fields=FORM)
    attempts = Attempts(Watch(), lambda deployment, at, size: None, Vitals(Board()))
    assert made.want is not None
    kept = await attempts.ask(made, receive.relay)
    verdict = made.want.watcher.verdict(kept, made.outgoing, left=0)
    assert verdict.answer is None
    assert verdict.flaws


@pytest.mark.parametrize("stream", [False, True])
async def test_failures_go_on_as_they_always_do(stream: bool) -> None:
    made = asked("scripted:status=503", GOOD, stream=stream)
    assert await answer(made) == "Paris it is"
    made = asked("scripted:status=503", "scripted:status=500", stream=stream)
    with pytest.raises(NoAnswer) as caught:
        await answer(made)
    assert isinstance(caught.value.last, UpstreamError)
    assert not client(made).received


async def test_of_a_gathered_stream_that_broke_nothing_is_sent_or_kept() -> None:
    made = asked("scripted:chunks=6,cut=3", GOOD, stream=True)
    assert await answer(made) == "Paris it is"
    assert names(made) == ["d0 error", "d1 ok"]
    assert made.steps[0].usage is not None  # what had arrived is paid for


async def test_a_better_model_that_breaks_after_it_was_heard_is_not_followed_by_the_weak_answer() -> None:
    made = asked("scripted:text=I cannot help with that", "scripted:chunks=6,cut=3", stream=True)
    with pytest.raises(NoAnswer):
        await answer(made)
    assert b"cannot help" not in b"".join(client(made).received)


async def test_a_stream_without_an_end_mark_keeps_its_last_words() -> None:
    made = asked("scripted:no-done,text=Paris it is", "scripted:text=never", stream=True)
    assert await answer(made) == "Paris it is"
    made = asked("scripted:no-done,text=I cannot help you", "scripted:status=503", stream=True)
    assert await answer(made) == "I cannot help you"


async def test_one_deployment_alone_is_no_cascade() -> None:
    made = asked("scripted:text= ", stream=True)
    assert await answer(made) == " "


AGREE = CascadeRule(samples=3, agreement=0.6)


@pytest.mark.parametrize("stream", [False, True])
async def test_answers_that_contradict_each_other_are_not_believed(stream: bool) -> None:
    made = asked("scripted:differ=1,text=It is Lyon", GOOD, stream=stream, cascade=AGREE)
    assert await answer(made) == "Paris it is"
    assert made.steps[0].attrs["escalated"] == "the 3 answers of the model agree only by 0%"
    assert "n" not in json.loads(made.outgoing)


@pytest.mark.parametrize("stream", [False, True])
async def test_the_answer_that_most_agree_on_is_given(stream: bool) -> None:
    made = asked(
        "scripted:differ=2,text=It is Lyon", GOOD, stream=stream, cascade=CascadeRule(samples=3, agreement=0.3)
    )
    assert await answer(made) == "It is Lyon"
    assert [step.name for step in made.steps] == ["d0/scripted:differ=2,text=It is Lyon"]
    assert made.steps[0].attrs["agreement"] == 0.333
    if not stream:
        assert made.usage is not None


async def test_the_last_model_is_asked_for_one_answer() -> None:
    made = asked("scripted:status=400", "scripted:echo", cascade=AGREE, fields={"n": None})
    with pytest.raises(NoAnswer):
        await answer(made)
    made = asked("scripted:differ=1,text=It is Lyon", "scripted:echo", cascade=AGREE)
    assert "n" not in json.loads(await answer(made))


async def test_who_wants_several_answers_gets_them_as_they_are() -> None:
    made = asked("scripted:differ=1,text=It is Lyon", GOOD, cascade=AGREE, fields={"n": 2})
    assert await answer(made) == "It is Lyon"


LEAK = "scripted:text=The key is sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123 ok"


async def guarded(do: str, *models: str, **how: Any) -> Call:
    """A call whose answers are searched for secrets."""
    made = asked(*models, **how)
    rules = Guardrails({"secrets": Guardrail("secrets", at=("output",), do=do)})  # type: ignore[arg-type]
    assert Guards(lambda: rules).begin(made)
    await made.guarded.hear(made)
    return made


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("do", "why"), [("block", "a guardrail refused the answer"), ("flag", "a guardrail found ")])
async def test_an_answer_that_a_guardrail_objects_to_goes_on(do: str, why: str, stream: bool) -> None:
    made = await guarded(do, LEAK, GOOD, stream=stream)
    assert await answer(made) == "Paris it is"
    assert [step.name.partition("/")[0] for step in made.steps] == ["d0", "d1"]
    assert made.steps[0].attrs["escalated"].startswith(why)
    assert f"escalated: {why}" in made.why
    made.guarded.close(made)
    assert made.guarded.counted == []  # nothing was found in what the caller got


async def test_a_flagged_answer_is_better_than_a_refused_one_or_none() -> None:
    made = await guarded("flag", LEAK, "scripted:status=500", retries=0)
    assert (await answer(made)).startswith("The key is")
    made.guarded.close(made)
    assert [act for _, _, act in made.guarded.counted] == ["flag"]


async def test_when_all_are_refused_the_caller_is_told_so() -> None:
    made = await guarded("block", LEAK, LEAK)
    with pytest.raises((NoAnswer, RequestError)) as caught:
        await answer(made)
    error = caught.value.last if isinstance(caught.value, NoAnswer) else caught.value
    assert error.code == "guardrail_blocked"
    assert len(made.steps) == 2


@pytest.mark.parametrize("do", ["block", "flag"])
async def test_guardrails_count_only_where_the_rule_says_so(do: str) -> None:
    made = await guarded(do, LEAK, GOOD, cascade=CascadeRule(escalate_on=("length",)))
    if do == "flag":
        assert (await answer(made)).startswith("The key is")
    else:
        with pytest.raises(RequestError, match="a guardrail refuses the answer"):
            await answer(made)


async def test_what_is_redacted_is_mended() -> None:
    made = await guarded("redact", LEAK, GOOD)
    assert "sk-ant" not in await answer(made)
    assert len(made.steps) == 1
