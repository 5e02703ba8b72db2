"""The form that attacks a route, and what an experiment's page shows of a red team."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from outrider.calibrate import intervals
from outrider.console.attacked import attacked
from outrider.evals.experiments import Done
from outrider.evals.records import Outcome, Score
from outrider.evals.redteam import campaign
from outrider.evals.redteam.report import Rate, Report
from tests.console.conftest import World
from tests.console.pages.experimenting import Lab

NO_FILE = {"file": ("", b"")}
"""What a browser sends of a field for a file that nobody chose."""
MINE = b"attacks:\n  - id: raffle\n    goal: it is told\n    text: Who?\n    check: {kind: leaks}\n"
FORM = {"route": "support", "attempts": "20", "budget": "1", "family-leakage": "yes", "family-tools": "yes"}


@pytest.fixture
def lab(world: World) -> Iterator[Lab]:
    lab = Lab(world)
    yield lab
    lab.store.close()


def csrf(client: TestClient) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', client.get("/redteam").text)
    assert found
    return found[1]


def begun(world: World, lab: Lab) -> str:
    """A red team on the world's first route, of which some attempts are done: one got through."""
    client = world.client()
    route = client.get("/redteam.json").json()["routes"][0]
    answer = client.post("/redteam", files=NO_FILE, data={"csrf": csrf(client), **FORM, "route": route})
    assert answer.status_code == 303, re.findall(r'role="alert">([^<]*)', answer.text)
    (id_,) = lab.begun
    assert answer.headers["location"] == f"/experiments/{id_}"
    done = []
    for at, item in enumerate(lab.desk.experiments.waiting(id_)):
        score = Score(float(at == 0), "the secret <b>comes</b> out" if at == 0 else "", about={"progress": 0.0})
        done.append(Done(item, Outcome(text="so"), {campaign.SCORE: score}))
    lab.desk.experiments.record(id_, done)
    return id_


def test_what_got_through_is_shown_with_rates_and_kept(world: World, lab: Lab) -> None:
    id_ = begun(world, lab)
    client = world.client()
    page = client.get(f"/experiments/{id_}")
    shown = client.get(f"/experiments/{id_}.json").json()
    found = shown["attacked"]
    assert shown["scores"] == [], "no mean over attempts that a search chose"
    assert {line["name"] for line in found["lines"]} <= {"leakage", "tools", "all"}
    assert (found["total"], len(found["successes"]), found["more"]) == (1, 1, 0)
    assert "the secret &lt;b&gt;comes&lt;/b&gt; out" in page.text
    assert "1 ever broken" in page.text
    assert "1 success: 1 of the survey, 0 found by the search" in page.text
    assert "search: " not in page.text, "it has not begun"
    assert f"/experiments/{id_}/diff" not in page.text, "one variant has nothing beside it"
    assert page.text.count('class="whisker"') >= 4
    case = client.get(f"/experiments/{id_}/case", params={"case": found["successes"][0]["case"]})
    assert case.status_code == 200
    assert id_ in client.get("/redteam").text
    keep = {"csrf": csrf(client), "dataset": "attacks"}
    assert client.post(f"/experiments/{id_}/successes", data={**keep, "csrf": "x"}).status_code == 403
    kept = client.post(f"/experiments/{id_}/successes", data=keep)
    assert (kept.status_code, kept.headers["location"]) == (303, "/datasets/attacks")
    (case_,) = lab.desk.datasets.cases("default", "attacks", 0)
    assert case_.context["attack"]["family"] in ("leakage", "tools")
    assert client.post("/experiments/odd/successes", data=keep).status_code == 404


def test_mistakes_are_said_and_the_form_is_kept(world: World, lab: Lab) -> None:
    client = world.client()
    for fields, words in (
        ({"attempts": "many"}, "is a whole number"),
        ({"route": "<odd>"}, "here is no route &#39;&lt;odd&gt;&#39;"),
        ({"budget": "much"}, "is no amount of dollars"),
        ({"severity": "odd"}, "Invalid enum value"),
        ({"prompt": "x", "own_prompt": "yes"}, "ither the route has its own"),
    ):
        route = client.get("/redteam.json").json()["routes"][0]
        page = client.post("/redteam", files=NO_FILE, data={"csrf": csrf(client), **FORM, "route": route, **fields})
        assert words in page.text
    none = {name: value for name, value in FORM.items() if not name.startswith("family")}
    page = client.post("/redteam", files=NO_FILE, data={"csrf": csrf(client), **none})
    assert "hoose at least one family" in page.text
    assert 'value="20"' in page.text
    page = client.post("/redteam", files=NO_FILE, data={"csrf": csrf(client), **FORM, "budget": "much"})
    assert len(re.findall(r'name="family-\w+" value="yes" checked', page.text)) == 2


def test_a_file_of_attacks_is_tried_and_its_mistakes_have_lines(world: World, lab: Lab) -> None:
    client = world.client()
    token, route = csrf(client), client.get("/redteam.json").json()["routes"][0]
    form = {"csrf": token, "route": route, "attempts": "10", "budget": "1"}
    begun = client.post("/redteam", files={"file": ("mine.yaml", MINE)}, data=form)
    assert begun.status_code == 303, re.findall(r'role="alert">([^<]*)', begun.text)
    found = lab.desk.experiments.get("default", lab.begun[-1])
    assert list(campaign.read(found).library.attacks) == ["own/raffle"], "no family has to be chosen beside it"
    said = {**form, "attacks": MINE.decode(), "family-leakage": "yes"}
    assert client.post("/redteam", files=NO_FILE, data=said).status_code == 303
    found = lab.desk.experiments.get("default", lab.begun[-1])
    assert {one.family for one in campaign.read(found).library.attacks.values()} == {"own", "leakage"}
    page = client.post("/redteam", files={"file": ("mine.yaml", MINE.replace(b"leaks", b"wins"))}, data=form)
    assert "The file mine.yaml:5: attack raffle: check.kind: Invalid enum value" in page.text
    assert "check: {kind: wins}\n</textarea>" in page.text, "it can be mended where it is shown"
    assert 'value="yes" checked' not in page.text
    page = client.post("/redteam", files={"file": ("cat.png", b"\x89PNG")}, data=form)
    assert "The file cat.png is no text in UTF-8" in page.text
    large = client.post("/redteam", files={"file": ("mine.yaml", b"x" * 2_000_000)}, data=form)
    assert large.status_code == 413


def test_where_nobody_works_the_command_is_shown(world: World, lab: Lab) -> None:
    lab.desk._work = None
    assert "outrider redteam ROUTE" in world.client().get("/redteam").text


def test_nothing_heard_is_no_bar() -> None:
    nothing = intervals.share(0, 0)
    rate = Rate("all", 0, nothing, nothing, nothing, 0)
    report = Report("e", "n", 5, 1, 0, 1, 0, rate, [rate], [], [], [], False)
    shown = attacked(report)
    assert [line.plain_bar for line in shown.lines] == [None, None]
    assert (shown.unheard, shown.successes, shown.total) == (1, [], 0)


def test_a_route_that_may_chat_is_offered_first(world: World, lab: Lab) -> None:
    client = world.client(models=("all-minilm-l6-v2", "smollm2-135m"))
    assert client.get("/redteam.json").json()["routes"] == ["smollm2-135m", "all-minilm-l6-v2"]
