"""A variant beside the baseline, case by case, and one case whole."""

from collections.abc import Iterator

import pytest

from tests.console.conftest import World
from tests.console.pages.experimenting import Lab


@pytest.fixture
def lab(world: World) -> Iterator[Lab]:
    lab = Lab(world)
    yield lab
    lab.store.close()


def test_cases_are_beside_each_other_word_by_word_and_in_pages(world: World, lab: Lab) -> None:
    done = lab.experiment()
    client = world.client()
    page = client.get(f"/experiments/{done.id}/diff?change=worse").text
    assert "<mark>answer</mark>" in page
    assert "&lt;b&gt;" in page
    first = client.get(f"/experiments/{done.id}/diff.json").json()
    assert [(name, count) for name, count, _ in first["segments"]] == [
        ("all", 30), ("better", 0), ("worse", 10), ("changed", 0), ("same", 20),
    ]  # fmt: skip
    assert (len(first["cases"]), first["cases"][0]["change"], first["total"]) == (10, "worse", 30)
    last = client.get(f"/experiments/{done.id}/diff.json?first=20").json()
    assert (last["next"], last["previous"].endswith("first=10"), last["cases"][0]["change"]) == ("", True, "same")
    assert client.get(f"/experiments/{done.id}/diff?score=taste").status_code == 400
    empty = client.get(f"/experiments/{done.id}/diff?change=better").text
    assert "No case is in this group" in empty


def test_a_megabyte_is_shown_in_parts(world: World, lab: Lab) -> None:
    done = lab.experiment(long="many words " * 100_000)
    client = world.client()
    page = client.get(f"/experiments/{done.id}/diff?change=worse")
    assert len(page.text) < 60_000
    assert "characters that both have" in page.text
    whole = client.get(f"/experiments/{done.id}/case.json?case=c0").json()
    assert [(len(one["text"]), one["length"] > 1_000_000) for one in whole["answers"]] == [(20_000, True)] * 4
    assert whole["next"].endswith("at=20000")
    last = client.get(f"/experiments/{done.id}/case.json?case=c0&at=1100000").json()
    assert {one["text"] for one in last["answers"]} == {"answer 0", "not <b>0</b>"}
    assert last["next"] == ""
    assert client.get(f"/experiments/{done.id}/case?case=c99").status_code == 404
