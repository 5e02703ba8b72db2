"""Anthropic's Message Batches, at the provider: begun, asked about, read.

They have no name of ours, but their lines have: each is called by the part's mark and its number. So whether a batch is
ours can be said of one that is over, from its first result; of one that is worked on, nobody can.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from outrider.base.ports import Deployment, WireRequest
from outrider.dialects.anthropic.errors import STATUSES
from outrider.gateway.batches.provider_api import UNREADABLE, Answered, Theirs, Unsure, ask, read

BETA = b"anthropic-beta"
LOOKED_AT = 1000
"""Batches among which one that was begun is looked for, the newest first."""
ASTRAY_NS = 600_000_000_000
"""How far their clock and ours may be apart."""


class _Counts(msgspec.Struct):
    processing: int = 0
    succeeded: int = 0
    errored: int = 0
    canceled: int = 0
    expired: int = 0


class _Batch(msgspec.Struct):
    id: str
    processing_status: str
    request_counts: _Counts
    created_at: str = ""
    results_url: str | None = None

    @property
    def over(self) -> bool:
        return self.processing_status == "ended"

    @property
    def total(self) -> int:
        return sum(msgspec.structs.astuple(self.request_counts))

    def theirs(self) -> Theirs:
        counts = self.request_counts
        named = [f"{getattr(counts, name)} {name}" for name in ("canceled", "expired") if getattr(counts, name)]
        done = self.total - counts.processing
        return Theirs(self.id, self.processing_status, self.over, done, self.total, why=", ".join(named))


class _Page(msgspec.Struct):
    items: list[_Batch] = msgspec.field(name="data", default_factory=list)


_batch = msgspec.json.Decoder(_Batch)
_page = msgspec.json.Decoder(_Page)


class AnthropicBatches:
    """A `BatchApi`. The betas that its lines need go with the whole."""

    def __init__(self, at: Deployment) -> None:
        self._at, self._base = at, f"{at.paths['chat']}/batches"
        self._betas: dict[bytes, None] = {}
        self._version: tuple[tuple[bytes, bytes], ...] = ()

    def line(self, tag: str, number: int, wire: WireRequest) -> bytes:
        for name, value in wire.headers:
            if name == BETA:
                self._betas |= dict.fromkeys(beta.strip() for beta in value.split(b","))
            elif name == b"anthropic-version":
                self._version = ((name, value),)
        return b'{"custom_id":"%b%d","params":%b}' % (mark(tag).encode(), number, wire.body)

    async def upload(self, tag: str, texts: Sequence[bytes]) -> str:
        return ""

    async def create(self, tag: str, file: str, texts: Sequence[bytes]) -> Theirs:
        more = [*self._version, *([(BETA, b",".join(self._betas))] if self._betas else [])]
        body = b'{"requests":[%b]}' % b",".join(texts)
        return read(_batch, await ask(self._at, "POST", self._base, body, more=more)).theirs()

    async def find(self, tag: str, lines: int, sent: int, known: Collection[str]) -> Theirs | None:
        page = read(_page, await ask(self._at, "GET", f"{self._base}?limit={LOOKED_AT}"))
        like = [one for one in page.items if one.id not in known and _like(one, lines, sent)]
        for one in like:
            if one.over and one.results_url and await self._is(tag, one.id):
                return one.theirs()
        if open_ := [one.id for one in like if not one.over]:
            raise Unsure(f"whether {self._at.provider}'s batch {open_[0]} is this one's shows when it has ended")
        return None

    async def _is(self, tag: str, id_: str) -> bool:
        content = await ask(self._at, "GET", f"{self._base}/{id_}/results")
        return bool(_ours(tag, content.partition(b"\n")[0]))

    async def get(self, id_: str) -> Theirs:
        return read(_batch, await ask(self._at, "GET", f"{self._base}/{id_}")).theirs()

    async def cancel(self, id_: str) -> None:
        await ask(self._at, "POST", f"{self._base}/{id_}/cancel")

    async def answers(self, tag: str, theirs: Theirs) -> Sequence[Answered]:
        return results(tag, await ask(self._at, "GET", f"{self._base}/{theirs.id}/results"))

    async def tidy(self, tag: str, file: str, theirs: Theirs | None) -> None:
        if theirs is not None:
            await ask(self._at, "DELETE", f"{self._base}/{theirs.id}")


def mark(tag: str) -> str:
    """How the names of a part's lines begin."""
    return f"{hashlib.sha256(tag.encode()).hexdigest()[:40]}-"


def _like(batch: _Batch, lines: int, sent: int) -> bool:
    """Whether it may be a part of so many lines that was sent at that time."""
    try:
        made = int(datetime.fromisoformat(batch.created_at).timestamp() * 1e9)
    except ValueError:
        made = sent
    return batch.total == lines and made >= sent - ASTRAY_NS


class _Said(msgspec.Struct):
    type: str
    message: msgspec.Raw = msgspec.Raw(b"")
    error: msgspec.Raw = msgspec.Raw(b"")


class _Result(msgspec.Struct):
    custom_id: str
    result: _Said


class _Kind(msgspec.Struct):
    type: str = ""


class _Failed(msgspec.Struct):
    error: _Kind


_result = msgspec.json.Decoder(_Result).decode
_failed = msgspec.json.Decoder(_Failed).decode


def _ours(tag: str, text: bytes) -> _Result | None:
    try:
        line = _result(text)
    except UNREADABLE:
        return None
    return line if line.custom_id.startswith(mark(tag)) else None


def results(tag: str, content: bytes) -> Sequence[Answered]:
    """What the results of a part say. Lines that were not executed, lines of others, and what cannot be read, are left
    out."""
    found: list[Answered] = []
    for text in content.splitlines():
        line = _ours(tag, text)
        try:
            if line is None:
                continue
            number = int(line.custom_id.removeprefix(mark(tag)))
            if line.result.type == "succeeded" and line.result.message:
                found.append((number, 200, bytes(line.result.message)))
            elif line.result.type == "errored":
                body = bytes(line.result.error)
                found.append((number, STATUSES.get(_failed(body).error.type, 500), body))
        except UNREADABLE:
            continue
    return found
