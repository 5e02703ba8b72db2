"""Answers from documents that are wrong, each for a reason of its own, asked of a whole Outrider."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from outrider.base import ids
from outrider.evals import planning
from outrider.evals.datasets import Datasets
from outrider.evals.diagnosis import Diagnosis, Evidence, Shelves, counts, examine, says
from outrider.evals.evaluators import Ports
from outrider.evals.experiments import Experiments
from outrider.evals.records import Case, Outcome
from outrider.evals.runner import Runner
from outrider.evals.searched import Retrieved, retrieved
from outrider.evals.subjects.route import RouteSubject
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running
from tests.evals.test_runner import suite_of
from tests.gateway.test_grounding import put

TEXTS = {
    "right": "Acme needs 12 minutes per claim.",
    "wrong": "Acme needs 45 minutes per claim.",
    "vague": "That depends on the claim.",
}
CLAIMS = "# Claims at Acme\n\nHandling time per claim at Acme fell to 12 minutes."
OTHERS = {
    f"other{n}.md": f"# Pets at Acme {n}\n\nAcme insures pets, and a claim of a pet takes {n} pages." for n in range(9)
}
ASK = "What is the handling time per claim at Acme?"
PETS = "How many pages takes a claim of a pet at Acme?"


@pytest.fixture(scope="module")
def outrider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    models = [f"scripted:text={text}" for text in TEXTS.values()]
    routes: dict[str, Any] = {
        name: {"deployments": [f"scripted/scripted:text={text}"], "knowledge": {"collection": "docs", "limit": 3}}
        for name, text in TEXTS.items()
    }
    routes["without"] = {"deployments": [f"scripted/scripted:text={TEXTS['vague']}"]}
    with scripted_thread(ScriptedProvider()) as url:
        providers = {"scripted": {"base_url": url, "models": models}}
        config = {"embedded": {"enabled": False}, "providers": providers, "routes": routes}
        with running(msgspec.json.encode(config).decode(), tmp_path_factory.mktemp("home")) as made:
            put(made, "claims.md", CLAIMS)
            for source, text in OTHERS.items():
                put(made, source, text)
            put(made, "garden.md", "# Gardens\n\nRoses want sun.")
            put(made, "secret.md", "# Board\n\nThe board pays 7 dollars.", readers=("user:ann",))
            yield made


class Asked:
    """Experiments of one variant each."""

    def __init__(self, outrider: Running, folder: Path, datasets: Datasets, experiments: Experiments) -> None:
        self.outrider, self._folder, self._datasets, self._experiments = outrider, folder, datasets, experiments

    def __call__(
        self, route: str, question: str = ASK, *, shelves: Shelves | None = None, score: str = "", **case: Any
    ) -> Diagnosis:
        text = f"dataset: cases.jsonl\nvariants: {{now: {route}}}\nevaluators: [contains]\nreuse: false\n"
        suite = suite_of(self._folder, [{"id": "c", "input": question, **case}], text=text)
        begun = planning.begin(suite, self._datasets, self._experiments, "default")
        cases = planning.by_digest(self._datasets.cases("default", "cases"))
        key = {"authorization": f"Bearer {self.outrider.key}"}
        opened = RouteSubject(self.outrider.url, lambda: key)
        asyncio.run(Runner(self._experiments, begun, suite, cases, lambda variant: opened, Ports()).run())
        assert self.outrider.worker is not None
        kept = shelves or Shelves(self.outrider.worker.knowledge.library, "default")
        done = self._experiments.done(begun.id)
        (found,) = examine(done, cases, self.outrider.store(), "default", kept, score)
        return found


@pytest.fixture
def asked(outrider: Running, tmp_path: Path, datasets: Datasets, experiments: Experiments) -> Asked:
    return Asked(outrider, tmp_path, datasets, experiments)


def test_each_stage_is_told_from_the_others(asked: Asked) -> None:
    assert asked("right", expected="12 minutes").stage == "right"
    found = asked("vague", expected="12 minutes")
    assert (found.stage, found.place) == ("not used", 1)
    found = asked("wrong", expected="12 minutes", score="contains")
    assert (found.stage, found.why) == ("contradicted", "passage 1 has the evidence, and no passage says '45 minutes'")
    found = asked("vague", PETS, expected="12 minutes")
    assert (found.stage, found.why) == ("not ranked", f"it is passage {found.place}, and 3 were taken")
    assert found.place > 3
    found = asked("vague", context={"relevant": ["garden.md"]}, expected="sun")
    assert (found.stage, found.place) == ("not retrieved", 0)
    assert asked("vague", expected="Roses want sun").stage == "not retrieved"
    assert asked("vague", expected="They live 900 years").stage == "not indexed"


def test_documents_that_could_not_be_found_at_all(asked: Asked) -> None:
    outrider = asked.outrider
    found = asked("vague", context={"relevant": ["nowhere.md"]}, expected="7")
    assert (found.stage, found.why) == ("not indexed", "nowhere.md is not in the collection")
    found = asked("vague", context={"relevant": ["secret.md"]}, expected="7 dollars")
    assert (found.stage, found.why) == ("not indexed", "secret.md was there, and whoever asked may not read it")
    assert outrider.worker is not None
    early = retrieved(outrider.store(), "default", Outcome(run=found.run))
    assert early is not None
    later = f"{ids.token(4)}.md"
    put(outrider, later, "# News\n\nIt is 8 dollars now.")
    library = outrider.worker.knowledge.library()
    shelves = Shelves(lambda: library, "default")
    wanted = Evidence(Case("c", ASK, context={"relevant": {later: 2}}))
    stage, why, _ = shelves.missed(early, wanted)
    assert (stage, why) == ("not indexed", f"{later} was not in the collection at that moment; it is known at others")


def test_what_cannot_be_known_is_said(asked: Asked) -> None:
    assert "names neither" in asked("vague").why
    found = asked("without", expected="12 minutes")
    assert (found.stage, "recorded no search" in found.why) == ("unknown", True)
    found = asked("vague", context={"relevant": ["claims.md"]})
    assert (found.stage, "nobody says whether" in found.why) == ("unknown", True)
    found = asked("vague", context={"relevant": ["garden.md"]}, expected="sun", shelves=Shelves(None, "default"))
    assert (found.stage, "no knowledge is kept here" in found.why) == ("unknown", True)
    assert "no list of texts" in asked("vague", expected={"a": 1}).why


def test_runs_of_others_and_of_nobody_have_no_search(outrider: Running, asked: Asked) -> None:
    run = asked("vague", expected="12 minutes").run
    assert isinstance(retrieved(outrider.store(), "default", Outcome(run=run)), Retrieved)
    assert retrieved(outrider.store(), "theirs", Outcome(run=run)) is None
    assert retrieved(outrider.store(), "default", Outcome(run="no run")) is None
    assert retrieved(outrider.store(), "default", Outcome(run="01a204a9-c177-73b8-a686-42105dbc4510")) is None


def test_stages_are_counted_by_variant() -> None:
    found = [Diagnosis("c", "now", "", "not used", ""), Diagnosis("d", "now", "", "not indexed", "")]
    assert list(counts([*found, found[0]])["now"].items()) == [("not indexed", 1), ("not used", 2)]


def test_a_passage_says_it_in_its_own_words() -> None:
    passage = "Handling time per claim at Acme fell from 90 minutes to 12 minutes."
    assert says(passage, "Acme takes 0.2 hours per claim.")
    assert says(passage, "fell from 90 Minutes")
    assert not says(passage, "13 minutes")
    assert not says(passage, "Globex needs 12 minutes per claim")
    assert not says(passage, "12 minutes for bread with salt and butter")
