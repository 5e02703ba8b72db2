"""Buckets of S3 and of Cloud Storage, as their vendors' pages describe them: plain requests, with credentials that are
looked at. S3's signatures are checked by AWS's own code.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from outrider.testing.plans import Plan, plain

KEY, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-west-1"
BUCKET = "mine"
PAGE = 2
"""Names on a page of a listing."""
_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, SignedHeaders=([^,]+),"
)
Headers = Sequence[tuple[bytes, bytes]]


def check_signature(service: str, method: str, path: str, headers: Headers, body: bytes) -> None:
    """Raises AssertionError unless AWS's own signer makes the same of what arrived."""
    given = {name.decode().lower(): value.decode("latin-1") for name, value in headers}
    found = _SIGNED.match(given["authorization"])
    assert found is not None, given["authorization"]
    assert (found[1], found[3], found[4]) == (KEY, REGION, service)
    names = found[5].split(";")
    needed = {"host", "x-amz-date", *(["x-amz-content-sha256"] if service == "s3" else [])}
    assert needed <= set(names)
    if service == "s3":
        assert given["x-amz-content-sha256"] == hashlib.sha256(body).hexdigest()
    asked = AWSRequest(method, f"http://{given['host']}{path}", {name: given[name] for name in names}, body)
    asked.context["timestamp"] = given["x-amz-date"]
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    signer: Any = kind(Credentials(KEY, SECRET), service, REGION)
    told = signer.signature(signer.string_to_sign(asked, signer.canonical_request(asked)), asked)
    assert given["authorization"].endswith(f"Signature={told}"), "SignatureDoesNotMatch"


def _said(body: bytes, status: int = 200, kind: bytes = b"application/xml") -> Plan:
    return Plan(status, [(b"content-type", kind)], [(0.0, body)], len(body))


class S3Store:
    """The bucket `mine`, asked for by path below `root`. `objects` by their names; `refuses` everything, if told so."""

    def __init__(self, root: str = "/s3") -> None:
        self.objects: dict[str, bytes] = {}
        self.refuses = False
        self._root = f"{root}/{BUCKET}/"

    def plan(self, method: str, path: str, headers: Headers, body: bytes) -> Plan | None:
        if not path.startswith(self._root):
            return None
        check_signature("s3", method, path, headers, body)
        route, _, query = path.removeprefix(self._root).partition("?")
        name, asked = unquote(route), dict(parse_qsl(query, strict_parsing=bool(query)))
        if self.refuses:
            words = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message><HostId>secret</HostId></Error>"
            return _said(b'<?xml version="1.0"?>' + words, 403)
        match method, name:
            case "GET", "":
                return self._listed(asked)
            case "PUT", _:
                self.objects[name] = body
                return _said(b"")
            case "GET", _ if name in self.objects:
                return _said(self.objects[name], kind=b"binary/octet-stream")
            case "DELETE", _:
                self.objects.pop(name, None)
                return Plan(204, [], [], 0)
        return _said(b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>", 404)

    def _listed(self, asked: dict[str, str]) -> Plan:
        assert asked.pop("list-type") == "2"
        after, beginning = asked.pop("continuation-token", ""), asked.pop("prefix")
        assert not asked
        names = sorted(name for name in self.objects if name.startswith(beginning) and name > after)
        page, more = names[:PAGE], len(names) > PAGE
        told = "".join(f"<Contents><Key>{escape(name)}</Key><Size>1</Size></Contents>" for name in page)
        if more:
            told += f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>"
        head = (
            f"<Name>{BUCKET}</Name><Prefix>{escape(beginning)}</Prefix><IsTruncated>{str(more).lower()}</IsTruncated>"
        )
        space = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
        return _said(f'<?xml version="1.0"?><ListBucketResult {space}>{head}{told}</ListBucketResult>'.encode())


class CloudStore:
    """The same of Cloud Storage, by its JSON API. Callers come with `bearer`."""

    def __init__(self, root: str = "/gcs", bearer: str = "k-1") -> None:
        self.objects: dict[str, bytes] = {}
        self.refuses = False
        self._bearer = bearer
        self._objects, self._upload = f"{root}/storage/v1/b/{BUCKET}/o", f"{root}/upload/storage/v1/b/{BUCKET}/o"

    def plan(self, method: str, path: str, headers: Headers, body: bytes) -> Plan | None:
        if not path.startswith((self._objects, self._upload)):
            return None
        assert dict(headers)[b"authorization"].decode() == f"Bearer {self._bearer}"
        parts = urlsplit(path)
        asked = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        if self.refuses:
            return plain(b'{"error": {"code": 403, "message": "does not have storage.objects.create access"}}', 403)
        if (method, parts.path) == ("POST", self._upload):
            assert asked["uploadType"] == "media"
            self.objects[asked["name"]] = body
            return plain(json.dumps({"kind": "storage#object", "name": asked["name"]}).encode())
        if (method, parts.path) == ("GET", self._objects):
            return self._listed(asked)
        name = unquote(parts.path.removeprefix(f"{self._objects}/"))
        assert quote(name, safe="") == parts.path.removeprefix(f"{self._objects}/")
        if name not in self.objects:
            return plain(b'{"error": {"code": 404, "message": "No such object"}}', 404)
        if method == "DELETE":
            del self.objects[name]
            return Plan(204, [], [], 0)
        assert (method, asked) == ("GET", {"alt": "media"})
        return _said(self.objects[name], kind=b"application/octet-stream")

    def _listed(self, asked: dict[str, str]) -> Plan:
        after, beginning = asked.pop("pageToken", ""), asked.pop("prefix")
        assert not asked
        names = sorted(name for name in self.objects if name.startswith(beginning) and name > after)
        page: dict[str, Any] = {"kind": "storage#objects"}
        if names:
            page["items"] = [{"name": name, "bucket": BUCKET, "size": "1"} for name in names[:PAGE]]
        if len(names) > PAGE:
            page["nextPageToken"] = names[PAGE - 1]
        return plain(json.dumps(page).encode())
