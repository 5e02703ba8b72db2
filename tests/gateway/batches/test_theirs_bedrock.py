"""What Bedrock's output files say. Whole batches there are in `test_forward_buckets.py`."""

import json

from outrider.base.ports import Bucket, Deployment, WireRequest
from outrider.gateway.batches.theirs_bedrock import BedrockBatches, results
from outrider.testing import ScriptedProvider
from tests.gateway.batches.theirs_buckets import BEDROCK_MODEL, ROLE, check_described

GOOD = {"output": {"message": {"role": "assistant", "content": [{"text": "hi"}]}}}


class Deaf(BedrockBatches):
    """Keeps what it would ask."""

    async def _ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        self.asked = json.loads(body)
        return b'{"jobArn": "arn:aws:bedrock:eu-west-1:123456789012:model-invocation-job/abc123abc123"}'


def batches() -> Deaf:
    bucket = Bucket("s3://mine", ScriptedProvider().transport(), role=ROLE)
    at = Deployment("b/m", "b", BEDROCK_MODEL, "bedrock", bucket.objects, {}, bucket=bucket)
    return Deaf(at, bucket)


def test_lines_that_are_answered_and_lines_that_are_not() -> None:
    told = [
        {"recordId": "00000000002", "modelInput": {}, "modelOutput": GOOD},
        {"recordId": "00000000001", "modelInput": {}, "error": {"errorCode": 400, "errorMessage": "bad request"}},
        {"recordId": "00000000003", "modelInput": {}, "error": {"errorCode": "429", "errorMessage": "slower"}},
        {"recordId": "00000000004", "modelInput": {}, "error": {"errorCode": 7}},
        {"recordId": "00000000005", "modelInput": {}},
        {"recordId": "of-others", "modelInput": {}, "modelOutput": GOOD},
    ]
    content = b"\n".join(json.dumps(one).encode() for one in told) + b"\nno json\n\xff\n"
    found = {number: (status, json.loads(body)) for number, status, body in results(content)}
    assert found == {
        1: (400, {"message": "bad request"}),
        2: (200, GOOD),
        3: (429, {"message": "slower"}),
        4: (500, {"message": ""}),
    }


async def test_the_longest_names_are_names_that_aws_takes() -> None:
    api, tag = batches(), f"batch_{'0' * 32}/45001-50000"
    theirs = await api.create(tag, f"s3://mine/{tag.replace('/', '-')}/input.jsonl", ())
    assert (theirs.id, theirs.over) == ("abc123abc123", False)
    check_described("CreateModelInvocationJob", api.asked)
    assert api.asked["jobName"].endswith("-45001-50000")
    assert api.line(tag, 45001, WireRequest("POST", "/", (), b"{}")) == b'{"recordId":"00000045001","modelInput":{}}\n'
