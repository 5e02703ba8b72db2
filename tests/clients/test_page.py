"""The page of clients says what the suite holds: quick, for the trials themselves are slow."""

import json

import pytest

from tests.clients import installed
from tests.clients.catalogue import CLIENTS, FEATURES
from tests.clients.page import PAGE, cells, page


def test_the_page_is_of_these_clients_and_all_of_them_work(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--clients-page", default=False):
        pytest.skip("this run is about to write it")
    assert PAGE.read_text("utf-8") == page(dict.fromkeys(cells(), True)), "stale: run `make clients`"


def test_what_did_not_pass_is_shown() -> None:
    outcomes = dict.fromkeys(cells(), True)
    first = CLIENTS[0]
    outcomes |= {(first, "bedrock", "plain"): False, (first, "embedded", "plain"): False}
    row = next(line for line in page(outcomes).splitlines() if line.startswith(f"| {first.name} |"))
    assert "| chat, responses, anthropic, gemini | ✓ |" in row
    assert row.endswith("| ✗ |")


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
def test_a_client_is_pinned_and_has_a_program(client: object) -> None:
    assert isinstance(client, type(CLIENTS[0]))
    folder = installed.NODE if client.environment == "node" else installed.NODE.with_name("programs")
    assert (folder / client.program).is_file()
    assert set(client.features) <= FEATURES.keys()
    assert all(installed.pinned(client.environment, package)[0].isdigit() for package in client.packages)


def test_the_locked_versions_are_the_pinned_ones() -> None:
    locked = json.loads((installed.NODE / "package-lock.json").read_text("utf-8"))["packages"]
    pinned = json.loads((installed.NODE / "package.json").read_text("utf-8"))["dependencies"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in pinned} == pinned
