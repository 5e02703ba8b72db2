"""`/api/experiments` of a whole Outrider: begun, worked on by a process of its own, stopped, resumed, compared."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Experiments
from outrider.evals.records import Case, Variant
from outrider.evals.redteam import campaign as redteam
from outrider.evals.redteam.library import bundled
from outrider.store import open_evals
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running
from tests.api.conftest import ApiWorld

CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat], prices: {{scripted-chat: {{input: 1, output: 2}}}}}}
"""
SUITE = """
name: weekly
dataset: answers
variants:
  now: scripted/scripted-chat
  worse: {model: scripted/scripted-chat, set: {max_tokens: 1}}
evaluators: [exact, seconds]
gates: ["now: exact >= 0.5"]
"""


class House:
    def __init__(self, outrider: Running, provider: ScriptedProvider) -> None:
        assert outrider.worker is not None
        outrider.worker.experiments.url = outrider.url  # it listens at a port of its own
        self.outrider, self.provider = outrider, provider
        self.client = self.of(outrider.key)

    def of(self, key: str) -> httpx.Client:
        return httpx.Client(base_url=self.outrider.url, headers={"authorization": f"Bearer {key}"}, timeout=30)

    def cases(self, cases: list[Case], name: str = "answers") -> None:
        store = open_evals(self.outrider.store_url)
        Datasets(lambda: store).save("default", name, cases)
        store.close()

    def begin(self, suite: Any = SUITE) -> str:
        answer = self.client.post("/api/experiments", json={"suite": suite})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def ended(self, id_: str, *states: str) -> dict[str, Any]:
        """Its report, when nobody works on it any more."""
        began = time.monotonic()
        while time.monotonic() - began < 60:
            report: dict[str, Any] = self.client.get(f"/api/experiments/{id_}").json()
            if report["experiment"]["state"] in (states or ("done", "stopped")):
                return report
            asyncio.run(asyncio.sleep(0.2))
        raise AssertionError(report)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    provider = ScriptedProvider()
    with scripted_thread(provider) as url, running(CONFIG.format(url=url), tmp_path / "home") as outrider:
        yield House(outrider, provider)


def answering(count: int, text: str = "answer number") -> list[Case]:
    return [Case(f"c{n}", f"scripted:text={text} {n}", f"{text} {n}") for n in range(count)]


def test_a_suite_is_begun_worked_on_and_compared(house: House) -> None:
    house.cases(answering(30))
    id_ = house.begin()
    report = house.ended(id_)
    assert (report["experiment"]["state"], report["experiment"]["done"], report["verdict"]) == ("done", 60, "passed")
    assert report["experiment"]["author"] == house.outrider.key.split("-")[2], "asked in the name of the key"
    assert report["report"]["against"][0]["lost"], "one token is no answer"
    [listed] = house.client.get("/api/experiments").json()["experiments"]
    assert (listed["id"], listed["items"], listed["cost"] > 0) == (id_, 60, True)
    page = house.client.get(f"/api/experiments/{id_}/items?limit=25").json()
    assert ([one["place"] for one in page["answers"]], page["next"]) == (list(range(25)), 24)
    last = house.client.get(f"/api/experiments/{id_}/items?after=49&limit=25").json()
    assert ([one["place"] for one in last["answers"]][-1], last["next"]) == (59, None)
    diff = house.client.get(f"/api/experiments/{id_}/diff?change=worse&limit=10").json()
    assert (diff["counts"], diff["total"], diff["next"]) == (
        {"better": 0, "worse": 30, "changed": 0, "same": 0},
        30,
        10,
    )
    assert {one["text"] for one in diff["cases"][0]["answers"]} >= {"answer"}
    assert diff["notes"] == {}, "no judge, nothing to say against one"
    told = house.client.get(f"/api/experiments/{id_}/diagnosis?variant=worse&limit=10").json()
    assert (told["looked"], told["total"], told["score"], told["next"]) == (60, 60, "exact", 10)
    assert (told["stages"], len(told["answers"])) == ({"now": {"right": 30}, "worse": {"unknown": 30}}, 10)
    assert "recorded no search" in told["answers"][0]["why"]
    rest = house.client.get(f"/api/experiments/{id_}/diagnosis?stage=unknown&first=20&limit=10").json()
    assert (len(rest["answers"]), rest["next"]) == (10, None)
    assert house.client.get(f"/api/experiments/{id_}/diagnosis?score=seconds").status_code == 400
    house.outrider.store()
    run = house.client.get(f"/api/runs/{diff['cases'][0]['answers'][0]['run']}").json()
    assert f"eval:{id_}" in json.dumps(run)


