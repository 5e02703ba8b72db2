"""What a process has of experiments before anybody asks, and the process that works on one."""

import asyncio
from pathlib import Path

import pytest

from outrider.app.evals import EvalsHandle
from outrider.app.experimenter import Task, work
from outrider.app.experiments import Experimenting
from outrider.app.settings import parse
from outrider.base.errors import RequestError
from outrider.evals import planning, sent
from outrider.evals.records import Case
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import running

CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat]}}
"""
SUITE = "dataset: d\nvariants: {now: scripted/scripted-chat}\nevaluators: [exact]\n"


def test_nothing_is_opened_before_somebody_looks(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'outrider.sqlite3'}"
    found = Experimenting(parse("embedded: {enabled: off}", "t", {}), tmp_path, None, url)
    assert found.url == "http://127.0.0.1:8720"
    asyncio.run(found.stop())
    assert list(tmp_path.iterdir()) == []


def test_an_experiment_is_worked_on_in_the_name_of_a_key(tmp_path: Path) -> None:
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), tmp_path) as outrider:
        evals = EvalsHandle(outrider.settings, tmp_path, outrider.store_url)
        evals.datasets.save("default", "d", [Case(f"c{n}", f"scripted:text=a{n}", f"a{n}") for n in range(5)])
        begun = planning.begin(sent.read(SUITE), evals.datasets, evals.experiments, "default")
        key = outrider.key.split("-")[2]
        task = Task(str(tmp_path), "", outrider.store_url, outrider.url, begun.id, "default", key, False)
        asyncio.run(work(task))
        assert [one.scores["exact"].value for one in evals.experiments.done(begun.id)] == [1.0] * 5
        with pytest.raises(RequestError, match="another process works on"):
            asyncio.run(work(task))
        evals.close()


def test_a_judge_of_the_subjects_family_is_refused_in_words(tmp_path: Path) -> None:
    suite = SUITE.replace("[exact]", "[{judge: {model: scripted/scripted-chat, rubric: 'Is it right'}}]")
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), tmp_path) as outrider:
        evals = EvalsHandle(outrider.settings, tmp_path, outrider.store_url)
        evals.datasets.save("default", "d", [Case("c", "scripted:text=a", "a")])
        begun = planning.begin(sent.read(suite), evals.datasets, evals.experiments, "default")
        key = outrider.key.split("-")[2]
        asyncio.run(work(Task(str(tmp_path), "", outrider.store_url, outrider.url, begun.id, "default", key, False)))
        left = evals.experiments.get("default", begun.id)
        assert left.status == "stopped"
        assert "family" in left.about["why"]
        evals.close()
