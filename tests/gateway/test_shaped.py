"""Structured outputs end to end: official client, whole Outrider, a provider that answers as badly as it is told."""

import asyncio
import contextlib
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

from outrider.base import clock
from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.base.ports import Answer, Deployment
from outrider.gateway import shaped
from outrider.gateway.attempts import NoAnswer
from outrider.gateway.call import Call
from outrider.gateway.structured import Wanted, adapt
from outrider.journal import read
from outrider.journal.events import RunRecorded
from outrider.providers import openai as speak
from outrider.providers.embedded import CHAT_DEFAULT, EmbeddedTransport
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import running
from tests.gateway.calls import PATHS, Client
from tests.gateway.conftest import House
from tests.gateway.test_clients import say
from tests.gateway.test_structured import GOOD, TRIP, answer, request, want

CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat, "scripted:text=no", "scripted:cut=8"]}}
  plain: {{preset: lmstudio, base_url: "{url}", models: [scripted-chat]}}
  words: {{preset: deepseek, base_url: "{url}", models: [scripted-chat]}}
routes:
  trips: {{deployments: [scripted/scripted-chat], retries: 0}}
  stubborn: {{deployments: ["scripted/scripted:text=no"], retries: 0}}
  breaks: {{deployments: ["scripted/scripted:cut=8", scripted/scripted-chat], retries: 0}}
  never: {{deployments: [scripted/scripted-chat], retries: 0, structured: {{retries: 0}}}}
  loose: {{deployments: [scripted/scripted-chat], retries: 0, structured: null}}
  schemas: {{deployments: [plain/scripted-chat], retries: 0}}
  objects: {{deployments: [words/scripted-chat], retries: 0}}
  kept: {{deployments: [scripted/scripted-chat], retries: 0, cache: {{ttl: 60s}}}}
