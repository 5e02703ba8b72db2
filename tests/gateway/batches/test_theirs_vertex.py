"""What Vertex AI's output files say. Whole batches there are in `test_forward_buckets.py`."""

import json
from typing import Any

import pytest

from outrider.base.ports import Bucket, Deployment, WireRequest
from outrider.gateway.batches.provider_api import Theirs
from outrider.gateway.batches.theirs_vertex import VertexBatches, first_of, results
from tests.gateway.batches.stores import CloudStore
from tests.gateway.batches.theirs_buckets import VertexProvider

GOOD = {"candidates": [{"content": {"parts": [{"text": "hi"}]}}]}
BAD = {"error": {"code": 400, "message": "Please use a valid role: user, model.", "status": "INVALID_ARGUMENT"}}
TAG = "batch_1/101-200"


def said(place: Any, status: str = "", response: Any = None) -> bytes:
    request = {"contents": [], "labels": {"team": "x", "outrider-line": place}}
    return json.dumps({"status": status, "processed_time": "", "request": request, "response": response or {}}).encode()


@pytest.mark.parametrize(
    ("status", "number"),
    [
        (f"Bad Request: {json.dumps(BAD)}", 400),
        ("Too Many Requests: slower", 429),
        ('{"code": 503, "message": "later"}', 503),
        ("Something went wrong", 500),
        ("Bad Request: {broken", 400),
        ('Odd: {"error": {"code": 7}}', 500),
    ],
)
def test_lines_that_failed_say_so_in_words(status: str, number: int) -> None:
    ((line, found, body),) = results(101, said("7", status))
    assert (line, found, json.loads(body)["error"]["code"]) == (108, number, number)


def test_lines_are_told_by_their_labels() -> None:
    told = [said("1", response=GOOD), said("0", f"Bad Request: {json.dumps(BAD)}"), said("2"), said("x", response=GOOD)]
    content = b"\n".join([*told, b'{"request": {}, "response": {"a": 1}}', b"no json", b"\xff"])
    found = {number: (status, json.loads(body)) for number, status, body in results(first_of(TAG), content)}
    assert found == {102: (200, GOOD), 101: (400, BAD)}


def batches(provider: VertexProvider) -> VertexBatches:
    transport = provider.transport()
    headers = [(b"authorization", b"Bearer k-1")]
    bucket = Bucket("gs://mine/some/place", transport, "/gcs", headers)
    at = Deployment("v/m", "v", "m", "gemini", transport, {"chat": VertexProvider.path}, headers, bucket=bucket)
    return VertexBatches(at, bucket)


def test_a_line_keeps_the_labels_that_it_has() -> None:
    wire = WireRequest("POST", "/", (), b'{"contents":[],"labels":{"team":"x"},"n":1.50}')
    line = batches(VertexProvider()).line(TAG, 103, wire)
    assert line == b'{"request":{"contents":[],"labels":{"team":"x","outrider-line":"2"},"n":1.50}}\n'


async def test_an_answer_counts_before_a_failure_of_the_same_line() -> None:
    provider = VertexProvider()
    api = batches(provider)
    assert isinstance(provider.store, CloudStore)
    for name, lines in (("a", [said("0", response=GOOD), said("1", "later")]), ("b", [said("0", "later"), said("1")])):
        where = f"some/place/batch_1-101-200/output/prediction-{name}/predictions.jsonl"
        provider.store.objects[where] = b"\n".join(lines)
    found = await api.answers(TAG, Theirs("1", "succeeded", over=True))
    assert sorted((number, status) for number, status, _ in found) == [(101, 200), (102, 500)]
    await api.tidy(TAG, "", None)
    assert provider.objects == {}
