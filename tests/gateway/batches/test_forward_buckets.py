"""Batches that Bedrock and Vertex AI work on in a bucket: half the price, all lines, nothing left in the bucket."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from outrider.base import clock
from outrider.gateway.batches import forward, load
from outrider.gateway.batches.rows import Batches, Part
from outrider.journal import read
from outrider.store import open_leases
from outrider.testing.plans import Plan, plain
from outrider.testing.running import running
from tests.gateway.batches.buckets import VENDORS, Vendor, credentials
from tests.gateway.batches.conftest import House, line
from tests.gateway.batches.real_stores import REAL
from tests.gateway.batches.speaking import runs
from tests.gateway.batches.theirs_buckets import BucketProvider, VertexProvider

LINES = 102
Start = Callable[..., tuple[House, BucketProvider]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials(monkeypatch)
    monkeypatch.setattr(forward, "LOOK", 0.02)
    monkeypatch.setattr(forward, "PAUSE", 0.01)


@pytest.fixture(params=list(VENDORS))
def vendor(request: pytest.FixtureRequest) -> Vendor:
    return VENDORS[request.param]


@pytest.fixture
def start(build: Callable[..., House]) -> Start:
    def begin(vendor: Vendor, more: str = "", **moods: object) -> tuple[House, BucketProvider]:
        provider = vendor.provider(**moods)
        return build(more, provider=provider, providers=vendor.reached), provider

    return begin


def test_a_batch_costs_half_and_leaves_nothing(start: Start, vendor: Vendor) -> None:
    house, provider = start(vendor)
    done = house.over(house.begin(*vendor.lines(LINES)).id)
    assert (done.status, done.error_file_id) == ("completed", None)
    lines = house.read(done.output_file_id)
    assert [one["custom_id"] for one in lines] == [f"r-{i}" for i in range(LINES)]
    assert all(one["response"]["body"]["object"] == "chat.completion" for one in lines)
    assert (provider.live, len(provider.batches), provider.objects) == (0, 1, {})
    found = list(runs(house, done.id))
    assert len(found) == LINES
    (step,) = read.list_steps(house.outrider.store(), found[0].id)
    assert step.price is not None
    assert step.price.source.endswith("× 0.5 for batches")
    assert found[0].usage is not None
    assert found[0].cost == step.price.cost(found[0].usage) > 0
    assert found[0].deployment == f"{vendor.name}/{vendor.model} (batch)"
    usual = house.client.chat.completions.with_raw_response.create(
        model=vendor.model, max_tokens=50, messages=[{"role": "user", "content": "scripted:words=3 0"}]
    )
    (live,) = read.list_steps(house.outrider.store(), bytes.fromhex(usual.headers["x-request-id"].replace("-", "")))
    assert live.price is not None
    assert (step.price.input * 2, step.price.output * 2) == (live.price.input, live.price.output)


def test_it_goes_in_parts_of_which_the_last_is_not_too_small(
    start: Start, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "PART_LINES", 110)
    house, provider = start(vendor)
    done = house.over(house.begin(*vendor.lines(230)).id)
    assert (done.status, provider.live, provider.objects) == ("completed", 0, {})
    parts = [len(batch["lines"]) for batch in provider.batches.values()]
    assert parts == ([110, 120] if vendor.least == 100 else [110, 110, 10])


@pytest.mark.parametrize(
    ("mood", "live"), [("refuses", LINES), ("fails", LINES), ("expires", LINES // 2), ("deaf", 0), ("lost", LINES)]
)
def test_what_a_provider_does_not_answer_is_executed_here(start: Start, vendor: Vendor, mood: str, live: int) -> None:
    house, provider = start(vendor, mood=mood)
    done = house.over(house.begin(*vendor.lines(LINES)).id)
    assert (done.status, done.error_file_id) == ("completed", None)
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == [f"r-{i}" for i in range(LINES)]
    assert (provider.live, len(provider.batches)) == (live, 0 if mood == "refuses" else 1)
    assert provider.objects == {}


def test_lines_that_fail_there(start: Start, vendor: Vendor) -> None:
    house, provider = start(vendor)
    bad = line("bad", "scripted:status=400", model=vendor.model, max_tokens=9)
    busy = line("busy", "scripted:status=503,fail-times=1,key=busy", model=vendor.model, max_tokens=9)
    unsayable = line("unsayable", model=vendor.model, max_tokens=9, logit_bias={"1": 5})
    done = house.over(house.begin(*vendor.lines(LINES), bad, busy, unsayable).id)
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == [*(f"r-{i}" for i in range(LINES)), "busy"]
    failed = house.read(done.error_file_id)
    assert [one["custom_id"] for one in failed] == ["bad", "unsayable"]
    assert [one["response"]["status_code"] for one in failed] == [400, 400]
    assert "scripted" in failed[0]["response"]["body"]["error"]["message"]
    assert provider.live == 1
    assert [len(batch["lines"]) for batch in provider.batches.values()] == [LINES + 2]


def test_a_cancelled_batch_brings_home_what_is_paid_for(start: Start, vendor: Vendor) -> None:
    house, provider = start(vendor, patience=10**9)
    batch = house.begin(*vendor.lines(LINES))
    house.until_there(batch.id)
    house.client.batches.cancel(batch.id)
    done = house.over(batch.id)
    assert (done.status, provider.live, provider.cancelled) == ("cancelled", 0, 1)
    assert len(house.read(done.output_file_id)) == LINES // 2
    assert [one["error"]["code"] for one in house.read(done.error_file_id)] == ["batch_cancelled"] * (LINES // 2)
    assert provider.objects == {}


def begun(start: Start, vendor: Vendor, **moods: object) -> tuple[House, BucketProvider, str]:
    """A batch whose process ended when its provider had heard of it, and nobody else."""
    house, provider = start(vendor, patience=10**9, **moods)
    batch = house.begin(*vendor.lines(LINES))
    house.until_there(batch.id)
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
    provider.patience = 1
    return house, provider, batch.id


@pytest.mark.parametrize("heard", [True, False])
def test_who_takes_over_sends_no_part_twice(start: Start, vendor: Vendor, heard: bool) -> None:
    house, provider, id_ = begun(start, vendor)
    if not heard:
        provider.batches.clear()
        provider.objects.clear()
    done = house.again().over(id_)
    assert (done.status, provider.live, len(provider.batches)) == ("completed", 0 if heard else LINES, int(heard))
    assert provider.objects == {}


@pytest.mark.parametrize(("name", "behind"), [("bedrock", 10**9), ("vertex", 2)])
def test_a_job_that_no_list_has_yet_is_not_paid_twice(start: Start, name: str, behind: int) -> None:
    """Bedrock's is asked for by what it is begun with, once however often."""
    house, provider, id_ = begun(start, VENDORS[name])
    provider.behind = behind
    done = house.again().over(id_)
    assert (done.status, provider.live, len(provider.batches), provider.objects) == ("completed", 0, 1, {})


