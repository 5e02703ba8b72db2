"""What is wanted, how deployments are told, and the verdict on whole answers."""

import json
from typing import Any

import pytest
from hypothesis import given

from outrider.base.errors import RequestError
from outrider.base.ports import Answer, Deployment, Facts
from outrider.gateway.structured import Rules, Verdict, Wanted, adapt, check, failure, judge, wanted
from outrider.gateway.structured.wanted import KEPT, _kept
from outrider.gateway.surface.chat import parse_chat
from outrider.testing import ScriptedProvider
from tests.gateway.test_structured_repair import VALUES, written

TRIP = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
GOOD = '{"city": "Rome", "days": 3}'


def request(schema: Any = TRIP, **fields: Any) -> bytes:
    form = {"type": "json_schema", "json_schema": {"name": "trip", "schema": schema}}
    said = {"model": "m", "messages": [{"role": "user", "content": "a trip"}], "response_format": form}
    return json.dumps({**said, **fields}).encode()


BODY = request()
JSON_MODE = request(response_format={"type": "json_object"})


def want(body: bytes = BODY, rules: Rules | None = Rules()) -> Wanted:  # noqa: B008 -- frozen
    found = wanted(parse_chat(body), rules)
    assert found is not None
    return found


def answer(*texts: Any, finish: str = "stop", **message: Any) -> Answer:
    choices = [
        {"index": i, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}, "x": 1.50}
        for i, text in enumerate(texts)
    ]
    body = json.dumps({"id": "1", "vendor": {"y": [1e400, 0.10]}, "choices": choices}).encode()
    return Answer(body.replace(b"Infinity", b"1e400"), None, finish, texts[0] if isinstance(texts[0], str) else "")


def contents(verdict: Verdict) -> list[Any]:
    assert verdict.answer is not None
    return [choice["message"]["content"] for choice in json.loads(verdict.answer.body)["choices"]]


# -- what is wanted ---------------------------------------------------------------------------------------------------


def test_nothing_is_wanted_without_a_form_or_where_the_route_does_not_care() -> None:
    assert wanted(parse_chat(request(response_format=None)), Rules()) is None
    assert wanted(parse_chat(request(response_format={"type": "text"})), Rules()) is None
    assert wanted(parse_chat(request(response_format={"type": "grammar", "grammar": "x"})), Rules()) is None
    assert wanted(parse_chat(BODY), None) is None


def test_a_schema_is_compiled_once() -> None:
    assert want().schema is want().schema
    for number in range(KEPT + 10):
        want(request({"type": "object", "title": f"t{number}"}))
    assert len(_kept) <= KEPT


def test_a_wrong_schema_is_the_callers() -> None:
    with pytest.raises(RequestError) as caught:
        want(request({"type": "object", "properties": {"a": {"type": "intger"}}}))
    assert caught.value.param == "response_format.json_schema.schema.properties.a.type"
    with pytest.raises(RequestError, match="expected an object, but got an array"):
        want(request([1]))


def test_a_schema_may_be_missing() -> None:
    found = want(request(response_format={"type": "json_schema", "json_schema": {"name": "x"}}))
    assert check(found, answer("[1]"), BODY, left=0).result == "valid"
    assert check(found, answer("nothing"), BODY, left=0).result == "failed"


# -- telling deployments ----------------------------------------------------------------------------------------------


def deployment(*forms: str, **facts: Any) -> Deployment:
    return Deployment("d", "p", "m", "openai", ScriptedProvider().transport(), {}, forms=forms, facts=Facts(**facts))


@pytest.mark.parametrize(
    ("body", "forms", "facts", "form"),
    [
        (BODY, ("json_schema", "json_object"), {}, "native"),
        (BODY, ("json_schema",), {"json_schema": True}, "native"),
        (BODY, ("json_schema", "json_object"), {"json_schema": False}, {"type": "json_object"}),
        (BODY, ("json_object",), {}, {"type": "json_object"}),
        (BODY, (), {}, None),
        (JSON_MODE, ("json_object",), {}, "native"),
        (JSON_MODE, ("json_schema",), {}, None),
    ],
)
def test_each_deployment_is_told_in_its_way(body: bytes, forms: Any, facts: Any, form: Any) -> None:
    told = adapt(body, deployment(*forms, **facts), want(body))
    if form == "native":
        assert told is body
        return
    sent = json.loads(told)
    assert sent.get("response_format") == form
    system, user = sent["messages"]
    assert system["role"] == "system"
    assert "JSON" in system["content"]
    assert (json.dumps(TRIP) in system["content"]) == (body is BODY)
    assert user == {"role": "user", "content": "a trip"}


