"""OTLP out: a reader of the journal that posts its records to a collector, in order, from a cursor of its own.

The cursor moves after the collector took a batch, so nothing is lost and a batch may be sent twice. It runs in a
thread of the indexer and holds one batch in memory; a collector that is down is tried again later, and the journal
waits for nobody. One sender at a time: the cursor carries a lease, for several machines on one database.
"""

import http.client
import logging
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from outrider import __version__
from outrider.base import clock, env, ids
from outrider.base.errors import ConfigError, StoreUnavailable, UpstreamError
from outrider.journal.events import BlobRef, Event
from outrider.journal.otlp.spans import Body, request_of, spans_of
from outrider.journal.read import export_records, get_body, newest_seq
from outrider.store import Store, open_store

log = logging.getLogger("outrider.otlp")

CURSOR = "otlp"
RECORDS, SPANS, BYTES = 200, 1_000, 2 << 20
"""Records read at a time, and the largest post: spans and about as many bytes (a collector's limit is often 4 MB)."""

LEASE_NS = 120_000_000_000
IDLE, FIRST_PAUSE, LONGEST_PAUSE = 1.0, 1.0, 60.0
_NEW_CURSOR = "INSERT INTO reader_cursors (name, seq, owner, lease_until) VALUES (?, ?, '', 0) ON CONFLICT DO NOTHING"
_REFUSED_FOR_GOOD = (400, 413, 415, 422)

Post = Callable[[bytes], None]
"""Takes one OTLP protobuf request to the collector; raises UpstreamError if it was not taken."""


class Collector(msgspec.Struct, frozen=True):
    """Where spans go. `url` is the full address, `timeout` seconds; `content` lets payloads leave too."""

    url: str
    headers: dict[str, str] = {}
    timeout: float = 10.0
    certificate: str = ""
    resource: dict[str, str] = {}
    content: bool = False

    def __repr__(self) -> str:  # headers hold credentials
        return f"Collector({self.url!r})"


def from_environment(endpoint: str = "", headers: Mapping[str, str] | None = None) -> Collector | None:
    """The collector of the usual `OTEL_*` variables, or None when there is none.

    `endpoint` and `headers` (from outrider.yaml) win over them. Raises ConfigError for what is not an address or
    for a protocol other than http/protobuf.
    """
    get = env.get
    exact = "" if endpoint else get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    base = endpoint or ("" if exact else get("OTEL_EXPORTER_OTLP_ENDPOINT"))
    url = base or exact
    if not url or get("OTEL_SDK_DISABLED").lower() == "true":
        return None
    if base and not base.rstrip("/").endswith("/v1/traces"):
        url = base.rstrip("/") + "/v1/traces"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"the OTLP endpoint {url!r} is no address: write it as `http://collector:4318`")
    protocol = get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or get("OTEL_EXPORTER_OTLP_PROTOCOL") or "http/protobuf"
    if protocol != "http/protobuf":
        raise ConfigError(f"OTEL_EXPORTER_OTLP_PROTOCOL={protocol} is not spoken here: use http/protobuf (port 4318)")
    given = _pairs(get("OTEL_EXPORTER_OTLP_HEADERS")) | _pairs(get("OTEL_EXPORTER_OTLP_TRACES_HEADERS"))
    name = get("OTEL_SERVICE_NAME")
    return Collector(
        url=url,
        headers=dict(headers) if headers else given,
        timeout=_timeout(get("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT") or get("OTEL_EXPORTER_OTLP_TIMEOUT")),
        certificate=get("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE") or get("OTEL_EXPORTER_OTLP_CERTIFICATE"),
        resource={"service.name": "outrider", "service.version": __version__}
        | _pairs(get("OTEL_RESOURCE_ATTRIBUTES"))
        | ({"service.name": name} if name else {}),
        content=get("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT").lower() not in ("", "false", "no_content"),
    )


def send(collector: Collector, body: bytes) -> None:
    """Post one request. Raises UpstreamError with the status, and `retry_after` in seconds when it was given."""
    parts = urlsplit(collector.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"content-type": "application/x-protobuf", "user-agent": f"outrider/{__version__}", **collector.headers}
    try:
        connection = _connect(collector)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            content = answer.read(64_000)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as e:
        raise UpstreamError(f"the OTLP collector at {parts.netloc} cannot be reached: {e}") from e
    if answer.status >= 300:
        raise UpstreamError(
            f"the OTLP collector at {parts.netloc} answered {answer.status} {answer.reason}",
            status=answer.status,
            retryable=answer.status not in _REFUSED_FOR_GOOD,
            retry_after=_retry_after(answer.getheader("retry-after")),
        )
    _tell_partial(content)


def export_pending(
    store: Store,
    post: Post,
    *,
    resource: Mapping[str, str] | None = None,
    body: Body | None = None,
    owner: str = "export",
) -> int:
    """Send the records after the cursor, at most one batch; how many the cursor moved by (0: nothing to do).

    Raises UpstreamError when the collector did not take them (the cursor stays) and StoreUnavailable.
    """
    # Looking costs no write, so an idle exporter leaves the disk alone.
    newest = newest_seq(store)
    if newest <= _cursor(store):
        return 0
    after = _lease(store, owner)
    if after is None:
        return 0
    records = export_records(store, after=after, limit=RECORDS)
    sender = dict(resource or {"service.name": "outrider"})
    for through, spans in _posts(records, body):
        _post(post, spans, sender)
        if through:
            _move(store, owner, through)
    if not records:  # retention was faster
        _move(store, owner, newest)
    return len(records)


