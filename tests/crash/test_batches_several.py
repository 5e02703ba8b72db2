"""Batches at Azure, and of several models, through kills at four moments: every line once, none paid twice."""

import json
import os
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from outrider.testing import scripted_thread
from tests.crash.conftest import Process
from tests.crash.test_batches import House
from tests.crash.test_batches_forwarded import NEVER, Trap
from tests.gateway.batches.theirs import AzureProvider, BatchProvider

pytestmark = pytest.mark.slow
LINES = 300
URL: Any = "/v1/chat/completions"
BEGINS, BRINGS = r"POST (/openai)?/v1/batches$", r"GET (/openai)?/v1/files/.*/content$"


class Kind(NamedTuple):
    """`models` take the lines in turn; each is one batch there."""

    provider: type[BatchProvider]
    models: tuple[str, ...]
    entry: str


KINDS = {
    "azure": Kind(
        AzureProvider,
        ("gpt-4o-mini",),
        'azure: {{preset: azure, api_key: "${{env:THEIR_KEY}}", base_url: "{root}", models: [gpt-4o-mini],'
        " batch_models: {{gpt-4o-mini: gpt-4o-mini-batch}}}}",
    ),
    "several models": Kind(
        BatchProvider,
        ("gpt-4o-mini", "gpt-4o", "openai/gpt-4o-mini"),
        'openai: {{preset: openai, api_key: "${{env:THEIR_KEY}}", base_url: "{root}/v1",'
        " models: [gpt-4o-mini, gpt-4o]}}",
    ),
}


class Street(NamedTuple):
    house: House
    provider: BatchProvider
    trap: Trap
    kind: Kind

    def begin(self) -> str:
        models = self.kind.models
        said = [[{"role": "user", "content": f"scripted:words=3 {i}"}] for i in range(LINES)]
        bodies = [{"model": models[i % len(models)], "max_tokens": 50, "messages": one} for i, one in enumerate(said)]
        lines = [{"custom_id": f"r-{i}", "method": "POST", "url": URL, "body": one} for i, one in enumerate(bodies)]
        client, content = self.house.client, "\n".join(map(json.dumps, lines)).encode()
        file = client.files.create(file=("in.jsonl", content), purpose="batch").id
        return client.batches.create(input_file_id=file, endpoint=URL, completion_window="24h").id

    def killed(self) -> None:
        self.house.process.kill()
        self.house.process.start()


@pytest.fixture(params=list(KINDS))
def street(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Street]:
    kind = KINDS[request.param]
    provider = kind.provider(patience=NEVER)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OUTRIDER_", "OPENAI_", "OTEL_"))}
    config = tmp_path / "outrider.yaml"
    with scripted_thread(provider) as url:
        config.write_text(
            f"server: {{port: {port}, drain_timeout: 5s}}\nembedded: {{enabled: false}}\n"
            "budgets: {all: {usd: 100, window: lifetime}}\n"
            f"providers: {{{kind.entry.format(root=url.removesuffix('/v1'))}}}\n"
        )
        process = Process(tmp_path / "home", config, port, env | {"THEIR_KEY": "k-1"})
        yield Street(House(process, provider), provider, Trap(process, provider), kind)
        if process._child is not None and process._child.poll() is None:
            process.kill()


def over(street: Street, id_: str) -> None:
    """Every line is in the output once, in order; each model's were one batch there, and none was asked here."""
    done = street.house.until(id_, LINES + 1)
    assert (done["status"], done["error_file_id"]) == ("completed", None)
    assert done["request_counts"] == {"total": LINES, "completed": LINES, "failed": 0}
    lines = street.house.output(done["output_file_id"])
    assert [line["custom_id"] for line in lines] == [f"r-{i}" for i in range(LINES)]
    sent = Counter(one["request_counts"]["total"] for one in street.provider.batches.values())
    assert (street.provider.live, sent) == (0, {LINES // len(street.kind.models): len(street.kind.models)})
    street.house.process.env["OUTRIDER_KEY"] = street.house.process.key
    said = street.house.process.command("budgets", "show", "all", "--json")
    assert said.returncode == 0, said.stderr
    standing = json.loads(said.stdout)["standing"]
    assert (standing["calls"], standing["reserved"]) == (LINES, 0)


def until_there(street: Street, id_: str) -> None:
    while True:
        waits = str(street.house.client.batches.retrieve(id_).to_dict()["outrider"])
        if waits.count("own batch") == len(street.kind.models):
            return
        assert street.house.process._child is not None


def test_killed_while_the_provider_works_on_it(street: Street) -> None:
    street.house.process.start()
    id_ = street.begin()
    until_there(street, id_)
    street.killed()
    street.provider.patience = 1
    street.killed()
    over(street, id_)


def test_killed_when_the_provider_had_heard_of_it(street: Street) -> None:
    street.house.process.start()
    street.trap.set(BEGINS)
    id_ = street.begin()
    assert street.trap.sprung.wait(60)
    street.provider.patience = 1
    street.house.process.start()
    over(street, id_)


def test_killed_before_the_answers_were_heard(street: Street) -> None:
    street.provider.patience = 1
    street.house.process.start()
    street.trap.set(BRINGS)
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
        street.killed()
    over(street, id_)
