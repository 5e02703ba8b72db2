"""Asking a provider's batch API: what is no answer, and what may be tried again."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
import pytest

from outrider.base.errors import UpstreamError
from outrider.base.ports import Deployment
from outrider.gateway.batches import provider_api, theirs_anthropic, theirs_bedrock, theirs_openai, theirs_vertex
from outrider.gateway.batches.provider_api import Answered, Theirs, ask, read
from outrider.gateway.upstream import HttpPool, Origin
from outrider.testing import ScriptedProvider, scripted_server
from outrider.testing.plans import Plan, failure


class Refusing(ScriptedProvider):
    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status

    def plan(self, method: str, path: str, headers: object, body: bytes) -> Plan:
        return failure(self.status, "no")


@pytest.mark.parametrize(("status", "again"), [(400, False), (404, False), (409, True), (429, True), (503, True)])
async def test_a_refusal_names_who_and_what(status: int, again: bool) -> None:
    at = Deployment("p/m", "p", "m", "openai", Refusing(status).transport(), {})
    with pytest.raises(UpstreamError, match=f"p answered HTTP {status} to GET /batches: ") as raised:
        await ask(at, "GET", "/batches?limit=1")
    assert raised.value.retryable is again


def test_what_cannot_be_read() -> None:
    with pytest.raises(UpstreamError, match="cannot be read"):
        read(msgspec.json.Decoder(Theirs), b"{")


DEEP = b'{"a":%b1%b}' % (b"[" * 100_000, b"]" * 100_000)
MARK = theirs_anthropic.mark("t").encode()


@pytest.mark.parametrize(
    ("results", "form"),
    [
        (
            partial(theirs_anthropic.results, "t"),
            b'{"custom_id":"%b%%d","result":{"type":"succeeded","message":%%b}}' % MARK,
        ),
        (theirs_bedrock.results, b'{"recordId":"%011d","modelOutput":%b}'),
        (theirs_openai.results, b'{"custom_id":"%d","response":{"status_code":200,"body":%b}}'),
        (partial(theirs_vertex.results, 0), b'{"request":{"labels":{"outrider-line":"%d"}},"response":%b}'),
    ],
)
def test_a_line_nested_without_end_keeps_no_other(results: Callable[[bytes], Sequence[Answered]], form: bytes) -> None:
    """A model makes up the arguments of a call, and may nest them as it likes."""
    content = b"\n".join([form % (1, b'{"b":2}'), form % (2, DEEP), form % (3, b'{"b":4}')])
    assert results(content) == [(1, 200, b'{"b":2}'), (3, 200, b'{"b":4}')]


class Silent(ScriptedProvider):
    """It takes the request and says nothing more, or stops in the middle."""

    def __init__(self, pieces: Sequence[tuple[float, bytes]]) -> None:
        super().__init__()
        self.pieces = pieces

    def plan(self, method: str, path: str, headers: object, body: bytes) -> Plan:
        return Plan(200, [], list(self.pieces), 6, delay=0.0 if self.pieces else 3600.0)


@pytest.mark.parametrize("pieces", [(), ((0.0, b"{"), (3600.0, b"}"))])
async def test_a_provider_that_falls_silent_is_not_waited_for_for_ever(
    pieces: Sequence[tuple[float, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_api, "HEAD", 0.1)
    monkeypatch.setattr(provider_api, "BODY", 0.1)
    async with scripted_server(Silent(pieces)) as url:
        transport = HttpPool(Origin(url))
        at = Deployment("p/m", "p", "m", "openai", transport, {})
        with pytest.raises(UpstreamError, match="p gave no whole answer to GET /batches within") as raised:
            await ask(at, "GET", "/batches?limit=1")
        assert (raised.value.code, raised.value.retryable) == ("upstream_timeout", True)
        await transport.close()
