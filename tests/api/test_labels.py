"""`/api/labels` and `/api/judges`, over an experiment whose answers a judge judged."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from outrider.app.evals import EvalsHandle
from outrider.app.settings import parse as settings
from outrider.evals import planning
from outrider.evals.experiments import Done
from outrider.evals.records import Case, Outcome, Score
from outrider.evals.suite import parse
from outrider.testing.running import Running, running

CONFIG = "embedded: {enabled: false}\n"
SUITE = (
    "name: weekly\ndataset: d\nvariants: {now: x/claude-1}\n"
    "evaluators: [{judge: {model: x/gpt-5, rubric: It is even.}}]\ngates: ['judge >= 0']\n"
)


@pytest.fixture
def outrider(tmp_path: Path) -> Iterator[Running]:
    with running(CONFIG, tmp_path / "home") as made:
        url = f"sqlite:///{made.home / 'outrider.sqlite3'}"
        with closing(EvalsHandle(settings(CONFIG, "test", {}), made.home, url)) as evals:
            evals.datasets.save("default", "d", [Case(f"c{n}", f"number {n}") for n in range(30)])
            begun = planning.begin(parse(SUITE, "s.yaml", Path()), evals.datasets, evals.experiments, "default")
            verdict = Score(1.0, "so it is", "pass", 0, {"judge": "x/gpt-5"})
            done = [
                Done(item, Outcome(text=f"answer {item.place}"), {"judge": verdict})
                for item in evals.experiments.waiting(begun.id)
            ]
            evals.experiments.record(begun.id, done)
        yield made


def test_labels_over_the_api_measure_a_judge(outrider: Running) -> None:
    headers = {"authorization": f"Bearer {outrider.key}"}
    with httpx.Client(base_url=outrider.url, headers=headers, timeout=30) as client:
        (judge,) = client.get("/api/judges").json()["judges"]
        assert (judge["name"], judge["standing"], judge["model"]) == ("judge", "unmeasured", "x/gpt-5")
        report = client.get("/api/experiments/weekly").json()
        assert "never held against people" in str(report), "beside its scores, too"
        for place in range(30):
            new = {"experiment": "weekly", "place": place, "value": float(place % 3 != 0), "who": "ann", "blind": True}
            answer = client.post("/api/labels", json=new)
            assert answer.status_code == 201
        assert (answer.json()["drawn"], answer.json()["who"][-4:]) == (False, "/ann")
        assert len(client.get("/api/labels", params={"rubric": "judge", "limit": 9}).json()["labels"]) == 9
        assert "BELOW its bar" in str(client.get("/api/experiments/weekly").json()), "said again when labels come"
        found = client.get(f"/api/judges/{judge['id']}").json()
        assert (found["labels"], found["confusion"]) == (30, [[0, 10], [0, 20]])
        for wrong, status in (
            ({"place": 99}, 404),
            ({"place": 10**20}, 404),
            ({"who": "a\0b"}, 400),
            ({"who": "w" * 200}, 400),
            ({"value": 2}, 400),
            ({"judge": "odd"}, 400),
            ({"experiment": "odd"}, 404),
        ):
            assert client.post("/api/labels", json=new | wrong).status_code == status
        assert client.get("/api/judges/odd").status_code == 404


def test_labels_that_were_made_elsewhere_are_held_against_each_other(outrider: Running) -> None:
    table = ((13, 0, 0), (0, 20, 7), (0, 4, 56))  # two abstractors, Gwet 2014
    rows = [
        {"id": "x", "ann": one, "bob": str(two)}
        for one, row in enumerate(table) for two, often in enumerate(row) for _ in range(often)
    ]  # fmt: skip
    headers = {"authorization": f"Bearer {outrider.key}"}
    with httpx.Client(base_url=outrider.url, headers=headers, timeout=30) as client:
        answer = client.post("/api/judges/agreement", json={"rows": rows})
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["raters"] == ["ann", "bob"]
        assert found["agreement"]["ac1"]["estimate"] == pytest.approx(0.8493305, abs=1e-7)
        assert found["agreement"]["kappa"]["estimate"] == pytest.approx(0.7964094, abs=1e-7)
        assert found["confusion"] == [list(row) for row in table]
        many = client.post("/api/judges/agreement", json={"rows": rows * 30})
        assert (many.status_code, many.json()["things"]) == (200, 3000), "as long as a table of two annotators is"
        scores = [{"people": at % 2 if at < 60 else None, "judge": at % 2} for at in range(200)]
        said = client.post("/api/judges/agreement", json={"rows": scores, "people": "people", "judge": "judge"}).json()
        assert said["corrected"]["corrected"]["estimate"] == pytest.approx(0.5, abs=0.01)
        for wrong in ({"rows": []}, {"rows": rows, "raters": ["ann", "eve"]}, {"rows": [{"a": [1], "b": 2}]}):
            assert client.post("/api/judges/agreement", json=wrong).status_code == 400