def test_one_is_stopped_and_resumed_and_nothing_is_asked_twice(house: House) -> None:
    house.cases(answering(40))
    id_ = house.begin(SLOW)
    stopped = house.client.post(f"/api/experiments/{id_}/stop").json()
    assert stopped["state"] == "stopped"
    assert house.client.post("/api/experiments/nothing/stop").status_code == 404
    again = house.client.post(f"/api/experiments/{id_}/resume")
    while again.status_code == 409:  # whoever worked on it has not let go of it
        assert "try again" in again.text
        again = house.client.post(f"/api/experiments/{id_}/resume")
    assert again.status_code == 200, again.text
    assert house.ended(id_, "done")["experiment"]["done"] == 40
    assert house.provider.counts["chat"] == 40


def test_a_red_team_that_stopped_goes_on_here_and_searches_too(house: House) -> None:
    store = open_evals(house.outrider.store_url)
    wanted = redteam.Wanted(bundled().only(["leakage"]), attempts=60)
    variant = Variant("subject", "scripted/scripted-chat")
    made = redteam.suite("redteam", variant, wanted, concurrency=8, budget=0)
    team = redteam.Campaign(Datasets(lambda: store), Experiments(lambda: store), "default")
    id_ = team.begin(made, wanted).id
    store.close()
    assert house.client.post(f"/api/experiments/{id_}/resume").status_code == 200
    while (report := house.ended(id_, "done"))["experiment"]["done"] < 60:  # between two rounds it is done for a moment
        pass
    assert report["report"]["measured"][0]["score"] == "breach"


SLOW = {
    "name": "slow", "dataset": "answers", "variants": {"now": "scripted/scripted-chat"}, "evaluators": ["exact"],
    "per_minute": 600,
}  # fmt: skip


@pytest.mark.slow
def test_the_server_ends_what_it_began_and_it_can_be_resumed(tmp_path: Path) -> None:
    provider = ScriptedProvider()
    with scripted_thread(provider) as url:
        with running(CONFIG.format(url=url), tmp_path / "home") as outrider:
            house = House(outrider, provider)
            house.cases(answering(40))
            id_ = house.begin(SLOW)
        with running(CONFIG.format(url=url), tmp_path / "home") as outrider:
            house = House(outrider, provider)
            left = house.client.get(f"/api/experiments/{id_}").json()["experiment"]
            assert left["state"] in ("waiting", "stopped")
            assert house.client.post(f"/api/experiments/{id_}/resume").status_code == 200
            assert house.ended(id_)["experiment"]["state"] == "done"
    assert provider.counts["chat"] == 40


@pytest.mark.parametrize(
    ("suite", "words"),
    [
        ("dataset: [", "not YAML"),
        ({"dataset": "answers", "variants": {"a": {"python": "os:getcwd"}}}, "only `outrider eval run` takes it"),
        ({"dataset": "answers", "variants": {"a": {"model": "m", "prompt_file": "/etc/passwd"}}}, "prompt_file"),
        ({"dataset": "../x.jsonl", "variants": {"a": "m"}}, "name of a stored dataset"),
        ({"dataset": "answers", "variants": {"a": "m"}, "evaluators": [{"sql": {}}]}, "uses the machine"),
        ({"dataset": "answers", "variants": {"a": "m"}, "gates": ["b > 1"]}, "is no gate"),
        ("a: &x {b: 1}\nc: *x", "no aliases"),
    ],
)
def test_a_suite_that_cannot_be_is_named(house: House, suite: Any, words: str) -> None:
    house.cases(answering(1))
    answer = house.client.post("/api/experiments", json={"suite": suite})
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_what_is_not_there_or_another_projects_is_404(house: House) -> None:
    house.cases(answering(2))
    assert house.client.post("/api/experiments", json={"suite": {**SLOW, "dataset": "nothing"}}).status_code == 404
    id_ = house.begin()
    other = house.of(house.outrider.new_key("other"))
    assert other.get(f"/api/experiments/{id_}").status_code == 404
    assert other.get("/api/experiments").json()["experiments"] == []
    assert house.ended(id_)["experiment"]["state"] == "done"
    bad = house.client.get(f"/api/experiments/{id_}/diff?score=taste")
    assert (bad.status_code, "exact, seconds" in bad.text) == (400, True)
    assert house.client.post(f"/api/experiments/{id_}/resume").status_code == 409, "it is done"


def test_evaluators_are_listed_with_what_they_measure(house: House) -> None:
    found = {one["name"]: one for one in house.client.get("/api/evaluators").json()["evaluators"]}
    assert found["exact"]["better"] == "higher"
    assert (found["seconds"]["better"], found["seconds"]["unit"]) == ("lower", "s")


def test_a_process_without_experiments_says_so(world: ApiWorld) -> None:
    assert world.api().get("/api/experiments").status_code == 503
