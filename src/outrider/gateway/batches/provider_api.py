"""What a provider's own batch API must offer here, and asking it. One module per language: `theirs_…`. No I/O of its
own.

A part of a batch is sent as one batch of theirs. Its tag says which part it is, so that a process which takes over
finds what another one has begun; its lines go by their numbers.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeVar

import msgspec

from outrider.base.errors import UpstreamError
from outrider.base.ports import Deployment, WireRequest

T = TypeVar("T")

LARGEST = 512 << 20
"""Bytes of one output that are taken."""

HEAD, SLOWEST, BODY = 120.0, 100_000, 600.0
"""Seconds until an answer begins, bytes of a request that go in one more of them, and seconds until it is all there."""

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError, TypeError, ValueError)
"""What reading a line of others may raise: it is left out, and keeps no other."""

GOOD = (200, 201, 202, 204)

Answered = tuple[int, int, bytes]
"""A line's number, the status of its answer, and the answer as its provider says it elsewhere."""


class Theirs(msgspec.Struct):
    """A provider's batch. `done` of `total` lines are answered (0 of 0: it does not say); `over`: no more will be.
    `files` are its own, which are left when it is over; `why` says in its words how it ended, if not well."""

    id: str
    status: str
    over: bool = False
    done: int = 0
    total: int = 0
    files: tuple[str, ...] = ()
    why: str = ""


class Unsure(UpstreamError):
    """Nobody can say yet whether a part was begun: ask again later."""

    code = "batch_unsure"


class BatchApi(Protocol):
    """Every method but `line` raises UpstreamError; `retryable` says whether it may work in a moment.

    `line` is a request as it stands in their batch. `upload` stores the lines and gives a file's id ("": they go with
    `create`). `find` looks for a batch with this tag, of so many lines, sent at that time (ns) and not among `known`;
    it raises Unsure if it cannot tell. `answers` are those of a batch that is over. `tidy` removes what it left, also
    where there was no batch (None).
    """

    def line(self, tag: str, number: int, wire: WireRequest) -> bytes: ...
    async def upload(self, tag: str, texts: Sequence[bytes]) -> str: ...
    async def create(self, tag: str, file: str, texts: Sequence[bytes]) -> Theirs: ...
    async def find(self, tag: str, lines: int, sent: int, known: Collection[str]) -> Theirs | None: ...
    async def get(self, id_: str) -> Theirs: ...
    async def cancel(self, id_: str) -> None: ...
    async def answers(self, tag: str, theirs: Theirs) -> Sequence[Answered]: ...
    async def tidy(self, tag: str, file: str, theirs: Theirs | None) -> None: ...


def _said(answer: bytes) -> str:
    return answer[:300].decode("utf-8", "replace")


async def ask(
    at: Deployment,
    method: str,
    path: str,
    body: bytes = b"",
    kind: bytes = b"application/json",
    more: Sequence[tuple[bytes, bytes]] = (),
    brief: Callable[[bytes], str] = _said,
) -> bytes:
    """The answer's body. Raises UpstreamError for any status but 200 and its kin, with what `brief` makes of it, and if
    the provider falls silent."""
    ours = {b"content-type", *(name for name, _ in more)}
    headers = [*(header for header in at.headers if header[0] not in ours), *more]
    if body:
        headers.append((b"content-type", kind))
    patience = HEAD + len(body) / SLOWEST
    try:
        async with asyncio.timeout(patience):
            response = await at.transport.send(WireRequest(method, path, headers, body))
        patience = BODY
        async with asyncio.timeout(patience):
            answer = await response.read(LARGEST)
    except TimeoutError:
        raise UpstreamError(
            f"{at.provider} gave no whole answer to {method} {path.partition('?')[0]} within {patience:.0f} s",
            code="upstream_timeout",
        ) from None
    if response.status not in GOOD:
        raise UpstreamError(
            f"{at.provider} answered HTTP {response.status} to {method} {path.partition('?')[0]}: {brief(answer)}",
            status=response.status,
            retryable=response.status in (408, 409, 429) or response.status >= 500 or _conflict(response.headers),
        )
    return answer


def _conflict(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """What is 409 elsewhere, AWS says with 400."""
    return any(name == b"x-amzn-errortype" and value.startswith(b"ConflictException") for name, value in headers)


def read(decoder: "msgspec.json.Decoder[T]", answer: bytes) -> T:
    """An answer, decoded. Raises UpstreamError."""
    try:
        return decoder.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamError(f"the provider's batch API answered what cannot be read: {error}") from None