@pytest.mark.parametrize("content", ["Be kind.", [{"type": "text", "text": "Be kind."}], None])
def test_the_words_join_the_system_message_that_is_there(content: Any) -> None:
    messages = [{"role": "developer", "content": content, "name": "x"}, {"role": "user", "content": "hi"}]
    body = json.dumps({**json.loads(JSON_MODE), "messages": messages}).encode()
    first, second = json.loads(adapt(body, deployment(), want()))["messages"]
    assert second == messages[1]
    assert first["name"] == "x"
    assert json.dumps(first["content"]).startswith(json.dumps(content)[:-2] if content else '"Answer')
    assert "JSON Schema" in json.dumps(first["content"])


def test_a_body_that_was_told_already_stays() -> None:
    body = request(response_format=None).replace(b', "response_format": null', b"")
    assert adapt(body, deployment(), want()) is body


# -- verdicts ---------------------------------------------------------------------------------------------------------


@given(VALUES)
def test_an_answer_that_fits_is_not_touched(value: Any) -> None:
    """For any JSON at all: whatever is valid leaves as the same object, byte for byte."""
    for text in (written(value), written(value, 3), f"\n{written(value)} "):
        said = answer(text)
        verdict = check(want(request({})), said, BODY, left=1)
        assert verdict.answer is said
        assert verdict.attrs == {"result": "valid"}


def test_only_punctuation_broken_is_repaired_in_place() -> None:
    said = answer(GOOD, f"```json\n{GOOD[:-1]},}}\n```", f"Here: {GOOD}")
    verdict = check(want(), said, BODY, left=1)
    assert contents(verdict) == [GOOD] * 3
    assert verdict.attrs == {"result": "repaired"}
    assert verdict.answer is not None
    assert verdict.answer.text == GOOD
    assert b'"vendor":{"y": [1e400, 0.1]}' in verdict.answer.body  # what we do not know stays as it was written
    first, second = json.loads(said.body)["choices"][0], json.loads(verdict.answer.body)["choices"][0]
    assert first == second


def test_repair_can_be_switched_off() -> None:
    assert check(want(rules=Rules(repair=False)), answer(f"```\n{GOOD}\n```"), BODY, left=0).result == "failed"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"city": "Rome"}', "the whole answer (required)"),
        ('{"city": "Rome", "days": "three"}', "days (type)"),
        ('```json\n{"city": "Rome", "days": "three",}\n```', "days (type)"),
        ("I would rather not.", "the whole answer (syntax)"),
        (f"{GOOD}\n{GOOD}", "the whole answer (syntax)"),
        ("", "the whole answer (syntax)"),
        (None, "the whole answer (syntax)"),
    ],
)
def test_a_misfit_is_asked_again_and_then_an_error(text: str | None, place: str) -> None:
    verdict = check(want(), answer(GOOD, text), BODY, left=1)
    assert verdict.result == "re-asked"
    assert verdict.again is not None
    sent = json.loads(verdict.again)
    assert sent["response_format"] == json.loads(BODY)["response_format"]
    shown = [{"role": "assistant", "content": text}] if text else []
    assert sent["messages"][:-1] == [*json.loads(BODY)["messages"], *shown]
    assert sent["messages"][-1]["role"] == "user"
    assert json.dumps(TRIP) in sent["messages"][-1]["content"]
    verdict = check(want(), answer(GOOD, text), BODY, left=0)
    assert verdict.attrs == {"result": "failed", "errors": [place]}
    error = failure(verdict.flaws)
    assert (error.code, error.retryable, error.status) == ("invalid_structured_output", False, 0)
    assert place in error.message
    assert "Rome" not in error.message


def test_a_long_misfit_is_not_shown_again() -> None:
    verdict = check(want(), answer('{"city": "' + "x" * 30_000 + '"}'), BODY, left=1)
    assert verdict.again is not None
    assert [m["role"] for m in json.loads(verdict.again)["messages"]] == ["user", "user"]


@pytest.mark.parametrize(
    ("said", "result"),
    [
        (answer('{"city": "Ro', finish="length"), "skipped"),
        (answer('{"city": "Rome"', finish="content_filter"), "skipped"),
        (answer(None, refusal="I will not."), "skipped"),
        (answer(None, finish="tool_calls", tool_calls=[{"id": "1"}]), "skipped"),
        (answer("Let me see.", finish="stop", tool_calls=[{"id": "1"}]), "skipped"),
        (answer([{"type": "thinking", "thinking": []}, {"type": "text", "text": GOOD}]), "valid"),
    ],
)
def test_what_is_not_meant_to_be_json_passes(said: Answer, result: str) -> None:
    verdict = check(want(), said, BODY, left=1)
    assert (verdict.result, verdict.answer) == (result, said)


def test_json_mode_wants_an_object() -> None:
    assert check(want(JSON_MODE), answer('{"any": 1}'), JSON_MODE, left=0).result == "valid"
    assert check(want(JSON_MODE), answer("[1]"), JSON_MODE, left=0).result == "failed"


def test_a_text_alone_can_be_judged() -> None:
    assert not judge(want(), GOOD).flaws
    assert judge(want(), f"so {GOOD}").mended == GOOD
    assert judge(want(), "{}").flaws
