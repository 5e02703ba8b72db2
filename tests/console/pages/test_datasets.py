"""Datasets: their versions, cases, and what changed."""

from collections.abc import Iterator

import pytest

from outrider.evals.records import Case
from tests.console.conftest import World
from tests.console.pages.experimenting import Lab


@pytest.fixture
def lab(world: World) -> Iterator[Lab]:
    lab = Lab(world)
    yield lab
    lab.store.close()


def test_a_dataset_has_its_versions_cases_and_differences(world: World, lab: Lab) -> None:
    lab.cases(60, "our questions/2")
    lab.desk.datasets.add("default", "our questions/2", [Case("new", [{"role": "user", "content": "<Why>?"}])])
    client = world.client()
    [card] = client.get("/datasets.json").json()["cards"]
    assert card["href"] == "/datasets/our%20questions%2F2"
    first = client.get(card["href"])
    assert "Is &lt;0&gt; open?" in first.text
    shown = client.get(f"{card['href']}.json?against=1&first=50").json()
    assert (shown["change"]["added"], len(shown["cases"]), shown["next"]) == (["new"], 11, "")
    assert shown["cases"][-1]["asks"] == "<Why>?"
    old = client.get(f"{card['href']}.json?version=1").json()
    assert (old["version"]["cases"], [one["version"] for one in old["versions"]]) == (60, [2, 1])
    assert client.get(f"{card['href']}?version=9").status_code == 404
    assert client.get(f"{card['href']}?version=x").status_code == 400
