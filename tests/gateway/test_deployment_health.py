"""A whole worker in front of providers that fail and come back: what callers, operators and Prometheus see."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outrider.limits.board import Board
from outrider.limits.conditions import force
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

CONFIG = """
embedded: {{enabled: false}}
providers:
  first: {{base_url: "{first}", models: [m], breaker: {{cooldown: {cooldown}, longest: 1h, probes: 1}}}}
  second: {{base_url: "{second}", models: [m], facts: {{m: {{sees: [], tags: [eu]}}}}}}
routes:
  support: {{deployments: [first/m, second/m], retries: 0}}
  lonely: {{deployments: [first/m], retries: 0}}
  tagged: {{deployments: [first/m, second/m], strategy: by_tag, retries: 0}}
  blind: {{deployments: [second/m, first/m], retries: 0}}
"""


class Pair:
    """Two providers behind one Outrider; `failing` makes the first one answer 500."""

    def __init__(self, outrider: Running, first: ScriptedProvider, second: ScriptedProvider) -> None:
        self.outrider, self.first, self.second = outrider, first, second

    def say(self, text: str, route: str = "support", **headers: str) -> tuple[int, Any, Any]:
        return self.post({"model": route, "messages": [{"role": "user", "content": text}]}, **headers)

    def post(self, body: object, path: str = "/v1/chat/completions", **headers: str) -> tuple[int, Any, Any]:
        request = urllib.request.Request(f"{self.outrider.url}{path}", json.dumps(body).encode(), method="POST")
        request.add_header("authorization", f"Bearer {self.outrider.key}")
        request.add_header("content-type", "application/json")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, json.load(error), error.headers

    def get(self, path: str) -> str:
        request = urllib.request.Request(f"{self.outrider.url}{path}")
        request.add_header("authorization", f"Bearer {self.outrider.key}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            text: str = answer.read().decode()
            return text

    def health(self) -> dict[str, str]:
        return {d["name"]: d["health"] for d in json.loads(self.get("/api/deployments"))["deployments"]}


@pytest.fixture
def cooldown() -> str:
    return "10s"


@pytest.fixture
def pair(tmp_path: Path, cooldown: str) -> Iterator[Pair]:
    first, second = ScriptedProvider(), ScriptedProvider()
    with (
        scripted_thread(first) as one,
        scripted_thread(second) as two,
        running(CONFIG.format(first=one, second=two, cooldown=cooldown), tmp_path) as outrider,
    ):
        yield Pair(outrider, first, second)


def break_it(pair: Pair) -> None:
    for _ in range(5):
        assert pair.say("scripted:status=500", "lonely")[0] == 502


@pytest.mark.parametrize("cooldown", ["1h"])
def test_a_failing_deployment_is_left_alone_until_an_operator_takes_it_back(pair: Pair) -> None:
    break_it(pair)
    assert pair.health()["first/m"] == "down"
    for _ in range(3):
        assert pair.say("hello")[0] == 200
    assert (pair.first.counts["chat"], pair.second.counts["chat"]) == (5, 3)
    metrics = pair.get("/metrics")
    assert 'outrider_deployment_failures_total{class="upstream_error",deployment="first/m"} 5.0' in metrics
    assert 'outrider_breaker_state{deployment="first/m",state="open"} 1.0' in metrics
    onlooker = Board(pair.outrider.home / "run", reader=True)
    force(onlooker, "first/m", lambda _: None, open_=False, by="ann")
    onlooker.close()
    assert pair.say("hello")[0] == 200
    assert pair.first.counts["chat"] == 6


@pytest.mark.parametrize("cooldown", ["100ms"])
def test_it_comes_back_by_itself(pair: Pair) -> None:
    break_it(pair)
    for _ in range(1000):
        assert pair.say("hello")[0] == 200
        if pair.health()["first/m"] == "ok":
            return
    pytest.fail("the breaker never closed")


def test_the_only_deployment_is_never_given_up(pair: Pair) -> None:
    for _ in range(8):
        assert pair.say("scripted:status=500", "lonely")[0] == 502
    assert pair.say("hello", "lonely")[0] == 200


def test_who_cannot_see_gets_no_images(pair: Pair) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    content = [{"type": "text", "text": "what is it?"}, image]
    status, _, _ = pair.post({"model": "blind", "messages": [{"role": "user", "content": content}]})
    assert status == 200
    assert (pair.first.counts["chat"], pair.second.counts["chat"]) == (1, 0)


def test_tags_choose(pair: Pair) -> None:
    assert pair.say("hi", "tagged", x_outrider_tags="eu")[0] == 200
    assert pair.say("hi", "tagged")[0] == 200
    assert (pair.first.counts["chat"], pair.second.counts["chat"]) == (1, 1)
