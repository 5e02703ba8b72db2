import pytest

from outrider.base import ids
from outrider.casebook.book import Casebook
from tests.console.conftest import World


def test_an_empty_project_says_what_to_do_next(world: World) -> None:
    text = world.client().get("/runs").text
    assert "No runs yet" in text
    assert "http://127.0.0.1:8720/v1/chat/completions" in text


def test_runs_are_listed_newest_first_and_escaped(world: World) -> None:
    first, second = world.run(), world.run(preview="<script>alert(1)</script>")
    text = world.client().get("/runs").text
    assert text.index(ids.text(second.id)) < text.index(ids.text(first.id))
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_other_projects_stay_unseen(world: World) -> None:
    theirs = world.run(project="other", model="their-model", route="their-route")
    world.run()
    text = world.client().get("/runs").text
    assert ids.text(theirs.id) not in text
    assert "their-" not in text
    assert world.other_public not in text


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("route=a", {"a"}), ("status=error", {"b"}), ("text=zebra", {"c"}), ("min_cost=0.5", {"d"}),
        ("max_cost=0.1", {"a", "b", "c", "e"}), ("min_duration=1m", {"e"}), ("since=1h", {"a", "b", "c", "d", "e"}),
        ("session=s1", {"a"}), ("until=2020-01-01", set()), ("route=a&status=error", set()),
    ],
)  # fmt: skip
def test_filters(world: World, query: str, kept: set[str]) -> None:
    world.run(route="a", session="s1")
    world.run(route="b", status="error", error="upstream_timeout")
    world.run(route="c", preview="a zebra crossing")
    world.run(route="d", cost=600_000_000)
    world.run(route="e", duration=70 * 10**9)
    found = world.client().get(f"/runs.json?{query}").json()
    assert {row["route"] for row in found["rows"]} == kept
    page = world.client().get(f"/runs?{query}")
    assert page.status_code == 200
    assert 'class="chip"' in page.text


def test_pages_follow_the_cursor(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outrider.console.pages.runs.PAGE", 2)
    runs = [world.run(route="r") for _ in range(5)]
    client, seen, address = world.client(), [], "/runs.json?route=r"
    while address:
        page = client.get(address).json()
        seen += [row["id"] for row in page["rows"]]
        assert "route=r" in (page["older"] or "route=r")
        address = page["older"].replace("/runs?", "/runs.json?")
    assert seen == [ids.text(run.id) for run in reversed(runs)]


def test_htmx_gets_rows_alone(world: World) -> None:
    world.run()
    text = world.client().get("/runs", headers={"hx-request": "true"}).text
    assert "<html" not in text
    assert text.count("data-row") == 1


@pytest.mark.parametrize(
    ("query", "param"),
    [("min_cost=much", "min_cost"), ("status=fine", "status"), ("before=x", "before"), ("since=yesterday", "since"),
     ("min_ttft=5", "min_ttft"), ("text=" + "x" * 501, "text")],
)  # fmt: skip
def test_a_bad_value_names_its_parameter(world: World, query: str, param: str) -> None:
    answer = world.client().get(f"/runs.json?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param
    assert f"`{param}`" in world.client().get(f"/runs?{query}").text


def test_the_first_page_is_the_casebook_until_something_was_called(world: World, book: Casebook) -> None:
    client = world.client()
    assert client.get("/").headers["location"] == "/casebook"
    world.run()
    assert client.get("/").headers["location"] == "/runs"


def test_without_a_casebook_the_first_page_is_that_of_the_runs(world: World) -> None:
    assert world.client().get("/").headers["location"] == "/runs"
    assert world.client(signed_in=False).get("/").headers["location"] == "/login"
