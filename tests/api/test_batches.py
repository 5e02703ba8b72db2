"""`/api/batches`: batches of the project, what they cost, lines that failed; ending one."""

from outrider.api import shapes_batches
from outrider.base.usage import Price, Usage
from outrider.gateway.batches.rows import Fault, Part
from outrider.journal.events import Step
from tests.api.conftest import ApiWorld


def test_the_list_is_the_projects_and_goes_in_pages(world: ApiWorld) -> None:
    made = [world.kept.begin("default", 3, kind=kind).id for kind in ("openai", "anthropic", "openai")]
    world.kept.begin("other", 3)
    api = world.api()
    first = api.get("/api/batches?limit=2").json()
    assert ([one["id"] for one in first["batches"]], first["next"]) == (made[:0:-1], made[1])
    second = api.get(f"/api/batches?limit=2&after={first['next']}").json()
    assert ([one["api"] for one in second["batches"]], second["next"]) == (["openai"], None)
    assert [one["api"] for one in first["batches"]] == ["openai", "anthropic"]
    for wrong in ("limit=0", "limit=101", "after=x", "before=1"):
        assert api.get(f"/api/batches?{wrong}").status_code == 400, wrong


def test_one_with_its_costs_and_parts(world: ApiWorld) -> None:
    batch = world.kept.begin("default", 4, key=world.public)
    world.kept.answer(batch, 1, 2)
    batch.about.parts = [Part(1, 4, "open", "f", "theirs-1", True, lines=4, at="openai", factor="0.5")]
    world.kept.batches.move(batch, "in_progress")
    half = Price(75_000_000, 300_000_000, source="list × 0.5 for batches")
    for _ in range(2):
        steps = [Step(1, "model", "openai/m (batch)", usage=Usage(10, 2), price=half)]
        world.run(session=batch.id, deployment="openai/m (batch)", usage=Usage(10, 2), cost=1350, steps=steps)
    found = world.api().get(f"/api/batches/{batch.id}").json()
    told = found["batch"]
    assert (told["lines"], told["completed"], told["where"], told["key"]) == (4, 2, "provider", world.public)
    assert (told["input_tokens"], told["metadata"], told["ended"]) == (20, {"for": "a <test>"}, None)
    assert (told["cost_nano_usd"], found["cost_nano_usd"], found["costs"][0]["calls"]) == (2700, 2700, 2)
    assert found["costs"][0]["price"]["source"] == "list × 0.5 for batches"
    (part,) = found["parts"]
    assert (part["provider"], part["batch"], part["factor"], part["state"]) == ("openai", "theirs-1", "0.5", "open")


def test_why_one_failed(world: ApiWorld) -> None:
    batch = world.kept.begin("default", 0)
    batch.about.faults = [Fault("invalid_json_line", "This line is not parseable.", 3), Fault("empty_file", "No line.")]
    world.kept.end(batch, "failed")
    found = world.api().get(f"/api/batches/{batch.id}").json()
    assert [(one["line"], one["code"]) for one in found["faults"]] == [(3, "invalid_json_line"), (None, "empty_file")]


def test_lines_that_failed(world: ApiWorld) -> None:
    batch = world.kept.begin("default", 4)
    world.kept.answer(batch, 2, 3, 4, status=400)
    api = world.api()
    first = api.get(f"/api/batches/{batch.id}/errors?limit=2").json()
    assert [(one["custom_id"], one["line"], one["code"]) for one in first["errors"]] == [
        ("r-2", 2, "bad_word"),
        ("r-3", 3, "bad_word"),
    ]
    second = api.get(f"/api/batches/{batch.id}/errors?limit=2&after={first['next']}").json()
    assert ([one["custom_id"] for one in second["errors"]], second["next"], second["gone"]) == (["r-4"], None, False)
    assert api.get(f"/api/batches/{batch.id}/errors?after=-1").status_code == 400


def test_a_batch_is_ended_by_a_key_of_its_project(world: ApiWorld) -> None:
    batch = world.kept.begin("default", 2)
    others = world.api(world.other_key)
    for method, path in (("GET", ""), ("GET", "/errors"), ("POST", "/cancel")):
        answer = others.request(method, f"/api/batches/{batch.id}{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "batch_not_found")
    assert world.api("").post(f"/api/batches/{batch.id}/cancel").status_code == 401
    assert world.api().post(f"/api/batches/{batch.id}/cancel").json()["status"] == "cancelling"
    world.kept.end(batch, "cancelled", missing=2)
    again = world.api().post(f"/api/batches/{batch.id}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "batch_over")


def test_times_that_are_not_yet_are_null(world: ApiWorld) -> None:
    told = shapes_batches.batch(world.kept.begin("default", 1, kind="anthropic"))
    assert (told.api, told.ended, told.cancelling, told.started is not None) == ("anthropic", None, None, True)
    assert told.created < told.expires
