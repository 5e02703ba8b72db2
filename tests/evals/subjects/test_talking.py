"""A conversation with a subject: turns, results of tools, and what comes of both together."""

from typing import Any

from outrider.evals.records import Call, Case, Outcome, Variant
from outrider.evals.subjects.talking import Talking
from tests.evals.conftest import House

NOW = Variant("now", "m")


class Played:
    """Gives the outcomes it was given, and remembers what it was asked."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes, self.asked, self.closed = list(outcomes), list[tuple[Case, str]](), False

    async def ask(self, case: Case, variant: Variant, again: str) -> Outcome:
        self.asked.append((case, again))
        return self.outcomes.pop(0)

    async def close(self) -> None:
        self.closed = True


def talking(**talk: Any) -> Case:
    return Case("c", {"messages": [{"role": "user", "content": "one"}], "seed": 7}, context={"talk": talk, "x": 1})


async def test_a_case_without_talk_is_asked_as_it_is() -> None:
    played = Played(Outcome(text="a"))
    case = Case("c", "hello")
    assert (await Talking(played).ask(case, NOW, "k")).text == "a"
    assert played.asked == [(case, "k")]
    await Talking(played).close()
    assert played.closed


async def test_each_turn_is_answered_before_the_next() -> None:
    played = Played(Outcome(text="a", cost=3, run="r1"), Outcome(text="b", cost=4, run="r2", tokens=(5, 6)))
    found = await Talking(played).ask(talking(turns=["two"]), NOW, "k")
    assert (found.text, found.cost, found.tokens, found.about["runs"]) == ("b", 7, (5, 6), ["r1", "r2"])
    assert [step["text"] for step in found.steps] == ["a", "b"]
    assert [again for _, again in played.asked] == ["k", "k-t1"]
    last = played.asked[1][0]
    assert [one["content"] for one in last.messages()] == ["one", "a", "two"]
    assert (last.fields(), dict(last.context)) == ({"seed": 7}, {"x": 1})


async def test_tools_answer_as_often_as_they_may() -> None:
    call = [Call("read", {"n": 1})]
    played = Played(*(Outcome(calls=call) for _ in range(3)))
    found = await Talking(played).ask(talking(tools={"read": "text"}, steps=2), NOW, "k")
    assert len(found.calls) == 3
    results = [one for one in played.asked[2][0].messages() if one["role"] == "tool"]
    assert [one["content"] for one in results] == ["text", "text"]
    assert len({one["tool_call_id"] for one in results}) == 2


async def test_a_call_that_nobody_answers_ends_the_steps() -> None:
    played = Played(Outcome(calls=[Call("read"), Call("send")]), Outcome(text="b"))
    found = await Talking(played).ask(talking(tools={"read": "text"}, steps=4, turns=["two"]), NOW, "k")
    assert [one.tool for one in found.calls] == ["read", "send"]
    assert played.asked[1][0].messages()[1] == {"role": "assistant", "content": "[calls a tool]"}


async def test_an_error_ends_it() -> None:
    played = Played(Outcome(text="a"), Outcome("error", error="HTTP 400: no"))
    found = await Talking(played).ask(talking(turns=["two", "three"]), NOW, "k")
    assert (found.status, found.error, len(found.steps)) == ("error", "HTTP 400: no", 2)


async def test_a_conversation_that_is_held_again_is_not_paid_again(house: House) -> None:
    variant = Variant("now", "scripted/scripted-chat")
    case = Case("c", "scripted:text=first", context={"talk": {"turns": ["scripted:text=second"]}})
    for _ in range(2):
        subject = Talking(house.opens()(variant))
        assert (await subject.ask(case, variant, "key")).text == "second"
        await subject.close()
    assert house.provider.counts["chat"] == 2
