"""Asking a provider's batch API: what is no answer, and what may be tried again."""

import msgspec
import pytest

from outrider.base.errors import UpstreamError
from outrider.base.ports import Deployment
from outrider.gateway.batches.provider_api import Theirs, ask, read
from outrider.testing import ScriptedProvider
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
