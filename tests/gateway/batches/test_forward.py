"""Batches that their provider works on itself: half the price, all lines, whatever goes wrong."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx
import pytest
from openai.types import Batch

from outrider.app.settings import parse
from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.base.ports import WireRequest
from outrider.gateway.batches import forward, load, looking, runner
from outrider.gateway.batches.home import Home
from outrider.gateway.batches.rows import Batches, Part
from outrider.journal import read
from outrider.journal.events import RunRecorded
from outrider.journal.rows import RunFilter
from outrider.limits.leases import Key, standings
from outrider.store import open_leases
from outrider.testing.plans import Plan, failure
from outrider.testing.running import running
from tests.gateway.batches.conftest import ENDS, House, line
from tests.gateway.batches.theirs import BatchProvider

MODEL = "gpt-4o-mini"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "LOOK", 0.02)
    monkeypatch.setattr(forward, "PAUSE", 0.01)
    monkeypatch.setattr(looking, "LONGEST", 0.05)


@pytest.fixture
def start(build: Callable[..., House]) -> Callable[..., tuple[House, BatchProvider]]:
    def begin(more: str = "", **moods: object) -> tuple[House, BatchProvider]:
        provider = BatchProvider(**moods)  # type: ignore[arg-type]
        return build(more, provider=provider, providers=OPENAI), provider

    return begin


OPENAI = '{{openai: {{preset: openai, base_url: "{url}", models: [gpt-4o-mini, gpt-4o, text-embedding-3-small]}}}}'


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
    monkeypatch.setattr(load, "PART_LINES", 7)
    house, provider = start()
    done = house.over(house.begin(*asked(30)).id)
    assert (done.status, provider.live) == ("completed", 0)
    assert [b["request_counts"]["total"] for b in provider.batches.values()] == [7, 7, 7, 7, 2]


@pytest.mark.parametrize(
    ("mood", "live"), [("refuses", 20), ("fails", 20), ("expires", 10), ("deaf", 0), ("forgetful", 0), ("lost", 20)]
)
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
    house.until_there(batch.id)
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
    house.until_there(batch.id)
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
    house.until_there(batch.id)
    house.outrider.stop()
    store = open_leases(house.outrider.store_url)
    rows = Batches(lambda: store)
    found = rows.claim("m/test", clock.now_ns(), lambda _: True)
    assert found is not None
    (part,) = found.about.parts
    assert (part.at, part.factor, part.lines) == ("openai", "0.5", 20)
    found.about.parts = [Part(part.first, part.last, "sending", tried=True)]
    rows.move(found, "in_progress")
    rows.release(found.id, "m/test")
    store.close()
    if not heard:
        provider.batches.clear()
    provider.patience = 1
    done = house.again().over(batch.id)
    assert (done.status, provider.live, len(provider.batches)) == ("completed", 0 if heard else 20, int(heard))
    assert provider.files == {}


@pytest.mark.parametrize(
    ("more", "window"),
    [
        ("budgets: {each: {usd: 5, window: run}}", "24h"),
        ("budgets: {tree: {usd: 5, per: tree}}", "24h"),
        ("batches: {forward: off}", "24h"),
        ("routes: {gpt-4o-mini: {deployments: [openai/gpt-4o-mini], cache: {ttl: 1h}}}", "24h"),
        ("", "1h"),
    ],
)
def test_what_is_worked_on_here(start: Callable[..., tuple[House, BatchProvider]], more: str, window: str) -> None:
    house, provider = start(more)
    done = house.over(house.begin(*asked(5), window=window).id)
    assert (done.status, provider.live, provider.batches) == ("completed", 5, {})


def test_several_models_are_several_batches_there(start: Callable[..., tuple[House, BatchProvider]]) -> None:
    house, provider = start()
    others = [line(f"o-{i}", f"scripted:words=3 {i}", model="openai/gpt-4o-mini") for i in range(3)]
    mixed = [one for pair in zip(asked(3), others, strict=True) for one in pair]
    done = house.over(house.begin(*mixed).id)
    assert (done.status, provider.live) == ("completed", 0)
    assert [b["request_counts"]["total"] for b in provider.batches.values()] == [3, 3]
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == ["r-0", "o-0", "r-1", "o-1", "r-2", "o-2"]


def test_a_model_whose_provider_is_down_holds_up_no_other(
    start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "REST", 0.1)
    house, provider = start()
    create, down = provider._create, True

    def some(asked: dict[str, Any]) -> Plan:
        theirs = b'"gpt-4o"' in provider.files[asked["input_file_id"]]
        return failure(503, "down") if down and theirs else create(asked)

    monkeypatch.setattr(provider, "_create", some)
    mixed = [line(f"r-{i}", f"scripted:words=3 {i}", model=("gpt-4o", "gpt-4o-mini")[i % 2]) for i in range(10)]
    batch = house.begin(*mixed)
    house.until(batch.id, lambda b: b.request_counts is not None and b.request_counts.completed >= 5)
    down = False
    done = house.over(batch.id)
    assert (done.status, provider.live) == ("completed", 5)  # those that the provider does not know are asked here
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == [f"r-{i}" for i in range(10)]
    assert [b["request_counts"]["total"] for b in provider.batches.values()] == [5]


@pytest.mark.parametrize("end", ["cancelled", "expired"])
def test_a_provider_that_stays_down_does_not_keep_a_batch_beyond_its_time(
    start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(runner, "REST", 0.1)
    house, provider = start("budgets: {all: {usd: 5, window: lifetime}}")
    plan = provider.plan

    def down(method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        uploads = (method, path) == ("POST", "/v1/files")
        return plan(method, path, headers, body) if uploads else failure(503, "down")

    monkeypatch.setattr(provider, "plan", down)
    batch = house.begin(*asked(5))
    house.until(batch.id, lambda b: "may be billed" in waits(b))
    if end == "cancelled":
        house.client.batches.cancel(batch.id)
    else:
        now = clock.now_ns
        monkeypatch.setattr(clock, "now_ns", lambda: now() + 25 * clock.HOUR_NS)
    done = ended(house, batch.id)
    assert (done.status, provider.live, stands(house)) == (end, 0, (0, 0))


def waits(batch: Batch) -> str:
    return str((batch.model_extra or {})["outrider"]["waits_for"])


def refusing(
    monkeypatch: pytest.MonkeyPatch, provider: BatchProvider, asked: str, status: int, *, times: int = 10**9
) -> Callable[[], None]:
    """From now on the provider refuses these requests, so many times, until what is returned is called."""
    plain, bad = provider.plan, times

    def plan(method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        nonlocal bad
        if bad > 0 and re.fullmatch(asked, f"{method} {path.partition('?')[0]}"):
            bad -= 1
            return failure(status, "no")
        return plain(method, path, headers, body)

    def good() -> None:
        nonlocal bad
        bad = 0

    monkeypatch.setattr(provider, "plan", plan)
    return good


LOOKED, FETCHED = r"GET /v1/batches/\w+", r"GET /v1/files/.*/content"


@pytest.mark.parametrize("status", [400, 401, 403, 503])
@pytest.mark.parametrize("refused", [LOOKED, FETCHED])
def test_a_batch_that_its_provider_does_not_tell_of_is_not_paid_twice(
    start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch, refused: str, status: int
) -> None:
    monkeypatch.setattr(forward, "TRIES", 1)
    house, provider = start(patience=1)
    good = refusing(monkeypatch, provider, refused, status)
    batch = house.begin(*asked(20))
    seen = house.until(batch.id, lambda b: f"HTTP {status}" in waits(b) and "may be billed" in waits(b))
    assert seen.status == "in_progress"
    found = httpx.get(f"{house.outrider.url}/api/batches/{batch.id}", headers={"x-api-key": house.outrider.key}).json()
    assert "may be billed" in json.dumps(found)
    good()
    done = house.over(batch.id)
    assert (done.status, provider.live, len(provider.batches)) == ("completed", 0, 1)
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == [f"r-{i}" for i in range(20)]


@pytest.mark.parametrize("refused", [LOOKED, FETCHED])
def test_what_its_provider_does_not_have_is_executed_here(
    start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    house, provider = start(patience=1)
    refusing(monkeypatch, provider, refused, 404)
    done = house.over(house.begin(*asked(20)).id)
    assert (done.status, provider.live) == ("completed", 20)


def test_what_its_provider_does_not_have_yet_is_waited_for(
    start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was begun a moment ago need not be known everywhere at the provider."""
    house, provider = start(patience=1)
    refusing(monkeypatch, provider, LOOKED, 404, times=2)
    done = house.over(house.begin(*asked(20)).id)
    assert (done.status, provider.live, len(provider.batches)) == ("completed", 0, 1)


