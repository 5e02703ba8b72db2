"""An experiment of 5,000 cases under SIGKILL: it goes on where it was, and no call is paid twice."""

import json
import os
import random
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import yaml

from outrider.evals.experiments import Experiments
from outrider.store import open_evals
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.plans import Plan
from tests.crash.conftest import Process

pytestmark = pytest.mark.slow
CASES, AT_ONCE, KILLS = 5_000, 16, 8
SUITE = {
    "dataset": "cases.jsonl", "variants": {"now": "scripted/scripted-chat"}, "evaluators": ["contains"],
    "concurrency": AT_ONCE,
}  # fmt: skip
PRICES = {"scripted-chat": {"input": 1, "output": 2}}


class Paid(ScriptedProvider):
    """Counts what it was asked, by case: each of these calls is on the bill."""

    def __init__(self) -> None:
        super().__init__()
        self.by_case: Counter[str] = Counter()

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        made = super().plan(method, path, headers, body)
        if method == "POST":
            self.by_case[json.loads(body)["messages"][-1]["content"].rpartition(" ")[2]] += 1
        return made

    @property
    def asked(self) -> int:
        return self.by_case.total()


class Work:
    """`outrider eval` on an installation that outlives it."""

    def __init__(self, process: Process, provider: Paid, folder: Path) -> None:
        self.process, self.provider, self._folder = process, provider, folder
        self.chance = random.Random(20261122)

    def begin(self) -> "subprocess.Popen[bytes]":
        return self._started("run", str(self._folder / "suite.yaml"))

    def resume(self) -> "subprocess.Popen[bytes]":
        return self._started("resume", "suite")

    def _started(self, *args: str) -> "subprocess.Popen[bytes]":
        with (self._folder / "eval.log").open("ab") as out:
            line = self.process.line("eval", *args)
            return subprocess.Popen(line, stdout=out, stderr=out, env=self.process.env, start_new_session=True)

    def later(self, child: "subprocess.Popen[bytes]", calls: int) -> None:
        """Some calls later, at no moment in particular."""
        until = self.provider.asked + calls
        while self.provider.asked < until:
            assert child.poll() is None, self.log()
            time.sleep(0.001)
        time.sleep(self.chance.uniform(0, 0.25))

    def log(self) -> str:
        return (self._folder / "eval.log").read_text()

    def written(self) -> tuple[set[str], int]:
        """Cases whose answer is written down, and what all of them cost."""
        store = open_evals(f"sqlite:///{self.process.home / 'outrider.sqlite3'}")
        experiments = Experiments(lambda: store)
        done = list(experiments.done(experiments.newest("default")[0].id))
        store.close()
        assert all(one.outcome.status == "ok" for one in done)
        return {one.item.case_id for one in done}, sum(one.cost for one in done)


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    provider = Paid()
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    said = "scripted:delay=0.01,text=yes case"
    cases = [{"id": f"c{n}", "input": f"{said} c{n}", "expected": "yes"} for n in range(CASES)]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    (tmp_path / "suite.yaml").write_text(json.dumps(SUITE))
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OUTRIDER_", "OPENAI_", "OTEL_"))}
    with scripted_thread(provider) as url:
        config = {
            "server": {"port": port, "drain_timeout": "10s"}, "embedded": {"enabled": False},
            "providers": {"scripted": {"base_url": url, "models": ["scripted-chat"], "prices": PRICES}},
        }  # fmt: skip
        (tmp_path / "outrider.yaml").write_text(yaml.safe_dump(config))
        process = Process(tmp_path / "home", tmp_path / "outrider.yaml", port, env)
        process.start()
        yield Work(process, provider, tmp_path)
        if process._child is not None and process._child.poll() is None:
            process.kill()


def test_kills_of_the_experiment_cost_no_call(work: Work) -> None:
    """Its own server answers again what was answered and not written down: exactly one call for each case."""
    child = work.begin()
    for _ in range(KILLS):
        work.later(child, work.chance.randrange(100, 500))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child = work.resume()
    assert child.wait(300) == 0, work.log()
    written, cost = work.written()
    assert len(written) == CASES
    assert set(work.provider.by_case.values()) == {1}
    assert work.provider.asked == CASES
    bill = work.provider.counts["input_tokens"] * 1_000 + work.provider.counts["output_tokens"] * 2_000
    assert cost == bill, "what was answered before a kill counts as what it cost"


def test_kills_of_the_server_too_cost_what_was_under_way(work: Work) -> None:
    """Of a call that was cut in the middle nobody has the answer: it is made again, and no other is."""
    child, known = work.begin(), dict[str, int]()
    for _ in range(KILLS):
        work.later(child, work.chance.randrange(100, 500))
        work.process.kill()
        child.send_signal(signal.SIGKILL)
        child.wait()
        written, _ = work.written()
        known |= {case: work.provider.by_case[case] for case in written - known.keys()}
        work.process.start()
        child = work.resume()
    assert child.wait(300) == 0, work.log()
    assert len(work.written()[0]) == len(work.provider.by_case) == CASES
    assert {case: work.provider.by_case[case] for case in known} == known, "what was written down is never asked again"
    assert work.provider.asked - CASES <= KILLS * AT_ONCE
