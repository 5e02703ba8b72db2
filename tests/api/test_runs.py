import pytest

from outrider.base import ids
from outrider.journal.append import blob
from outrider.journal.events import Step, StepsRecorded
from tests.api.conftest import ApiWorld
from tests.console.conftest import ANSWER, REQUEST


def test_pages_of_runs(world: ApiWorld) -> None:
    runs = [world.run() for _ in range(5)]
    world.run(project="other")
    client, seen, before = world.api(), [], None
    while True:
        page = client.get("/api/runs", params={"limit": 2} | ({"before": before} if before else {})).json()
        seen += page["runs"]
        if (before := page["next"]) is None:
            break
    assert [row["id"] for row in seen] == [ids.text(run.id) for run in reversed(runs)]
    newer = client.get("/api/runs", params={"after": seen[1]["seq"]}).json()
    assert [row["id"] for row in newer["runs"]] == [seen[0]["id"]]


def test_a_run_in_plain_words(world: ApiWorld) -> None:
    run = world.run(tags=["eu"], why="first choice")
    found = world.api().get(f"/api/runs/{ids.text(run.id)}").json()
    assert found["cost_nano_usd"] == run.cost
    assert found["request"] == {"sha256": blob(REQUEST).sha256.hex(), "size": len(REQUEST)}
    assert found["at"].endswith("Z")
    assert (found["tags"], found["why"], found["usage"]["input"]) == (["eu"], "first choice", 40)


def test_filters_reach_the_store(world: ApiWorld) -> None:
    world.run(route="a")
    world.run(route="b", status="error")
    client = world.api()
    assert [r["route"] for r in client.get("/api/runs?status=error").json()["runs"]] == ["b"]
    assert client.get("/api/runs?route=zzz").json() == {"runs": [], "next": None}


def test_steps_in_pages(world: ApiWorld) -> None:
    run = ids.new_id()
    world.record(StepsRecorded(run, "default", 1, [Step(2**64 - 1 - i, "tool", f"s{i}") for i in range(5)]))
    client, names, offset = world.api(), [], 0
    while offset is not None:
        page = client.get(f"/api/runs/{ids.text(run)}/steps", params={"offset": offset, "limit": 2}).json()
        names += [step["name"] for step in page["steps"]]
        offset = page["next"]
    assert names == ["s0", "s1", "s2", "s3", "s4"]
    assert page["steps"][0]["id"] == str(2**64 - 5)


def test_bodies_by_place_and_by_content(world: ApiWorld) -> None:
    run, client = world.run(), world.api()
    answer = client.get(f"/api/runs/{ids.text(run.id)}/body/response")
    assert (answer.content, answer.headers["content-type"]) == (ANSWER, "application/json")
    assert client.get(f"/api/bodies/{blob(REQUEST).sha256.hex()}").content == REQUEST
    stream = world.run(response=b"data: {}\n\n")
    assert (
        client.get(f"/api/runs/{ids.text(stream.id)}/body/response")
        .headers["content-type"]
        .startswith("text/event-stream")
    )


def test_another_project_is_not_there(world: ApiWorld) -> None:
    theirs, client = world.run(project="other", request=b"their secret"), world.api()
    for path in ("", "/steps", "/body/request"):
        assert client.get(f"/api/runs/{ids.text(theirs.id)}{path}").status_code == 404
    digest = blob(b"their secret").sha256.hex()
    assert client.get(f"/api/bodies/{digest}").status_code == 404
    assert world.api(world.other_key).get(f"/api/bodies/{digest}").content == b"their secret"


@pytest.mark.parametrize(
    ("path", "status", "param"),
    [
        ("/api/runs?limit=0", 400, "limit"), ("/api/runs?limit=501", 400, "limit"),
        ("/api/runs?before=-1", 400, "before"),
        ("/api/runs?before=1&after=1", 400, "after"), ("/api/runs?since=99999-01-01", 400, "since"),
        ("/api/runs?min_cost=nan", 400, "min_cost"), ("/api/runs?min_duration=1e3", 400, "min_duration"),
        ("/api/runs/xyz", 400, "id"), ("/api/bodies/xyz", 400, "sha256"),
        ("/api/runs/00000000-0000-7000-8000-000000000000", 404, None),
        ("/api/runs/00000000-0000-7000-8000-000000000000/body/both", 404, None),
        ("/api/runs/00000000-0000-7000-8000-000000000000/steps?offset=x", 404, None),
    ],
)  # fmt: skip
def test_bad_questions(world: ApiWorld, path: str, status: int, param: str | None) -> None:
    answer = world.api().get(path)
    assert answer.status_code == status
    assert answer.json()["error"]["param"] == param
