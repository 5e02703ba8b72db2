"""Live traffic that is scored by judges who cost money, under SIGKILL: each drawn run is scored once, or waits and says
why; the day's budget holds, and no more calls are paid twice than were under way.
"""

import json
import os
import random
import socket
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from outrider.base import clock
from outrider.evals.online.book import DAY_NS, Book
from outrider.evals.online.rounds import PER_RULE
from outrider.store import Store, open_evals
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.plans import Plan
from tests.crash.conftest import Process

pytestmark = pytest.mark.slow
KILLS, RUNS, CALLS, USD = 5, 160, 110, 5
JUDGE = 'scripted:delay=0.1,text={"reasons":"so","verdict":"pass"}'
PRICE = 100
"""Dollars per million tokens: a cent for a verdict, and what is held before it is known is more."""


class Judge(ScriptedProvider):
    """Counts what it was asked, by case: each of these calls is on the bill."""

    def __init__(self) -> None:
        super().__init__()
        self.by_case: Counter[str] = Counter()

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        made = super().plan(method, path, headers, body)
        if method == "POST":
            self.by_case[body.decode().partition("case-")[2].partition("-")[0]] += 1
        return made

    @property
    def bill(self) -> int:
        """Nano-dollars."""
        return (self.counts["input_tokens"] + self.counts["output_tokens"]) * PRICE * 1_000


class Town:
    """An installation under load, whose server is killed now and then."""

    def __init__(self, process: Process, judge: Judge) -> None:
        self.process, self.judge, self.chance = process, judge, random.Random(7)
        self.answered: list[str] = []
        self._stop, self._ask = threading.Event(), threading.Thread(target=self._keep_asking)

    def load(self) -> None:
        self._ask.start()

    def _keep_asking(self) -> None:
        number = 0
        while len(self.answered) < RUNS and not self._stop.is_set():
            number += 1
            asked = {"model": "support", "messages": [{"role": "user", "content": f"scripted:words=3 case-{number}-"}]}
            request = urllib.request.Request(
                f"http://127.0.0.1:{self.process.port}/v1/chat/completions", json.dumps(asked).encode()
            )
            request.add_header("authorization", f"Bearer {self.process.key}")
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    answer.read()
                    self.answered.append(answer.headers["x-request-id"])
            except (OSError, urllib.error.HTTPError):
                self._stop.wait(0.1)
            self._stop.wait(0.04)

    def end(self) -> None:
        self._stop.set()
        self._ask.join()

    def store(self) -> Store:
        return open_evals(f"sqlite:///{self.process.home / 'outrider.sqlite3'}")

    def until(self, what: str, sql: str, least: int) -> None:
        """Wait until a count is reached."""
        deadline = time.monotonic() + 120
        with closing(self.store()) as store:
            while int(store.query(sql)[0][0]) < least:
                assert time.monotonic() < deadline, f"{what}: {store.query(sql)}"
                time.sleep(0.05)


@pytest.fixture
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    judge = Judge()
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    with scripted_thread(ScriptedProvider()) as url, scripted_thread(judge) as judge_url:
        rule = {"share": "1", "where": "route=support", "evaluators": [
            {"judge": {"model": "kind", "rubric": "Is it kind?", "same_family": True}}]}  # fmt: skip
        config = {
            "server": {"port": port, "drain_timeout": "10s"}, "embedded": {"enabled": False},
            "providers": {
                "scripted": {"base_url": url, "models": ["scripted-chat"]},
                "judging": {"base_url": judge_url, "models": [JUDGE],
                            "prices": {JUDGE: {"input": PRICE, "output": PRICE}}},
            },
            "routes": {"support": {"deployments": ["scripted/scripted-chat"]},
                       "kind": {"deployments": [f"judging/{JUDGE}"], "retries": 0}},
            "evaluation": {"online": {"every": "1s", "budget": request.param, "rules": {"all": rule}}},
        }  # fmt: skip
        (tmp_path / "outrider.yaml").write_text(yaml.safe_dump(config))
        env = {k: v for k, v in os.environ.items() if not k.startswith(("OUTRIDER_", "OPENAI_", "OTEL_"))}
        process = Process(tmp_path / "home", tmp_path / "outrider.yaml", port, env)
        process.start()
        made = Town(process, judge)
        yield made
        made.end()
        if process._child is not None and process._child.poll() is None:
            process.kill()


@pytest.mark.parametrize(
    ("town", "budget"),
    [({"calls": CALLS}, {"calls": CALLS}), ({"usd": USD}, {"usd": USD})],
    indirect=["town"],
    ids=["calls", "dollars"],
)
def test_each_drawn_run_is_scored_once_or_says_why_it_waits(town: Town, budget: dict[str, int]) -> None:
    town.until("the first round", "SELECT count(*) FROM online_lead WHERE done > 0", 1)
    town.load()
    told = "SELECT count(*) FROM online_samples WHERE status = 'done' OR why LIKE '%budget%'"
    for turn in range(1, KILLS + 1):
        town.until("scores", told, turn * 8)
        time.sleep(town.chance.uniform(0, 0.3))
        town.process.kill()
        town.process.start()
    town.until("answers", "SELECT count(*) FROM online_samples", RUNS)
    town.until("an end", told, RUNS)
    time.sleep(2.0)  # nothing more is asked
    town.end()
    assert town.process.terminate() == 0
    with closing(town.store()) as store:
        samples = store.query("SELECT run, status, why FROM online_samples")
        scored = Counter(str(run) for (run,) in store.query("SELECT run FROM online_scores"))
        spent = Book(lambda: store).spent(clock.now_ns() // DAY_NS)
    assert set(town.answered) <= {str(run) for run, _, _ in samples}, "what was answered was drawn from"
    done = {str(run) for run, status, _ in samples if status == "done"}
    assert done == set(scored)
    assert set(scored.values()) == {1}
    assert {status for _, status, why in samples if "budget" not in why} == {"done"}
    again = town.judge.by_case.total() - len(town.judge.by_case)
    assert again <= KILLS * PER_RULE, "as many as were under way when the server was killed"
    assert spent.calls <= budget.get("calls", RUNS)
    assert town.judge.bill <= budget.get("usd", 1_000) * 10**9, "what was paid twice is in it"
    if "calls" in budget:
        assert len(done) == CALLS, "all that there was room for"
