"""Amazon Bedrock's batch inference, at the provider: lines into a bucket, a job over them, answers out of the bucket.

Lines are asked as Converse is. A job goes by a name that tells its part, and is begun once for it, however often asked.
"""

from collections.abc import Collection, Sequence
from urllib.parse import quote

import msgspec

from outrider.base.errors import UpstreamError
from outrider.base.ports import Bucket, Deployment, WireRequest
from outrider.gateway.batches.bucket import Folder, objects_of
from outrider.gateway.batches.provider_api import UNREADABLE, Answered, Theirs, ask, read

JOBS = "/model-invocation-jobs"
JOB = "/model-invocation-job"
OVER = ("Completed", "PartiallyCompleted", "Failed", "Stopped", "Expired")
HOURS = 24
PAGES = 10
LONGEST_NAME = 63
_json = msgspec.json.Encoder()


class _Place(msgspec.Struct):
    url: str = msgspec.field(name="s3Uri", default="")


class _Output(msgspec.Struct):
    place: _Place = msgspec.field(name="s3OutputDataConfig", default_factory=_Place)


class _Job(msgspec.Struct):
    arn: str = msgspec.field(name="jobArn")
    name: str = msgspec.field(name="jobName", default="")
    status: str = "Submitted"
    message: str | None = None
    total: int | None = msgspec.field(name="totalRecordCount", default=None)
    output: _Output | None = msgspec.field(name="outputDataConfig", default=None)
    processed: int | None = msgspec.field(name="processedRecordCount", default=None)

    def theirs(self) -> Theirs:
        why = "" if self.status == "Completed" or self.status not in OVER else self.message or self.status
        over, id_ = self.status in OVER, self.arn.rpartition("/")[2]
        where = (self.output.place.url,) if self.output is not None and self.output.place.url else ()
        return Theirs(id_, self.status.lower(), over, self.processed or 0, self.total or 0, where, why)


class _Page(msgspec.Struct):
    jobs: list[_Job] = msgspec.field(name="invocationJobSummaries", default_factory=list)
    next: str | None = msgspec.field(name="nextToken", default=None)


_job = msgspec.json.Decoder(_Job)
_page = msgspec.json.Decoder(_Page)


class BedrockBatches:
    """A `BatchApi`."""

    def __init__(self, at: Deployment, bucket: Bucket) -> None:
        self._bucket, self._objects = bucket, objects_of(at, bucket)
        transport = bucket.jobs if bucket.jobs is not None else at.transport
        self._at = msgspec.structs.replace(at, transport=transport, headers=bucket.headers)
        self._base = bucket.jobs_path
        self._model = at.batch_models.get(at.model, at.model)

    def _folder(self, tag: str) -> Folder:
        return Folder(self._objects, self._bucket, tag)

    def line(self, tag: str, number: int, wire: WireRequest) -> bytes:
        return b'{"recordId":"%011d","modelInput":%b}\n' % (number, wire.body)

    async def upload(self, tag: str, texts: Sequence[bytes]) -> str:
        folder = self._folder(tag)
        await folder.put(b"".join(texts))
        return folder.input

    async def create(self, tag: str, file: str, texts: Sequence[bytes]) -> Theirs:
        asked = {
            "jobName": _name(tag),
            "clientRequestToken": _name(tag),
            "roleArn": self._bucket.role,
            "modelId": self._model,
            "modelInvocationType": "Converse",
            "inputDataConfig": {"s3InputDataConfig": {"s3InputFormat": "JSONL", "s3Uri": file}},
            "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": self._folder(tag).output}},
            "timeoutDurationInHours": HOURS,
        }
        return read(_job, await self._ask("POST", JOB, _json.encode(asked))).theirs()

    async def find(self, tag: str, lines: int, sent: int, known: Collection[str]) -> Theirs | None:
        name, more = _name(tag), ""
        for _ in range(PAGES):
            page = read(_page, await self._ask("GET", f"{JOBS}?maxResults=100&nameContains={name}{more}"))
            for job in page.jobs:
                if job.name == name:
                    return job.theirs()
            if not page.next:
                break
            more = f"&nextToken={quote(page.next, safe='')}"
        return await self._again(tag)

    async def _again(self, tag: str) -> Theirs | None:
        """The job, asked for by what it is begun with: lists may be behind, but a token begins one job. If there was
        none, there is one now, of the lines that lie ready."""
        folder = self._folder(tag)
        if not await folder.is_filled():
            return None
        try:
            return await self.create(tag, folder.input, ())
        except UpstreamError as error:
            if error.retryable:
                raise
            return None  # nor was it begun before: what is asked for again is not refused

    async def get(self, id_: str) -> Theirs:
        return read(_job, await self._ask("GET", f"{JOB}/{id_}")).theirs()

    async def cancel(self, id_: str) -> None:
        await self._ask("POST", f"{JOB}/{id_}/stop")

    async def answers(self, tag: str, theirs: Theirs) -> Sequence[Answered]:
        found = await self._folder(tag).outputs(".jsonl.out", theirs.files)
        return [one for content in found for one in results(content)]

    async def tidy(self, tag: str, file: str, theirs: Theirs | None) -> None:
        """The job itself stays in Bedrock's list: nobody can take it out."""
        await self._folder(tag).clear()

    async def _ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        return await ask(self._at, method, self._base + path, body)


def _name(tag: str) -> str:
    """A job's, of a part: letters, digits and hyphens."""
    return f"outrider-{tag.replace('/', '-').replace('_', '-')}"[-LONGEST_NAME:].lstrip("-")


class _Error(msgspec.Struct):
    code: int = msgspec.field(name="errorCode", default=500)
    message: str = msgspec.field(name="errorMessage", default="")


class _Result(msgspec.Struct):
    id: str = msgspec.field(name="recordId")
    output: msgspec.Raw = msgspec.field(name="modelOutput", default=msgspec.Raw(b""))
    error: _Error | None = None


_result = msgspec.json.Decoder(_Result, strict=False).decode


def results(content: bytes) -> Sequence[Answered]:
    """What an output file says, whose record ids are our line numbers. What cannot be read is left out."""
    found: list[Answered] = []
    for text in content.splitlines():
        try:
            line = _result(text)
            number = int(line.id)
        except UNREADABLE:
            continue
        if line.error is not None:
            status = line.error.code if 400 <= line.error.code < 600 else 500
            found.append((number, status, _json.encode({"message": line.error.message})))
        elif line.output:
            found.append((number, 200, bytes(line.output)))
    return found
