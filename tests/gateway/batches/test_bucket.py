"""Objects in buckets: put, listed page by page, got and removed, with names that need care."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from outrider.base.errors import UpstreamError
from outrider.base.ports import Bucket, Deployment, WireRequest
from outrider.gateway.batches.bucket import Folder, objects_of
from outrider.gateway.batches.looking import GONE
from outrider.gateway.signed import SigningTransport
from outrider.gateway.upstream import HttpPool, Origin
from outrider.providers.signing import aws
from outrider.testing import ScriptedProvider, scripted_server
from outrider.testing.plans import Plan, plain
from tests.gateway.batches.buckets import credentials
from tests.gateway.batches.real_stores import Elsewhere, emulator, moto
from tests.gateway.batches.stores import REGION, CloudStore, S3Store

NAMES = ["a/1", "a/2 ü+&=%", "a/3", "a/b/4", "a/5~'(!)*", "b/1"]
Store = S3Store | CloudStore


class Host(ScriptedProvider):
    """A bucket's host."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store

    def plan(self, method: str, path: str, headers: object, body: bytes) -> Plan:
        said = self.store.plan(method, path, headers, body)  # type: ignore[arg-type]  # as they come
        assert said is not None, path
        return said


def s3(url: str, path: str = "/s3") -> Bucket:
    base = f"{url}{path}/mine"
    transport = SigningTransport(HttpPool(Origin(base)), aws.Signer(base, REGION, service="s3"))
    return Bucket("s3://mine/some/place", transport, f"{path}/mine")


def cloud(url: str, path: str = "/gcs") -> Bucket:
    return Bucket("gs://mine", HttpPool(Origin(url)), path, [(b"authorization", b"Bearer k-1")])


def at(bucket: Bucket) -> Deployment:
    return Deployment("p/m", "p", "m", "bedrock", bucket.objects, {}, headers=[(b"authorization", b"of calls")])


KINDS = [(S3Store, s3), (CloudStore, cloud)]


