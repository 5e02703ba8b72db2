"""Forms with files: whatever arrives, in whatever pieces, it is the files or a clear refusal."""

import asyncio
import contextlib
import errno
import io
import tracemalloc
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from outrider.api.uploads import MOST_FILES, Upload, receive
from outrider.base.errors import RequestError, StoreUnavailable


def read(
    body: bytes, *, size: int = 10_000, largest: int = 1_000_000, kind: str = "multipart/form-data; boundary=b"
) -> Upload:
    """What comes of a body that arrives in pieces of `size` bytes."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)] or [b""]
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages[-1]["more_body"] = False

    async def come() -> dict[str, object]:
        return messages.pop(0)

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}
    return asyncio.run(receive(Request(scope, come), largest))


def form(*parts: tuple[str, bytes]) -> bytes:
    made = b"".join(
        b"--b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (h.encode(), body) for h, body in parts
    )
    return made + b"--b--\r\n"


FILE = 'name="file"; filename="a.md"'


@given(body=st.binary(max_size=500).filter(lambda b: b"--b" not in b), size=st.integers(1, 50))
def test_a_file_comes_as_it_was_sent(body: bytes, size: int) -> None:
    found = read(form(('name="meta"', b"{}"), (FILE, body), ('name="file"; filename="b"', b"B")), size=size)
    assert found.fields == {"meta": "{}"}
    assert [(f.name, f.media, f.size, b"".join(f.parts())) for f in found.files] == [
        ("a.md", "", len(body), body),
        ("b", "", 1, b"B"),
    ]
    found.close()


def test_a_large_file_is_not_held_in_memory() -> None:
    piece, count = bytes(range(256)) * 256, 600

    async def pieces() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(count):
            yield piece
        yield b"\r\n--b--\r\n"

    given = pieces()

    async def come() -> dict[str, object]:
        body = await anext(given, b"")
        return {"type": "http.request", "body": body, "more_body": bool(body)}

    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, come)
    tracemalloc.start()
    try:
        found = asyncio.run(receive(request, 100_000_000))
        lengths = [len(part) for part in found.files[0].parts()]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    with contextlib.closing(found):
        assert sum(lengths) == found.files[0].size == count * len(piece)
        assert peak < 12_000_000
        assert b"".join(found.files[0].parts()) == piece * count


def test_a_disk_without_room_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, given: object, /) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile", lambda *_: Full())
    with pytest.raises(StoreUnavailable, match="No space left on device"):
        read(form((FILE, b"x")))


@given(body=st.binary(max_size=300), size=st.integers(1, 50))
def test_anything_is_read_or_refused(body: bytes, size: int) -> None:
    try:
        read(b"--b" + body, size=size).close()
    except RequestError as error:
        assert error.status in (400, 413, 415)  # noqa: PT017 (any of them will do)


def test_limits() -> None:
    with pytest.raises(RequestError, match="more than 1,000 bytes"):
        read(form((FILE, b"x" * 20_000)), largest=1_000)
    with pytest.raises(RequestError, match="too long"):
        read(form(('name="meta"', b"x" * 20_000), (FILE, b"")))
    with pytest.raises(RequestError, match=f"more than {MOST_FILES} files"):
        read(form(*[(FILE, b"x")] * (MOST_FILES + 1)))
    with pytest.raises(RequestError, match="multipart/form-data"):
        read(b"{}", kind="application/json")


def test_names_are_printable_and_never_empty() -> None:
    found = read(form(('name="file"; filename=""', b"x"), ('name="file"; filename="a\x07b.md"', b"y")))
    assert [file.name for file in found.files] == ["upload-1", "ab.md"]
    found.close()
