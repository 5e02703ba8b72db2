"""Files that are sent as `multipart/form-data`: bounded in number and size before anything is kept.

What is larger than `HELD` waits in a file without a name, in the system's folder for temporary files (`TMPDIR`).
"""

import tempfile
from collections.abc import AsyncIterator, Iterator
from typing import IO, NamedTuple

import anyio
from starlette.requests import Request

from outrider.base.errors import RequestError, StoreUnavailable
from outrider.gateway.forms import Form, boundary_of

MOST_FILES = 100
LONGEST_FIELD = 16_384
LONGEST_NAME = 255


HELD = 1_000_000
"""Bytes of a form that are in memory at once."""


class SentFile(NamedTuple):
    """A file of a form: `size` bytes from `start` on of what the form's files hold together."""

    name: str
    media: str
    start: int
    size: int
    held: IO[bytes]

    def parts(self) -> Iterator[bytes]:
        """What is in it, piece by piece. Blocking."""
        at, end = self.start, self.start + self.size
        while at < end:
            self.held.seek(at)
            part = self.held.read(min(HELD, end - at))
            at += len(part)
            yield part


class Upload(NamedTuple):
    """A form's text fields by name, and its files in order, until it is closed."""

    fields: dict[str, str]
    files: list[SentFile]
    held: IO[bytes]

    def close(self) -> None:
        self.held.close()


async def receive(request: Request, largest: int) -> Upload:
    """The form of a request; all its files together have at most `largest` bytes. Raises RequestError 400, 413, 415."""
    boundary = boundary_of(request.headers.get("content-type", ""))
    if boundary is None:
        raise RequestError(
            "send the files as multipart/form-data, each in a field `file`", status=415, code="unsupported_media_type"
        )
    held = tempfile.SpooledTemporaryFile(HELD)  # noqa: SIM115 (whoever gets the upload closes it)
    try:
        form = _Form(boundary, held)
        await _feed(form, request.stream(), largest)
        if not form.files:
            raise RequestError("the form has no file; send at least one in a field `file`", param="file")
    except BaseException:
        held.close()
        raise
    fields = {name: value.decode("utf-8", "replace") for name, value in form.fields.items()}
    return Upload(fields, [SentFile(*one, held) for one in form.placed()], held)


async def _feed(form: "_Form", chunks: AsyncIterator[bytes], largest: int) -> None:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > largest + LONGEST_FIELD:
            text = f"the files have more than {largest:,} bytes together: send them one by one, or raise "
            raise RequestError(f"{text}`knowledge.max_upload`", status=413, code="request_too_large", param="file")
        form.feed(chunk)
        if len(form.pending) >= HELD:
            await anyio.to_thread.run_sync(form.put_aside)
    form.check_ended()
    await anyio.to_thread.run_sync(form.put_aside)


class _Form(Form):
    def __init__(self, boundary: bytes, held: IO[bytes]) -> None:
        super().__init__(boundary)
        self.fields: dict[str, bytes] = {}
        self.files: list[tuple[str, str, int]] = []
        self.pending = bytearray()
        self._held, self._size = held, 0
        self._field: str | None = None

    def put_aside(self) -> None:
        """What came goes where files wait. Blocking. Raises StoreUnavailable."""
        try:
            self._held.write(self.pending)
        except OSError as error:
            told = f"the files cannot be kept in {tempfile.gettempdir()}: {error.strerror}. Make room, or set TMPDIR"
            raise StoreUnavailable(told) from error
        self.pending.clear()

    def placed(self) -> Iterator[tuple[str, str, int, int]]:
        """Name, media type, start and size of each file."""
        ends = [start for _, _, start in self.files[1:]] + [self._size]
        for (name, media, start), end in zip(self.files, ends, strict=True):
            yield name, media, start, end - start

    def begin(self, field: str, filename: str | None, media: str) -> None:
        if filename is None:
            self._field = field[:LONGEST_NAME]
            self.fields[self._field] = b""
            return
        if len(self.files) == MOST_FILES:
            raise RequestError(f"the form has more than {MOST_FILES} files: send several forms", param="file")
        self._field = None
        name = filename[-LONGEST_NAME:] or f"upload-{len(self.files) + 1}"
        self.files.append((name, media[:LONGEST_NAME], self._size))

    def take(self, chunk: bytes) -> None:
        if self._field is None:
            self.pending += chunk
            self._size += len(chunk)
            return
        held = self.fields[self._field] + chunk
        if len(held) > LONGEST_FIELD:
            raise RequestError(
                f"the field {self._field[:80]!r} is too long", code="invalid_body", param=self._field[:80]
            )
        self.fields[self._field] = held
