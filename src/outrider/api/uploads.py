"""Files that are sent as `multipart/form-data`: bounded in number and size before anything is kept."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from starlette.requests import Request

from outrider.base.errors import RequestError
from outrider.gateway.forms import Form, boundary_of

MOST_FILES = 100
LONGEST_FIELD = 16_384
LONGEST_NAME = 255


class SentFile(NamedTuple):
    name: str
    media: str
    body: bytes


class Upload(NamedTuple):
    """A form's text fields by name, and its files in order."""

    fields: dict[str, str]
    files: list[SentFile]


async def receive(request: Request, largest: int) -> Upload:
    """The form of a request; all its files together have at most `largest` bytes. Raises RequestError 400, 413, 415."""
    boundary = boundary_of(request.headers.get("content-type", ""))
    if boundary is None:
        raise RequestError(
            "send the files as multipart/form-data, each in a field `file`", status=415, code="unsupported_media_type"
        )
    form = _Form(boundary)
    await _feed(form, request.stream(), largest)
    if not form.files:
        raise RequestError("the form has no file; send at least one in a field `file`", param="file")
    fields = {name: value.decode("utf-8", "replace") for name, value in form.fields.items()}
    return Upload(fields, [SentFile(name, media, bytes(body)) for name, media, body in form.files])


async def _feed(form: "_Form", chunks: AsyncIterator[bytes], largest: int) -> None:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > largest + LONGEST_FIELD:
            text = f"the files have more than {largest:,} bytes together: send them one by one, or raise "
            raise RequestError(f"{text}`knowledge.max_upload`", status=413, code="request_too_large", param="file")
        form.feed(chunk)
    form.check_ended()


class _Form(Form):
    def __init__(self, boundary: bytes) -> None:
        super().__init__(boundary)
        self.fields: dict[str, bytes] = {}
        self.files: list[tuple[str, str, bytearray]] = []
        self._field: str | None = None

    def begin(self, field: str, filename: str | None, media: str) -> None:
        if filename is None:
            self._field = field[:LONGEST_NAME]
            self.fields[self._field] = b""
            return
        if len(self.files) == MOST_FILES:
            raise RequestError(f"the form has more than {MOST_FILES} files: send several forms", param="file")
        self._field = None
        name = filename[-LONGEST_NAME:] or f"upload-{len(self.files) + 1}"
        self.files.append((name, media[:LONGEST_NAME], bytearray()))

    def take(self, chunk: bytes) -> None:
        if self._field is None:
            self.files[-1][2].extend(chunk)
            return
        held = self.fields[self._field] + chunk
        if len(held) > LONGEST_FIELD:
            raise RequestError(
                f"the field {self._field[:80]!r} is too long", code="invalid_body", param=self._field[:80]
            )
        self.fields[self._field] = held
