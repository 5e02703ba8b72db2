"""Signatures for AWS: the same as AWS's own client makes, with credentials that its own chain finds."""

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import botocore.auth
import botocore.session
import pytest
from botocore.credentials import Credentials

from outrider.base import clock
from outrider.base.errors import ConfigError, UpstreamError
from outrider.base.ports import WireRequest
from outrider.gateway.signed import SigningTransport
from outrider.providers.signing import aws

BASE = "https://bedrock-runtime.eu-west-1.amazonaws.com"
MODEL = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-6-v1:0"
PATH = (
    "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Ainference-profile%2Feu.anthropic.claude-sonnet-4-6-v1%3A0"
)
NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION")


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*VARIABLES, "AWS_DEFAULT_REGION", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def request(body: bytes = b'{"messages":[]}') -> WireRequest:
    headers = [(b"content-type", b"application/json"), (b"user-agent", b"outrider"), (b"authorization", b"old")]
    return WireRequest("POST", f"{PATH}/converse", headers, body, lost=["seed"])


async def signed(signer: aws.Signer, wire: WireRequest | None = None) -> WireRequest:
    found = signer.sign(wire or request())
    return found if isinstance(found, WireRequest) else await found


async def test_as_awss_own_client_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token+of/session==")
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: NOON)
    sent: list[Any] = []

    def stop(request: Any, **_: Any) -> None:
        sent.append(request)
        raise ConnectionAbortedError

    client = botocore.session.Session().create_client("bedrock-runtime", region_name="eu-west-1")
    client.meta.events.register("before-send.bedrock-runtime.Converse", stop)
    with pytest.raises(ConnectionAbortedError):
        client.converse(modelId=MODEL, messages=[{"role": "user", "content": [{"text": "hi ☀"}]}])
    (theirs,) = sent
    told = await signed(aws.signer(BASE), request(theirs.body))
    headers = dict(told.headers)
    assert theirs.url == BASE + told.path
    assert told.body == theirs.body
    # Their client signs two headers of its own too; without these the signatures are the same.
    again = botocore.awsrequest.AWSRequest("POST", theirs.url, {"content-type": "application/json"}, theirs.body)
    client._request_signer.get_auth_instance("bedrock", "eu-west-1").add_auth(again)
    assert headers[b"authorization"].decode() == again.headers["Authorization"]
    assert headers[b"x-amz-date"] == b"20261122T120000Z"
    assert headers[b"x-amz-security-token"] == b"token+of/session=="
    assert headers[b"user-agent"] == b"outrider"
    assert told.lost == ["seed"]


async def test_the_signature_holds_for_path_and_body() -> None:
    signer = aws.Signer(BASE, "eu-west-1", lambda: _Session(Credentials("a", "b")))
    first, second = await signed(signer), await signed(signer, request(b"{}"))
    assert dict(first.headers)[b"authorization"] != dict(second.headers)[b"authorization"]
    assert b"/eu-west-1/bedrock/aws4_request" in dict(first.headers)[b"authorization"]


class _Session:
    """A chain that finds what it is given, and counts how often it is asked."""

    asked = 0

    def __init__(self, found: Any) -> None:
        self._found = found

    def get_credentials(self) -> Any:
        type(self).asked += 1
        return self._found


async def test_many_requests_at_once_ask_the_chain_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Session, "asked", 0)
    signer = aws.Signer(BASE, "eu-west-1", lambda: _Session(Credentials("a", "b")))
    await asyncio.gather(*(signed(signer) for _ in range(5)))
    assert isinstance(signer.sign(request()), WireRequest)
    assert _Session.asked == 1


async def test_nobody_has_credentials() -> None:
    with pytest.raises(UpstreamError, match="AWS_BEARER_TOKEN_BEDROCK") as caught:
        await signed(aws.signer(BASE))
    assert (caught.value.code, caught.value.retryable) == ("provider_key_refused", False)


async def test_a_file_that_changes_is_read_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def write(key: str) -> None:
        (tmp_path / "credentials").write_text(f"[team]\naws_access_key_id = {key}\naws_secret_access_key = s\n")

    monkeypatch.setenv("AWS_PROFILE", "team")
    write("FIRST")
    signer = aws.signer(BASE)
    assert b"Credential=FIRST/" in dict((await signed(signer)).headers)[b"authorization"]
    write("SECOND")
    assert b"Credential=FIRST/" in dict((await signed(signer)).headers)[b"authorization"]
    later = clock.mono_ns() + aws.HELD_NS
    monkeypatch.setattr(clock, "mono_ns", lambda: later)
    assert b"Credential=SECOND/" in dict((await signed(signer)).headers)[b"authorization"]


class _Container(BaseHTTPRequestHandler):
    """The place where a container gets its role's credentials; each time new ones, for `minutes`."""

    given, minutes, broken = 0, 60, False

    def do_GET(self) -> None:
        kind = type(self)
        kind.given += 1
        until = datetime.now(UTC) + timedelta(minutes=kind.minutes)
        said = {
            "AccessKeyId": f"ROLE{kind.given}",
            "SecretAccessKey": "s",
            "Token": "t",
            "Expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        body = b"{}" if kind.broken else json.dumps(said).encode()
        self.send_response(500 if kind.broken else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Container]]:
    monkeypatch.setattr(_Container, "given", 0)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Container)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{server.server_port}/role")
    yield _Container
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("minutes", "anew"), [(60, False), (9, True)])
async def test_a_role_is_asked_again_before_it_ends(
    monkeypatch: pytest.MonkeyPatch, container: type[_Container], minutes: int, anew: bool
) -> None:
    monkeypatch.setattr(container, "minutes", minutes)
    signer = aws.signer(BASE)
    first = dict((await signed(signer)).headers)
    assert first[b"x-amz-security-token"] == b"t"
    later = clock.mono_ns() + aws.HELD_NS
    monkeypatch.setattr(clock, "mono_ns", lambda: later)
    again = dict((await signed(signer)).headers)
    key = first[b"authorization"].partition(b"/")[0]
    assert again[b"authorization"].startswith(key + b"/") is not anew


async def test_a_role_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch, container: type[_Container]) -> None:
    monkeypatch.setattr(container, "broken", True)
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    with pytest.raises(UpstreamError, match="gave no credentials") as caught:
        await signed(aws.signer(BASE))
    assert caught.value.retryable


def test_the_region(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert aws.signer("https://vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com")._region == "us-east-1"
    assert aws.signer("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com")._region == "us-gov-west-1"
    with pytest.raises(ConfigError, match="AWS_REGION"):
        aws.signer("http://127.0.0.1:9000")
    (tmp_path / "config").write_text("[default]\nregion = sa-east-1\n")
    assert aws.signer("http://127.0.0.1:9000")._region == "sa-east-1"
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert aws.signer("http://127.0.0.1:9000")._region == "eu-north-1"


async def test_what_is_sent_is_known() -> None:
    class Inner:
        async def send(self, request: WireRequest) -> Any:
            request.sent = True
            return dict(request.headers)

        async def close(self) -> None:
            pass

    wire = request()
    transport = SigningTransport(Inner(), aws.Signer(BASE, "eu-west-1", lambda: _Session(Credentials("a", "b"))))
    assert b"x-amz-date" in await transport.send(wire)  # type: ignore[operator]
    assert wire.sent
