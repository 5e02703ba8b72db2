"""A form is the same however it is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.gateway.forms import Form, boundary_of

WHOLE = (
    b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
    b'--b\r\ncontent-disposition: form-data; name="file"; filename="a\x07 \xc3\xa9.txt"\r\nContent-Type: text/plain\r\n'
    b"\r\none\r\n--two\r\n--b--\r\n"
)


class Read(Form):
    def __init__(self, boundary: bytes) -> None:
        super().__init__(boundary)
        self.parts: list[tuple[str, str | None, str, bytes]] = []

    def begin(self, field: str, filename: str | None, media: str) -> None:
        self.parts.append((field, filename, media, b""))

    def take(self, chunk: bytes) -> None:
        *head, body = self.parts[-1]
        self.parts[-1] = (*head, body + chunk)  # type: ignore[assignment]  # a tuple of three and one


@given(st.lists(st.integers(0, len(WHOLE)), max_size=20))
def test_any_cutting_gives_the_same(cuts: list[int]) -> None:
    form, last = Read(b"b"), 0
    for cut in [*sorted(cuts), len(WHOLE)]:
        form.feed(WHOLE[last:cut])
        last = cut
    form.check_ended()
    assert form.parts == [("purpose", None, "", b"batch"), ("file", "a é.txt", "text/plain", b"one\r\n--two")]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_form_or_an_error_of_ours(body: bytes) -> None:
    with pytest.raises(RequestError):
        read(body)


def read(body: bytes) -> None:
    form = Read(b"b")
    form.feed(body)
    form.check_ended()


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary="])
def test_what_is_no_form(kind: str) -> None:
    assert boundary_of(kind) is None
    assert boundary_of('multipart/form-data; boundary="b"') == b"b"
