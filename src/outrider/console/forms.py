"""Reading a posted form: URL-encoded, small, nothing else. Files are not taken, so no multipart parser is needed."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from outrider.base.errors import RequestError

LARGEST = 16_000
FIELDS = 20


async def read(request: Request) -> dict[str, str]:
    """The form's fields; of a field that is given twice, the last. Raises RequestError (413, 415, 400)."""
    kind = request.headers.get("content-type", "application/x-www-form-urlencoded").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise RequestError(
            "send the form as application/x-www-form-urlencoded", status=415, code="unsupported_media_type"
        )
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise RequestError(f"this form is larger than {LARGEST} bytes", status=413, code="request_too_large")
    try:
        pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=FIELDS, errors="replace")
    except ValueError:
        raise RequestError("this form cannot be read", code="invalid_body") from None
    return dict(pairs)
