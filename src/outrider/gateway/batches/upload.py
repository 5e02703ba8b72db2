"""A file that arrives as `multipart/form-data`: written piece by piece while it comes, its fields checked."""

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.gateway import forms
from outrider.gateway.batches.files import File, Writer

MOST = 200_000_000
"""Bytes of a file for batches, as OpenAI has it."""
LONGEST_FIELD = 4096
MOST_PARTS = 20
LONGEST_NAME = 255
KEPT = (3600, 30 * 86_400)
"""Seconds that a caller may want a file to be kept: at least, at most."""

Begin = Callable[[str, int], Writer]
"""Begins a file by its name and when it expires (ns; 0: never). Blocking."""


class Upload(msgspec.Struct):
    """What has come: fields by name, the file's name once its part began, what of it is not written yet."""

    fields: dict[str, bytes] = {}
    name: str | None = None
    waiting: list[bytes] = []
    size: int = 0
    parts: int = 0


class Form(forms.Form):
    """Reads the parts of one form. Feed it; take `waiting` out of `upload` whenever there is something."""

    def __init__(self, boundary: bytes) -> None:
        super().__init__(boundary)
        self.upload = Upload({}, None, [])
        self._field, self._is_file = "", False

    def begin(self, field: str, filename: str | None, media: str) -> None:
        """Raises RequestError 400."""
        self.upload.parts += 1
        if self.upload.parts > MOST_PARTS:
            raise RequestError(f"the form has more than {MOST_PARTS} parts", code="invalid_body")
        self._field, self._is_file = field[:LONGEST_NAME], field == "file"
        if self._is_file:
            if self.upload.name is not None:
                raise RequestError("the form has more than one file", code="invalid_body", param="file")
            self.upload.name = (filename or "")[:LONGEST_NAME] or "upload"
        elif field:
            self.upload.fields[self._field] = b""

    def take(self, chunk: bytes) -> None:
        """Raises RequestError 400, 413."""
        if self._is_file:
            self.upload.size += len(chunk)
            if self.upload.size > MOST:
                raise too_large(MOST)
            self.upload.waiting.append(chunk)
        elif self._field:
            held = self.upload.fields[self._field] + chunk
            if len(held) > LONGEST_FIELD:
                raise RequestError("a field of the form is too long", code="invalid_body", param=self._field[:100])
            self.upload.fields[self._field] = held


async def receive(content_type: str, chunks: AsyncIterator[bytes], begin: Begin, keep: int) -> File:
    """The file of a form, whole and in the store. `keep` is for how many seconds, unless the form says so.

    Raises RequestError 400, 413, 415; what had come of the file is then removed.
    """
    boundary = forms.boundary_of(content_type)
    if boundary is None:
        raise RequestError(
            "send the file as multipart/form-data, with the fields `purpose` and `file`",
            status=415,
            code="unsupported_media_type",
        )
    form = Form(boundary)
    writer: Writer | None = None
    try:
        async for chunk in chunks:
            form.feed(chunk)
            waiting, form.upload.waiting = form.upload.waiting, []
            if waiting:
                if writer is None:
                    writer = await asyncio.to_thread(begin, form.upload.name or "", 0)
                await asyncio.to_thread(writer.add, b"".join(waiting))
        expires = _checked(form, keep)
        if writer is None:
            writer = await asyncio.to_thread(begin, form.upload.name or "", 0)
        return await asyncio.to_thread(writer.finish, expires)
    except BaseException:
        if writer is not None:
            await asyncio.shield(asyncio.to_thread(writer.discard))
        raise


def _checked(form: Form, keep: int) -> int:
    """When the file expires. Raises RequestError."""
    upload = form.upload
    form.check_ended()
    if upload.name is None:
        raise RequestError("Missing required parameter: 'file'.", code="missing_required_parameter", param="file")
    purpose = upload.fields.get("purpose", b"").decode("utf-8", "replace")
    if not purpose:
        raise RequestError("Missing required parameter: 'purpose'.", code="missing_required_parameter", param="purpose")
    if purpose != "batch":
        raise RequestError(
            f"Invalid value for 'purpose': {purpose[:100]!r}. Files are kept here for batches alone: 'batch'.",
            code="invalid_value",
            param="purpose",
        )
    if not upload.size:
        raise RequestError("The file is empty.", code="empty_file", param="file")
    anchor, seconds = upload.fields.get("expires_after[anchor]"), upload.fields.get("expires_after[seconds]")
    if anchor is not None or seconds is not None:
        keep = kept(anchor.decode("utf-8", "replace") if anchor else "", seconds or b"", "expires_after")
    return clock.now_ns() + keep * 1_000_000_000 if keep else 0


def kept(anchor: object, seconds: bytes | int, param: str) -> int:
    """Seconds of an `expires_after`. Raises RequestError 400."""
    if anchor != "created_at":
        raise RequestError(
            f"Invalid value for '{param}.anchor': the only anchor is 'created_at'.",
            code="invalid_value",
            param=f"{param}.anchor",
        )
    number = int(seconds) if isinstance(seconds, int) or seconds.isdigit() else -1
    if not KEPT[0] <= number <= KEPT[1]:
        raise RequestError(
            f"Invalid value for '{param}.seconds': expected {KEPT[0]} to {KEPT[1]}.",
            code="invalid_value",
            param=f"{param}.seconds",
        )
    return number


def too_large(most: int) -> RequestError:
    return RequestError(
        f"the file is larger than {most} bytes; divide it into several batches",
        status=413,
        code="file_too_large",
        param="file",
    )