def begin_now(store: Store) -> None:
    """Put the cursor of a store that was never exported at its end: history goes out by `outrider runs export`."""
    newest = newest_seq(store)
    with store.write() as tx:
        tx.execute(_NEW_CURSOR, (CURSOR, newest))


def run(store_url: str, collector: Collector, stop: threading.Event) -> None:
    """Export until `stop` is set. A failure pauses this thread only: 1 s, doubling up to 60 s, or as it was told."""

    owner, pause = ids.token(8), FIRST_PAUSE
    store: Store | None = None
    while not stop.is_set():
        try:
            if store is None:
                store = open_store(store_url)
                begin_now(store)
            moved = _export(store, collector, owner)
        except (UpstreamError, StoreUnavailable) as e:
            if pause == FIRST_PAUSE:
                log.warning("%s; trying again, nothing is lost", e.message)
            stop.wait(max(pause, getattr(e, "retry_after", None) or 0))
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        pause = FIRST_PAUSE
        if not moved:
            stop.wait(IDLE)
    if store is not None:
        store.close()


def _export(store: Store, collector: Collector, owner: str) -> int:
    def read(project: str, ref: BlobRef) -> bytes | None:
        return get_body(store, project, ref.sha256)

    return export_pending(
        store,
        lambda content: send(collector, content),
        resource=collector.resource,
        body=read if collector.content else None,
        owner=owner,
    )


def _posts(records: Iterable[tuple[int, Event]], body: Body | None) -> Iterator[tuple[int, list[Span]]]:
    """Spans for one post each, with the last `seq` that is complete then (0: a long record goes on in the next)."""
    spans: list[Span] = []
    size, last = 0, 0
    for seq, event in records:
        for span in spans_of(event, body):
            if spans and (len(spans) >= SPANS or size > BYTES):
                yield last, spans
                spans, size = [], 0
            spans.append(span)
            size += span.ByteSize()
        last = seq
    if last:
        yield last, spans


def _post(post: Post, spans: list[Span], resource: dict[str, str]) -> None:
    """Send spans; what a collector refuses for good is halved until the span at fault stands alone and is left out."""
    if not spans:
        return
    try:
        post(request_of(spans, resource).SerializeToString())
    except UpstreamError as e:
        if e.retryable:
            raise
        if len(spans) == 1:
            log.warning("%s: span %r of trace %s left out", e.message, spans[0].name, spans[0].trace_id.hex())
            return
        middle = len(spans) // 2
        _post(post, spans[:middle], resource)
        _post(post, spans[middle:], resource)


def _cursor(store: Store) -> int:
    rows = store.query("SELECT seq FROM reader_cursors WHERE name = ?", (CURSOR,))
    return int(rows[0][0]) if rows else 0


def _lease(store: Store, owner: str) -> int | None:
    """Where to go on, with the right to send for a while; None while another process has it."""
    now = clock.now_ns()
    with store.write() as tx:
        tx.execute(_NEW_CURSOR, (CURSOR, 0))
        take = "UPDATE reader_cursors SET owner = ?, lease_until = ? WHERE name = ? AND (owner = ? OR lease_until < ?)"
        if not tx.execute(take, (owner, now + LEASE_NS, CURSOR, owner, now)):
            return None
        return int(tx.query("SELECT seq FROM reader_cursors WHERE name = ?", (CURSOR,))[0][0])


def _move(store: Store, owner: str, seq: int) -> None:
    with store.write() as tx:
        sql = "UPDATE reader_cursors SET seq = ?, lease_until = ? WHERE name = ? AND owner = ? AND seq < ?"
        tx.execute(sql, (seq, clock.now_ns() + LEASE_NS, CURSOR, owner, seq))


def _connect(collector: Collector) -> http.client.HTTPConnection:
    parts = urlsplit(collector.url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=collector.certificate or None)
        return http.client.HTTPSConnection(host, parts.port, timeout=collector.timeout, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=collector.timeout)


def _tell_partial(content: bytes) -> None:
    answer = ExportTraceServiceResponse()
    try:
        answer.ParseFromString(content)
    except ValueError:  # protobuf's DecodeError is one; some collectors answer plain text
        return
    if answer.partial_success.rejected_spans:
        told = answer.partial_success
        log.warning("the OTLP collector left out %d spans: %s", told.rejected_spans, told.error_message[:300])


def _pairs(text: str) -> dict[str, str]:
    """`k=v,k2=v2` with percent-encoded values, as the OpenTelemetry variables spell them."""
    found = (item.partition("=") for item in text.split(",") if "=" in item)
    return {unquote(k.strip()): unquote(v.strip()) for k, _, v in found}


def _timeout(milliseconds: str) -> float:
    return int(milliseconds) / 1000 if milliseconds.isdigit() and int(milliseconds) else 10.0


def _retry_after(value: str | None) -> float | None:
    """Seconds from either form of the header, at most an hour."""
    if not value:
        return None
    if value.strip().isdigit():
        return min(float(value), 3600.0)
    try:
        at = parsedate_to_datetime(value).timestamp()
    except ValueError:
        return None
    return min(max(0.0, at - clock.now_ns() / 1e9), 3600.0)
