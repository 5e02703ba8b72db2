"""Who may see what, and what an answer always carries."""

import pytest

from outrider.base import plugins
from outrider.journal.events import KeyRevoked
from tests.console.conftest import World

PAGES = ["/runs", "/costs", "/playground", "/keys"]


@pytest.mark.parametrize("path", PAGES)
def test_without_a_session_a_page_leads_to_sign_in_and_back(world: World, path: str) -> None:
    client = world.client(signed_in=False)
    answer = client.get(path, params={"since": "24h"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/login?next=%2F{path[1:]}%3Fsince%3D24h"
    assert client.get(path + ".json").status_code == 401


@pytest.mark.parametrize("path", [*PAGES, "/login", "/nothing"])
def test_every_page_is_strict_about_what_a_browser_may_do(world: World, path: str) -> None:
    headers = world.client().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", [*PAGES, "/login"])
def test_no_page_needs_what_the_policy_forbids(world: World, path: str) -> None:
    world.run()
    text = world.client().get(path).text
    assert " style=" not in text
    assert "<style" not in text
    assert " onclick=" not in text
    assert all("src=" in tag for tag in text.split("<script")[1:])


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_json_twin(world: World, path: str) -> None:
    assert isinstance(world.client().get(path + ".json").json(), dict)


def test_every_page_module_has_a_load_or_is_the_sign_in() -> None:
    for name in plugins.names("outrider.console.pages"):
        module = plugins.load("outrider.console.pages", name)
        if name in ("run_feedback", "session_feedback", "session_grants"):  # forms of other pages
            continue
        assert hasattr(module, "Context"), name
        assert hasattr(module, "load") or name == "login"
        assert module.Context.__doc__
        assert not module.Context.__doc__.startswith("Context("), name


def test_a_revoked_key_ends_its_sessions(world: World) -> None:
    client = world.client()
    assert client.get("/runs").status_code == 200
    world.record(KeyRevoked(world.public, 1))
    assert client.get("/runs").status_code == 303


def test_a_piece_of_a_page_leads_back_to_the_page_after_signing_in(world: World) -> None:
    client = world.client(signed_in=False)
    for page, way in (("http://127.0.0.1:8720/runs?text=a", "/login?next=%2Fruns%3Ftext%3Da"), ("", "/login")):
        answer = client.get("/runs?before=9", headers={"hx-request": "true", "hx-current-url": page})
        assert answer.headers["hx-redirect"] == way


def test_a_forged_cookie_does_not_count(world: World) -> None:
    client = world.client(signed_in=False)
    client.cookies.set("outrider_session", "abc.def")
    assert client.get("/runs").status_code == 303


def test_with_the_store_away_the_page_says_so(world: World) -> None:
    world.away = True
    client = world.client()
    page = client.get("/runs")
    assert page.status_code == 503
    assert "the database does not answer" in page.text
    twin = client.get("/runs.json")
    assert (twin.status_code, twin.json()["error"]["code"]) == (503, "store_unavailable")


def test_with_auth_off_the_console_is_open_under_local_names_only(world: World) -> None:
    assert world.client(signed_in=False, anonymous="default").get("/runs").status_code == 200
    foreign = world.client(signed_in=False, anonymous="default", base="http://evil.example:8720")
    assert foreign.get("/runs").status_code == 403


def test_an_unknown_address_is_a_page_or_json(world: World) -> None:
    client = world.client()
    assert "Nothing here" in client.get("/nothing").text
    assert client.get("/nothing.json").json()["error"]["code"] == "not_found"
    assert client.post("/costs").status_code == 405


def test_static_files_keep_while_unchanged(world: World) -> None:
    client = world.client(signed_in=False)
    page = client.get("/login").text
    address = next(part for part in page.split('"') if part.startswith("/static/base.css?v="))
    answer = client.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert client.get("/static/../__init__.py").status_code == 404
