import re

from starlette.testclient import TestClient

from tests.console.conftest import World


def _csrf(client: TestClient) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', client.get("/keys").text)
    assert found
    return found[1]


def test_a_new_key_is_shown_once(world: World) -> None:
    client = world.client()
    page = client.post("/keys", data={"name": "worker <7>", "csrf": _csrf(client)})
    assert page.status_code == 200
    shown = re.search(r"sk-or-[0-9a-f]{16}-[0-9a-f]{48}", page.text)
    assert shown
    assert "worker &lt;7&gt;" in page.text
    later = client.get("/keys").text
    assert shown[0] not in later
    assert "worker &lt;7&gt;" in later
    assert "digest" not in client.get("/keys.json").text


def test_revoking_ends_a_key(world: World) -> None:
    client = world.client()
    _, public = world.new_key("default", "old")
    answer = client.post("/keys/revoke", data={"public": public, "csrf": _csrf(client)})
    assert answer.status_code == 303
    listed = {key["public"]: key for key in client.get("/keys.json").json()["keys"]}
    assert listed[public]["revoked_at"] > 0
    assert listed[world.public]["own"] is True


def test_nothing_changes_without_the_token(world: World) -> None:
    client = world.client()
    assert client.post("/keys", data={"name": "x"}).status_code == 403
    assert client.post("/keys/revoke", data={"public": world.public, "csrf": "0" * 64}).status_code == 403
    assert client.get("/runs").status_code == 200


def test_another_projects_key_is_out_of_reach(world: World) -> None:
    client = world.client()
    answer = client.post("/keys/revoke", data={"public": world.other_public, "csrf": _csrf(client)})
    assert answer.status_code == 404
    assert world.other_public not in client.get("/keys").text
