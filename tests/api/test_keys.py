from tests.api.conftest import ApiWorld


def test_a_key_is_made_used_and_revoked(world: ApiWorld) -> None:
    client = world.api(world.new_key("default", "head", "keys", "budgets", team="search")[0])
    made = client.post("/api/keys", json={"name": "worker", "may": ["budgets"]})
    assert made.status_code == 201
    full = made.json()["key"]
    assert (made.json()["team"], made.json()["may"]) == ("search", ["budgets"])
    assert world.api(full).get("/api/runs").status_code == 200
    public = full.split("-")[2]
    listed = {key["public"]: key for key in client.get("/api/keys").json()["keys"]}
    assert (listed[public]["name"], listed[public]["team"], listed[public]["may"]) == ("worker", "search", ["budgets"])
    assert full not in client.get("/api/keys").text
    assert client.delete(f"/api/keys/{public}").json() == {"public": public, "revoked": True}
    assert client.delete(f"/api/keys/{public}").status_code == 200  # twice is harmless
    assert world.api(full).get("/api/runs").status_code == 401


def test_a_plain_key_makes_none_and_ends_only_itself(world: ApiWorld) -> None:
    client, (_, other) = world.api(), world.new_key("default", "another")
    for answer in (client.post("/api/keys", json={"name": "fresh"}), client.delete(f"/api/keys/{other}")):
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "not_allowed"
        assert "--may keys" in answer.json()["error"]["message"]
    assert client.delete(f"/api/keys/{world.public}").status_code == 200
    assert client.get("/api/runs").status_code == 401


def test_a_right_that_the_maker_lacks_is_not_given(world: ApiWorld) -> None:
    client = world.api(world.new_key("default", "head", "keys")[0])
    answer = client.post("/api/keys", json={"may": ["budgets"]})
    assert (answer.status_code, answer.json()["error"]["param"]) == (403, "may")
    assert client.post("/api/keys", json={"may": ["fly"]}).status_code == 400
    assert client.post("/api/keys", json={"team": "another"}).status_code == 400
    assert len(client.get("/api/keys").json()["keys"]) == 2


def test_with_auth_off_everybody_on_this_machine_may(world: ApiWorld) -> None:
    made = world.api("", anonymous="default").post("/api/keys", json={"name": "x", "may": ["deployments"]})
    assert (made.status_code, made.json()["may"]) == (201, ["deployments"])


def test_another_projects_keys_are_out_of_reach(world: ApiWorld) -> None:
    client = world.api(world.new_key("default", "head", "keys")[0])
    assert world.other_public not in [key["public"] for key in client.get("/api/keys").json()["keys"]]
    assert client.delete(f"/api/keys/{world.other_public}").status_code == 404
    assert world.api(world.other_key).get("/api/runs").status_code == 200
