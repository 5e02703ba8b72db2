"""A route as a subject: what it is asked, and what is made of every kind of answer."""

import asyncio

from outrider.evals.records import Call, Case, Outcome, Variant
from outrider.evals.subjects.route import request, text_of
from tests.evals.conftest import House

NOW = Variant("now", "scripted/scripted-chat")


def asked(house: House, *cases: Case, variant: Variant = NOW) -> list[Outcome]:
    async def ask() -> list[Outcome]:
        subject = house.opens(("eval:x",))(variant)
        try:
            return [await subject.ask(case, variant, f"again-{case.id}") for case in cases]
        finally:
            await subject.close()

    return asyncio.run(ask())


def test_what_an_answer_is(house: House) -> None:
    plain, call, half, wrong = asked(
        house,
        Case("a", "scripted:text=hello"),
        Case("b", {"messages": [{"role": "user", "content": "scripted:tool=look"}],
                   "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]}),
        Case("c", "scripted:malformed"),
        Case("d", {"messages": [{"role": "user", "content": "x"}], "temperature": "warm"}),
    )  # fmt: skip
    assert (plain.status, plain.text, plain.finish) == ("ok", "hello", "stop")
    assert plain.run
    assert plain.cost > 0
    assert plain.tokens[1] > 0
    assert call.calls == [Call("look", {})]
    assert half.status == "error"
    assert wrong.error.startswith("HTTP 4")


def test_the_same_question_again_is_not_paid_again(house: House) -> None:
    first, second = asked(house, Case("a", "scripted:text=hello"), Case("a", "scripted:text=hello"))
    assert (first.text, second.text) == ("hello", "hello")
    assert house.provider.counts["chat"] == 1


def test_nobody_there_is_an_outcome() -> None:
    from outrider.evals.subjects.route import RouteSubject

    async def ask() -> Outcome:
        return await RouteSubject("http://127.0.0.1:9", dict).ask(Case("a", "x"), NOW, "k")

    found = asyncio.run(ask())
    assert found.status == "error"
    assert "cannot connect" in found.error


def test_a_prompt_takes_the_place_of_the_cases_own() -> None:
    case = Case("a", [{"role": "system", "content": "old"}, {"role": "user", "content": "hi"}], context={"name": "Ada"})
    made = request(case, Variant("v", "m", {"temperature": 0}, "You help {name}."))
    assert made == {
        "model": "m", "temperature": 0,
        "messages": [{"role": "system", "content": "You help Ada."}, {"role": "user", "content": "hi"}],
    }  # fmt: skip
    assert request(case, Variant("v", "m"))["messages"][0]["content"] == "old"


def test_a_prompt_that_asks_for_too_much_is_an_outcome(house: House) -> None:
    (found,) = asked(house, Case("a", "x"), variant=Variant("v", "scripted/scripted-chat", prompt="{missing}"))
    assert "names a field that the case lacks: 'missing'" in found.error


def test_text_comes_in_two_forms() -> None:
    assert text_of("a") == "a"
    assert text_of([{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]) == "ab"
    assert text_of(None) == ""


def test_what_an_attack_is_after_stands_behind_every_prompt() -> None:
    case = Case(
        "a", [{"role": "system", "content": "old"}, {"role": "user", "content": "hi"}], context={"plant": "It: x"}
    )
    assert request(case, Variant("v", "m", prompt="New."))["messages"][0]["content"] == "New.\n\nIt: x"
    assert request(case, Variant("v", "m"))["messages"][0]["content"] == "old", "it is the case's own"
