"""Scripted providers whose batches go through buckets: Bedrock's and Vertex AI's, as their pages describe them.

Requests to Bedrock's jobs are held against AWS's own description of them. Each line is heard as strictly as a call
would be. `mood` is as in `theirs_speaking`; `fails` is a job that never begins, `lost` one whose output is gone.
"""

import json
import re
from collections.abc import MutableMapping, Sequence
from functools import cache
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import botocore.session
from botocore.validate import ParamValidator

from outrider.testing.plans import Plan, failure, plain
from tests.gateway.batches.stores import REGION, CloudStore, S3Store, check_signature
from tests.gateway.batches.theirs_speaking import CODES, Working

LEAST = 100
ROLE = "arn:aws:iam::123456789012:role/outrider-batches"
BEDROCK_MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0"
CONFLICT = (b"x-amzn-errortype", b"ConflictException:http://internal.amazon.com/coral/")
_ENDS = {"expired": "PartiallyCompleted", "cancelled": "Stopped"}


def _said(content: Any) -> Plan:
    return plain(json.dumps(content).encode())


@cache
def _described(operation: str) -> Any:
    return botocore.session.Session().get_service_model("bedrock").operation_model(operation).input_shape


def check_described(operation: str, asked: dict[str, Any]) -> None:
    """Raises AssertionError unless AWS describes such a request: its fields, and what their texts look like."""
    shape = _described(operation)
    report = ParamValidator().validate(asked, shape)
    assert not report.has_errors(), report.generate_report()
    _check_texts(asked, shape)


def _check_texts(value: Any, shape: Any) -> None:
    if shape.type_name == "structure":
        assert value.keys() <= shape.members.keys(), value.keys()
        for name, one in value.items():
            _check_texts(one, shape.members[name])
    elif shape.type_name == "string":
        assert not shape.enum or value in shape.enum, value
        assert len(value) <= shape.metadata.get("max", len(value)), value
        assert "pattern" not in shape.metadata or re.fullmatch(shape.metadata["pattern"], value), value
    elif shape.type_name == "integer":
        assert shape.metadata["min"] <= value <= shape.metadata["max"]


class Store(Protocol):
    """A bucket. `plan` None: the request is not for it."""

    objects: Any
    refuses: bool

    def plan(self, method: str, path: str, headers: Any, body: bytes) -> Plan | None: ...


class BucketProvider(Working):
    """`objects` are the bucket's; `deleted` jobs were taken away. So many lists are `behind`, and have no job yet."""

    store: Store
    behind = 0

    @property
    def objects(self) -> MutableMapping[str, bytes]:
        return self.store.objects

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        return self.store.plan(method, path, headers, body) or super().plan(method, path, headers, body)

    def listed(self) -> bool:
        """Whether a list has what there is."""
        self.behind -= 1
        return self.behind < 0

    def lines_at(self, url: str) -> list[dict[str, Any]]:
        """What is in an input file."""
        name = urlsplit(url).path.lstrip("/")
        assert urlsplit(url).netloc == "mine"
        assert name.startswith("some/place/")
        return [json.loads(line) for line in self.objects[name].decode().splitlines()]

    def write(self, batch: dict[str, Any], name: str, lines: Sequence[Any]) -> None:
        """An output file, in an order of its own."""
        where = urlsplit(batch["output"])
        assert where.netloc == "mine"
        content = "".join(json.dumps(line) + "\n" for line in reversed(lines))
        self.objects[f"{where.path.strip('/')}/{name}"] = content.encode()


