"""A provider's own files and batches, where they are like OpenAI's: uploaded, begun, asked about, read. No state."""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from outrider.base import ids
from outrider.base.errors import UpstreamError
from outrider.base.ports import Deployment, WireRequest

T = TypeVar("T")

TAG = "outrider"
"""The key in a provider's batch's metadata that says which of our batches it belongs to."""
OVER = ("completed", "failed", "expired", "cancelled")
LARGEST = 512 << 20
"""Bytes of one output file that are taken."""
PAGES = 5


class Counts(msgspec.Struct):
    total: int = 0
    completed: int = 0
    failed: int = 0


class Theirs(msgspec.Struct):
    """A provider's batch."""

    id: str
    status: str
    output_file_id: str | None = None
    error_file_id: str | None = None
    metadata: dict[str, Any] | None = None
    request_counts: Counts | None = None
    errors: Any = None

    @property
    def over(self) -> bool:
        return self.status in OVER


class _File(msgspec.Struct):
    id: str


class _Page(msgspec.Struct):
    items: list[Theirs] = msgspec.field(name="data", default_factory=list)
    has_more: bool = False


_theirs = msgspec.json.Decoder(Theirs)
_file = msgspec.json.Decoder(_File)
_page = msgspec.json.Decoder(_Page)


class ProviderApi:
    """Every method raises UpstreamError; `retryable` says whether it may work in a moment."""

    def __init__(self, deployment: Deployment) -> None:
        self._at, self._base = deployment, deployment.paths["models"].removesuffix("/models")

    async def upload(self, name: str, content: bytes) -> str:
        """The id of the new file."""
        mark = ids.token(16).encode()
        head = b'--%b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n' % mark
        head += b'--%b\r\ncontent-disposition: form-data; name="file"; filename="%b"\r\n' % (mark, name.encode())
        head += b"content-type: application/jsonl\r\n\r\n"
        body = b"%b%b\r\n--%b--\r\n" % (head, content, mark)
        kind = b"multipart/form-data; boundary=" + mark
        return _read(_file, await self._ask("POST", "/files", body, kind)).id

    async def create(self, file: str, endpoint: str, tag: str) -> Theirs:
        asked = {
            "input_file_id": file,
            "endpoint": endpoint,
            "completion_window": "24h",
            "metadata": {TAG: tag},
        }
        return _read(_theirs, await self._ask("POST", "/batches", msgspec.json.encode(asked)))

    async def find(self, tag: str) -> Theirs | None:
        """The newest batch that carries the tag, among the last few hundred."""
        after = ""
        for _ in range(PAGES):
            page = _read(_page, await self._ask("GET", f"/batches?limit=100{after}"))
            for theirs in page.items:
                if theirs.metadata is not None and theirs.metadata.get(TAG) == tag:
                    return theirs
            if not page.has_more or not page.items:
                break
            after = f"&after={page.items[-1].id}"
        return None

    async def get(self, id_: str) -> Theirs:
        return _read(_theirs, await self._ask("GET", f"/batches/{id_}"))

    async def cancel(self, id_: str) -> None:
        await self._ask("POST", f"/batches/{id_}/cancel")

    async def content(self, file: str) -> bytes:
        return await self._ask("GET", f"/files/{file}/content")

    async def delete(self, file: str) -> None:
        await self._ask("DELETE", f"/files/{file}")

    async def _ask(self, method: str, path: str, body: bytes = b"", kind: bytes = b"application/json") -> bytes:
        headers = [header for header in self._at.headers if header[0] != b"content-type"]
        if body:
            headers.append((b"content-type", kind))
        response = await self._at.transport.send(WireRequest(method, self._base + path, headers, body))
        answer = await response.read(LARGEST)
        if response.status != 200:
            said = answer[:300].decode("utf-8", "replace")
            raise UpstreamError(
                f"{self._at.provider} answered HTTP {response.status} to {method} {path.partition('?')[0]}: {said}",
                status=response.status,
                retryable=response.status in (408, 409, 429) or response.status >= 500,
            )
        return answer


def results(content: bytes) -> Sequence[tuple[int, int, bytes]]:
    """(line, status, body) of an output or error file whose custom ids are our line numbers. Lines that were not
    executed, and what cannot be read, are left out."""
    found = []
    for text in content.splitlines():
        try:
            line = _result(text)
            if line.response is not None:
                found.append((int(line.custom_id), line.response.status_code, bytes(line.response.body)))
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
            continue
    return found


class _Response(msgspec.Struct):
    status_code: int
    body: msgspec.Raw


class _Result(msgspec.Struct):
    custom_id: str
    response: _Response | None = None


_result = msgspec.json.Decoder(_Result).decode


def _read(decoder: "msgspec.json.Decoder[T]", answer: bytes) -> T:
    try:
        return decoder.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamError(f"the provider's batch API answered what cannot be read: {error}") from None
