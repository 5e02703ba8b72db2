"""Batches that Mistral and Azure work on themselves: half the price, all lines, whatever goes wrong."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from outrider.base import clock
from outrider.gateway.batches import forward
from outrider.gateway.batches.rows import Batches, Part
from outrider.journal import read
from outrider.store import open_leases
from tests.gateway.batches.conftest import House, line
from tests.gateway.batches.speaking import runs
from tests.gateway.batches.theirs import AzureProvider, BatchProvider, MistralProvider


class Kin(NamedTuple):
    provider: Callable[..., BatchProvider]
    reached: str
    model: str


KIN = {
    "mistral": Kin(
        MistralProvider,
        '{{mistral: {{api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}/v1", models: [mistral-small-latest]}}}}',
        "mistral-small-latest",
    ),
    "azure": Kin(
        AzureProvider,
        '{{azure: {{api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}", models: [gpt-4o-mini],'
        " batch_models: {{gpt-4o-mini: gpt-4o-mini-batch}}}}}}",
        "gpt-4o-mini",
    ),
}
Start = Callable[..., tuple[House, BatchProvider]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER_KEY", "k-1")
    monkeypatch.setattr(forward, "LOOK", 0.02)
    monkeypatch.setattr(forward, "PAUSE", 0.01)


@pytest.fixture(params=list(KIN))
def kin(request: pytest.FixtureRequest) -> Kin:
    return KIN[request.param]


@pytest.fixture
def start(build: Callable[..., House]) -> Start:
    def begin(kin: Kin, **moods: object) -> tuple[House, BatchProvider]:
        provider = kin.provider(**moods)
        return build(provider=provider, providers=kin.reached), provider

    return begin


def lines(kin: Kin, count: int) -> list[dict[str, object]]:
    return [line(f"r-{i}", f"scripted:words=3 {i}", model=kin.model) for i in range(count)]


def test_a_batch_costs_half(start: Start, kin: Kin) -> None:
    house, provider = start(kin)
    done = house.over(house.begin(*lines(kin, 6)).id)
    assert (done.status, done.error_file_id) == ("completed", None)
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == [f"r-{i}" for i in range(6)]
    assert (provider.live, len(provider.batches), provider.files) == (0, 1, {})
    found = list(runs(house, done.id))
    assert len(found) == 6
    (step,) = read.list_steps(house.outrider.store(), found[0].id)
    assert step.price is not None
    assert step.price.source.endswith("× 0.5 for batches")
    assert found[0].cost > 0


@pytest.mark.parametrize(("mood", "live"), [("refuses", 6), ("fails", 6), ("expires", 3), ("deaf", 0), ("lost", 6)])
def test_what_it_does_not_answer_is_executed_here(start: Start, kin: Kin, mood: str, live: int) -> None:
    house, provider = start(kin, mood=mood)
    done = house.over(house.begin(*lines(kin, 6)).id)
    assert (done.status, done.error_file_id, len(house.read(done.output_file_id))) == ("completed", None, 6)
    assert (provider.live, len(provider.batches)) == (live, 0 if mood == "refuses" else 1)


def test_a_cancelled_batch_brings_home_what_is_paid_for(start: Start, kin: Kin) -> None:
    house, provider = start(kin, patience=10**9)
    batch = house.begin(*lines(kin, 6))
    house.until_there(batch.id)
    house.client.batches.cancel(batch.id)
    done = house.over(batch.id)
    assert (done.status, provider.live, len(house.read(done.output_file_id))) == ("cancelled", 0, 3)


@pytest.mark.parametrize("heard", [True, False])
def test_a_part_that_was_being_sent_is_asked_for(start: Start, kin: Kin, heard: bool) -> None:
    house, provider = start(kin, patience=10**9)
    batch = house.begin(*lines(kin, 6))
    house.until_there(batch.id)
    house.outrider.stop()
    store = open_leases(house.outrider.store_url)
    rows = Batches(lambda: store)
    found = rows.claim("m/test", clock.now_ns(), lambda _: True)
    assert found is not None
    (part,) = found.about.parts
    found.about.parts = [Part(part.first, part.last, "sending", tried=True)]
    rows.move(found, "in_progress")
    rows.release(found.id, "m/test")
    store.close()
    if not heard:
        provider.batches.clear()
    provider.patience = 1
    done = house.again().over(batch.id)
    assert (done.status, provider.live, len(provider.batches)) == ("completed", 0 if heard else 6, int(heard))


def test_azure_is_given_no_batch_without_a_deployment_for_them(build: Callable[..., House]) -> None:
    provider = AzureProvider()
    reached = KIN["azure"].reached.replace(" batch_models: {{gpt-4o-mini: gpt-4o-mini-batch}}", "")
    house = build(provider=provider, providers=reached)
    done = house.over(house.begin(*lines(KIN["azure"], 3)).id)
    assert (done.status, provider.live, provider.files) == ("completed", 3, {})
