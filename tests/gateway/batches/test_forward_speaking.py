"""Batches that Anthropic and Gemini work on themselves: half the price, all lines, whatever goes wrong."""

from collections.abc import Callable

import pytest

from outrider.base import clock
from outrider.gateway.batches import forward, load
from outrider.gateway.batches.rows import Batches, Part
from outrider.journal import read
from outrider.store import open_leases
from tests.gateway.batches.conftest import House, line
from tests.gateway.batches.speaking import LANGUAGES, Language, runs
from tests.gateway.batches.theirs_speaking import AnthropicProvider, GeminiProvider

RULES = "guardrails: {rules: {addresses: {check: pii, do: redact}}}"
Provider = AnthropicProvider | GeminiProvider
Start = Callable[..., tuple[House, Provider]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER_KEY", "k-1")
    monkeypatch.setattr(forward, "LOOK", 0.02)
    monkeypatch.setattr(forward, "PAUSE", 0.01)


@pytest.fixture(params=list(LANGUAGES))
def language(request: pytest.FixtureRequest) -> Language:
    return LANGUAGES[request.param]


@pytest.fixture
def start(build: Callable[..., House]) -> Start:
    def begin(language: Language, more: str = "", **moods: object) -> tuple[House, Provider]:
        provider = language.provider(**moods)
        return build(more, provider=provider, providers=language.reached()), provider

    return begin


def under_way(house: House, id_: str) -> None:
    house.until_there(id_)


def test_a_batch_costs_half_and_every_line_is_a_run(start: Start, language: Language) -> None:
    house, provider = start(language)
    done = house.over(house.begin(*language.lines(12)).id)
    assert (done.status, done.error_file_id) == ("completed", None)
    lines = house.read(done.output_file_id)
    assert [one["custom_id"] for one in lines] == [f"r-{i}" for i in range(12)]
    assert all(one["response"]["body"]["object"] == "chat.completion" for one in lines)
    assert (provider.live, len(provider.batches), provider.deleted) == (0, 1, 1)
    found = list(runs(house, done.id))
    assert len(found) == 12
    run = found[0]
    (step,) = read.list_steps(house.outrider.store(), run.id)
    assert step.price is not None
    assert step.price.source.endswith("× 0.5 for batches")
    assert run.usage is not None
    assert run.cost == step.price.cost(run.usage) > 0
    assert run.deployment == f"{language.preset}/{language.model} (batch)"
    usual = house.client.chat.completions.with_raw_response.create(
        model=language.model, max_tokens=50, messages=[{"role": "user", "content": "scripted:words=3 0"}]
    )
    (live,) = read.list_steps(house.outrider.store(), bytes.fromhex(usual.headers["x-request-id"].replace("-", "")))
    assert live.price is not None
    assert (step.price.input * 2, step.price.output * 2) == (live.price.input, live.price.output)
    if language.preset == "google":  # input from the cache costs there what it always does
        assert step.price.cached == live.price.cached


def test_it_goes_in_parts(start: Start, language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "PART_LINES", 5)
    house, provider = start(language)
    done = house.over(house.begin(*language.lines(12)).id)
    assert (done.status, provider.live) == ("completed", 0)
    assert [len(batch["lines"]) for batch in provider.batches.values()] == [5, 5, 2]


@pytest.mark.parametrize(("mood", "live"), [("refuses", 8), ("fails", 8), ("expires", 4), ("deaf", 0), ("lost", 8)])
def test_what_a_provider_does_not_answer_is_executed_here(
    start: Start, language: Language, mood: str, live: int
) -> None:
    house, provider = start(language, mood=mood)
    done = house.over(house.begin(*language.lines(8)).id)
    assert (done.status, done.error_file_id) == ("completed", None)
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == [f"r-{i}" for i in range(8)]
    assert (provider.live, len(provider.batches)) == (live, 0 if mood == "refuses" else 1)


def test_lines_that_fail_there(start: Start, language: Language) -> None:
    house, provider = start(language)
    bad = line("bad", "scripted:status=400", model=language.model, max_tokens=9)
    busy = line("busy", "scripted:status=503,fail-times=1,key=busy", model=language.model, max_tokens=9)
    unsayable = line("unsayable", model=language.model, max_tokens=9, logit_bias={"1": 5})
    done = house.over(house.begin(*language.lines(3), bad, busy, unsayable).id)
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == ["r-0", "r-1", "r-2", "busy"]
    failed = house.read(done.error_file_id)
    assert [one["custom_id"] for one in failed] == ["bad", "unsayable"]
    assert [one["response"]["status_code"] for one in failed] == [400, 400]
    assert "scripted" in failed[0]["response"]["body"]["error"]["message"]
    assert provider.live == 1
    assert [len(batch["lines"]) for batch in provider.batches.values()] == [5]


def test_a_cancelled_batch_brings_home_what_is_paid_for(start: Start, language: Language) -> None:
    house, provider = start(language, patience=10**9)
    batch = house.begin(*language.lines(10))
    under_way(house, batch.id)
    house.client.batches.cancel(batch.id)
    done = house.over(batch.id)
    assert (done.status, provider.live, provider.cancelled) == ("cancelled", 0, 1)
    assert len(house.read(done.output_file_id)) == 5
    assert [one["error"]["code"] for one in house.read(done.error_file_id)] == ["batch_cancelled"] * 5
    assert len(list(runs(house, batch.id))) == 5


@pytest.mark.parametrize("heard", [True, False])
def test_who_takes_over_sends_no_part_twice(start: Start, language: Language, heard: bool) -> None:
    house, provider = start(language, patience=10**9)
    batch = house.begin(*language.lines(8))
    under_way(house, batch.id)
    house.outrider.stop()
    store = open_leases(house.outrider.store_url)
    rows = Batches(lambda: store)
    found = rows.claim("m/test", clock.now_ns(), lambda _: True)
    assert found is not None
    (part,) = found.about.parts
    found.about.parts = [Part(part.first, part.last, "sending", lines=part.lines, sent=part.sent)]
    rows.move(found, "in_progress")
    rows.release(found.id, "m/test")
    store.close()
    if not heard:
        provider.batches.clear()
    for theirs in provider.batches.values():
        provider.work(theirs, half=False, why="")
    provider.patience = 1
    done = house.again().over(batch.id)
    assert (done.status, provider.live, len(provider.batches)) == ("completed", 0 if heard else 8, int(heard))


def test_somebody_elses_batch_is_left_alone(start: Start) -> None:
    house, provider = start(LANGUAGES["anthropic"], mood="others", patience=10**9)
    batch = house.begin(*LANGUAGES["anthropic"].lines(4))
    house.until(batch.id, lambda b: "shows when it has ended" in str(b.outrider["waits_for"]))  # type: ignore[attr-defined]
    for theirs in list(provider.batches.values()):
        provider.work(theirs, half=False, why="")
    done = house.over(batch.id)
    assert (done.status, provider.live, provider.cancelled, provider.deleted) == ("completed", 0, 0, 1)


def test_what_anthropics_clients_send_goes_as_it_is(start: Start) -> None:
    import anthropic

    house, provider = start(LANGUAGES["anthropic"])
    client = anthropic.Anthropic(base_url=house.outrider.url, api_key=house.outrider.key, max_retries=0)
    params = {
        "model": "claude-sonnet-4-5",
        "max_tokens": 20,
        "messages": [{"role": "user", "content": "scripted:words=2"}],
    }
    batch = client.messages.batches.create(
        requests=[{"custom_id": f"m{i}", "params": {**params, "top_k": i + 1}} for i in range(3)],  # type: ignore[typeddict-item]
        extra_headers={"anthropic-beta": "context-1m-2025-08-07"},
    )
    house.wait(lambda: client.messages.batches.retrieve(batch.id), lambda b: b.processing_status == "ended")
    results = list(client.messages.batches.results(batch.id))
    assert [one.custom_id for one in results] == ["m0", "m1", "m2"]
    assert {one.result.type for one in results} == {"succeeded"}
    (theirs,) = provider.batches.values()
    assert theirs["lines"] == [{**params, "top_k": i + 1} for i in range(3)]
    assert dict(theirs["headers"])[b"anthropic-beta"] == b"context-1m-2025-08-07"
    assert provider.live == 0


def test_what_guardrails_read_is_not_sent(start: Start, language: Language) -> None:
    house, provider = start(language, RULES)
    done = house.over(house.begin(*language.lines(2)).id)
    assert (done.status, provider.live, provider.batches) == ("completed", 2, {})
