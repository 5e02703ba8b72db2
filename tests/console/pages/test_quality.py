"""The quality pages: rules with their series, and one rule."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from outrider import console
from outrider.console.deps import ConsoleDeps
from outrider.console.pages import quality_rule
from tests.console.conftest import World
from tests.evals.online.living import Living


@pytest.fixture
def living(world: World) -> Iterator[Living]:
    made = Living(world.home)
    yield made
    made.close()


@pytest.fixture
def client(world: World, living: Living) -> TestClient:
    deps = ConsoleDeps(
        store=world.open, sessions=world.sign_ins, check_key=world.check_key, routes=list, keys=world.keys,
        anonymous="default", online=living.desk,
    )  # fmt: skip
    app = Starlette(routes=console.routes(deps), exception_handlers=dict(console.error_answers()))
    return TestClient(app, base_url="http://127.0.0.1:8720", follow_redirects=False)


def test_without_rules_the_page_says_how_to_begin(client: TestClient, living: Living) -> None:
    living.rules.clear()
    assert "Live traffic is not scored yet" in client.get("/quality").text


def test_rules_with_their_series(client: TestClient, living: Living) -> None:
    assert "no round yet" in client.get("/quality").text
    living.score()
    page = client.get("/quality").text
    assert "never held against people" in page
    assert "↓ down" in page
    assert page.count('class="series-chart"') == 3
    assert "$1.25" in page
    assert "proposes cases" in page
    shown = client.get("/quality.json").json()
    support, errors = shown["cards"]
    assert [one["line"]["name"] for one in support["series"]] == ["verdict", "greets", "kind"]
    assert errors["series"] == []
    assert "<html" not in client.get("/quality", headers={"hx-request": "true"}).text


def test_one_rule(client: TestClient, living: Living) -> None:
    living.score()
    page = client.get("/quality/support?evaluator=kind&since=7d")
    assert page.status_code == 200
    assert "it says &lt;so&gt; &amp; is rude" in page.text
    assert "asked because the one before was unsure" in page.text
    shown = client.get("/quality/support.json?evaluator=kind").json()
    assert len(shown["scores"]) == 25
    older = client.get(shown["more"].replace("?", ".json?")).json()
    assert older["scores"][0]["n"] < shown["scores"][-1]["n"]
    assert shown["chart"]["marks"]
    assert "It only proposes cases" in client.get("/quality/errors").text


@pytest.mark.parametrize("path", ["/quality/nothing", "/quality/support?since=1y", "/quality/support?evaluator=x"])
def test_what_is_not_there_is_said(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (400, 404)


def test_every_period_can_be_drawn(client: TestClient) -> None:
    for since, _, step in quality_rule.PERIODS:
        assert client.get(f"/quality/support.json?since={since}").json()["step"] == step


def test_where_it_is_not_served(world: World) -> None:
    assert world.client().get("/quality").status_code == 503