def test_a_job_whose_name_is_in_use_is_there(start: Start) -> None:
    house, provider, id_ = begun(start, VENDORS["bedrock"], mood="conflict")
    provider.behind = 8
    done = house.again().over(id_)
    assert (done.status, provider.live, len(provider.batches), provider.objects) == ("completed", 0, 1, {})
    assert provider.behind < 0


def test_lines_that_lie_ready_are_begun(start: Start) -> None:
    house, provider, id_ = begun(start, VENDORS["bedrock"])
    provider.batches.clear()
    done = house.again().over(id_)
    assert (done.status, provider.live, len(provider.batches), provider.objects) == ("completed", 0, 1, {})


def test_lines_that_lie_ready_and_are_refused_are_executed_here(start: Start) -> None:
    house, provider, id_ = begun(start, VENDORS["bedrock"])
    provider.batches.clear()
    provider.mood = "refuses"
    done = house.again().over(id_)
    assert (done.status, provider.live, provider.batches, provider.objects) == ("completed", LINES, {}, {})


@pytest.mark.slow
def test_a_batch_whose_answers_are_in_another_place_waits_for_it(start: Start, vendor: Vendor) -> None:
    """Somebody configured another one meanwhile."""
    house, provider = start(vendor, patience=10**9)
    batch = house.begin(*vendor.lines(LINES))
    house.until_there(batch.id)
    house.outrider.stop()
    provider.patience = 1
    root = house.outrider.settings.providers[vendor.name].base_url
    assert root is not None
    moved = vendor.reached.format(root=root).replace("some/place", "some/other")
    with running(f"embedded: {{enabled: false}}\nproviders: {moved}\n", house.outrider.home) as elsewhere:
        other = House(elsewhere, provider, house.again)
        seen = other.until(batch.id, lambda b: "some/place" in str((b.model_extra or {})["outrider"]["waits_for"]))
        assert (seen.status, provider.live) == ("in_progress", 0)
    done = house.again().over(batch.id)
    assert (done.status, provider.live, len(provider.batches), provider.objects) == ("completed", 0, 1, {})


