"""Batches at their provider through kills: nothing is sent twice or paid twice, whatever was under way."""

import json
import os
import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from outrider.testing import scripted_thread
from outrider.testing.plans import Plan
from tests.crash.conftest import Process
from tests.crash.test_batches import House
from tests.gateway.batches.stores import KEY, SECRET
from tests.gateway.batches.theirs import BatchProvider, MistralProvider
from tests.gateway.batches.theirs_buckets import BEDROCK_MODEL, ROLE, BedrockProvider, BucketProvider, VertexProvider
from tests.gateway.batches.theirs_speaking import AnthropicProvider, GeminiProvider

pytestmark = pytest.mark.slow
LINES = 300
NEVER = 10**9
Provider = BatchProvider | AnthropicProvider | GeminiProvider | BucketProvider


class Api(NamedTuple):
    """A provider's batch API: its preset, a model, and the requests that begin a batch and that bring answers home.
    `more` is configured of the provider."""

    preset: str
    model: str
    provider: type[Provider]
    begins: str
    brings: str
    more: str = ""


APIS = {
    "openai": Api("openai", "gpt-4o-mini", BatchProvider, r"POST /v1/batches$", r"GET /v1/files/.*/content$"),
    "anthropic": Api(
        "anthropic", "claude-sonnet-4-5", AnthropicProvider, r"POST /v1/messages/batches$", r"GET .*/results$"
    ),
    "mistral": Api(
        "mistral", "mistral-small-latest", MistralProvider, r"POST /v1/batch/jobs$", r"GET /v1/files/.*/content$"
    ),
    "gemini": Api(
        "google", "gemini-2.5-flash", GeminiProvider, r"POST .*:batchGenerateContent$", r"GET .*/batches/\w+"
    ),
    "bedrock": Api(
        "bedrock",
        BEDROCK_MODEL,
        BedrockProvider,
        r"POST /jobs/model-invocation-job$",
        r"GET /s3/mine/.*\.jsonl\.out$",
        ', region: eu-west-1, batch_bucket: "s3://mine/some/place", batch_bucket_url: "{root}/s3",'
        ' batch_jobs_url: "{root}/jobs", batch_role: "' + ROLE + '"',
    ),
    "vertex": Api(
        "vertex",
        "gemini-2.5-flash",
        VertexProvider,
        r"POST .*/batchPredictionJobs$",
        r"GET /gcs/storage/.*predictions\.jsonl$",
        ', region: europe-west4, project: my-project, batch_bucket: "gs://mine/some/place",'
        ' batch_bucket_url: "{root}/gcs"',
    ),
}
IN_BUCKETS = ("bedrock", "vertex")


class Trap:
    """Kills the process when its provider hears a request for the first time, before it can hear the answer."""

    def __init__(self, process: Process, provider: Provider) -> None:
        self._process, self._pattern, self.sprung = process, "$^", threading.Event()
        self._plain = provider.plan
        provider.plan = self._plan  # type: ignore[method-assign]  # it counts, too

    def set(self, pattern: str) -> None:
        self._pattern = pattern

    def _plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        said = self._plain(method, path, headers, body)
        if not self.sprung.is_set() and re.search(self._pattern, f"{method} {path.partition('?')[0]}"):
            self._process.kill()
            self.sprung.set()
        return said


class Street(NamedTuple):
    house: House
    provider: Provider
    trap: Trap
    api: Api

    def begin(self) -> str:
        client, url = self.house.client, "/v1/chat/completions"
        bodies = [
            {
                "model": self.api.model,
                "max_tokens": 50,
                "messages": [{"role": "user", "content": f"scripted:words=3 {i}"}],
            }
            for i in range(LINES)
        ]
        lines = [{"custom_id": f"r-{i}", "method": "POST", "url": url, "body": body} for i, body in enumerate(bodies)]
        content = "\n".join(map(json.dumps, lines)).encode()
        file = client.files.create(file=("in.jsonl", content), purpose="batch").id
        return client.batches.create(input_file_id=file, endpoint="/v1/chat/completions", completion_window="24h").id

    def costs(self, id_: str) -> list[dict[str, Any]]:
        """What its runs cost, as soon as the index has all of them."""
        self.house.process.env["OUTRIDER_KEY"] = self.house.process.key
        until = time.monotonic() + 60
        while True:
            said = self.house.process.command("batches", "show", id_, "--json")
            assert said.returncode == 0, said.stderr
            costs: list[dict[str, Any]] = json.loads(said.stdout)["costs"]
            if sum(one["calls"] for one in costs if one["deployment"]) >= LINES:
                return costs
            assert time.monotonic() < until, costs

    def budget(self) -> Any:
        """How the budget stands that covers all of it."""
        said = self.house.process.command("budgets", "show", "all", "--json")
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout)["standing"]


