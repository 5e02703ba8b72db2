"""Forms that arrive in any pieces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.gateway.batches import upload
from outrider.gateway.batches.upload import Form, kept

FORM = (
    b'--B\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
    b'--B\r\nContent-Disposition: form-data; name="file"; filename="a\\"b.jsonl"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n{}\r\n--Bx\r\n\r\n"
    b'--B\r\nContent-Disposition: form-data; name="expires_after[seconds]"\r\n\r\n3600\r\n--B--\r\n'
)


@given(st.lists(st.integers(0, len(FORM))))
def test_any_cutting_gives_the_same_form(cuts: list[int]) -> None:
    marks = sorted({*cuts, 0, len(FORM)})
    form = Form(b"B")
    content = b""
    for a, b in pairwise(marks):
        form.feed(FORM[a:b])
        content += b"".join(form.upload.waiting)
        form.upload.waiting.clear()
    assert form.ended
    assert content == b"{}\r\n--Bx\r\n"
    assert (form.upload.name, form.upload.size) == ('a"b.jsonl', len(content))
    assert form.upload.fields == {"purpose": b"batch", "expires_after[seconds]": b"3600"}


def test_a_file_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "MOST", 3)
    with pytest.raises(RequestError) as refused:
        Form(b"B").feed(FORM)
    assert (refused.value.status, refused.value.code) == (413, "file_too_large")


@pytest.mark.parametrize(
    ("anchor", "seconds", "good"),
    [
        ("created_at", b"3600", True),
        ("created_at", 2_592_000, True),
        ("created_at", b"3599", False),
        ("created_at", b"", False),
        ("created_at", "²".encode(), False),
        ("", b"3600", False),
    ],
)
def test_how_long_a_file_may_be_kept(anchor: str, seconds: bytes | int, good: bool) -> None:
    if good:
        assert kept(anchor, seconds, "x") == int(seconds)
    else:
        with pytest.raises(RequestError, match="Invalid value for 'x"):
            kept(anchor, seconds, "x")