def test_it_is_looked_at_until_the_batch_has_no_time(
    start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, "LAST_WAIT", 0.1)
    house, provider = start("budgets: {all: {usd: 5, window: lifetime}}")
    refusing(monkeypatch, provider, LOOKED, 401)
    batch = house.begin(*asked(5))
    house.until(batch.id, lambda b: "may be billed" in waits(b))
    now = clock.now_ns
    monkeypatch.setattr(clock, "now_ns", lambda: now() + 25 * clock.HOUR_NS)
    done = ended(house, batch.id)
    assert (done.status, provider.live, stands(house)) == ("expired", 0, (0, 0))


def test_a_new_key_is_taken_over_by_a_batch_that_is_under_way(
    start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, provider = start(patience=10**9)
    batch = house.begin(*asked(5))
    house.until_there(batch.id)
    plain = provider.plan

    def plan(method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        new = dict(headers).get(b"authorization") == b"Bearer k-2"
        return plain(method, path, headers, body) if new else failure(401, "this key is no more")

    monkeypatch.setattr(provider, "plan", plan)
    provider.patience = 1
    house.until(batch.id, lambda b: "HTTP 401" in waits(b))
    url, worker = house.outrider.settings.providers["openai"].base_url, house.outrider.worker
    assert worker is not None
    keyed = f'{{preset: openai, api_key: "${{env:NEW}}", base_url: "{url}", models: [{MODEL}]}}'
    worker.corridor.table = worker._table(parse(f"providers: {{openai: {keyed}}}", "test", {"NEW": "k-2"}))  # a reload
    done = house.over(batch.id)
    assert (done.status, provider.live, len(provider.batches)) == ("completed", 0, 1)


@pytest.mark.slow
def test_a_provider_that_is_not_configured_for_a_while_is_waited_for(
    start: Callable[..., tuple[House, BatchProvider]],
) -> None:
    house, provider = start(patience=10**9)
    batch = house.begin(*asked(5))
    house.until_there(batch.id)
    house.outrider.stop()
    url = house.outrider.settings.providers["openai"].base_url
    other = f'embedded: {{enabled: false}}\nproviders: {{other: {{base_url: "{url}", models: [{MODEL}]}}}}\n'
    provider.patience = 1
    with running(other, house.outrider.home) as without:
        client = House(without, provider, house.again)
        seen = client.until(batch.id, lambda b: "may be billed" in waits(b))
        assert (seen.status, "openai's batches are not reached" in waits(seen)) == ("in_progress", True)
    done = house.again().over(batch.id)
    assert (done.status, provider.live, len(provider.batches)) == ("completed", 0, 1)


def test_a_part_of_which_nobody_knows_is_asked_for_while_others_are_under_way(
    start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, "TRIES", 2)
    house, provider = start(patience=10**9)
    create = provider._create

    def deaf(asked: dict[str, Any]) -> Plan:
        made = create(asked)
        return failure(500, "who knows") if b'"gpt-4o"' in provider.files[asked["input_file_id"]] else made

    monkeypatch.setattr(provider, "_create", deaf)
    good = refusing(monkeypatch, provider, "GET /v1/batches", 401)
    mixed = [line(f"r-{i}", f"scripted:words=3 {i}", model=("gpt-4o", "gpt-4o-mini")[i % 2]) for i in range(10)]
    batch = house.begin(*mixed)
    house.until(batch.id, lambda b: "may be billed" in waits(b) and "own batch" in waits(b))
    assert (provider.live, len(provider.batches)) == (0, 2)
    good()
    house.until(batch.id, lambda b: waits(b).count("own batch") == 2)
    unsure = next(b for b in provider.batches.values() if b'"gpt-4o"' in provider.files[b["input_file_id"]])
    provider._work(unsure, "completed", half=False)
    seen = house.until(batch.id, lambda b: b.request_counts is not None and b.request_counts.completed == 5)
    assert seen.status == "in_progress"
    provider.patience = 1
    done = house.over(batch.id)
    assert (done.status, provider.live, len(provider.batches)) == ("completed", 0, 2)
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == [f"r-{i}" for i in range(10)]


def test_lines_of_a_model_that_no_provider_takes_are_executed_meanwhile(
    start: Callable[..., tuple[House, BatchProvider]],
) -> None:
    more = "routes: {ours: {deployments: [openai/gpt-4o-mini], cache: {ttl: 1h}}}"
    house, provider = start(more, patience=10**9)
    ours = [line(f"h-{i}", f"scripted:words=3 {i}", model="ours") for i in range(4)]
    batch = house.begin(*asked(3), *ours)
    seen = house.until(batch.id, lambda b: b.request_counts is not None and b.request_counts.completed == 4)
    assert seen.status == "in_progress"
    assert (provider.live, len(provider.batches)) == (4, 1)
    provider.patience = 1
    done = house.over(batch.id)
    assert (done.status, provider.live, len(house.read(done.output_file_id))) == ("completed", 4, 7)


def stands(house: House, budget: str = "all", value: str = "") -> tuple[int, int]:
    """(used, reserved) of a budget without end, in its unit; `value` is of its `per`."""
    leases = open_leases(house.outrider.store_url)
    try:
        (found,) = standings(leases, house.outrider.store(), [(Key(budget, value, 0), 0)])
        return found.spent, found.reserved
    finally:
        leases.close()


def ended(house: House, id_: str) -> Batch:
    """It is over; what it wrote is indexed meanwhile, as a server does it."""

    def look() -> Batch:
        house.outrider.store()
        return house.client.batches.retrieve(id_)

    return house.wait(look, lambda batch: batch.status in ENDS)


def long(count: int) -> list[dict[str, object]]:
    """Lines that may take a thousand tokens each, and take three."""
    return [line(f"r-{i}", f"scripted:words=3 {i}", model=MODEL, max_tokens=1000) for i in range(count)]


def test_budgets_hold_the_worst_case_and_are_charged_with_what_came(
    start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, "INDEXING", 0.02)
    house, provider = start(
        "budgets: {all: {usd: 5, window: lifetime}, words: {tokens: 1M, window: lifetime}}", patience=10**9
    )
    batch = house.begin(*long(20))
    house.until_there(batch.id)
    used, reserved = stands(house)
    assert used == 0
    assert 20 * 1000 * 300 < reserved < 20 * 1300 * 300 + 20 * 400 * 75  # nano-dollars for a token, at half the price
    provider.patience = 1
    done = ended(house, batch.id)
    assert (done.status, provider.live) == ("completed", 0)
    cost = sum(run.cost for run in runs(house, batch.id))
    assert cost > 0
    assert stands(house) == (cost, 0)
    found = [run for run in runs(house, batch.id) if run.usage is not None]
    assert stands(house, "words") == (sum(run.usage.input + run.usage.output for run in found if run.usage), 0)


def test_what_users_may_spend_is_charged_whoever_names_them(
    start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that names a user of its own counts for another account than the part that it would go with."""
    monkeypatch.setattr(forward, "INDEXING", 0.02)
    house, provider = start(
        "budgets: {all: {usd: 5, window: lifetime}, each: {usd: 1, window: lifetime, per: user}}", patience=1
    )
    anns = [line(f"a-{i}", f"scripted:words=3 {i}", model=MODEL, user="ann") for i in range(3)]
    done = ended(house, house.begin(*asked(4), *anns).id)
    assert (done.status, provider.live) == ("completed", 3)
    assert [b["request_counts"]["total"] for b in provider.batches.values()] == [4]
    cost = sum(run.cost for run in runs(house, done.id) if run.user == "ann")
    assert cost > 0
    house.wait(lambda: stands(house, "each", "ann")[0], lambda used: used == cost)


def test_what_budgets_have_no_room_for_goes_later(
    start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, "INDEXING", 0.02)
    house, provider = start('budgets: {all: {usd: "0.005", window: lifetime}}')  # room for some twelve lines at worst
    batch = house.begin(*long(20))
    done = ended(house, batch.id)
    assert (done.status, done.error_file_id, provider.live) == ("completed", None, 0)
    first, *rest = [b["request_counts"]["total"] for b in provider.batches.values()]
    assert 10 <= first < 20
    assert first + sum(rest) == 20
    assert stands(house) == (sum(run.cost for run in runs(house, batch.id)), 0)


def test_a_later_part_is_held_and_charged_in_the_window_in_which_it_is_sent(
    start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, "INDEXING", 0.02)
    house, provider = start('budgets: {all: {usd: "0.005", window: hour}}', patience=10**9)
    batch = house.begin(*long(20))
    house.until_there(batch.id)
    now = clock.now_ns
    monkeypatch.setattr(clock, "now_ns", lambda: now() + clock.HOUR_NS)
    provider.patience = 1
    assert ended(house, batch.id).status == "completed"
    starts = {charge.window for run in runs(house, batch.id) for charge in run.charges}
    assert len(starts) == len(provider.batches) == 2
    assert max(starts) - min(starts) == clock.HOUR_NS


@pytest.mark.slow
def test_without_room_for_a_few_lines_all_are_executed_here(start: Callable[..., tuple[House, BatchProvider]]) -> None:
    house, provider = start('budgets: {all: {usd: "0.001", window: lifetime}}')
    batch = house.begin(*long(20))
    done = ended(house, batch.id)
    assert (done.status, provider.live, provider.batches) == ("completed", 20, {})
    assert stands(house)[0] == sum(run.cost for run in runs(house, batch.id))


def test_a_part_that_was_never_sent_frees_what_was_held_for_it(
    start: Callable[..., tuple[House, BatchProvider]],
) -> None:
    house, provider = start("budgets: {all: {usd: 5, window: lifetime}}", mood="refuses")
    done = ended(house, house.begin(*asked(5)).id)
    assert (done.status, provider.live) == ("completed", 5)
    house.wait(lambda: stands(house)[1], lambda reserved: reserved == 0)


def test_what_does_not_end_when_it_is_cancelled_is_not_held_for_ever(
    start: Callable[..., tuple[House, BatchProvider]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, "LAST_WAIT", 0.1)
    house, provider = start("budgets: {all: {usd: 5, window: lifetime}}", patience=10**9, mood="stubborn")
    batch = house.begin(*long(5))
    house.until_there(batch.id)
    assert stands(house)[1] > 0
    house.client.batches.cancel(batch.id)
    done = ended(house, batch.id)
    assert (done.status, provider.live, stands(house)) == ("cancelled", 0, (0, 0))


async def test_an_answer_comes_home_once() -> None:
    home = Home(200, b"{}")
    response = await home.send(WireRequest("POST", "/x", []))
    assert (response.status, await response.read(10), home.given) == (200, b"{}", True)
    with pytest.raises(UpstreamError):
        await home.send(WireRequest("POST", "/x", []))
