"""Gemini's batches as their descriptions say it."""

import json

import pytest

from outrider.base.ports import Deployment, WireRequest
from outrider.gateway.batches.theirs_gemini import GeminiBatches
from outrider.testing import ScriptedProvider
from outrider.testing.plans import Plan, plain


class Answering(ScriptedProvider):
    """Says one thing."""

    def __init__(self, said: object) -> None:
        super().__init__()
        self.said = said
        self.paths: list[str] = []

    def plan(self, method: str, path: str, headers: object, body: bytes) -> Plan:
        self.paths.append(f"{method} {path}")
        return plain(json.dumps(self.said).encode())


def api(said: object) -> tuple[GeminiBatches, Answering]:
    provider = Answering(said)
    paths = {"chat": "/v1beta/models/gemini-x:generateContent"}
    return GeminiBatches(Deployment("g/m", "g", "gemini-x", "gemini", provider.transport(), paths)), provider


@pytest.mark.parametrize("inside", ["response", "metadata"])
async def test_answers_and_errors_by_their_keys(inside: str) -> None:
    lines = [
        {"metadata": {"key": "2"}, "response": {"candidates": []}},
        {"metadata": {"key": "1"}, "error": {"code": 3, "message": "bad"}},
        {"metadata": {"key": "3"}, "error": {"code": 1, "message": "cancelled"}},
        {"metadata": {"key": "4"}, "error": {"message": "who knows"}},
        {"metadata": {"key": "x"}, "response": {}},
        {"response": {}},
    ]
    output = {"inlinedResponses": {"inlinedResponses": lines}}
    about = {"state": "BATCH_STATE_SUCCEEDED", "displayName": "t", "batchStats": {"requestCount": "4"}}
    said = {"name": "batches/1", "metadata": about, "done": True}
    if inside == "response":
        said["response"] = output
    else:
        about["output"] = output
    asking, provider = api(said)
    theirs = await asking.get("batches/1")
    assert (theirs.over, theirs.status, theirs.total) == (True, "succeeded", 4)
    found = await asking.answers("t", theirs)
    assert [(number, status) for number, status, _ in found] == [(2, 200), (1, 400), (4, 500)]
    assert json.loads(found[1][2])["error"] == {"code": 400, "message": "bad"}
    assert provider.paths == ["GET /v1beta/batches/1"] * 2


async def test_a_batch_is_found_by_its_name() -> None:
    one = {"name": "batches/7", "metadata": {"displayName": "b/1-2", "state": "BATCH_STATE_RUNNING"}}
    asking, _ = api({"operations": [{"name": "batches/8"}, one]})
    found = await asking.find("b/1-2", 2, 0, ())
    assert found is not None
    assert (found.id, found.over) == ("batches/7", False)
    assert await asking.find("b/3-4", 2, 0, ()) is None


async def test_it_begins_where_the_model_is_asked() -> None:
    asking, provider = api({"name": "batches/1"})
    line = asking.line("t", 5, WireRequest("POST", "/x", (), b'{"contents":[]}'))
    assert line == b'{"request":{"contents":[]},"metadata":{"key":"5"}}'
    await asking.create("t", await asking.upload("t", [line]), [line])
    await asking.cancel("batches/1")
    assert provider.paths == ["POST /v1beta/models/gemini-x:batchGenerateContent", "POST /v1beta/batches/1:cancel"]
