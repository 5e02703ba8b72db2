"""Files and batches of OpenAI's kind, at a provider: uploaded, begun, asked about, read."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import ids
from outrider.base.ports import Deployment, WireRequest
from outrider.gateway.batches.provider_api import UNREADABLE, Answered, Theirs, ask, read

TAG = "outrider"
"""The key in a provider's batch's metadata that says which of our batches it belongs to."""
OVER = ("completed", "failed", "expired", "cancelled")
PAGES = 5
ENDPOINTS: Mapping[tuple[str, str], str] = {
    ("openai", "chat"): "/v1/chat/completions",
    ("openai", "embeddings"): "/v1/embeddings",
    ("responses", "chat"): "/v1/responses",
}
"""What is asked in a batch, by our language for the provider and our name of the endpoint."""


class _Counts(msgspec.Struct):
    total: int = 0
    completed: int = 0
    failed: int = 0


class _Batch(msgspec.Struct):
    id: str
    status: str
    output_file_id: str | None = None
    error_file_id: str | None = None
    metadata: dict[str, Any] | None = None
    input_file_id: str | None = None
    request_counts: _Counts | None = None
    errors: Any = None

    def theirs(self) -> Theirs:
        counts = self.request_counts or _Counts()
        files = tuple(file for file in (self.output_file_id, self.error_file_id) if file)
        why = "" if self.status in ("completed", "in_progress") else str(self.errors or "")
        done = counts.completed + counts.failed
        return Theirs(self.id, self.status, self.status in OVER, done, counts.total, files, why)


class _File(msgspec.Struct):
    id: str
    filename: str = ""


class _Files(msgspec.Struct):
    items: list[_File] = msgspec.field(name="data", default_factory=list)


class _Page(msgspec.Struct):
    items: list[_Batch] = msgspec.field(name="data", default_factory=list)
    has_more: bool = False


_batch = msgspec.json.Decoder(_Batch)
_file = msgspec.json.Decoder(_File)
_files = msgspec.json.Decoder(_Files)
_page = msgspec.json.Decoder(_Page)


class OpenAIBatches:
    """A `BatchApi`, also Azure's. A batch carries its tag in its metadata, and its file in its name: not every one of
    their relatives keeps the first."""

    def __init__(self, at: Deployment, endpoint: str) -> None:
        self._at, self._base = at, at.paths["models"].removesuffix("/models")
        self._endpoint = ENDPOINTS[at.dialect, endpoint]

    def line(self, tag: str, number: int, wire: WireRequest) -> bytes:
        head = b'{"custom_id":"%d","method":"POST","url":"%b","body":' % (number, self._endpoint.encode())
        return b"%b%b}\n" % (head, wire.body)

    async def upload(self, tag: str, texts: Sequence[bytes]) -> str:
        mark, name = ids.token(16).encode(), _name(tag).encode()
        head = b'--%b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n' % mark
        head += b'--%b\r\ncontent-disposition: form-data; name="file"; filename="%b"\r\n' % (mark, name)
        head += b"content-type: application/jsonl\r\n\r\n"
        body = b"%b%b\r\n--%b--\r\n" % (head, b"".join(texts), mark)
        kind = b"multipart/form-data; boundary=" + mark
        return read(_file, await self._ask("POST", "/files", body, kind)).id

    async def create(self, tag: str, file: str, texts: Sequence[bytes]) -> Theirs:
        asked = {
            "input_file_id": file,
            "endpoint": self._endpoint,
            "completion_window": "24h",
            "metadata": {TAG: tag},
        }
        return read(_batch, await self._ask("POST", "/batches", msgspec.json.encode(asked))).theirs()

    async def find(self, tag: str, lines: int, sent: int, known: Collection[str]) -> Theirs | None:
        """The newest batch that carries the tag, or has its file, among the last few hundred."""
        after, files = "", await self._uploads(tag)
        for _ in range(PAGES):
            page = read(_page, await self._ask("GET", f"/batches?limit=100{after}"))
            for batch in page.items:
                tagged = batch.metadata is not None and batch.metadata.get(TAG) == tag
                if tagged or batch.input_file_id in files:
                    return batch.theirs()
            if not page.has_more or not page.items:
                break
            after = f"&after={page.items[-1].id}"
        return None

    async def _uploads(self, tag: str) -> set[str]:
        """The files that were sent with this tag."""
        found = read(_files, await self._ask("GET", "/files?purpose=batch"))
        return {file.id for file in found.items if file.filename == _name(tag)}

    async def get(self, id_: str) -> Theirs:
        return read(_batch, await self._ask("GET", f"/batches/{id_}")).theirs()

    async def cancel(self, id_: str) -> None:
        await self._ask("POST", f"/batches/{id_}/cancel")

    async def answers(self, tag: str, theirs: Theirs) -> Sequence[Answered]:
        found: list[Answered] = []
        for file in theirs.files:
            found += results(await self._ask("GET", f"/files/{file}/content"))
        return found

    async def tidy(self, tag: str, file: str, theirs: Theirs | None) -> None:
        sent = [file] if file else await self._uploads(tag)  # its process may have ended before it was written down
        for name in (*sent, *(theirs.files if theirs is not None else ())):
            await self._ask("DELETE", f"/files/{name}")

    async def _ask(self, method: str, path: str, body: bytes = b"", kind: bytes = b"application/json") -> bytes:
        return await ask(self._at, method, self._base + path, body, kind)


def _name(tag: str) -> str:
    """The file's, of a part."""
    return f"{tag}.jsonl".replace("/", "-")


class _Response(msgspec.Struct):
    status_code: int
    body: msgspec.Raw


class _Result(msgspec.Struct):
    custom_id: str
    response: _Response | None = None


_result = msgspec.json.Decoder(_Result).decode


def results(content: bytes) -> Sequence[Answered]:
    """What an output or error file says, whose custom ids are our line numbers. Lines that were not executed, and what
    cannot be read, are left out."""
    found = []
    for text in content.splitlines():
        try:
            line = _result(text)
            if line.response is not None:
                found.append((int(line.custom_id), line.response.status_code, bytes(line.response.body)))
        except UNREADABLE:
            continue
    return found
