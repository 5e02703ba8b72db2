"""`/api/evaluation/online` over a store with some days of scores."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from outrider import api, console
from outrider.api import shapes_online
from outrider.evals.online.series import Point
from tests.api.conftest import ApiWorld
from tests.evals.online.living import Living

HERE = "/api/evaluation/online"


@pytest.fixture
def living(world: ApiWorld) -> Iterator[Living]:
    made = Living(world.home)
    yield made
    made.close()


@pytest.fixture
def client(world: ApiWorld, living: Living) -> TestClient:
    deps = api.ApiDeps(
        store=world.open, sessions=world.sign_ins, check_key=world.check_key, routes=list, keys=world.keys,
        online=living.desk,
    )  # fmt: skip
    app = Starlette(routes=api.routes(deps), exception_handlers=dict(console.error_answers()))
    client = TestClient(app, base_url="http://127.0.0.1:8720")
    client.headers["authorization"] = f"Bearer {world.key}"
    return client


def test_how_it_stands(client: TestClient, living: Living) -> None:
    living.score(hours=30)
    told = client.get(HERE).json()
    assert (told["state"], told["calls"], told["most_calls"], told["cost_nano_usd"]) == (
        "working",
        1,
        1000,
        1_250_000_000,
    )
    assert [one["name"] for one in told["rules"]] == ["support", "errors"]
    kind = client.get(f"{HERE}/support").json()["evaluators"][2]
    assert "never held against people" in kind["note"]
    assert client.post(f"{HERE}/rounds").status_code == 202


def test_series_and_scores(client: TestClient, living: Living) -> None:
    living.score(hours=30)
    told = client.get(f"{HERE}/support/series", params={"evaluator": "kind", "step": "hour", "since": "40h"}).json()
    assert len(told["points"]) == 41
    assert told["overall"]["n"] == 120
    assert told["changes"][0]["down"]
    assert client.get(f"{HERE}/support/series").json()["evaluator"] == "verdict"
    page = client.get(f"{HERE}/support/scores", params={"evaluator": "kind", "below": "0.5", "limit": "3"}).json()
    assert [one["value"] for one in page["scores"]] == [0.0] * 3
    more = client.get(f"{HERE}/support/scores", params={"evaluator": "kind", "before": page["next"]}).json()
    assert len(more["scores"]) > 3


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nothing", 404, "there are: support, errors"),
        ("/errors/series", 400, "only proposes cases"),
        ("/support/series?evaluator=nobody", 400, "has no evaluator"),
        ("/support/series?step=week", 400, "one of hour, day"),
        ("/support/series?step=hour&since=400d", 400, "750 points"),
        ("/support/series?since=2031-01-01", 400, "before `until`"),
        ("/support/scores?below=x", 400, "is a number"),
        ("/support/scores?limit=0", 400, "limit"),
    ],
)
def test_mistakes_are_named(client: TestClient, path: str, status: int, words: str) -> None:
    answer = client.get(HERE + path)
    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]


def test_where_nobody_works_or_nothing_is_served(client: TestClient, world: ApiWorld) -> None:
    assert client.post(f"{HERE}/rounds").status_code == 503
    assert client.get(HERE).json()["last_round"] is None
    assert world.api().get(HERE).status_code == 503
    client.headers["authorization"] = f"Bearer {world.other_key}"
    assert client.get(HERE).json()["state"] == "off"
    assert client.get(f"{HERE}/support").status_code == 404
    assert client.post(f"{HERE}/rounds").status_code == 400


def test_shapes_say_times_in_words() -> None:
    point = shapes_online.point(Point(0, 5, 1, 0, 0.5, 0.2, 0.8))
    assert (point.at, point.estimate) == ("1970-01-01T00:00:00.000Z", 0.5)
