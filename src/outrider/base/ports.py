"""The seams: Protocols and wire values that packages of different layers meet through.

The seam to any model is one method, `Transport.send`. A pooled HTTP client, the embedded model and the
scripted provider all implement it, so everything above it cannot tell them apart.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol, runtime_checkable

import msgspec

from outrider.base.errors import UpstreamError
from outrider.base.usage import Price, Usage


class WireRequest(msgspec.Struct):
    """One HTTP request to a provider. `path` is absolute (with the base URL's prefix); header names are lower case.

    `sent` is set by the transport when the request is on its way: from then on it may cost money. `lost` names what of
    the caller's request could not be said in it.
    """

    method: str
    path: str
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes = b""
    sent: bool = False
    lost: Sequence[str] = ()


@runtime_checkable
class WireResponse(Protocol):
    """The answer's head, then its body once: either `read` or `pass_to`.

    `pass_to` calls `sink` with the body's bytes as they arrive, without gathering, and returns at the end or when the
    sink says False (no more wanted). Both raise UpstreamError when the connection breaks or ends early, and `pass_to`
    what the sink raises. `pause` stops the flow towards the sink, as far as the transport can, until `resume`.
    `complete` is True once all of it has arrived. `abort` ends the exchange at once (client gone, deadline) and is
    idempotent.
    """

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    complete: bool

    async def read(self, limit: int) -> bytes: ...
    async def pass_to(self, sink: Callable[[bytes], bool]) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def abort(self) -> None: ...


class Transport(Protocol):
    """Carries wire requests to one place. `send` returns when the answer's head is there.

    Raises UpstreamError (with `retryable`) if no head arrives. Cancelling `send` aborts the exchange.
    """

    async def send(self, request: WireRequest) -> WireResponse: ...
    async def close(self) -> None: ...


class Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a model can do. None: nobody says, and it is taken to be able.

    `context` is tokens in and out together, `max_output` tokens of an answer. `sees` names what it takes beside text:
    `image`, `audio`, `file`. `tags` are the owner's words.
    """

    context: int | None = None
    max_output: int | None = None
    sees: frozenset[str] | None = None
    tools: bool | None = None
    json_schema: bool | None = None
    tags: frozenset[str] = frozenset()


class BreakerRules(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a deployment is left alone, and for how long. Times are seconds.

    It opens when of at least `least` calls of the last `window` the share `errors` failed, or `consecutive` calls
    failed one after another. A stream whose first piece takes longer than `slow` counts as failed (0: none does). It
    stays open for `cooldown`, doubled each time up to `longest`; then `probes` calls at once may try, and as many
    successes close it.
    """

    on: bool = True
    errors: float = 0.5
    least: int = 10
    consecutive: int = 5
    window: float = 30.0
    slow: float = 60.0
    cooldown: float = 10.0
    longest: float = 120.0
    probes: int = 2


class Bucket(msgspec.Struct, frozen=True):
    """Where a provider takes and leaves batches that it is not sent themselves: below `url`, such as `s3://mine/some`.

    `objects` reaches the bucket, whose names follow `path` there, with `headers`; `jobs` is where work on it is asked
    for, below `jobs_path`, if not where calls go; `role` is who works on it ("": the provider itself knows).
    """

    url: str
    objects: Transport
    path: str = ""
    headers: Sequence[tuple[bytes, bytes]] = ()
    jobs: Transport | None = None
    jobs_path: str = ""
    role: str = ""


class Deployment(msgspec.Struct, frozen=True):
    """One callable model: how to reach it, with what credentials, at what price.

    `paths` maps an endpoint (`chat`, `embeddings`) to the absolute path of its wire request; `headers` hold the
    credentials and never leave this process except to the provider. `prices` are configured ones by model,
    `price_list` is the name under which the list knows the provider. `dialect` names a module of
    `outrider.providers`. `prefill` is how it is told to go on with the text of a last assistant message (see
    `gateway.continuation`; "": it cannot); a path named `continue` is used for that instead of `chat`. `forms` are the
    types of `response_format` that it knows itself, `knows` the additions to chat that it takes, `limit` the one name
    of the answer's token limit that it knows ("": both), `tiers` the parts of the price that other service tiers cost.
    It `runs_on` when a stream's reader has left, and bills that. `batch_models` are the names under which its own batch
    API has models, where these are others; `bucket` is where it takes batches, if it does so in a bucket.
    """

    name: str
    provider: str
    model: str
    dialect: str
    transport: Transport
    paths: Mapping[str, str]
    headers: Sequence[tuple[bytes, bytes]] = ()
    stream_usage: bool = True
    prices: Mapping[str, Price] = {}
    price_list: str = ""
    prefill: str = ""
    forms: Sequence[str] = ("json_schema", "json_object")
    knows: frozenset[str] = frozenset()
    tiers: Mapping[str, Decimal] = {}
    limit: str = ""
    facts: Facts = Facts()
    breaker: BreakerRules = BreakerRules()
    runs_on: bool = False
    batch_models: Mapping[str, str] = {}
    bucket: Bucket | None = None


class Answer(msgspec.Struct):
    """A decoded answer: the body to pass on, what it used, why it ended (`stop`, `length`, …; "" if unknown), and the
    service tier that it was given in ("": not said)."""

    body: bytes
    usage: Usage | None
    finish: str
    text: str = ""
    tier: str = ""


class StreamReader(Protocol):
    """Watches one streamed answer without holding it up.

    `feed` takes one event (with its blank line) and gives the bytes to pass on: the same object, or b"" to leave it
    out. `done` is True once the dialect's end mark went by. `close` reads usage and finish reason from the pieces
    that were passed on, and raises UpstreamError if the stream carried an error or is not whole.
    """

    @property
    def done(self) -> bool: ...
    def feed(self, event: bytes) -> bytes: ...
    def close(self, blocks: Sequence[bytes]) -> Answer: ...


@runtime_checkable
class Telling(Protocol):
    """A `StreamReader` that knows what its provider said of the usage before the stream broke off. `blocks` are the
    pieces that were passed on."""

    def told(self, blocks: Sequence[bytes]) -> Usage | None: ...


class Dialect(Protocol):
    """One wire language of providers, as pure functions: a module of `outrider.providers` with these names.

    Requests and answers are chat (with the additions of `docs/concepts/dialects.md`) towards the corridor. `SPEAKS` is
    the callers' language whose bytes it takes as they are, `STREAM_TYPE` what the content type of its streams contains.
    A module whose streams are not Server-Sent Events has a `splitter()`; one whose answers do not say which model they
    are of says `NAMELESS = True`, and its reader has a field `model`; one that cannot always be told to call one tool
    at a time says `PARALLEL_ALWAYS = True`; one whose language is not chat also has the functions of `NativeDialect`.
    """

    SPEAKS: str
    STREAM_TYPE: bytes

    def encode(
        self, deployment: Deployment, endpoint: str, body: bytes, model: str, *, stream: bool, wants_usage: bool
    ) -> WireRequest: ...
    def decode(self, endpoint: str, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Answer: ...
    def classify(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> UpstreamError: ...
    def reader(self, *, wants_usage: bool) -> StreamReader: ...


class NativeDialect(Protocol):
    """What a dialect that is not chat offers to callers of its own language: bytes pass, and are only looked at.

    `native_encode` replaces the model's name, and the limit of the answer's tokens if `max_tokens` is given. `headers`
    are the caller's. `native_decode` and the reader's `close` tell usage, text and, in chat's words, why it ended.
    """

    def native_encode(
        self,
        deployment: Deployment,
        body: bytes,
        model: str,
        *,
        stream: bool,
        max_tokens: int | None,
        headers: Mapping[bytes, bytes],
    ) -> WireRequest: ...
    def native_decode(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Answer: ...
    def native_reader(self) -> StreamReader: ...
