import re

import pytest
from starlette.testclient import TestClient

from outrider.console.pages.login import TRIES, local_path
from outrider.limits.keys import Identity
from tests.console.conftest import World


def _token(client: TestClient, path: str = "/login") -> str:
    found = re.search(r'name="form" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def test_a_pasted_key_opens_the_console(world: World) -> None:
    client = world.client(signed_in=False)
    form = _token(client)
    answer = client.post("/login", data={"key": f" {world.key} ", "form": form, "next": "/costs?since=24h"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/costs?since=24h")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "secure" not in cookie.lower()
    assert client.get("/costs").status_code == 200


def test_over_https_the_cookie_is_secure(world: World) -> None:
    client = world.client(signed_in=False, base="https://outrider.example")
    answer = client.post("/login", data={"key": world.key, "form": _token(client)})
    assert "; secure" in answer.headers["set-cookie"].lower()


def test_a_wrong_key_says_so_and_leaks_nothing(world: World) -> None:
    client = world.client(signed_in=False)
    answer = client.post("/login", data={"key": "sk-or-wrong-secret", "form": _token(client)})
    assert answer.status_code == 401
    assert "not a key that works here" in answer.text
    assert "wrong-secret" not in answer.text


def test_a_mistyped_key_does_not_lose_the_way(world: World) -> None:
    client = world.client(signed_in=False)
    answer = client.post("/login", data={"key": "sk-or-oops", "form": _token(client), "next": "/costs?by=model"})
    assert 'name="next" value="/costs?by=model"' in answer.text


def test_a_form_from_elsewhere_is_refused(world: World) -> None:
    client = world.client(signed_in=False)
    assert client.post("/login", data={"key": world.key}).status_code == 403
    _token(client)
    assert client.post("/login", data={"key": world.key, "form": "x.y"}).status_code == 403


def test_a_link_signs_in_once(world: World) -> None:
    token = world.sign_ins.link(Identity("default", world.public))
    client = world.client(signed_in=False)
    assert client.get("/login", params={"token": token}).headers["location"] == "/"
    assert client.get("/runs").status_code == 200
    again = world.client(signed_in=False).get("/login", params={"token": token})
    assert again.status_code == 401
    assert "used already" in again.text


def test_many_wrong_tries_are_slowed_down(world: World) -> None:
    client = world.client(signed_in=False)
    for _ in range(TRIES):
        assert client.post("/login", data={"key": "no", "form": _token(client)}).status_code == 401
    refused = client.post("/login", data={"key": world.key, "form": _token(client)})
    assert refused.status_code == 429
    assert "wait five minutes" in refused.text


def test_signing_out_needs_the_token_and_ends_the_session(world: World) -> None:
    client = world.client()
    assert client.post("/logout").status_code == 403
    csrf = re.search(r'name="csrf" content="([0-9a-f]+)"', client.get("/runs").text)
    assert csrf
    answer = client.post("/logout", data={"csrf": csrf[1]})
    assert answer.headers["location"] == "/login"
    assert 'outrider_session=""' in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil", "javascript:1", "/login?next=/login", "/a\r\nb: c", ""],
)
def test_after_signing_in_nobody_is_sent_away(target: str) -> None:
    assert local_path(target) == "/"