@pytest.fixture(params=list(APIS))
def street(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Street]:
    api = APIS[request.param]
    provider = api.provider(patience=NEVER)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OUTRIDER_", "OPENAI_", "OTEL_", "AWS_"))}
    config = tmp_path / "outrider.yaml"
    with scripted_thread(provider) as url:
        root = url if api.preset in ("openai", "mistral") else url.removesuffix("/v1")
        config.write_text(
            f"server: {{port: {port}, drain_timeout: 5s}}\nembedded: {{enabled: false}}\n"
            "budgets: {all: {usd: 100, window: lifetime}}\n"
            f'providers: {{{api.preset}: {{preset: {api.preset}, api_key: "${{env:THEIR_KEY}}", base_url: "{root}",'
            f" models: [{api.model}]{api.more.format(root=root)}}}}}\n"
        )
        keys = {"THEIR_KEY": "k-1", "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
        process = Process(tmp_path / "home", config, port, env | keys)
        yield Street(House(process, provider), provider, Trap(process, provider), api)
        if process._child is not None and process._child.poll() is None:
            process.kill()


def over(street: Street, id_: str) -> None:
    """Every line is in the output once, none was asked for besides the provider's one batch, and each is paid once."""
    done = street.house.until(id_, LINES + 1)
    assert (done["status"], done["error_file_id"]) == ("completed", None)
    lines = street.house.output(done["output_file_id"])
    assert [line["custom_id"] for line in lines] == [f"r-{i}" for i in range(LINES)]
    assert (street.provider.live, len(street.provider.batches)) == (0, 1)
    if isinstance(street.provider, BucketProvider):
        assert street.provider.objects == {}
    paid, *free = street.costs(id_)
    assert (paid["deployment"], paid["calls"]) == (f"{street.api.preset}/{street.api.model} (batch)", LINES), free
    assert [one for one in free if one["cost_nano_usd"]] == []
    budget = street.budget()
    assert (budget["used"], budget["reserved"], budget["calls"]) == (paid["cost_nano_usd"], 0, LINES)


def test_killed_while_the_provider_works_on_it(street: Street) -> None:
    street.house.process.start()
    id_ = street.begin()
    while "own batch" not in str(street.house.client.batches.retrieve(id_).to_dict()["outrider"]):
        assert street.house.process._child is not None
    held = street.budget()["reserved"]
    assert held > 0
    for _ in range(2):
        street.house.process.kill()
        street.house.process.start()
        assert street.budget()["reserved"] == held
    street.provider.patience = 1
    street.house.process.kill()
    street.house.process.start()
    over(street, id_)


def test_killed_when_the_provider_had_heard_of_it(street: Street) -> None:
    street.house.process.start()
    street.trap.set(street.api.begins)
    id_ = street.begin()
    assert street.trap.sprung.wait(60)
    street.provider.patience = 1
    street.house.process.start()
    over(street, id_)


def test_killed_before_the_answers_were_heard(street: Street) -> None:
    street.provider.patience = 1
    street.house.process.start()
    street.trap.set(street.api.brings)
    id_ = street.begin()
    assert street.trap.sprung.wait(60)
    street.house.process.start()
    over(street, id_)


def test_killed_while_answers_came_home(street: Street) -> None:
    street.provider.patience = 1
    street.house.process.start()
    id_ = street.begin()
    for some in (1, LINES // 2):
        street.house.until(id_, some)
        street.house.process.kill()
        street.house.process.start()
    over(street, id_)


@pytest.mark.parametrize("street", IN_BUCKETS, indirect=True)
def test_killed_while_it_cleaned_up(street: Street) -> None:
    street.provider.patience = 1
    street.house.process.start()
    street.trap.set(r"DELETE ")
    id_ = street.begin()
    assert street.trap.sprung.wait(60)
    street.house.process.start()
    over(street, id_)


@pytest.mark.parametrize("street", ["vertex"], indirect=True)
def test_killed_before_there_was_a_job(street: Street) -> None:
    """Its lines are in the bucket; nobody was asked to work on them."""
    street.house.process.start()
    street.trap.set(r"(PUT|POST) /.*(input\.jsonl|/upload/.*)$")
    id_ = street.begin()
    assert street.trap.sprung.wait(60)
    street.house.process.start()
    done = street.house.until(id_, LINES + 1)
    assert [line["custom_id"] for line in street.house.output(done["output_file_id"])] == [
        f"r-{i}" for i in range(LINES)
    ]
    assert isinstance(street.provider, BucketProvider)
    assert (street.provider.live, street.provider.batches, street.provider.objects) == (LINES, {}, {})


@pytest.mark.parametrize("street", ["bedrock"], indirect=True)
def test_killed_before_there_was_a_job_that_is_asked_for_again(street: Street) -> None:
    """Its lines are in the bucket: the request with its token begins the job, or finds it."""
    street.provider.patience = 1
    street.house.process.start()
    street.trap.set(r"(PUT|POST) /.*(input\.jsonl|/upload/.*)$")
    id_ = street.begin()
    assert street.trap.sprung.wait(60)
    street.house.process.start()
    over(street, id_)
