from tests.api.conftest import ApiWorld


def test_a_key_is_made_used_and_revoked(world: ApiWorld) -> None:
    client = world.api()
    made = client.post("/api/keys", json={"name": "worker"})
    assert made.status_code == 201
    full = made.json()["key"]
    assert world.api(full).get("/api/runs").status_code == 200
    public = full.split("-")[2]
    listed = {key["public"]: key for key in client.get("/api/keys").json()["keys"]}
    assert listed[public]["name"] == "worker"
    assert full not in client.get("/api/keys").text
    assert client.delete(f"/api/keys/{public}").json() == {"public": public, "revoked": True}
    assert client.delete(f"/api/keys/{public}").status_code == 200  # twice is harmless
    assert world.api(full).get("/api/runs").status_code == 401


def test_another_projects_keys_are_out_of_reach(world: ApiWorld) -> None:
    client = world.api()
    assert [key["public"] for key in client.get("/api/keys").json()["keys"]] == [world.public]
    assert client.delete(f"/api/keys/{world.other_public}").status_code == 404
    assert world.api(world.other_key).get("/api/runs").status_code == 200
