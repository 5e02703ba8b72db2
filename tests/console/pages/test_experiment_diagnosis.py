"""Where answers from documents went wrong, counted by stage and variant."""

from collections.abc import Iterator

import pytest

from tests.console.conftest import World
from tests.console.pages.experimenting import Lab


@pytest.fixture
def lab(world: World) -> Iterator[Lab]:
    lab = Lab(world)
    yield lab
    lab.store.close()


def test_stages_are_counted_and_lead_to_their_answers(world: World, lab: Lab) -> None:
    done = lab.experiment()
    client = world.client()
    assert f"/experiments/{done.id}/diagnosis" in client.get(f"/experiments/{done.id}").text
    page = client.get(f"/experiments/{done.id}/diagnosis").text
    assert "no document said it, or none that whoever asked may read" in page
    assert "recorded no search" in page
    found = client.get(f"/experiments/{done.id}/diagnosis.json").json()
    counted = {row["stage"]: [count for count, _ in row["counts"]] for row in found["rows"]}
    assert (counted["right"], counted["unknown"]) == ([60, 41], [0, 19])
    assert (found["score"], found["looked"], found["total"], found["wrong"]) == ("exact", 120, 120, 19)
    href = next(row for row in found["rows"] if row["stage"] == "unknown")["counts"][1][1]
    chosen = client.get(href).text
    assert "unknown, next: 19 answers" in chosen
    assert client.get(f"/experiments/{done.id}/diagnosis?first=25").text.count("data-row") == 0
    assert client.get(f"/experiments/{done.id}/diagnosis?stage=lost").status_code == 400
    assert client.get("/experiments/nothing/diagnosis").status_code == 404
