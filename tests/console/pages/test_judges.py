"""Judges as pages: held against people, with what they confuse and how that changes."""

import re
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from outrider import console
from outrider.console.deps import ConsoleDeps
from outrider.evals.review.queues import Source
from tests.console.conftest import World
from tests.console.pages.experimenting import Lab
from tests.evals.online.living import Living


@pytest.fixture
def lab(world: World) -> Iterator[Lab]:
    lab = Lab(world)
    yield lab
    lab.store.close()


def test_a_judge_is_shown_with_what_people_say(world: World, lab: Lab) -> None:
    client = world.client()
    assert "No judge yet" in client.get("/judges").text
    done = lab.judged()
    (card,) = client.get("/judges.json").json()["cards"]
    assert (card["name"], card["standing"], card["labels"]) == ("judge", "unmeasured", 0)
    page = client.get(f"/judges/{card['id']}").text
    assert "It was never held against people" in page
    assert "It is right &amp; &lt;short&gt;." in page
    assert f"/reviews?name=judge+judged&amp;experiment={done.id}&amp;judge=judge" in page
    assert "never held against people" in client.get(f"/experiments/{done.id}").text, "beside its scores"
    queue = lab.review.create("default", "q", Source(experiment=done.id, judge="judge"), reviewers=1)
    for number in range(60):
        task = lab.review.next(queue, "ann")
        assert task is not None
        lab.review.give(queue, task.place, "ann", {"verdict": "pass" if number % 3 else "fail"})
    one = client.get(f"/judges/{card['id']}.json").json()
    assert (one["confusion"], one["choices"]) == ([[0, 20], [0, 40]], ["fail", "pass"])
    assert (one["card"]["standing"], len(one["points"])) == ("below", 3)
    assert [name for name, _ in one["corrected"]] == ["now", "next"]
    page = client.get("/judges/judge").text
    assert "below its bar" in page
    assert "Agreement over time" in page
    assert "it sees one answer at a time" in page
    for shown in ("", "/diff", "/case?case=c1"):
        assert "BELOW its bar" in client.get(f"/experiments/{done.id}{shown}").text, "wherever its scores are"
    assert client.get("/judges/odd").status_code == 404
    assert client.get(f"/judges/{card['id']}?experiment=odd").status_code == 404
    assert client.get(f"/judges/{card['id']}?experiment={done.id}").status_code == 200
    lab.desk.labels = None
    assert client.get("/judges").status_code == 503


def test_a_judge_of_live_traffic_is_shown_without_any_experiment(world: World, lab: Lab) -> None:
    living = Living(world.home)
    deps = ConsoleDeps(
        store=world.open, sessions=world.sign_ins, check_key=world.check_key, routes=list, keys=world.keys,
        anonymous="default", online=living.desk, experiments=lab.desk,
    )  # fmt: skip
    app = Starlette(routes=console.routes(deps), exception_handlers=dict(console.error_answers()))
    client = TestClient(app, base_url="http://127.0.0.1:8720", follow_redirects=False)
    (card,) = client.get("/judges.json").json()["cards"]
    assert (card["name"], card["rules"], card["standing"]) == ("kind", ["support"], "unmeasured")
    assert "live traffic by support" in client.get("/judges").text
    living.score(hours=3)
    page = client.get(f"/judges/{card['id']}").text
    assert "/reviews?name=kind+support&amp;rule=support&amp;judge=kind" in page
    assert "It judges live traffic only" in page
    form = client.get("/reviews?name=kind+support&rule=support&judge=kind").text
    assert 'name="rule" value="support"' in form
    csrf = re.search(r'name="csrf" content="([0-9a-f]+)"', form)
    assert csrf
    sent = {"csrf": csrf[1], "name": "kind support", "rule": "support", "judge": "kind", "rubric": "right: yes/no"}
    assert client.post("/reviews", data=sent).headers["location"] == "/reviews/kind%20support"
    queue = lab.review.get("default", "kind support")
    for _ in range(4):
        task = lab.review.next(queue, "ann")
        assert task is not None
        lab.review.give(queue, task.place, "ann", {"verdict": "pass"})
    shown = client.get(f"/judges/{card['id']}.json").json()
    assert [(rule, one["raw"]["n"]) for rule, one in shown["live"]] == [("support", 4)]
    assert 'on live traffic, <a href="/quality/support">support</a>' in client.get(f"/judges/{card['id']}").text
    living.close()
