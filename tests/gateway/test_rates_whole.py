"""Rates, capacity and priority through a whole worker: what callers see, and what the provider gets."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from outrider.base import ids
from outrider.journal import read
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted:
    base_url: "{url}"
    models: [scripted-chat]
  narrow:
    base_url: "{url}"
    models: [scripted-chat]
    limits: {{concurrent: 2}}
rates:
  few: {{match: {{tag: few}}, per: user, requests: 3/h}}
  words: {{match: {{tag: words}}, tokens: 1000/h}}
  pair: {{match: {{tag: pair}}, concurrent: 2}}
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[tuple[ScriptedProvider, str]]:
    scripted = ScriptedProvider()
    with scripted_thread(scripted) as url:
        yield scripted, url


@pytest.fixture(scope="module")
def outrider(provider: tuple[ScriptedProvider, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home: Path = tmp_path_factory.mktemp("home")
    with running(CONFIG.format(url=provider[1]), home) as server:
        yield server


def ask(
    outrider: Running, text: str = "hello", headers: Mapping[str, str] = {}, **fields: Any
) -> tuple[int, dict[str, str], Any]:
    """Status, headers (lower case) and body."""
    body = {"model": "scripted/scripted-chat", "messages": [{"role": "user", "content": text}], **fields}
    request = urllib.request.Request(
        f"{outrider.url}/v1/chat/completions",
        json.dumps(body).encode(),
        {"authorization": f"Bearer {outrider.key}", "content-type": "application/json", **headers},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}, json.load(error)


def test_requests_of_a_user(outrider: Running) -> None:
    few = {"x-outrider-tags": "few", "x-outrider-user": "ada"}
    left = [ask(outrider, headers=few)[1]["x-ratelimit-remaining-requests"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    status, headers, body = ask(outrider, headers=few)
    assert status == 429
    assert body["error"]["code"] == "rate_limit_exceeded"
    assert "of 3 requests an hour for user 'ada'" in body["error"]["message"]
    assert 1000 < int(headers["retry-after"]) <= 1200
    assert headers["x-ratelimit-limit-requests"] == "3"
    assert ask(outrider, headers={**few, "x-outrider-user": "bob"})[0] == 200
    run = read.get_run(outrider.store(), ids.parse(headers["x-request-id"]))
    assert run is not None
    assert (run.error, run.http_status, run.cost) == ("rate_limit_exceeded", 429, 0)


def test_no_headers_of_ours_where_nothing_limits(outrider: Running) -> None:
    status, headers, _ = ask(outrider)
    assert status == 200
    assert not [name for name in headers if name.startswith("x-ratelimit")]


def test_tokens_are_corrected_to_what_was_used(outrider: Running) -> None:
    words = {"x-outrider-tags": "words"}
    for _ in range(4):
        status, headers, body = ask(outrider, headers=words, max_tokens=600)
        assert status == 200
    assert headers["x-ratelimit-limit-tokens"] == "1000"
    status, headers, body = ask(outrider, headers=words, max_tokens=5000)
    assert (status, headers["x-should-retry"]) == (429, "false")
    assert "lower `max_tokens`" in body["error"]["message"]


def test_calls_at_the_same_time(outrider: Running) -> None:
    pair = {"x-outrider-tags": "pair"}
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: ask(outrider, "scripted:delay=0.7", pair)[0], range(6)))
    assert sorted(results) == [200, 200, 429, 429, 429, 429]
    assert ask(outrider, headers=pair)[0] == 200


def test_a_narrow_deployment_is_waited_for(outrider: Running) -> None:
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: ask(outrider, "scripted:delay=0.2", model="narrow/scripted-chat"), range(6)))
    assert [status for status, *_ in results] == [200] * 6


def test_who_cannot_make_it_in_time_is_told_so(outrider: Running, provider: tuple[ScriptedProvider, str]) -> None:
    scripted, url = provider
    there = scripted.counts["requests"] + 2
    with ThreadPoolExecutor(5) as pool:
        first = [pool.submit(ask, outrider, "scripted:delay=1", model="narrow/scripted-chat") for _ in range(2)]
        urllib.request.urlopen(f"{url.removesuffix('/v1')}/scripted/seen?requests={there}", timeout=30).close()
        soon = {"x-outrider-deadline-ms": "300"}
        late = [pool.submit(ask, outrider, "late", soon, model="narrow/scripted-chat") for _ in range(3)]
        for status, headers, body in (f.result() for f in late):
            assert (status, body["error"]["code"]) == (503, "overloaded")
            assert int(headers["retry-after"]) >= 1
        assert [f.result()[0] for f in first] == [200, 200]


def test_a_priority_that_is_none_is_refused(outrider: Running) -> None:
    status, _, body = ask(outrider, headers={"x-outrider-priority": "urgent"})
    assert (status, body["error"]["param"]) == (400, "x-outrider-priority")
    assert ask(outrider, headers={"x-outrider-priority": "batch"})[0] == 200
