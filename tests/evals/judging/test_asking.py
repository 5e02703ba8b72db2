"""Judges asked as routes of a whole Outrider, in experiments that cost, stop and go on."""

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from outrider.base.errors import RequestError, UpstreamError
from outrider.evals import planning
from outrider.evals.datasets import Datasets
from outrider.evals.evaluators import Ports
from outrider.evals.experiments import Done, Experiment, Experiments
from outrider.evals.judging.asking import Asking
from outrider.evals.runner import Runner, Told
from outrider.evals.suite import Suite
from outrider.testing import ScriptedProvider, plans, scripted_thread
from outrider.testing.plans import Plan
from outrider.testing.running import running
from tests.evals.conftest import House
from tests.evals.test_runner import answering, cut, suite_of

CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat, gpt-4o], prices: {{scripted-chat: {{input: 1, output: 2}},
    gpt-4o: {{input: 10, output: 10}}}}}}
routes:
  good: {{deployments: [scripted/gpt-4o, scripted/scripted-chat]}}
"""
SUITE = """
dataset: cases.jsonl
variants:
  next: {model: scripted/scripted-chat, prompt: "Be short."}
  now: scripted/scripted-chat
baseline: now
evaluators:
  - judge: {model: scripted/gpt-4o, rubric: It holds an even number.}
  - prefer: {model: scripted/gpt-4o}
concurrency: 2
"""


class Judging(ScriptedProvider):
    """`gpt-4o` judges: even numbers are good, and of two answers the first is better."""

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        request = json.loads(body) if body else {}
        if request.get("model") != "gpt-4o":
            return super().plan(method, path, headers, body)
        self.count("judged")
        shown = request["messages"][-1]["content"]
        found = re.search(r"<ANSWER \w+>\n.*?(\d+)\n</ANSWER", shown, re.DOTALL)
        word = ("pass" if int(found[1]) % 2 == 0 else "fail") if found else "first"
        said = {"role": "assistant", "content": json.dumps({"reasons": "so it is", "verdict": word})}
        answer = {
            "id": "x", "object": "chat.completion", "created": 1, "model": "gpt-4o",
            "choices": [{"index": 0, "message": said, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }  # fmt: skip
        return plans.whole(answer, {})


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[House]:
    provider = Judging()
    with scripted_thread(provider) as url, running(CONFIG.format(url=url), tmp_path / "home") as outrider:
        yield House(outrider, provider)


def asking(house: House, *tags: str) -> Asking:
    key = {"authorization": f"Bearer {house.outrider.key}"}
    return Asking(house.outrider.url, lambda: key, tags)


def runner(
    suite: Suite,
    begun: Experiment,
    datasets: Datasets,
    experiments: Experiments,
    house: House,
    told: Told = lambda items, done, cost: None,
) -> Runner:
    cases = planning.by_digest(datasets.cases("p", "cases"))
    asked = asking(house, f"judge:{begun.id}")
    return Runner(experiments, begun, suite, cases, house.opens(), Ports(ask=asked, families=asked.families), told)


def scores(experiments: Experiments, begun: Experiment, name: str) -> dict[tuple[str, str], Done]:
    return {(one.item.case_id, one.item.variant): one for one in experiments.done(begun.id) if name in one.scores}


def test_judges_judge_and_their_cost_counts(
    bench: House, tmp_path: Path, datasets: Datasets, experiments: Experiments
) -> None:
    suite = suite_of(tmp_path, answering(6), text=SUITE)
    begun = planning.begin(suite, datasets, experiments, "p")
    asyncio.run(runner(suite, begun, datasets, experiments, bench).run())
    found = scores(experiments, begun, "judge")
    assert [found[f"c{n}", "now"].scores["judge"].value for n in range(4)] == [1.0, 0.0, 1.0, 0.0]
    assert all(one.scores["judge"].cost == 1_100_000 for one in found.values())
    assert all(one.scores["prefer"].value == 0.5 for one in found.values()), "both say the same"
    assert bench.provider.counts["judged"] == 12
    assert experiments.progress(begun.id).cost == sum(one.cost for one in found.values()) > 12 * 1_100_000


def test_a_pairwise_judge_gets_the_baselines_answer_also_after_a_stop(
    bench: House, tmp_path: Path, datasets: Datasets, experiments: Experiments
) -> None:
    text = SUITE.replace('prompt: "Be short."', "set: {max_tokens: 1}").replace("[delay]", "")
    suite = suite_of(tmp_path, answering(20, delay=0.02), text=text)
    begun = planning.begin(suite, datasets, experiments, "p")
    asyncio.run(cut(partial(runner, suite, begun, datasets, experiments, bench), 9))
    assert 9 <= experiments.progress(begun.id).done < 40
    asyncio.run(runner(suite, begun, datasets, experiments, bench).run())
    found = scores(experiments, begun, "prefer")
    assert len(found) == 40
    compared = [one.scores["prefer"] for (_, variant), one in found.items() if variant == "next"]
    assert {(tuple(one.about["shown_first"]), tuple(one.about["shown_second"])) for one in compared} == {
        ((1.0,), (1.0,))
    }
    assert {one.value for one in compared} == {0.5}, "its side is taken out"


def test_the_budget_counts_judges(bench: House, tmp_path: Path, datasets: Datasets, experiments: Experiments) -> None:
    suite = suite_of(tmp_path, answering(40), "budget: 0.02\n", text=SUITE)
    begun = planning.begin(suite, datasets, experiments, "p")
    ended = asyncio.run(runner(suite, begun, datasets, experiments, bench).run())
    assert (ended.status, ended.about["why"]) == ("stopped", "the budget is used up")
    assert 0 < experiments.progress(begun.id).cost <= 20_000_000


def test_the_own_family_is_refused_by_the_servers_own_routes(
    bench: House, tmp_path: Path, datasets: Datasets, experiments: Experiments
) -> None:
    assert asking(bench).families("good") == {"openai", "scripted"}
    assert asking(bench).families("elsewhere/claude-x") == {"anthropic"}
    suite = suite_of(tmp_path, answering(2), text=SUITE.replace("model: scripted/gpt-4o", "model: good"))
    begun = planning.begin(suite, datasets, experiments, "p")
    with pytest.raises(RequestError, match=r"of one family \(scripted\)"):
        asyncio.run(runner(suite, begun, datasets, experiments, bench).run())
    assert bench.provider.counts["chat"] == 0


def test_the_same_question_is_paid_once(bench: House) -> None:
    ask, message = asking(bench), [{"role": "user", "content": "scripted:text=hello"}]
    assert ask("scripted/scripted-chat", message, again="one")[0] == "hello"
    assert ask("scripted/scripted-chat", message, again="one")[0] == "hello"
    assert bench.provider.counts["chat"] == 1


def test_refusals_and_silence_are_said(bench: House) -> None:
    message = [{"role": "user", "content": "scripted:status=400"}]
    with pytest.raises(RequestError, match="the judge 'scripted/scripted-chat' does not answer"):
        asking(bench)("scripted/scripted-chat", message)
    with pytest.raises(UpstreamError, match="is `outrider up` running"):
        Asking("http://127.0.0.1:1", dict)("m", message)
    with pytest.raises(UpstreamError, match="is `outrider up` running"):
        Asking("http://127.0.0.1:1", dict).families("m")