class BedrockProvider(BucketProvider):
    """Converse below `/`, jobs below `/jobs`, S3 below `/s3`: signed, each for its service."""

    path = f"/model/{BEDROCK_MODEL.replace(':', '%3A')}/converse"

    def __init__(self, *, mood: str = "", patience: int = 2) -> None:
        super().__init__([BEDROCK_MODEL], mood=mood, patience=patience)
        self.store = S3Store()

    def batch(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan | None:
        if not path.startswith("/jobs/"):
            return None
        check_signature("bedrock", method, path, headers, body)
        route, _, query = path.removeprefix("/jobs/").partition("?")
        match method, *route.split("/"):
            case "POST", "model-invocation-job":
                return self._create(json.loads(body), headers)
            case "GET", "model-invocation-jobs":
                return self._list({name: values[0] for name, values in parse_qs(query, strict_parsing=True).items()})
            case "GET", "model-invocation-job", id_:
                check_described("GetModelInvocationJob", {"jobIdentifier": id_})
                return _said(self._shape(self.asked(self.batches[id_])))
            case "POST", "model-invocation-job", id_, "stop":
                check_described("StopModelInvocationJob", {"jobIdentifier": id_})
                assert not self.batches[id_]["over"]
                self.cancelled += 1
                self.work(self.batches[id_], half=True, why="cancelled")
                return _said({})
        return failure(404, "UnknownOperationException")

    def _create(self, asked: dict[str, Any], headers: Sequence[tuple[bytes, bytes]]) -> Plan:
        check_described("CreateModelInvocationJob", asked)
        assert (asked["roleArn"], asked["modelId"]) == (ROLE, BEDROCK_MODEL)
        assert asked["modelInvocationType"] == "Converse"
        if self.mood == "refuses":
            return failure(400, "no batches for you")
        for made in self.batches.values():
            if made["token"] == asked["clientRequestToken"]:  # it was heard before
                if self.mood == "conflict":
                    return plain(b'{"message": "the job name is in use"}', 400, [CONFLICT])
                return _said({"jobArn": made["arn"]})
        id_ = f"theirs{len(self.batches):06d}"
        records = self.lines_at(asked["inputDataConfig"]["s3InputDataConfig"]["s3Uri"])
        assert all(record.keys() == {"recordId", "modelInput"} for record in records)
        assert len({record["recordId"] for record in records}) == len(records)
        assert all(re.fullmatch(r"[A-Za-z0-9]{11}", record["recordId"]) for record in records)
        self.batches[id_] = {
            "id": id_,
            "arn": f"arn:aws:bedrock:{REGION}:123456789012:model-invocation-job/{id_}",
            "name": asked["jobName"],
            "token": asked["clientRequestToken"],
            "output": asked["outputDataConfig"]["s3OutputDataConfig"]["s3Uri"],
            "records": records,
            "lines": [record["modelInput"] for record in records],
            "asked": 0,
            "over": False,
            "headers": list(headers),
        }
        deaf = self.mood == "deaf"
        return failure(500, "who knows") if deaf else _said({"jobArn": self.batches[id_]["arn"]})

    def _list(self, asked: dict[str, str]) -> Plan:
        """A page has one job."""
        numbers: dict[str, Any] = {"maxResults": int(asked["maxResults"])}
        check_described("ListModelInvocationJobs", {**asked, **numbers})
        found = [one for one in self.batches.values() if self.listed() and asked["nameContains"] in one["name"]]
        at = int(asked.get("nextToken", "0"))
        said: dict[str, Any] = {"invocationJobSummaries": [self._shape(one) for one in found[at : at + 1]]}
        return _said({**said, "nextToken": str(at + 1)} if len(found) > at + 1 else said)

    def work(self, batch: dict[str, Any], *, half: bool, why: str) -> None:
        if len(batch["lines"]) < LEAST or self.mood == "fails":
            batch.update(over=True, answers={}, why="failed")
            return
        super().work(batch, half=half, why=why)
        if self.mood == "lost":
            return
        lines = [
            self._line(record, batch["answers"][at])
            for at, record in enumerate(batch["records"][: len(batch["answers"])])
        ]
        self.write(batch, f"{batch['id']}/input.jsonl.out", lines)
        self.write(batch, f"{batch['id']}/manifest.json.out", [{"totalRecordCount": len(batch["lines"])}])

    def _line(self, record: dict[str, Any], found: tuple[int, Any]) -> dict[str, Any]:
        status, answer = found
        if status == 200:
            return {**record, "modelOutput": answer}
        return {**record, "error": {"errorCode": status, "errorMessage": answer.get("message", "")}}

    def _shape(self, batch: dict[str, Any]) -> dict[str, Any]:
        status = "InProgress"
        if batch["over"]:
            status = {"failed": "Failed", "": "Completed"}.get(batch["why"]) or _ENDS[batch["why"]]
        said = {
            "jobArn": batch["arn"],
            "jobName": batch["name"],
            "status": status,
            "submitTime": "2026-11-23T00:00:00Z",
            "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": batch["output"]}},
        }
        if status == "Failed":
            said["message"] = "The number of records is below the minimum."
        counts = {"totalRecordCount": len(batch["lines"]), "processedRecordCount": len(batch.get("answers", {}))}
        return {**said, **counts} if batch["asked"] else said


