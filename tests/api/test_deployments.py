"""`/api/deployments`: how they are doing; breakers opened and closed by keys that may."""

from outrider.journal import read
from outrider.journal.events import BreakerForced
from tests.api.conftest import ApiWorld
from tests.limits import wards


def test_all_deployments_those_in_trouble_first(world: ApiWorld) -> None:
    wards.fill(world.vitals)
    found = world.api().get("/api/deployments").json()["deployments"]
    assert (found[0]["name"], found[0]["health"]) == ("b/down", "down")
    well = next(d for d in found if d["name"] == "a/well")
    assert (well["breaker"], well["cause"], well["since"], well["tokens_per_second"]) == ("closed", "", None, 50.0)
    assert well["limits"][0]["remaining"] == 2500
    assert found[0]["since"].endswith("Z")


def test_a_key_that_may_opens_and_closes(world: ApiWorld) -> None:
    wards.fill(world.vitals)
    key, public = world.new_key("default", "operator", "deployments")
    client = world.api(key)
    held = client.post("/api/deployments/open", json={"name": "a/well", "why": "it answers nonsense"}).json()
    assert (held["breaker"], held["cause"], held["health"]) == ("open", "operator", "held")
    assert world.vitals.begin(wards.deployment("a/well")) is None
    assert client.post("/api/deployments/close", json={"name": "a/well"}).json()["health"] == "ok"
    world.indexer.drain()
    forced = [e for _, e in read.export_records(world.store) if isinstance(e, BreakerForced)]
    assert [(e.deployment, e.open, e.by, e.why) for e in forced] == [
        ("a/well", True, f"key {public}", "it answers nonsense"),
        ("a/well", False, f"key {public}", ""),
    ]


def test_other_keys_may_not(world: ApiWorld) -> None:
    wards.fill(world.vitals)
    answer = world.api().post("/api/deployments/open", json={"name": "a/well"})
    assert answer.status_code == 403
    assert "--may deployments" in answer.json()["error"]["message"]
    assert world.vitals.begin(wards.deployment("a/well")) is not None


def test_unknown_names_and_bodies(world: ApiWorld) -> None:
    key, _ = world.new_key("default", "operator", "deployments")
    assert world.api(key).post("/api/deployments/open", json={"name": "x/y"}).status_code == 404
    assert world.api(key).post("/api/deployments/open", json={"nam": "x/y"}).status_code == 400
