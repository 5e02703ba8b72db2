"""Batches that their provider works on itself: half the price, all lines, whatever goes wrong."""

from collections.abc import Callable, Iterator

import pytest

from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.base.ports import WireRequest
from outrider.gateway.batches import forward
from outrider.gateway.batches.home import Home
from outrider.gateway.batches.provider_api import results
from outrider.gateway.batches.rows import Batches, Part
from outrider.journal import read
from outrider.journal.events import RunRecorded
from outrider.journal.rows import RunFilter
from outrider.store import open_leases
from tests.gateway.batches.conftest import House, jsonl, line
from tests.gateway.batches.theirs import BatchProvider

MODEL = "gpt-4o-mini"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "LOOK", 0.02)
    monkeypatch.setattr(forward, "PAUSE", 0.01)


@pytest.fixture
def start(build: Callable[..., House]) -> Callable[..., tuple[House, BatchProvider]]:
    def begin(more: str = "", **moods: object) -> tuple[House, BatchProvider]:
        provider = BatchProvider(**moods)  # type: ignore[arg-type]
        return build(more, provider=provider, providers=OPENAI), provider

    return begin


OPENAI = '{{openai: {{preset: openai, base_url: "{url}", models: [gpt-4o-mini, text-embedding-3-small]}}}}'


def asked(count: int, text: str = "scripted:words=3") -> list[dict[str, object]]:
    return [line(f"r-{i}", f"{text} {i}", model=MODEL) for i in range(count)]


def runs(house: House, batch: str) -> Iterator[RunRecorded]:
    store = house.outrider.store()
    for row in read.list_runs(store, RunFilter(project="default", session=batch), limit=500).rows:
        run = read.get_run(store, row.id)
        assert run is not None
        yield run


