"""Gemini's batches (`batchGenerateContent`), at the provider: begun with their lines, asked about, read."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base.ports import Deployment, WireRequest
from outrider.gateway.batches.provider_api import Answered, Theirs, ask, read

PAGES = 10
STATES = "BATCH_STATE_"
OVER = ("succeeded", "failed", "cancelled", "expired")
STATUSES: Mapping[int, int] = {
    1: 499, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 12: 501, 14: 503, 16: 401,
}  # fmt: skip
"""HTTP's number for a line's error, which has gRPC's; 500 for others."""
_json = msgspec.json.Encoder()


class _Stats(msgspec.Struct):
    """Numbers as the JSON of protocol buffers has them: in quotes."""

    request_count: int = msgspec.field(name="requestCount", default=0)
    successful: int = msgspec.field(name="successfulRequestCount", default=0)
    failed: int = msgspec.field(name="failedRequestCount", default=0)


class _Line(msgspec.Struct):
    response: msgspec.Raw = msgspec.Raw(b"")
    error: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None


class _Lines(msgspec.Struct):
    lines: list[_Line] = msgspec.field(name="inlinedResponses", default_factory=list)


class _Output(msgspec.Struct):
    inlined: _Lines | None = msgspec.field(name="inlinedResponses", default=None)


class _About(msgspec.Struct):
    state: str = ""
    display_name: str = msgspec.field(name="displayName", default="")
    stats: _Stats | None = msgspec.field(name="batchStats", default=None)
    output: _Output | None = None


class _Operation(msgspec.Struct):
    name: str
    metadata: _About | None = None
    done: bool = False
    response: _Output | None = None
    error: dict[str, Any] | None = None

    def theirs(self) -> Theirs:
        about = self.metadata or _About()
        state = about.state.removeprefix(STATES).lower() or ("failed" if self.error else "running")
        stats = about.stats or _Stats()
        why = str((self.error or {}).get("message", ""))
        over = self.done or state in OVER
        return Theirs(self.name, state, over, stats.successful + stats.failed, stats.request_count, why=why)

    def lines(self) -> Sequence[_Line]:
        for output in (self.response, self.metadata.output if self.metadata is not None else None):
            if output is not None and output.inlined is not None:
                return output.inlined.lines
        return ()


class _Page(msgspec.Struct):
    operations: list[_Operation] = []
    next: str = msgspec.field(name="nextPageToken", default="")


_operation = msgspec.json.Decoder(_Operation, strict=False)
_page = msgspec.json.Decoder(_Page, strict=False)


class GeminiBatches:
    """A `BatchApi`. Lines go with the request that begins the batch, answers come with its last description."""

    def __init__(self, at: Deployment) -> None:
        self._at, chat = at, at.paths["chat"]
        self._create = chat.replace(":generateContent", ":batchGenerateContent")
        self._root = chat.rpartition("/models/")[0]

    def line(self, tag: str, number: int, wire: WireRequest) -> bytes:
        return b'{"request":%b,"metadata":{"key":"%d"}}' % (wire.body, number)

    async def upload(self, tag: str, texts: Sequence[bytes]) -> str:
        return ""

    async def create(self, tag: str, file: str, texts: Sequence[bytes]) -> Theirs:
        body = b'{"batch":{"displayName":%b,"inputConfig":{"requests":{"requests":[%b]}}}}' % (
            _json.encode(tag),
            b",".join(texts),
        )
        return read(_operation, await ask(self._at, "POST", self._create, body)).theirs()

    async def find(self, tag: str, lines: int, sent: int, known: Collection[str]) -> Theirs | None:
        """The newest batch that has the tag for its name."""
        token = ""
        for _ in range(PAGES):
            page = read(_page, await ask(self._at, "GET", f"{self._root}/batches?pageSize=100{token}"))
            for one in page.operations:
                if one.metadata is not None and one.metadata.display_name == tag:
                    return one.theirs()
            if not page.next:
                break
            token = f"&pageToken={page.next}"
        return None

    async def get(self, id_: str) -> Theirs:
        return (await self._get(id_)).theirs()

    async def _get(self, id_: str) -> _Operation:
        return read(_operation, await ask(self._at, "GET", f"{self._root}/{id_}"))

    async def cancel(self, id_: str) -> None:
        await ask(self._at, "POST", f"{self._root}/{id_}:cancel")

    async def answers(self, tag: str, theirs: Theirs) -> Sequence[Answered]:
        return [said for line in (await self._get(theirs.id)).lines() if (said := _answered(line)) is not None]

    async def tidy(self, tag: str, file: str, theirs: Theirs | None) -> None:
        if theirs is not None:
            await ask(self._at, "DELETE", f"{self._root}/{theirs.id}")


def _answered(line: _Line) -> Answered | None:
    """None: it was not executed, or cannot be told from others."""
    key = str((line.metadata or {}).get("key", ""))
    if not key.isdecimal():
        return None
    if line.response:
        return int(key), 200, bytes(line.response)
    if line.error is None or line.error.get("code") == 1:  # cancelled
        return None
    code = line.error.get("code")
    status = STATUSES.get(code, 500) if isinstance(code, int) else 500
    return int(key), status, _json.encode({"error": {**line.error, "code": status}})