def test_too_few_lines_are_executed_here(start: Start) -> None:
    vendor = VENDORS["bedrock"]
    house, provider = start(vendor)
    done = house.over(house.begin(*vendor.lines(99)).id)
    assert (done.status, provider.live, provider.batches, provider.objects) == ("completed", 99, {}, {})


def test_a_bucket_that_is_closed(start: Start, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """What S3 says beside the error has parts of the request's signature."""
    house, provider = start(vendor)
    provider.store.refuses = True
    done = house.over(house.begin(*vendor.lines(LINES)).id)
    assert (done.status, provider.live, provider.batches) == ("completed", LINES, {})
    assert f"{vendor.name}'s bucket" in caplog.text
    assert "answered HTTP 403" in caplog.text
    assert "secret" not in caplog.text


def test_without_a_bucket_lines_are_executed_here(build: Callable[..., House]) -> None:
    vendor = VENDORS["vertex"]
    provider = vendor.provider()
    reached = vendor.reached.partition(" batch_bucket:")[0].rstrip(",") + "}}}}"
    house = build(provider=provider, providers=reached)
    done = house.over(house.begin(*vendor.lines(3)).id)
    assert (done.status, provider.live, provider.batches) == ("completed", 3, {})


def test_in_a_bucket_that_others_wrote(build: Callable[..., House], vendor: Vendor) -> None:
    provider = vendor.provider()
    with REAL[vendor.name]() as server:
        provider.store = server
        reached = vendor.reached.replace("{root}/s3", server.url).replace("{root}/gcs", server.url)
        house = build(provider=provider, providers=reached)
        done = house.over(house.begin(*vendor.lines(LINES)).id)
        assert (done.status, done.error_file_id, provider.live) == ("completed", None, 0)
        assert [one["custom_id"] for one in house.read(done.output_file_id)] == [f"r-{i}" for i in range(LINES)]
        assert (len(provider.batches), list(server.objects)) == (1, [])


class TokenProvider(VertexProvider):
    """Vertex AI, and Google's endpoint for tokens beside it."""

    tokens = 0

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        if path != "/token":
            return super().plan(method, path, headers, body)
        self.tokens += 1
        return plain(json.dumps({"access_token": "token-1", "expires_in": 3600, "token_type": "Bearer"}).encode())


def test_vertex_with_googles_own_credentials(
    build: Callable[..., House], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service account's file; its tokens open models, jobs and the bucket."""
    vendor, account = VENDORS["vertex"], tmp_path / "account.json"
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(account))
    provider = TokenProvider(bearer="token-1")
    house = build(provider=provider, providers=vendor.reached.replace(' api_key: "${{env:PROVIDER_KEY}}",', ""))
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key = made.private_bytes(*form).decode()
    url = house.outrider.settings.providers["vertex"].base_url
    said = {"type": "service_account", "project_id": "my-project", "private_key_id": "k", "private_key": key}
    said |= {"client_email": "a@p.iam.gserviceaccount.com", "client_id": "1", "token_uri": f"{url}/token"}
    account.write_text(json.dumps(said))
    done = house.over(house.begin(*vendor.lines(5)).id)
    assert (done.status, provider.live, len(provider.batches), provider.objects) == ("completed", 0, 1, {})
    assert provider.tokens > 0
