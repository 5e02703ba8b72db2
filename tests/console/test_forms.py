import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from outrider.base.errors import RequestError
from outrider.console import forms

URLENCODED = "application/x-www-form-urlencoded"


def _request(body: bytes, kind: str = URLENCODED) -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}, receive)


async def test_fields_are_read() -> None:
    assert await forms.read(_request(b"key=sk-or-1&name=J%C3%B6rg+B&key=2&empty=")) == {
        "key": "2", "name": "Jörg B", "empty": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a=1", "multipart/form-data; boundary=x", 415),
        (b"x" * 17_000, URLENCODED, 413),
        (b"a=1&" * 50, URLENCODED, 400),
    ],
)
async def test_other_forms_are_refused(body: bytes, kind: str, status: int) -> None:
    with pytest.raises(RequestError) as caught:
        await forms.read(_request(body, kind))
    assert caught.value.status == status


@given(st.binary(max_size=300))
async def test_any_bytes_are_fields_or_refused(body: bytes) -> None:
    try:
        found = await forms.read(_request(body))
    except RequestError:
        return
    assert all(isinstance(value, str) for value in found.values())
