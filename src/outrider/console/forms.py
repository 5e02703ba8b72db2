"""Reading a posted form: URL-encoded and small, or, for the pages that take files, multipart."""

from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from outrider.base.errors import RequestError

LARGEST = 16_000
FIELDS = 40
LARGEST_UPLOAD = 100_000_000
FILES = 200
File = tuple[str, str, bytes]
"""Name, media type as the browser says it, content."""


async def read(request: Request, largest: int = LARGEST) -> dict[str, str]:
    """The form's fields; of a field that is given twice, the last. Raises RequestError (413, 415, 400)."""
    kind = request.headers.get("content-type", "application/x-www-form-urlencoded").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise RequestError(
            "send the form as application/x-www-form-urlencoded", status=415, code="unsupported_media_type"
        )
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > largest:
            raise RequestError(f"this form is larger than {largest} bytes", status=413, code="request_too_large")
    try:
        pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=FIELDS, errors="replace")
    except ValueError:
        raise RequestError("this form cannot be read", code="invalid_body") from None
    return dict(pairs)


async def read_files(
    request: Request, largest: int = LARGEST, together: int = LARGEST_UPLOAD
) -> tuple[dict[str, str], list[File]]:
    """The fields and files of a multipart form: `largest` bytes a field, `together` all of it. Raises RequestError
    (413, 415, 400)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise RequestError("send the form as multipart/form-data", status=415, code="unsupported_media_type")
    length = request.headers.get("content-length", "")
    if together < LARGEST_UPLOAD and (not length.isdigit() or int(length) > together):
        raise RequestError(f"this form is larger than {together} bytes", status=413, code="request_too_large")
    if not length.isdigit() or int(length) > LARGEST_UPLOAD:
        text = f"the files are larger than {LARGEST_UPLOAD // 1_000_000} MB together: send fewer at once, or add their "
        raise RequestError(f"{text}folder with `outrider knowledge add`", status=413, code="request_too_large")
    try:
        async with request.form(max_files=FILES, max_fields=FIELDS, max_part_size=largest) as sent:
            fields, files = {}, []
            for name, value in sent.multi_items():
                if not isinstance(value, UploadFile):
                    fields[name] = value
                elif value.filename:
                    files.append((value.filename, value.content_type or "", await value.read()))
            return fields, files
    except HTTPException as error:
        raise RequestError(f"this form cannot be read: {error.detail}", code="invalid_body") from None
