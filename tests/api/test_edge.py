"""Who may ask, and the shape of every refusal."""

import pytest

from outrider import api
from outrider.base.session import COOKIE, CSRF_HEADER
from outrider.limits.keys import Identity
from tests.api.conftest import ApiWorld

READS = ["/api/runs", "/api/costs", "/api/keys", "/api/models"]


def test_the_package_says_what_it_offers() -> None:
    assert all(hasattr(api, name) for name in api.__all__)


@pytest.mark.parametrize("path", READS)
def test_without_a_key_nothing_is_told(world: ApiWorld, path: str) -> None:
    for key in ("", "sk-or-0000000000000000-" + "0" * 48, "nonsense"):
        answer = world.api(key).get(path)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "invalid_api_key"
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", READS)
def test_a_key_in_either_header_and_a_session_may_read(world: ApiWorld, path: str) -> None:
    assert world.api().get(path).status_code == 200
    assert world.api("").get(path, headers={"x-api-key": world.key}).status_code == 200
    client = world.api("")
    client.cookies.set(COOKIE, world.sign_ins.open(Identity("default", world.public)))
    assert client.get(path).status_code == 200


def test_a_session_needs_its_token_for_a_change(world: ApiWorld) -> None:
    client, token = world.api(""), world.sign_ins.open(Identity("default", world.public, operator=True))
    client.cookies.set(COOKIE, token)
    assert client.post("/api/keys", json={"name": "x"}).json()["error"]["code"] == "csrf"
    session = world.sign_ins.verify(token)
    assert session is not None
    assert client.post("/api/keys", json={"name": "x"}, headers={CSRF_HEADER: session.csrf}).status_code == 201


def test_a_revoked_keys_session_ends(world: ApiWorld) -> None:
    client = world.api("")
    client.cookies.set(COOKIE, world.sign_ins.open(Identity("default", world.public)))
    world.api().delete(f"/api/keys/{world.public}")
    assert client.get("/api/runs").status_code == 401
    assert world.api().get("/api/runs").status_code == 401


def test_with_auth_off_only_this_machine_may_ask(world: ApiWorld) -> None:
    assert world.api("", anonymous="default").get("/api/runs").status_code == 200
    assert world.api("", anonymous="default", base="http://evil.example").get("/api/runs").status_code == 403
    cross = world.api("", anonymous="default").post(
        "/api/keys", json={"name": "x"}, headers={"origin": "https://evil.example"}
    )
    assert cross.status_code == 403


def test_with_the_store_away_it_says_so(world: ApiWorld) -> None:
    world.away = True
    answer = world.api().get("/api/runs")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["error"]["type"] == "server_error"


def test_unknown_addresses_methods_and_parameters(world: ApiWorld) -> None:
    client = world.api()
    assert client.get("/api/nothing").json()["error"]["code"] == "not_found"
    put = client.put("/api/runs")
    assert (put.status_code, put.headers["allow"]) == (405, "GET")
    unknown = client.get("/api/runs?modle=x").json()["error"]
    assert (unknown["code"], unknown["param"]) == ("unknown_parameter", "modle")
    assert "model" in unknown["message"]
    twice = client.get("/api/runs?model=a&model=b")
    assert (twice.status_code, twice.json()["error"]["param"]) == (400, "model")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(b"{", "application/json", 400), (b"[]", "application/json", 400), (b'{"name": 5}', "application/json", 400),
     (b'{"nam": "x"}', "application/json", 400), (b'{"name": "a\\u0000"}', "application/json", 400),
     (b"{}", "text/plain", 415), (b'"' + b"x" * 70_000 + b'"', "application/json", 413),
     (b"[" * 60_000, "application/json", 400), (b"\xff", "application/json", 400)],
)  # fmt: skip
def test_bad_bodies(world: ApiWorld, body: bytes, kind: str, status: int) -> None:
    answer = world.api().post("/api/keys", content=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
