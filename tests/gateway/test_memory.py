"""What a request held is gone when it is answered: not left in cycles for a collector that seldom comes."""

import gc
import http.client
import json
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from outrider.gateway.call import Call
from outrider.gateway.connection import Response
from outrider.gateway.server import Exchange
from tests.gateway.conftest import House

TIMES = 8


@pytest.fixture(scope="module", autouse=True)
def what_was_before() -> Iterator[None]:
    """Objects of earlier tests are not looked at: there are millions."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def ask(house: House, model: str, command: str, *, stream: bool) -> None:
    place = urlsplit(house.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": f"scripted:{command}"}]}
    for turn in range(TIMES):
        headers = {"authorization": f"Bearer {house.key}", "x-turn": str(turn)}
        connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
        connection.getresponse().read()
    connection.close()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("model", "command"),
    [
        ("once", "text=well"),
        ("cached", "text=kept"),
        ("plain", "fail-times=1,status=503"),
        ("once", "status=500"),
        ("once", "status=400"),
        ("once", "html"),
        ("once", "malformed"),
        ("once", "reset"),
        ("once", "cut=1"),
        ("hasty", "delay=5"),
        ("spare", "text=elsewhere"),
        ("nobody-has-this", "text=unknown"),
    ],
)
def test_an_answered_request_leaves_nothing(
    house: House, no_collector: None, model: str, command: str, stream: bool
) -> None:
    ask(house, model, command, stream=stream)
    kept = Counter(type(o).__name__ for o in gc.get_objects() if isinstance(o, Call) or _holds_a_body(o))
    assert max(kept.values(), default=0) <= 1, kept  # one: the server is perhaps still leaving the last


def _holds_a_body(thing: object) -> bool:
    """A client's request, or a provider's answer. An empty answer may wait for its connection to close."""
    return bool(thing.body) if isinstance(thing, Exchange) else isinstance(thing, Response) and bool(thing.parts)