"""
FORM: Any = {"type": "json_schema", "json_schema": {"name": "trip", "schema": TRIP}}
LONG = json.dumps({"days": 3, "city": " ".join(f"street{i}" for i in range(20))})
JSON_MODE: Any = {"type": "json_object"}


class Trip(BaseModel):
    city: str
    days: int


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    provider = ScriptedProvider()
    home: Path = tmp_path_factory.mktemp("home")
    with scripted_thread(provider) as url, running(CONFIG.format(url=url), home) as outrider:
        yield House(outrider, provider, url)


@pytest.fixture
def house(strict: House) -> House:
    strict.provider.forget()
    return strict


@pytest.fixture
def client(house: House) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{house.url}/v1", api_key=house.key, max_retries=0, timeout=20) as client:
        yield client


def ask(client: OpenAI, house: House, text: str, model: str = "trips", form: Any = FORM) -> tuple[str, RunRecorded]:
    raw = client.chat.completions.with_raw_response.create(
        model=model, messages=say(f"scripted:text={text}"), response_format=form
    )
    run = house.run(raw.headers["x-request-id"])
    return raw.parse().choices[0].message.content or "", run


def looked(run: RunRecorded) -> list[dict[str, Any]]:
    assert all(step.name == "structured" for step in run.steps if step.kind == "guardrail")
    return [step.attrs for step in run.steps if step.kind == "guardrail"]


def test_a_parsed_answer_and_what_is_recorded(client: OpenAI, house: House) -> None:
    found = client.chat.completions.parse(
        model="trips", messages=say(f"scripted:text=```json\n{GOOD[:-1]},}}\n```"), response_format=Trip
    )
    assert found.choices[0].message.parsed == Trip(city="Rome", days=3)
    run = house.run(found._request_id or "")
    assert looked(run) == [{"result": "repaired"}]
    assert house.seen(completed=1)["requests"] == 1


def test_a_good_answer_is_not_touched(client: OpenAI, house: House) -> None:
    text, run = ask(client, house, f" {GOOD}")
    assert text == f" {GOOD}"
    assert looked(run) == [{"result": "valid"}]
    assert [step.kind for step in run.steps] == ["model", "guardrail"]


def test_a_misfit_is_asked_again_and_paid_for(client: OpenAI, house: House) -> None:
    text, run = ask(client, house, '{"city": "Rome"}')
    assert json.loads(text) == {"city": "text", "days": 0}
    assert looked(run) == [{"result": "re-asked", "errors": ["the whole answer (required)"]}, {"result": "valid"}]
    assert [step.kind for step in run.steps] == ["model", "guardrail", "model", "guardrail"]
    first, second = (step.usage for step in run.steps if step.kind == "model")
    assert first is not None
    assert second is not None
    assert run.usage == first + second
    sent = house.seen(completed=2)["last"]
    assert [m["role"] for m in sent["messages"]] == ["user", "assistant", "user"]
    assert "days" in sent["messages"][2]["content"]
    assert run.request is not None  # what is kept is what the caller asked
    kept = read.get_body(house.outrider.store(), run.project, run.request.sha256)
    assert kept is not None
    assert json.loads(kept)["messages"] == say('scripted:text={"city": "Rome"}')


@pytest.mark.parametrize(("model", "tries"), [("stubborn", 2), ("never", 1)])
def test_a_model_that_will_not_is_a_clear_error(client: OpenAI, house: House, model: str, tries: int) -> None:
    with pytest.raises(openai.InternalServerError) as caught:
        ask(client, house, "no", model)
    assert caught.value.status_code == 502
    assert caught.value.code == "invalid_structured_output"
    assert "the whole answer (syntax)" in caught.value.message
    assert caught.value.response.headers["x-should-retry"] == "false"
    run = house.run(caught.value.response.headers["x-request-id"])
    assert (run.status, run.error, run.http_status) == ("error", "invalid_structured_output", 502)
    assert [attrs["result"] for attrs in looked(run)] == ["re-asked"] * (tries - 1) + ["failed"]
    assert run.usage is not None
    assert run.usage.output > 0
    assert house.seen(completed=tries)["requests"] == tries


def test_a_route_may_not_care(client: OpenAI, house: House) -> None:
    text, run = ask(client, house, "no", "loose")
    assert (text, looked(run)) == ("no", [])


def test_a_wrong_schema_never_reaches_a_provider(client: OpenAI, house: House) -> None:
    wrong = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"properties": {"a": {"type": "intger"}}}}}
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, house, GOOD, form=wrong)
    assert (caught.value.code, caught.value.param) == (
        "invalid_json_schema",
        "response_format.json_schema.schema.properties.a.type",
    )
    assert house.seen()["last"] is None


@pytest.mark.parametrize(
    ("model", "form", "sent"),
    [
        ("trips", FORM, FORM),
        ("schemas", FORM, FORM),
        ("schemas", JSON_MODE, None),
        ("objects", FORM, JSON_MODE),
        ("objects", JSON_MODE, JSON_MODE),
    ],
)
def test_a_provider_is_told_in_the_way_that_it_knows(
    client: OpenAI, house: House, model: str, form: Any, sent: Any
) -> None:
    text, _ = ask(client, house, f"Here: {GOOD}", model, form)
    assert text == GOOD
    seen = house.seen(completed=1)["last"]
    assert seen.get("response_format") == sent
    assert (seen["messages"][0]["role"] == "system") == (sent != form)


def test_cut_off_answers_pass(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="trips", messages=say(f"scripted:finish=length,text={GOOD[:12]}"), response_format=FORM
    )
    assert (answer.choices[0].finish_reason, answer.choices[0].message.content) == ("length", GOOD[:12])


def test_only_good_answers_are_kept(client: OpenAI, house: House) -> None:
    for _ in range(2):
        text, run = ask(client, house, '{"city": "Rome"}', "kept")
    assert (json.loads(text), run.cache) == ({"city": "text", "days": 0}, "hit")
    assert looked(run) == []
    assert house.seen(completed=2)["requests"] == 2


# -- asking again within deadline and budget -------------------------------------------------------------------------


class Asked:
    """An `ask` that gives misfits, or raises."""

    def __init__(self, *then: Any) -> None:
        self.then, self.times = list(then), 0

    async def __call__(self, call: Call) -> Answer:
        self.times += 1
        given = self.then.pop(0)
        if isinstance(given, Exception):
            raise given
        found: Answer = given
        return found


def a_call() -> Call:
    exchange: Any = Client(request())
    call = Call(exchange, "chat", cast("asyncio.Task[Any]", None))
    call.deadline = clock.mono_ns() + 10**10
    return call


async def test_after_the_deadline_nobody_is_asked_again() -> None:
    call, asked = a_call(), Asked(answer("no"), answer(GOOD))
    call.deadline = clock.mono_ns()
    with pytest.raises(UpstreamError) as caught:
        await shaped.through(call, want(), asked)
    assert (caught.value.code, asked.times) == ("invalid_structured_output", 1)
    assert call.steps[-1].attrs["result"] == "failed"


BUDGET = RequestError("no room", status=429, code="budget_exceeded")
GONE = UpstreamError("gone", code="upstream_refused")


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (BUDGET, "invalid_structured_output"),
        (NoAnswer(BUDGET), "invalid_structured_output"),
        (NoAnswer(GONE), "upstream_refused"),
        (RequestError("odd", code="odd"), "odd"),
    ],
)
async def test_what_is_told_when_asking_again_fails(trouble: Exception, code: str) -> None:
    asked = Asked(answer("no"), trouble)
    with pytest.raises(OutriderError) as caught:
        await shaped.through(a_call(), want(), asked)
    assert (caught.value.code, asked.times) == (code, 2)


# -- streams ----------------------------------------------------------------------------------------------------------


def stream(house: House, text: str, model: str = "trips") -> tuple[str, bytes, RunRecorded]:
    """The text, the last event, the run."""
    body = {"model": model, "messages": say(f"scripted:text={text}"), "response_format": FORM, "stream": True}
    headers = {"authorization": f"Bearer {house.key}", "content-type": "application/json"}
    asked = urllib.request.Request(f"{house.url}/v1/chat/completions", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=20) as got:
        content, run_id = got.read(), got.headers["x-request-id"]
    said = [event.removeprefix(b"data: ") for event in content.split(b"\n\n") if event]
    chunks = [json.loads(event) for event in said if event != b"[DONE]"]
    deltas = [choice["delta"].get("content") or "" for c in chunks for choice in c.get("choices", [])]
    return "".join(deltas), said[-1], house.run(run_id)


def test_a_stream_is_parsed_by_the_official_client(client: OpenAI) -> None:
    with client.chat.completions.stream(
        model="trips", messages=say(f"scripted:text=Sure:\n```json\n{GOOD}\n```"), response_format=Trip
    ) as events:
        final = events.get_final_completion()
    assert final.choices[0].message.parsed == Trip(city="Rome", days=3)


@pytest.mark.parametrize(
    ("text", "got", "result"),
    [
        (GOOD, GOOD, "valid"),
        (f"Here it is: {GOOD} Enjoy!", GOOD, "repaired"),
        ('{"days": 3, "city": "Rome"', '{"days": 3, "city": "Rome"}', "repaired"),
    ],
)
def test_a_stream_holds_too(house: House, text: str, got: str, result: str) -> None:
    found, last, run = stream(house, text)
    assert (found.strip(), last) == (got, b"[DONE]")
    assert looked(run) == [{"result": result}]
    assert run.status == "ok"


def test_a_stream_that_misfits_ends_with_an_error(house: House) -> None:
    text = '{"city": "Rome", "days": "three"}'
    found, last, run = stream(house, text)
    assert found == text
    assert json.loads(last)["error"]["code"] == "invalid_structured_output"
    assert (run.status, run.error) == ("error", "invalid_structured_output")
    assert looked(run) == [{"result": "failed", "errors": ["days (type)"]}]
    assert [step.status for step in run.steps] == ["ok", "error"]  # the provider has done its work
    assert run.usage is not None
    assert not run.usage.estimated


def test_a_stream_of_which_nothing_was_sent_is_asked_again(house: House) -> None:
    found, last, run = stream(house, "I would rather not.")
    assert (json.loads(found), last) == ({"city": "text", "days": 0}, b"[DONE]")
    assert [attrs["result"] for attrs in looked(run)] == ["re-asked", "valid"]


@pytest.mark.parametrize(
    ("text", "got", "result"),
    [
        (LONG, LONG, "valid"),
        (f"{LONG} Enjoy!", LONG, "repaired"),
        (LONG[:-1], LONG, "repaired"),
    ],
)
def test_a_stream_that_goes_on_elsewhere_holds_as_a_whole(house: House, text: str, got: str, result: str) -> None:
    found, last, run = stream(house, text, "breaks")
    assert (found.strip(), last) == (got, b"[DONE]")
    assert looked(run) == [{"result": result}]
    assert [step.status for step in run.steps] == ["error", "ok", "ok"]


# -- a real model -----------------------------------------------------------------------------------------------------


@pytest.mark.model
def test_the_embedded_model_keeps_to_a_schema(
    chat_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTRIDER_MODELS", str(chat_models))
    house = f"embedded: {{chat: {CHAT_DEFAULT}}}\nproviders: {{}}"
    with (
        running(house, tmp_path / "home") as outrider,
        OpenAI(base_url=f"{outrider.url}/v1", api_key=outrider.key, max_retries=0, timeout=120) as client,
    ):
        for question in ("I go to Rome for three days.", "Oslo, a week!"):
            found = client.chat.completions.parse(
                model="default", messages=[{"role": "user", "content": question}], response_format=Trip, seed=1
            )
            assert isinstance(found.choices[0].message.parsed, Trip)
            with client.chat.completions.stream(
                model="default", messages=[{"role": "user", "content": question}], response_format=Trip, seed=1
            ) as events:
                assert isinstance(events.get_final_completion().choices[0].message.parsed, Trip)


@pytest.mark.slow
@pytest.mark.model
async def test_a_small_model_that_is_only_told_in_words_fits_or_fails(chat_models: Path) -> None:
    """Without a grammar it is wrong more often than not; nothing wrong gets through as right."""
    transport = EmbeddedTransport(chat_models, threads=1)
    to = Deployment("e/m", "e", CHAT_DEFAULT, "openai", transport, PATHS, forms=())
    results = []
    try:
        for seed in range(6):
            body = request(messages=[{"role": "user", "content": "I go to Rome for 3 days."}], max_tokens=60, seed=seed)
            call, asked = a_call(), want(body)
            call.outgoing = body
            with contextlib.suppress(UpstreamError):
                found = await shaped.through(call, asked, lambda call, asked=asked: told(to, call, asked))  # type: ignore[misc]
                if found.finish != "length":
                    Trip.model_validate_json(found.text)
            results += [step.attrs["result"] for step in call.steps]
    finally:
        await transport.close()
    assert len(results) >= 6
    assert set(results) <= {"valid", "repaired", "re-asked", "failed", "skipped"}


async def told(to: Deployment, call: Call, asked: Wanted) -> Answer:
    body = adapt(call.outgoing, to, asked)
    wire = speak.encode(to, "chat", body, "m", stream=False, wants_usage=False)
    response = await to.transport.send(wire)
    return speak.decode("chat", response.status, response.headers, await response.read(1 << 20))