class VertexProvider(BucketProvider):
    """`batchPredictionJobs` beside the models, Cloud Storage below `/gcs`."""

    root = "/v1/projects/my-project/locations/europe-west4"
    path = f"{root}/publishers/google/models/gemini-2.5-flash:generateContent"

    def __init__(self, *, mood: str = "", patience: int = 2, bearer: str = "k-1") -> None:
        super().__init__(["gemini-2.5-flash"], mood=mood, patience=patience)
        self.store = CloudStore(bearer=bearer)
        self._bearer = bearer

    def batch(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan | None:
        jobs = f"{self.root}/batchPredictionJobs"
        if not path.startswith(jobs):
            return None
        assert dict(headers)[b"authorization"].decode() == f"Bearer {self._bearer}"
        route, _, query = path.removeprefix(jobs).partition("?")
        id_, _, verb = route.lstrip("/").partition(":")
        match method, id_, verb:
            case "POST", "", "":
                return self._create(json.loads(body), headers)
            case "GET", "", "":
                return self._list({name: values[0] for name, values in parse_qs(query, strict_parsing=True).items()})
            case "GET", _, "" if id_ in self.batches:
                return _said(self._shape(self.asked(self.batches[id_])))
            case "POST", _, "cancel":
                self.cancelled += 1
                self.work(self.batches[id_], half=True, why="cancelled")
                return _said({})
            case "DELETE", _, "":
                assert self.batches[id_]["over"]
                self.deleted += 1
                return _said({"name": "operations/1", "done": False})
        return failure(404, "no such job")

    def _create(self, asked: dict[str, Any], headers: Sequence[tuple[bytes, bytes]]) -> Plan:
        assert asked.keys() == {"displayName", "model", "inputConfig", "outputConfig"}
        assert 0 < len(asked["displayName"]) <= 128
        assert asked["model"] == "publishers/google/models/gemini-2.5-flash"
        (uri,) = asked["inputConfig"]["gcsSource"]["uris"]
        assert asked["inputConfig"] == {"instancesFormat": "jsonl", "gcsSource": {"uris": [uri]}}
        output = asked["outputConfig"]["gcsDestination"]["outputUriPrefix"]
        assert output.startswith("gs://mine/some/place/")
        assert asked["outputConfig"]["predictionsFormat"] == "jsonl"
        if self.mood == "refuses":
            return failure(400, "no batches for you")
        requests = self.lines_at(uri)
        assert all(line.keys() == {"request"} for line in requests)
        for name, value in (pair for line in requests for pair in line["request"]["labels"].items()):
            assert re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", name)
            assert re.fullmatch(r"[a-z0-9_-]{0,63}", value)
        id_ = str(9000 + len(self.batches))
        self.batches[id_] = {
            "id": id_,
            "name": asked["displayName"],
            "output": output,
            "lines": [line["request"] for line in requests],
            "asked": 0,
            "over": False,
            "headers": list(headers),
        }
        return failure(500, "who knows") if self.mood == "deaf" else _said(self._shape(self.batches[id_]))

    def _list(self, asked: dict[str, str]) -> Plan:
        found = re.fullmatch(r'display_name="([^"]*)"', asked["filter"])
        assert found is not None
        jobs = [one for one in self.batches.values() if self.listed() and one["name"] == found[1]]
        return _said({"batchPredictionJobs": [self._shape(one) for one in jobs]} if jobs else {})

    def work(self, batch: dict[str, Any], *, half: bool, why: str) -> None:
        if self.mood == "fails":
            batch.update(over=True, answers={}, why="failed")
            return
        super().work(batch, half=half, why=why)
        if self.mood != "lost":
            lines = [
                self._line(line, batch["answers"][at])
                for at, line in enumerate(batch["lines"][: len(batch["answers"])])
            ]
            self.write(batch, "prediction-model-2026-11-23T02:45:39.123Z/predictions.jsonl", lines)

    def _line(self, request: dict[str, Any], found: tuple[int, Any]) -> dict[str, Any]:
        said = {"status": "", "processed_time": "2026-11-23T02:45:39.123+00:00", "request": request, "response": {}}
        if found[0] == 200:
            return {**said, "response": found[1]}
        assert found[0] in CODES
        phrase = {400: "Bad Request", 429: "Too Many Requests", 503: "Service Unavailable"}[found[0]]
        error = {"code": found[0], "message": found[1]["error"]["message"], "status": "INVALID_ARGUMENT"}
        return {**said, "status": f"{phrase}: {json.dumps({'error': error})}"}

    def _shape(self, batch: dict[str, Any]) -> dict[str, Any]:
        state = (batch["why"] or "succeeded").upper() if batch["over"] else "RUNNING"
        name = f"projects/123456789012/locations/europe-west4/batchPredictionJobs/{batch['id']}"
        said: dict[str, Any] = {"name": name, "displayName": batch["name"], "state": f"JOB_STATE_{state}"}
        said["outputConfig"] = {"gcsDestination": {"outputUriPrefix": batch["output"]}}
        if state == "FAILED":
            return {**said, "error": {"code": 13, "message": "scripted"}}
        if batch["over"]:
            done = len(batch["answers"])
            counts = {"successfulCount": str(done), "incompleteCount": str(len(batch["lines"]) - done)}
            return {**said, "completionStats": counts}
        return said