@pytest.mark.parametrize(("store", "bucket"), KINDS)
async def test_objects_come_and_go(
    store: Callable[[], Store], bucket: Callable[[str], Bucket], monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(monkeypatch)
    host = Host(store())
    async with scripted_server(host) as url:
        there = bucket(url.removesuffix("/v1"))
        objects = objects_of(at(there), there)
        for name in NAMES:
            await objects.put(name, name.encode())
        assert host.store.objects == {name: name.encode() for name in NAMES}
        assert await objects.names("a/") == sorted(NAMES[:5])
        assert [await objects.get(name) for name in NAMES] == [name.encode() for name in NAMES]
        await objects.delete(NAMES[1])
        with pytest.raises(UpstreamError, match=r"p's bucket .* answered HTTP 404 to GET") as gone:
            await objects.get(NAMES[1])
        assert gone.value.retryable is False
        host.store.refuses = True
        with pytest.raises(UpstreamError, match=r"HTTP 403 to PUT|HTTP 403 to POST") as refused:
            await objects.put("a/1", b"")
        assert "secret" not in refused.value.message
        await there.objects.close()


@pytest.mark.parametrize(("store", "bucket"), KINDS)
async def test_a_folder_is_cleared_and_no_other(
    store: Callable[[], Store], bucket: Callable[[str], Bucket], monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(monkeypatch)
    host = Host(store())
    async with scripted_server(host) as url:
        there = bucket(url.removesuffix("/v1"))
        objects = objects_of(at(there), there)
        mine, other = (Folder(objects, there, f"batch_1/{lines}") for lines in ("1-10", "1-100"))
        for folder in (mine, other):
            await folder.put(b"in")
        name = mine.output.removeprefix("s3://mine/").removeprefix("gs://mine/")
        for end in ("x/1.jsonl.out", "x/2.jsonl.out", "manifest.json.out"):
            await objects.put(name + end, end.encode())
        assert await mine.outputs(".jsonl.out", [mine.output]) == [b"x/1.jsonl.out", b"x/2.jsonl.out"]
        await mine.clear()
        assert list(host.store.objects) == [other.input.removeprefix("s3://mine/").removeprefix("gs://mine/")]
        await there.objects.close()


@pytest.mark.parametrize(("real", "bucket"), [(moto, s3), (emulator, cloud)])
async def test_at_servers_that_others_wrote(
    real: Callable[[], AbstractContextManager[Elsewhere]],
    bucket: Callable[[str, str], Bucket],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    credentials(monkeypatch)
    with real() as server:
        there = bucket(server.url, "")
        objects = objects_of(at(there), there)
        for name in NAMES:
            await objects.put(name, name.encode() * 3)
        assert {name: server.objects[name] for name in server.objects} == {name: name.encode() * 3 for name in NAMES}
        assert sorted(await objects.names("a/")) == sorted(NAMES[:5])
        assert [await objects.get(name) for name in NAMES] == [name.encode() * 3 for name in NAMES]
        for name in NAMES:
            await objects.delete(name)
        assert (await objects.names(""), list(server.objects)) == ([], [])
        with pytest.raises(UpstreamError, match="HTTP 404 to GET"):
            await objects.get("a/1")
        await there.objects.close()


async def test_a_listing_that_cannot_be_read() -> None:
    class Odd(Host):
        def plan(self, method: str, path: str, headers: object, body: bytes) -> Plan:
            return Plan(200, [], [(0.0, b"<html>")], 6)

    bucket = Bucket("s3://mine", Odd(S3Store()).transport())
    with pytest.raises(UpstreamError, match="S3 answered what cannot be read"):
        await objects_of(at(bucket), bucket).names("")


async def test_what_is_signed_for_s3_is_what_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request without a body has no content type, so none may be signed."""
    credentials(monkeypatch)
    signer = aws.Signer("https://mine.s3.eu-west-1.amazonaws.com", REGION, service="s3")
    signing = signer.sign(WireRequest("GET", "/a", []))
    signed = signing if isinstance(signing, WireRequest) else await signing
    headers = dict(signed.headers)
    assert (
        b"/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date," in headers[b"authorization"]
    )
    assert headers.keys() == {b"authorization", b"x-amz-content-sha256", b"x-amz-date"}


class Lying(Host):
    """Its listings name all that there is, whatever was asked for."""

    def __init__(self, store: Store, *names: str) -> None:
        super().__init__(store)
        self.named, self.deleted = names, 0

    def plan(self, method: str, path: str, headers: object, body: bytes) -> Plan:
        if method == "GET" and "prefix=" in path:
            if isinstance(self.store, CloudStore):
                return plain(json.dumps({"items": [{"name": name} for name in self.named]}).encode())
            told = "".join(f"<Contents><Key>{name}</Key></Contents>" for name in self.named)
            return plain(f"<ListBucketResult><IsTruncated>false</IsTruncated>{told}</ListBucketResult>".encode())
        self.deleted += method == "DELETE"
        return super().plan(method, path, headers, body)


def folder_of(bucket: Bucket) -> tuple[Folder, str]:
    folder = Folder(objects_of(at(bucket), bucket), bucket, "batch_1/1-10")
    return folder, folder.output.partition("://mine/")[2].removesuffix("output/")


@pytest.mark.parametrize(("store", "bucket"), KINDS)
async def test_nothing_outside_of_the_folder_is_removed_or_read(
    store: Callable[[], Store], bucket: Callable[[str], Bucket], monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(monkeypatch)
    _, name = folder_of(bucket("http://127.0.0.1:1"))
    mine, others = f"{name}output/a.out", ["precious.out", f"{name}output/../../x.out", f"{name[:-1]}9/output/a.out"]
    host = Lying(store(), mine, *others)
    host.store.objects.update(dict.fromkeys((mine, *others), b"content"))
    async with scripted_server(host) as url:
        there = bucket(url.removesuffix("/v1"))
        folder, _ = folder_of(there)
        assert await folder.outputs(".out", ()) == [b"content"]
        await folder.clear()
        assert sorted(host.store.objects) == sorted(others)
        await there.objects.close()


@pytest.mark.parametrize(("store", "bucket"), KINDS)
async def test_what_is_gone_already_does_not_keep_the_rest(
    store: Callable[[], Store], bucket: Callable[[str], Bucket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process, or a rule of the bucket, may remove them too."""
    credentials(monkeypatch)
    _, name = folder_of(bucket("http://127.0.0.1:1"))
    host = Lying(store(), f"{name}output/1.out", f"{name}output/2.out")
    host.store.objects[f"{name}output/2.out"] = b"content"
    async with scripted_server(host) as url:
        there = bucket(url.removesuffix("/v1"))
        folder, _ = folder_of(there)
        with pytest.raises(UpstreamError, match="HTTP 404 to GET") as missing:
            await folder.outputs(".out", ())
        assert missing.value.status not in GONE  # of the job this says nothing
        await folder.clear()
        assert (host.store.objects, host.deleted) == ({}, 2)
        await there.objects.close()


async def test_a_listing_that_ends_in_the_middle() -> None:
    class Short(Host):
        def plan(self, method: str, path: str, headers: object, body: bytes) -> Plan:
            told = b"<IsTruncated>true</IsTruncated><Contents><Key>a/1</Key></Contents>"
            return plain(b"<ListBucketResult>%b</ListBucketResult>" % told)

    bucket = Bucket("s3://mine", Short(S3Store()).transport())
    with pytest.raises(UpstreamError, match="does not say how it goes on"):
        await objects_of(at(bucket), bucket).names("a/")
