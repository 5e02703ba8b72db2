"""The pages of batches: all of them, one with its cost and errors, ending it, its results."""

import pytest

from outrider.base.usage import Price, Usage
from outrider.gateway.batches.rows import Fault, Part
from outrider.journal.events import Step
from tests.console.conftest import World

HALF = Price(75_000_000, 300_000_000, source="list × 0.5 for batches")


def csrf(page: str) -> str:
    return page.split('name="csrf" content="')[1].split('"')[0]


def test_without_one_it_says_how_to_send_one(world: World) -> None:
    world.kept.begin("other", 1)
    assert "outrider batches create" in world.client().get("/batch").text


def test_the_list_in_pages_and_its_twin(world: World) -> None:
    made = [world.kept.begin("default", 4, key=world.public).id for _ in range(26)]
    client = world.client()
    page = client.get("/batch").text
    assert page.count("data-row") == 25
    assert f'href="/batch?after={made[1]}"' in page
    older = client.get(f"/batch?after={made[1]}").text
    assert older.count("data-row") == 1
    assert made[0] in older
    assert "or-refresh" not in older.split("<main")[1]
    assert client.get("/batch?after=x").status_code == 400
    (card,) = client.get(f"/batch.json?after={made[1]}").json()["cards"]
    assert (card["id"], card["key"], card["status"], card["total"]) == (made[0], "first", "in progress", 4)
    assert card["cost"] == 0
    assert "No older batch" in client.get(f"/batch?after={made[0]}").text


def test_one_that_is_worked_on_at_its_provider(world: World) -> None:
    batch = world.kept.begin("default", 4)
    world.kept.answer(batch, 1, 2)
    batch.about.parts = [Part(1, 4, "open", "f", "theirs-1", True, lines=4, at="openai", factor="0.5")]
    world.kept.batches.move(batch, "in_progress")
    world.kept.batches.release(batch.id, batch.holder, "openai's own batch theirs-1 (in_progress, 2 of 4)")
    steps = [Step(1, "model", "openai/m (batch)", usage=Usage(10, 2), price=HALF)]
    world.run(session=batch.id, deployment="openai/m (batch)", usage=Usage(10, 2), cost=1_350_000, steps=steps)
    assert "24 tokens · $0.0000027 so far" in world.client().get("/batch").text
    page = world.client().get(f"/batch/{batch.id}").text
    assert "× 0.5 of the usual price" in page
    assert "Waits for openai&#39;s own batch theirs-1 (in_progress, 2 of 4)." in page
    assert 'openai/m</a> <span class="tag">its own batch API</span>' in page
    assert "$0.075 in, $0.30 out<small>list × 0.5 for batches</small>" in page
    assert "a &lt;test&gt;" in page
    assert "<script>" not in page
    twin = world.client().get(f"/batch/{batch.id}.json").json()
    assert (twin["cost"], twin["card"]["done"], twin["may_cancel"]) == (1_350_000, 2, True)
    part = world.client().get(f"/batch/{batch.id}", headers={"hx-request": "true"}).text
    assert "<html" not in part
    assert "<form" not in part


def test_lines_that_failed_in_pages(world: World) -> None:
    batch = world.kept.begin("default", 60)
    world.kept.answer(batch, *range(1, 61), status=400)
    client = world.client()
    page = client.get(f"/batch/{batch.id}").text
    assert page.count("bad_word") == 50
    assert "no &lt;b&gt;such&lt;/b&gt; word" in page
    assert f"/batch/{batch.id}?after=50#errors" in page
    assert client.get(f"/batch/{batch.id}?after=50").text.count("bad_word") == 10
    over = world.kept.end(batch)
    page = client.get(f"/batch/{over.id}").text
    assert page.count("bad_word") == 50
    more = page.split(f"/batch/{over.id}?after=")[1].split("#")[0]
    assert client.get(f"/batch/{over.id}?after={more}").text.count("bad_word") == 10


def test_why_one_failed(world: World) -> None:
    batch = world.kept.begin("default", 0)
    batch.about.faults = [Fault("invalid_json_line", "This line is <not> parseable.", 3)]
    world.kept.end(batch, "failed")
    page = world.client().get(f"/batch/{batch.id}").text
    assert "line 3" in page
    assert "This line is &lt;not&gt; parseable." in page
    assert "Cancel" not in page


def test_a_cost_that_cannot_be_told_apart(world: World) -> None:
    batch = world.kept.begin("default", 1, session="shared/one")
    page = world.client().get(f"/batch/{batch.id}").text
    assert '/runs?session=shared%2Fone">shared/one</a>, which has other runs too' in page


def test_cancelling_needs_the_token_and_the_project(world: World) -> None:
    batch, theirs = world.kept.begin("default", 2), world.kept.begin("other", 2)
    client = world.client()
    token = csrf(client.get(f"/batch/{batch.id}").text)
    assert client.post(f"/batch/{batch.id}/cancel").status_code == 403
    assert client.post(f"/batch/{theirs.id}/cancel", data={"csrf": token}).status_code == 404
    assert client.get(f"/batch/{theirs.id}").status_code == 404
    answer = client.post(f"/batch/{batch.id}/cancel", data={"csrf": token})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/batch/{batch.id}?done=cancel")
    page = client.get(answer.headers["location"]).text
    assert "Its end was asked for" in page
    assert "/cancel" not in page
    world.kept.end(batch, "cancelled", missing=2)
    assert client.post(f"/batch/{batch.id}/cancel", data={"csrf": token}).status_code == 409


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_results_are_downloads(world: World, kind: str) -> None:
    batch = world.kept.begin("default", 2, kind="anthropic" if kind == "anthropic" else "openai")
    world.kept.answer(batch, 1)
    world.kept.answer(batch, 2, status=400)
    client = world.client()
    assert client.get(f"/batch/{batch.id}/results").status_code == 404
    world.kept.end(batch)
    page, found = client.get(f"/batch/{batch.id}").text, client.get(f"/batch/{batch.id}/results")
    assert f'href="/batch/{batch.id}/results"' in page
    assert (f'href="/batch/{batch.id}/errors"' in page) is (kind == "openai")
    assert found.headers["content-disposition"] == f'attachment; filename="{batch.id}_output.jsonl"'
    assert (found.headers["content-type"], found.text.count("\n")) == ("application/x-ndjson", 1 + (kind != "openai"))
    other = world.client(signed_in=False)
    assert other.get(f"/batch/{batch.id}/results").status_code == 303