def test_a_batch_costs_half_and_every_line_is_a_run(start: Callable[..., tuple[House, BatchProvider]]) -> None:
    house, provider = start()
    done = house.over(house.begin(*asked(30)).id)
    assert (done.status, done.error_file_id) == ("completed", None)
    lines = house.read(done.output_file_id)
    assert [one["custom_id"] for one in lines] == [f"r-{i}" for i in range(30)]
    assert (provider.live, len(provider.batches), provider.files) == (0, 1, {})
    (theirs,) = provider.batches.values()
    assert theirs["metadata"]["outrider"].startswith(done.id)
    found = list(runs(house, done.id))
    assert {one["response"]["request_id"] for one in lines} == {
        f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}" for h in (run.id.hex() for run in found)
    }
    run = found[0]
    (step,) = read.list_steps(house.outrider.store(), run.id)
    assert step.price is not None
    assert step.price.source.endswith("× 0.5 for batches")
    assert (step.price.input, step.price.output) == (75_000_000, 300_000_000)
    assert run.usage is not None
    assert run.cost == -(-(run.usage.input * 75_000_000 + run.usage.output * 300_000_000) // 1_000_000)
    assert (run.deployment, run.provider, run.model) == (f"openai/{MODEL} (batch)", "openai", MODEL)
    assert "openai's own batch batch_theirs_0" in run.why


def test_embeddings_too(start: Callable[..., tuple[House, BatchProvider]]) -> None:
    house, provider = start()
    made = [line(f"e-{i}", url="/v1/embeddings", model="text-embedding-3-small", input="x") for i in range(4)]
    done = house.over(house.begin(*made, endpoint="/v1/embeddings").id)
    assert (done.status, provider.live) == ("completed", 0)
    assert len(house.read(done.output_file_id)) == 4


def test_it_goes_in_parts(start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "PART_LINES", 7)
    house, provider = start()
    done = house.over(house.begin(*asked(30)).id)
    assert (done.status, provider.live) == ("completed", 0)
    assert [b["request_counts"]["total"] for b in provider.batches.values()] == [7, 7, 7, 7, 2]


@pytest.mark.parametrize(("mood", "live"), [("refuses", 20), ("fails", 20), ("expires", 10), ("deaf", 0), ("lost", 20)])
def test_what_a_provider_does_not_answer_is_executed_here(
    start: Callable[..., tuple[House, BatchProvider]], mood: str, live: int
) -> None:
    house, provider = start(mood=mood)
    done = house.over(house.begin(*asked(20)).id)
    assert (done.status, done.error_file_id) == ("completed", None)
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == [f"r-{i}" for i in range(20)]
    assert (provider.live, len(provider.batches)) == (live, 0 if mood == "refuses" else 1)


def test_lines_that_the_provider_refuses_are_in_the_error_file(
    start: Callable[..., tuple[House, BatchProvider]],
) -> None:
    house, provider = start()
    bad = line("bad", "scripted:status=400", model=MODEL)
    busy = line("busy", "scripted:status=429,fail-times=1,key=busy", model=MODEL)
    done = house.over(house.begin(*asked(3), bad, busy).id)
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == ["r-0", "r-1", "r-2", "busy"]
    (failed,) = house.read(done.error_file_id)
    assert (failed["custom_id"], failed["response"]["status_code"], provider.live) == ("bad", 400, 1)


def test_a_cancelled_batch_brings_home_what_is_paid_for(start: Callable[..., tuple[House, BatchProvider]]) -> None:
    house, provider = start(patience=10**9)
    batch = house.begin(*asked(20))
    house.until(batch.id, lambda b: "own batch" in str(b.outrider["waits_for"]))  # type: ignore[attr-defined]
    house.client.batches.cancel(batch.id)
    done = house.over(batch.id)
    assert (done.status, provider.live) == ("cancelled", 0)
    assert len(house.read(done.output_file_id)) == 10
    assert [one["error"]["code"] for one in house.read(done.error_file_id)] == ["batch_cancelled"] * 10


def test_a_stop_leaves_it_with_the_provider_and_the_next_process_asks(
    start: Callable[..., tuple[House, BatchProvider]],
) -> None:
    house, provider = start(patience=10**9)
    batch = house.begin(*asked(20))
    house.until(batch.id, lambda b: "own batch" in str(b.outrider["waits_for"]))  # type: ignore[attr-defined]
    house.outrider.stop()
    provider.patience = 1
    second = house.again()
    done = second.over(batch.id)
    assert (done.status, len(second.read(done.output_file_id))) == ("completed", 20)
    assert (provider.live, len(provider.batches)) == (0, 1)


@pytest.mark.parametrize("heard", [True, False])
def test_a_part_that_was_being_sent_is_asked_for_before_it_is_sent_again(
    start: Callable[..., tuple[House, BatchProvider]], heard: bool
) -> None:
    house, provider = start(patience=10**9)
    batch = house.begin(*asked(20))
    house.until(batch.id, lambda b: "own batch" in str(b.outrider["waits_for"]))  # type: ignore[attr-defined]
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
    assert (done.status, provider.live, len(provider.batches)) == ("completed", 0 if heard else 20, int(heard))


@pytest.mark.parametrize(
    ("more", "window"),
    [
        ("budgets: {all: {usd: 5, window: month}}", "24h"),
        ("batches: {forward: off}", "24h"),
        ("routes: {gpt-4o-mini: {deployments: [openai/gpt-4o-mini], cache: {ttl: 1h}}}", "24h"),
        ("", "1h"),
    ],
)
def test_what_is_worked_on_here(start: Callable[..., tuple[House, BatchProvider]], more: str, window: str) -> None:
    house, provider = start(more)
    done = house.over(house.begin(*asked(5), window=window).id)
    assert (done.status, provider.live, provider.batches) == ("completed", 5, {})


def test_several_models_are_worked_on_here(start: Callable[..., tuple[House, BatchProvider]]) -> None:
    house, provider = start()
    other = line("other", model="openai/gpt-4o-mini")
    done = house.over(house.begin(*asked(2), other).id)
    assert (done.status, provider.live, provider.batches) == ("completed", 3, {})


async def test_an_answer_comes_home_once() -> None:
    home = Home(200, b"{}")
    response = await home.send(WireRequest("POST", "/x", []))
    assert (response.status, await response.read(10), home.given) == (200, b"{}", True)
    with pytest.raises(UpstreamError):
        await home.send(WireRequest("POST", "/x", []))


def test_what_cannot_be_read_of_an_output_is_left_out() -> None:
    good = b'{"custom_id":"3","response":{"status_code":200,"body":{"a":1}}}'
    bad = [b"", b"no", b'{"custom_id":"x","response":{"status_code":200,"body":1}}', b'{"custom_id":"4"}', jsonl({})]
    assert results(b"\n".join([*bad, good])) == [(3, 200, b'{"a":1}')]
