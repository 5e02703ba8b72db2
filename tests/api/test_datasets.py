"""`/api/datasets`, `/api/feedback` and `/api/proposals` of a whole Outrider: from a bad answer to a case."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat], prices: {{scripted-chat: {{input: 1, output: 2}}}}}}
"""
Ask = Callable[[str], str]
NONE = "01a20000-0000-7000-8000-000000000000"


@pytest.fixture
def outrider(tmp_path: Path) -> Iterator[Running]:
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), tmp_path / "home") as made:
        yield made


@pytest.fixture
def client(outrider: Running) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {outrider.key}"}
    with httpx.Client(base_url=outrider.url, headers=headers, timeout=30) as made:
        yield made


@pytest.fixture
def asked(outrider: Running, client: httpx.Client) -> Callable[[str], str]:
    """Asks; the run, when it can be read."""

    def ask(text: str) -> str:
        fields = {"model": "scripted/scripted-chat", "messages": [{"role": "user", "content": text}]}
        run = client.post("/v1/chat/completions", json=fields).headers["x-request-id"]
        outrider.store()  # what was recorded can be read
        return str(run)

    return ask


def test_from_a_bad_answer_to_a_case(outrider: Running, client: httpx.Client, asked: Ask) -> None:
    run = asked("scripted:text=On Friday. When does my parcel come?")
    given = client.post("/api/feedback", json={"run": run, "thumb": "down", "edit": "On Monday.", "user": "u1"})
    assert (given.status_code, given.json()["edit"]) == (201, "On Monday.")
    outrider.store()
    (told,) = client.get("/api/feedback", params={"run": run}).json()["feedback"]
    assert (told["run"], told["thumb"], told["edit"], told["user"]) == (run, "down", "On Monday.", "u1")
    assert told["by"].startswith("key:")
    (proposal,) = client.get("/api/proposals").json()["proposals"]
    assert (proposal["run"], proposal["said"]) == (run, "thumbs down; should be: On Monday.")
    made = client.post("/api/datasets/parcels/runs", json={"runs": [run]})
    assert (made.status_code, made.json()["dataset"]["cases"]) == (201, 1)
    (case,) = client.get("/api/datasets/parcels/cases").json()["cases"]
    assert (case["id"], case["expected"], case["labelled"]) == (f"run:{run}", "On Monday.", "outcome")
    assert client.get("/api/proposals").json() == {"proposals": []}
    (taken,) = client.get("/api/proposals", params={"status": "taken"}).json()["proposals"]
    assert taken["dataset"] == "parcels"


def test_a_person_may_say_what_is_right_and_what_is_no_case(
    outrider: Running, client: httpx.Client, asked: Ask
) -> None:
    run = asked("Is it open?")
    said = client.post("/api/datasets/d/runs", json={"runs": [run], "expected": "Yes."}).json()
    assert said["dataset"]["version"] == 1
    (case,) = client.get("/api/datasets/d/cases").json()["cases"]
    assert (case["expected"], case["labelled"]) == ("Yes.", "person")
    assert client.request("DELETE", f"/api/proposals/{run}").status_code == 404
    client.post("/api/feedback", json={"run": run, "score": 0.2})
    outrider.store()
    assert client.request("DELETE", f"/api/proposals/{run}").json() == {"run": run, "dismissed": True}
    assert client.get("/api/proposals").json() == {"proposals": []}


def test_cases_are_sent_read_in_pages_and_compared(client: httpx.Client) -> None:
    cases: list[dict[str, Any]] = [{"id": f"c{n}", "input": f"question {n}"} for n in range(5)]
    assert client.post("/api/datasets/d/cases", json={"cases": cases}).json()["dataset"]["cases"] == 5
    more = client.post("/api/datasets/d/cases", json={"cases": [{"id": "x", "input": "Question 3!"}], "merge": True})
    assert [(one["case"], one["other"]) for one in more.json()["merged"]] == [("x", "c3")]
    client.post("/api/datasets/d/cases", json={"cases": [{"id": "y", "input": "Another"}]})
    page = client.get("/api/datasets/d/cases", params={"limit": 4, "first": 4}).json()
    assert ([one["id"] for one in page["cases"]], page["next"], page["version"]) == (["c4", "y"], None, 2)
    assert client.get("/api/datasets/d/cases", params={"limit": 4, "version": 1}).json()["next"] == 4
    assert client.get("/api/datasets/d/difference").json() == {"added": ["y"], "removed": [], "changed": []}
    assert [one["version"] for one in client.get("/api/datasets/d").json()["datasets"]] == [2, 1]
    assert [one["name"] for one in client.get("/api/datasets").json()["datasets"]] == ["d"]


MISTAKES: list[tuple[str, str, Any, int, str]] = [
    ("GET", "/api/datasets/none", None, 404, "there is no dataset"),
    ("GET", "/api/datasets/none/cases", None, 404, "there is no dataset"),
    ("POST", "/api/datasets/d/cases", {"cases": [{"input": 3}]}, 400, "cases[0]: `input` is a text"),
    ("POST", "/api/datasets/d/cases", {"cases": []}, 400, "without any case"),
    ("POST", "/api/datasets/d/runs", {"runs": []}, 400, "give 1 to 200 runs"),
    ("POST", "/api/datasets/d/runs", {"runs": [NONE]}, 404, "no run"),
    ("POST", "/api/datasets/d/runs", {"runs": [NONE, NONE], "expected": "x"}, 400, "of one run alone"),
    ("GET", "/api/proposals?status=lost", None, 400, "give `status` as one of"),
    ("POST", "/api/feedback", {"run": NONE}, 400, "feedback says something"),
    ("POST", "/api/feedback", {"run": NONE, "thumb": "sideways"}, 400, "cannot be used"),
    ("GET", "/api/feedback?run=x", None, 400, "a run's id is a UUID"),
]


def test_mistakes_are_named(client: httpx.Client) -> None:
    for method, path, body, status, why in MISTAKES:
        answer = client.request(method, path, json=body) if body is not None else client.request(method, path)
        assert (answer.status_code, why in answer.json()["error"]["message"]) == (status, True), answer.text
