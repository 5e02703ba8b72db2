"""A batch through kills: every line is in the output once, and only lines that were under way are asked for again."""

import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from outrider.testing import ScriptedProvider, scripted_thread
from tests.crash.conftest import Process

pytestmark = pytest.mark.slow
LINES = 500
AT_ONCE = 16
ENDS = ("completed", "failed", "expired", "cancelled")


class House:
    """A process with its provider, and a client that bears that it is away."""

    def __init__(self, process: Process, provider: ScriptedProvider) -> None:
        self.process, self.provider = process, provider

    @property
    def client(self) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"http://127.0.0.1:{self.process.port}/v1", api_key=self.process.key, timeout=30)

    def begin(self, words: str) -> str:
        texts = [{"role": "user", "content": f"scripted:{words} {i}"} for i in range(LINES)]
        asked = [{"model": "scripted-chat", "messages": [text]} for text in texts]
        url: Any = "/v1/chat/completions"
        lines = [{"custom_id": f"r-{i}", "method": "POST", "url": url, "body": body} for i, body in enumerate(asked)]
        content = "\n".join(map(json.dumps, lines)).encode()
        file = self.client.files.create(file=("in.jsonl", content), purpose="batch").id
        return self.client.batches.create(input_file_id=file, endpoint=url, completion_window="24h").id

    def until(self, id_: str, done: int) -> dict[str, Any]:
        """Wait until so many lines are done, or the batch is over."""
        deadline, client = time.monotonic() + 120, self.client
        while True:
            batch = client.batches.retrieve(id_).to_dict()
            counts: Any = batch["request_counts"]
            if batch["status"] in ENDS or counts["completed"] >= done:
                return batch
            assert time.monotonic() < deadline, batch
            time.sleep(0.02)

    def output(self, file: Any) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.client.files.content(file).text.splitlines()]


@pytest.fixture
def house(tmp_path: Path, store_url: str) -> Iterator[House]:
    provider = ScriptedProvider()
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OUTRIDER_", "OPENAI_", "OTEL_"))}
    config = tmp_path / "outrider.yaml"
    with scripted_thread(provider) as url:
        config.write_text(
            f"server: {{port: {port}, drain_timeout: 5s}}\nembedded: {{enabled: false}}\n"
            f"batches: {{concurrency: {AT_ONCE}}}\n"
            f'providers: {{scripted: {{base_url: "{url}", models: [scripted-chat]}}}}\n'
        )
        made = House(Process(tmp_path / "home", config, port, env | {"OUTRIDER_DATABASE_URL": store_url}), provider)
        yield made
        if made.process._child is not None and made.process._child.poll() is None:
            made.process.kill()


def whole(house: House, batch: dict[str, Any]) -> None:
    """Every line is in the output, once, in the order of the input."""
    assert (batch["status"], batch["error_file_id"]) == ("completed", None)
    assert batch["request_counts"] == {"total": LINES, "completed": LINES, "failed": 0}
    lines = house.output(batch["output_file_id"])
    assert [line["custom_id"] for line in lines] == [f"r-{i}" for i in range(LINES)]
    assert {line["response"]["status_code"] for line in lines} == {200}


@pytest.mark.parametrize("workers", [1, 3])
def test_kills_cost_no_line_and_hardly_a_call(house: House, workers: int) -> None:
    house.process.start("--workers", str(workers))
    batch = house.begin("delay=0.02,words=5")
    kills = 5
    for number in range(kills):
        house.until(batch, (number + 1) * LINES // (kills + 2))
        house.process.kill()
        house.process.start("--workers", str(workers))
    whole(house, house.until(batch, LINES + 1))
    assert LINES <= house.provider.counts["chat"] <= LINES + kills * AT_ONCE


def test_a_kill_while_the_output_is_made(house: House) -> None:
    house.process.start()
    batch = house.begin("words=5")
    house.until(batch, LINES)
    house.process.kill()
    house.process.start()
    done = house.until(batch, LINES + 1)
    whole(house, done)
    house.process.kill()
    house.process.start()
    whole(house, house.until(batch, LINES + 1))
    assert house.provider.counts["chat"] <= LINES + AT_ONCE


def test_a_cancelled_batch_ends_though_its_process_died(house: House) -> None:
    house.process.start()
    batch = house.begin("delay=0.2,words=5")
    house.until(batch, 20)
    house.client.batches.cancel(batch)
    house.process.kill()
    house.process.start()
    done = house.until(batch, LINES + 1)
    assert done["status"] == "cancelled"
    lines = house.output(done["output_file_id"]) + house.output(done["error_file_id"])
    assert sorted(line["custom_id"] for line in lines) == sorted(f"r-{i}" for i in range(LINES))
