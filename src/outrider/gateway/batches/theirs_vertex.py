"""Vertex AI's batch prediction, at the provider: lines into a bucket, a job over them, answers out of the bucket.

Lines have no names there, and come back in any order, but each with its request. So a line carries its place in the
part as a label. Labels are seen in Google's bills; counted from each part's first line, there are few different ones.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec

from outrider.base.ports import Bucket, Deployment, WireRequest
from outrider.gateway.batches.bucket import Folder, objects_of
from outrider.gateway.batches.provider_api import UNREADABLE, Answered, Theirs, ask, read

STATES = "JOB_STATE_"
OVER = ("succeeded", "partially_succeeded", "failed", "cancelled", "expired")
LABEL = "outrider-line"
PAGES = 10
_PHRASES: Mapping[str, int] = {one.phrase.lower(): one.value for one in HTTPStatus}
_json = msgspec.json.Encoder()


class _Stats(msgspec.Struct):
    """Numbers as the JSON of protocol buffers has them: in quotes. -1: unknown."""

    successful: int = msgspec.field(name="successfulCount", default=0)
    failed: int = msgspec.field(name="failedCount", default=0)
    incomplete: int = msgspec.field(name="incompleteCount", default=0)


class _Place(msgspec.Struct):
    url: str = msgspec.field(name="outputUriPrefix", default="")


class _Output(msgspec.Struct):
    place: _Place = msgspec.field(name="gcsDestination", default_factory=_Place)


class _Job(msgspec.Struct):
    name: str
    display_name: str = msgspec.field(name="displayName", default="")
    state: str = ""
    error: dict[str, Any] | None = None
    output: _Output | None = msgspec.field(name="outputConfig", default=None)
    stats: _Stats | None = msgspec.field(name="completionStats", default=None)

    def theirs(self) -> Theirs:
        state = self.state.removeprefix(STATES).lower() or "pending"
        stats = self.stats or _Stats()
        done, over = max(0, stats.successful) + max(0, stats.failed), state in OVER
        why = "" if state == "succeeded" or not over else str((self.error or {}).get("message", "")) or state
        total = done + stats.incomplete if stats.incomplete >= 0 else 0
        where = (self.output.place.url,) if self.output is not None and self.output.place.url else ()
        return Theirs(self.name.rpartition("/")[2], state, over, done, total, where, why)


class _Page(msgspec.Struct):
    jobs: list[_Job] = msgspec.field(name="batchPredictionJobs", default_factory=list)
    next: str = msgspec.field(name="nextPageToken", default="")


_job = msgspec.json.Decoder(_Job, strict=False)
_page = msgspec.json.Decoder(_Page, strict=False)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_labels = msgspec.json.Decoder(dict[str, str])


class VertexBatches:
    """A `BatchApi`."""

    def __init__(self, at: Deployment, bucket: Bucket) -> None:
        self._at, self._bucket, self._objects = at, bucket, objects_of(at, bucket)
        chat = at.paths["chat"]
        self._base = f"{chat.partition('/publishers/')[0]}/batchPredictionJobs"
        self._model = f"publishers/google/models/{at.batch_models.get(at.model, at.model)}"

    def _folder(self, tag: str) -> Folder:
        return Folder(self._objects, self._bucket, tag)

    def line(self, tag: str, number: int, wire: WireRequest) -> bytes:
        asked = _fields.decode(wire.body)
        labels = _labels.decode(asked["labels"]) if "labels" in asked else {}
        labels[LABEL] = str(number - first_of(tag))
        return b'{"request":%b}\n' % _json.encode({**asked, "labels": labels})

    async def upload(self, tag: str, texts: Sequence[bytes]) -> str:
        folder = self._folder(tag)
        await folder.put(b"".join(texts))
        return folder.input

    async def create(self, tag: str, file: str, texts: Sequence[bytes]) -> Theirs:
        asked = {
            "displayName": tag,
            "model": self._model,
            "inputConfig": {"instancesFormat": "jsonl", "gcsSource": {"uris": [file]}},
            "outputConfig": {
                "predictionsFormat": "jsonl",
                "gcsDestination": {"outputUriPrefix": self._folder(tag).output.rstrip("/")},
            },
        }
        return read(_job, await ask(self._at, "POST", self._base, _json.encode(asked))).theirs()

    async def find(self, tag: str, lines: int, sent: int, known: Collection[str]) -> Theirs | None:
        filter_, more = quote(f'display_name="{tag}"', safe=""), ""
        for _ in range(PAGES):
            page = read(_page, await ask(self._at, "GET", f"{self._base}?filter={filter_}&pageSize=100{more}"))
            for job in page.jobs:
                if job.display_name == tag:
                    return job.theirs()
            if not page.next:
                break
            more = f"&pageToken={quote(page.next, safe='')}"
        return None

    async def get(self, id_: str) -> Theirs:
        return read(_job, await ask(self._at, "GET", f"{self._base}/{id_}")).theirs()

    async def cancel(self, id_: str) -> None:
        await ask(self._at, "POST", f"{self._base}/{id_}:cancel")

    async def answers(self, tag: str, theirs: Theirs) -> Sequence[Answered]:
        """A line may be in several files, as it was tried: where one has an answer, that counts."""
        found: dict[int, Answered] = {}
        for content in await self._folder(tag).outputs(".jsonl", theirs.files):
            for one in results(first_of(tag), content):
                if one[0] not in found or one[1] == 200:
                    found[one[0]] = one
        return list(found.values())

    async def tidy(self, tag: str, file: str, theirs: Theirs | None) -> None:
        await self._folder(tag).clear()
        if theirs is not None:
            await ask(self._at, "DELETE", f"{self._base}/{theirs.id}")


def first_of(tag: str) -> int:
    """The number of a part's first line."""
    return int(tag.rpartition("/")[2].partition("-")[0])


class _Request(msgspec.Struct):
    labels: dict[str, Any] = msgspec.field(default_factory=dict)


class _Result(msgspec.Struct):
    request: _Request
    status: str = ""
    response: msgspec.Raw = msgspec.Raw(b"")


_result = msgspec.json.Decoder(_Result).decode
_any = msgspec.json.Decoder().decode


def results(first: int, content: bytes) -> Sequence[Answered]:
    """What an output file says. Lines that cannot be told from others, or not be read, are left out."""
    found: list[Answered] = []
    for text in content.splitlines():
        try:
            line = _result(text)
            number = first + int(line.request.labels[LABEL])
        except UNREADABLE:
            continue
        if line.status:
            found.append((number, *_failed(line.status)))
        elif bytes(line.response) not in (b"", b"{}", b"null"):
            found.append((number, 200, bytes(line.response)))
    return found


def _failed(status: str) -> tuple[int, bytes]:
    """HTTP's number and an error's body, of what a line says of itself: `Bad Request: {"error": {…}}`, or words."""
    _, brace, rest = status.partition("{")
    said: Any = None
    try:
        said = _any((brace + rest).encode())
    except (msgspec.DecodeError, RecursionError):
        pass
    error = said.get("error", said) if isinstance(said, dict) else None
    known = re.split(r"[:{]", status, maxsplit=1)[0].strip().lower()
    code = error.get("code") if isinstance(error, dict) else None
    number = code if isinstance(code, int) and 400 <= code < 600 else _PHRASES.get(known, 500)
    fields = error if isinstance(error, dict) else {"message": status[:1000]}
    return number, _json.encode({"error": {**fields, "code": number}})
