"""Objects in a provider's bucket, by a few plain requests: S3's, and Cloud Storage's JSON API. Whoever carries them
signs them.

Names are below the configured prefix. What a part of a batch needs is in a folder of its own, so that all of it can be
removed without knowing what the provider wrote. A listing that names anything else is not followed there.
"""

import re
from collections.abc import Awaitable, Sequence
from typing import NoReturn, Protocol
from urllib.parse import quote
from xml.etree import ElementTree

import msgspec

from outrider.base.errors import UpstreamError
from outrider.base.ports import Bucket, Deployment
from outrider.gateway.batches.provider_api import ask, read

PAGES = 100
OCTETS = b"application/octet-stream"
INPUT, OUTPUT = "input.jsonl", "output/"


class Objects(Protocol):
    """A bucket's objects. Every method raises UpstreamError. `names` are all that begin so, `delete` is well with what
    is not there."""

    async def put(self, name: str, content: bytes) -> None: ...
    async def names(self, beginning: str) -> Sequence[str]: ...
    async def get(self, name: str) -> bytes: ...
    async def delete(self, name: str) -> None: ...


def objects_of(at: Deployment, bucket: Bucket) -> Objects:
    """Those below the prefix of a deployment's bucket."""
    there = msgspec.structs.replace(
        at, provider=f"{at.provider}'s bucket {bucket.url}", transport=bucket.objects, headers=bucket.headers
    )
    return S3(there, bucket) if bucket.url.startswith("s3://") else CloudStorage(there, bucket)


class Folder:
    """What one part of a batch has in the bucket."""

    def __init__(self, objects: Objects, bucket: Bucket, tag: str) -> None:
        self._objects = objects
        prefix, folder = bucket.url.partition("://")[2].partition("/")[2], tag.replace("/", "-")
        self._name = f"{prefix}/{folder}/".lstrip("/")
        self.input, self.output = f"{bucket.url}/{folder}/{INPUT}", f"{bucket.url}/{folder}/{OUTPUT}"

    async def put(self, content: bytes) -> None:
        """The input."""
        await self._objects.put(self._name + INPUT, content)

    async def is_filled(self) -> bool:
        """Whether the input is there."""
        return bool(await self._objects.names(self._name + INPUT))

    async def outputs(self, end: str, where: Sequence[str]) -> Sequence[bytes]:
        """The contents of what the provider wrote into files whose names end so. It says that it wrote `where`: another
        place may be configured since then, and what is not read there is paid for all the same."""
        for one in where:
            if one.rstrip("/") != self.output.rstrip("/"):
                raise UpstreamError(f"answers are in {one}; `batch_bucket` leads to {self.output}", retryable=False)
        try:
            names = [name for name in await self._objects.names(self._name + OUTPUT) if name.endswith(end)]
            return [await self._objects.get(name) for name in names]
        except UpstreamError as error:  # a bucket that is not there, or an object, says nothing of the job
            raise UpstreamError(error.message, code=error.code, retryable=error.retryable) from None

    async def clear(self) -> None:
        """Nothing is left of it."""
        for name in await self._objects.names(self._name):
            await self._objects.delete(name)


class S3:
    """Objects of S3."""

    def __init__(self, at: Deployment, bucket: Bucket) -> None:
        self._at, self._path = at, bucket.path

    async def put(self, name: str, content: bytes) -> None:
        await self._ask("PUT", f"/{_quoted(name)}", content)

    async def names(self, beginning: str) -> Sequence[str]:
        found: list[str] = []
        more = ""
        for _ in range(PAGES):
            said = await self._ask("GET", f"/?{more}list-type=2&prefix={quote(beginning, safe='')}")
            fields = _fields(said)
            found += _below(beginning, [text for name, text in fields if name == "Key"])
            token = next((text for name, text in fields if name == "NextContinuationToken"), "")
            if not token and ("IsTruncated", "true") in fields:
                raise UpstreamError(f"{self._at.provider}'s list of {beginning} does not say how it goes on")
            if not token:
                return found
            more = f"continuation-token={quote(token, safe='')}&"
        _endless(self._at, beginning)

    async def get(self, name: str) -> bytes:
        return await self._ask("GET", f"/{_quoted(name)}")

    async def delete(self, name: str) -> None:
        await _unless_gone(self._ask("DELETE", f"/{_quoted(name)}"))

    async def _ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        return await ask(self._at, method, self._path + path, body, OCTETS, brief=_error)


def _fields(answer: bytes) -> list[tuple[str, str]]:
    """The names and texts of all elements. Raises UpstreamError."""
    try:
        return [(one.tag.rpartition("}")[2], one.text or "") for one in ElementTree.fromstring(answer).iter()]
    except ElementTree.ParseError as error:
        raise UpstreamError(f"S3 answered what cannot be read: {error}") from None


def _error(answer: bytes) -> str:
    """What S3 says is wrong. What it says beside that has parts of the request's signature."""
    found = [re.search(rb"<%b>([^<]*)</%b>" % (name, name), answer) for name in (b"Code", b"Message")]
    return ": ".join(one[1].decode("utf-8", "replace")[:300] for one in found if one is not None)


class _Item(msgspec.Struct):
    name: str


class _Page(msgspec.Struct):
    items: list[_Item] = msgspec.field(default_factory=list)
    next: str = msgspec.field(name="nextPageToken", default="")


_page = msgspec.json.Decoder(_Page)


class CloudStorage:
    """Objects of Google's Cloud Storage."""

    def __init__(self, at: Deployment, bucket: Bucket) -> None:
        name = bucket.url.removeprefix("gs://").partition("/")[0]
        self._at, self._in = at, f"/storage/v1/b/{quote(name, safe='')}/o"
        self._path = bucket.path

    async def put(self, name: str, content: bytes) -> None:
        path = f"/upload{self._in}?uploadType=media&name={quote(name, safe='')}"
        await self._ask("POST", path, content)

    async def names(self, beginning: str) -> Sequence[str]:
        found: list[str] = []
        more = ""
        for _ in range(PAGES):
            page = read(_page, await self._ask("GET", f"{self._in}?prefix={quote(beginning, safe='')}{more}"))
            found += _below(beginning, [one.name for one in page.items])
            if not page.next:
                return found
            more = f"&pageToken={quote(page.next, safe='')}"
        _endless(self._at, beginning)

    async def get(self, name: str) -> bytes:
        return await self._ask("GET", f"{self._in}/{quote(name, safe='')}?alt=media")

    async def delete(self, name: str) -> None:
        await _unless_gone(self._ask("DELETE", f"{self._in}/{quote(name, safe='')}"))

    async def _ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        return await ask(self._at, method, self._path + path, body, OCTETS)


async def _unless_gone(asked: Awaitable[bytes]) -> None:
    try:
        await asked
    except UpstreamError as error:
        if error.status != 404:
            raise


def _below(beginning: str, names: Sequence[str]) -> list[str]:
    """Those that begin so, and do not lead out of there on their way through whoever reads paths."""
    return [one for one in names if one.startswith(beginning) and not {".", ".."} & set(one.split("/"))]


def _quoted(name: str) -> str:
    return quote(name, safe="/~")


def _endless(at: Deployment, beginning: str) -> NoReturn:
    raise UpstreamError(f"{at.provider} has more objects below {beginning} than anybody asked for")
