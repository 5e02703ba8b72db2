"""Buckets that others wrote: moto's S3, and an emulator of Cloud Storage. Nothing of ours is in them, and the providers
that work on batches there come with the vendors' own client, or with plain requests.
"""

import contextlib
import json
import socket
import urllib.request
from collections.abc import Iterator, MutableMapping
from typing import Any
from urllib.parse import quote

import boto3
from gcp_storage_emulator.server import create_server
from moto.server import ThreadedMotoServer

from outrider.testing.plans import Plan
from tests.gateway.batches.stores import BUCKET, KEY, REGION, SECRET


class Remote(MutableMapping[str, bytes]):
    """The bucket's objects by their names, each looked at when it is asked for."""

    def __len__(self) -> int:
        return len(list(iter(self)))


class S3Objects(Remote):
    def __init__(self, url: str) -> None:
        self._client: Any = boto3.client(
            "s3", endpoint_url=url, region_name=REGION, aws_access_key_id=KEY, aws_secret_access_key=SECRET
        )
        self._client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})

    def __getitem__(self, name: str) -> bytes:
        found: bytes = self._client.get_object(Bucket=BUCKET, Key=name)["Body"].read()
        return found

    def __setitem__(self, name: str, content: bytes) -> None:
        self._client.put_object(Bucket=BUCKET, Key=name, Body=content)

    def __delitem__(self, name: str) -> None:
        self._client.delete_object(Bucket=BUCKET, Key=name)

    def __iter__(self) -> Iterator[str]:
        return (one["Key"] for one in self._client.list_objects_v2(Bucket=BUCKET).get("Contents", ()))


class CloudObjects(Remote):
    def __init__(self, url: str) -> None:
        self._url = url

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        kind = {"content-type": "text/plain"} if body is not None else {}
        with urllib.request.urlopen(urllib.request.Request(self._url + path, body, kind, method=method)) as answer:
            said: bytes = answer.read()
        return said

    def __getitem__(self, name: str) -> bytes:
        return self._ask("GET", f"/storage/v1/b/{BUCKET}/o/{quote(name, safe='')}?alt=media")

    def __setitem__(self, name: str, content: bytes) -> None:
        self._ask("POST", f"/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name={quote(name, safe='')}", content)

    def __delitem__(self, name: str) -> None:
        self._ask("DELETE", f"/storage/v1/b/{BUCKET}/o/{quote(name, safe='')}")

    def __iter__(self) -> Iterator[str]:
        found = json.loads(self._ask("GET", f"/storage/v1/b/{BUCKET}/o"))
        return (one["name"] for one in found.get("items", ()))


class Elsewhere:
    """A provider's `store` that is another server."""

    refuses = False

    def __init__(self, url: str, objects: Remote) -> None:
        self.url, self.objects = url, objects

    def plan(self, *_: object) -> Plan | None:
        return None


@contextlib.contextmanager
def moto() -> Iterator[Elsewhere]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        url = "http://{}:{}".format(*server.get_host_and_port())
        urllib.request.urlopen(
            f"{url}/moto-api/reset", b""
        ).close()  # it keeps what it has as long as its process lives
        yield Elsewhere(url, S3Objects(url))
    finally:
        server.stop()


@contextlib.contextmanager
def emulator() -> Iterator[Elsewhere]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket=BUCKET)
    server.start()
    try:
        url = f"http://127.0.0.1:{port}"
        yield Elsewhere(url, CloudObjects(url))
    finally:
        server.stop()


REAL = {"bedrock": moto, "vertex": emulator}
