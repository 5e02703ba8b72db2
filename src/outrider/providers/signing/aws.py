"""AWS signatures (version 4) by AWS's own signer, with the credentials that AWS's own chain finds: environment,
profile, web identity, container, the machine's role. Finding and refreshing them may ask other servers, so a thread
does it.

What was found is used for some minutes before the chain is asked again, which refreshes what expires.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from outrider.base import clock, env
from outrider.base.errors import ConfigError, UpstreamError
from outrider.base.ports import WireRequest

SERVICE = "bedrock"
HELD_NS = 5 * 60 * 1_000_000_000
"""How long credentials are used before the chain is asked again. It refreshes those that expire in 10 minutes."""
_FILED = ("shared-credentials-file", "config-file")  # what somebody may change while we run
_REGION = re.compile(r"\bbedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.")
_ADDED = (b"authorization", b"x-amz-content-sha256", b"x-amz-date", b"x-amz-security-token")


class Signer:
    """Signs requests to `base` for a service in `region`, with credentials of the chains that `sessions()` makes."""

    def __init__(
        self, base: str, region: str, sessions: Callable[[], Any] = Session, *, service: str = SERVICE
    ) -> None:
        parts = urlsplit(base)
        self._origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._region, self._sessions, self._service = region, sessions, service
        self._chain: Any = None
        self._signing: SigV4Auth | None = None
        self._until = 0
        self._finding: asyncio.Task[None] | None = None

    def sign(self, request: WireRequest) -> WireRequest | Awaitable[WireRequest]:
        """The request with a signature over its path, body and time. Raises UpstreamError without credentials."""
        if clock.mono_ns() < self._until:
            return self._signed(request)
        return self._sign_later(request)

    async def _sign_later(self, request: WireRequest) -> WireRequest:
        if self._finding is None:
            self._finding = asyncio.get_running_loop().create_task(self._find())
            self._finding.add_done_callback(self._found)
        await asyncio.shield(self._finding)
        return self._signed(request)

    def _found(self, task: "asyncio.Task[None]") -> None:
        self._finding = None
        if not task.cancelled():
            task.exception()  # who waits for it gets it

    def _signed(self, request: WireRequest) -> WireRequest:
        assert self._signing is not None
        content = [value.decode("latin-1") for name, value in request.headers if name == b"content-type"]
        signed = {"content-type": content[0]} if content else {}
        asked = AWSRequest(request.method, self._origin + request.path, signed, request.body)
        self._signing.add_auth(asked)
        ours = {name.lower().encode(): value.encode() for name, value in asked.headers.items()}
        kept = [pair for pair in request.headers if pair[0] not in _ADDED]
        added = [(name, ours[name]) for name in _ADDED if name in ours]
        return WireRequest(request.method, request.path, [*kept, *added], request.body, lost=request.lost)

    async def _find(self) -> None:
        try:
            found = await asyncio.to_thread(self._ask_chain)
        except (BotoCoreError, OSError) as error:
            raise _without(f"AWS gave no credentials: {' '.join(str(error).split())[:300]}", retryable=True) from None
        if found is None:
            raise _without("no AWS credentials were found", retryable=False)
        kind = S3SigV4Auth if self._service == "s3" else SigV4Auth
        self._signing = kind(found, self._service, self._region)
        self._until = clock.mono_ns() + HELD_NS

    def _ask_chain(self) -> Any:
        """Credentials of this moment; None if there are none. Blocks."""
        if self._chain is None or self._chain.method in _FILED:
            self._chain = self._sessions().get_credentials()
        return None if self._chain is None else self._chain.get_frozen_credentials()


def signer(base: str) -> Signer:
    """The signer for a base URL of Bedrock's runtime. Raises ConfigError if nobody says the region."""
    return Signer(base, region_of(base))


def region_of(base: str) -> str:
    """The region that a base URL of Bedrock's runtime is in. Raises ConfigError if nobody says it."""
    found = _REGION.search(base)
    region = found[1] if found else env.get("AWS_REGION") or Session().get_config_variable("region")
    if not region:
        raise ConfigError(f"{base} does not name its AWS region; set AWS_REGION, or a region in the AWS profile")
    return str(region)


def _without(message: str, *, retryable: bool) -> UpstreamError:
    return UpstreamError(
        f"{message}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or an API key of Bedrock "
        "(AWS_BEARER_TOKEN_BEDROCK), or give this machine a role",
        code="provider_key_refused",
        retryable=retryable,
    )
