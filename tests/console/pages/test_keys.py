import re

from starlette.testclient import TestClient

from tests.console.conftest import World


def _csrf(client: TestClient) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', client.get("/keys").text)
    assert found
    return found[1]


def test_a_new_key_is_shown_once(world: World) -> None:
    client = world.client(operator=True)
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
    client = world.client(operator=True)
    _, public = world.new_key("default", "old")
    answer = client.post("/keys/revoke", data={"public": public, "csrf": _csrf(client)})
    assert answer.status_code == 303
    listed = {key["public"]: key for key in client.get("/keys.json").json()["keys"]}
    assert listed[public]["revoked_at"] > 0
    assert listed[world.public]["own"] is True


def test_a_plain_key_sees_keys_and_may_only_end_its_own(world: World) -> None:
    _, other = world.new_key("default", "another")
    client = world.client()
    page = client.get("/keys").text
    assert 'name="name"' not in page
    assert "outrider keys create --may keys" in page
    assert page.count('action="/keys/revoke"') == 1
    token = _csrf(client)
    assert client.post("/keys", data={"name": "fresh", "csrf": token}).status_code == 403
    assert client.post("/keys/revoke", data={"public": other, "csrf": token}).status_code == 403
    assert client.post("/keys/revoke", data={"public": world.public, "csrf": token}).status_code == 303
    assert client.get("/keys").headers["location"].startswith("/login")


def test_rights_and_team_go_on_to_new_keys(world: World) -> None:
    _, public = world.new_key("default", "head", "keys", "budgets", team="<search>")
    client = world.client(key=public)
    page = client.get("/keys").text
    assert "team &lt;search&gt;" in page
    assert 'name="may-budgets"' in page
    assert 'name="may-deployments"' not in page
    made = client.post("/keys", data={"name": "deputy", "may-budgets": "on", "csrf": _csrf(client)})
    assert made.status_code == 200
    [deputy] = [key for key in client.get("/keys.json").json()["keys"] if key["name"] == "deputy"]
    assert (deputy["team"], deputy["may"]) == ("<search>", ["budgets"])
    sly = client.post("/keys", data={"name": "sly", "may-deployments": "on", "csrf": _csrf(client)})
    assert sly.status_code == 403


def test_nothing_changes_without_the_token(world: World) -> None:
    client = world.client(operator=True)
    assert client.post("/keys", data={"name": "x"}).status_code == 403
    assert client.post("/keys/revoke", data={"public": world.public, "csrf": "0" * 64}).status_code == 403
    assert client.get("/runs").status_code == 200


def test_another_projects_key_is_out_of_reach(world: World) -> None:
    client = world.client(operator=True)
    answer = client.post("/keys/revoke", data={"public": world.other_public, "csrf": _csrf(client)})
    assert answer.status_code == 404
    assert world.other_public not in client.get("/keys").text
