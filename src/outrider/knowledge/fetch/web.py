"""Documents by URL: bounded in size, time and redirects, and asked only once whether they changed."""

import contextlib
import ssl
import zlib
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

import httpcore2

from outrider.base import clock
from outrider.base.errors import Unreadable
from outrider.knowledge.fetch.guard import Guarded, Refused
from outrider.knowledge.fetch.options import Options, Unchanged, too_large
from outrider.knowledge.records import Fetched

_SAFE = "%/:=&?~+!$,;'@()*[]-._"
LONGEST = 4_000
SILENT = 3
"""Times in a row that a host may let us wait in vain; after that it is asked for nothing more."""
_REDIRECTS = (301, 302, 303, 307, 308)


class Gone(Unreadable):
    """The server says that there is no such page (any more)."""


class Web:
    """Fetches URLs over one pool of connections. Close it, or use it as a context."""

    def __init__(self, options: Options, tls: ssl.SSLContext | None = None) -> None:
        self._options = options
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls or ssl.create_default_context(),
            max_connections=4,
            network_backend=Guarded(options.allow),
        )
        self._silent: dict[str, int] = {}

    def __enter__(self) -> "Web":
        return self

    def __exit__(self, *exc: object) -> None:
        self._pool.close()

    def get(self, url: str) -> Fetched | Unchanged:
        """The document there, under the URL that was asked for. Raises Unreadable."""
        ends = clock.mono_ns() + int(self._options.seconds * 1e9)
        said = self._options.said(url) if self._options.said else None
        at, host = url, urlsplit(whole(url)).netloc
        if self._silent.get(host, 0) >= SILENT:
            raise Unreadable(f"The server did not answer {SILENT} times in a row, and was not asked. Try again later.")
        try:
            for _ in range(self._options.redirects + 1):
                with self._asked(at, said or {}, ends) as response:
                    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in response.headers}
                    if response.status in _REDIRECTS and "location" in headers:
                        at = urljoin(at, headers["location"])
                        continue
                    if response.status == 304 and said:
                        return Unchanged(url)
                    if not 200 <= response.status < 300:
                        self._silent.pop(host, None)
                    _check(response.status)
                    found = self._fetched(url, at, headers, self._body(response, headers, ends))
                    self._silent.pop(host, None)
                    return found
        except httpcore2.TimeoutException:
            self._silent[host] = self._silent.get(host, 0) + 1
            raise Unreadable(f"The server did not answer in {self._options.seconds:g} s. Try again later.") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError, OSError) as fault:
            raise Unreadable(f"It cannot be reached: {_told(fault)}") from None
        raise Unreadable(f"It redirects more than {self._options.redirects} times. Name the page that it leads to.")

    @contextlib.contextmanager
    def _asked(self, url: str, said: Mapping[str, Any], ends: int) -> Iterator[httpcore2.Response]:
        left = max(0.1, (ends - clock.mono_ns()) / 1e9)
        headers: dict[bytes | str, bytes | str] = {
            "Host": urlsplit(whole(url)).netloc,
            "User-Agent": "Outrider (documents for a knowledge collection)",
            "Accept": "text/html,application/xhtml+xml,application/pdf,text/*;q=0.9,*/*;q=0.8",
            "Accept-Encoding": "gzip",
        }
        for name, key in (("If-None-Match", "etag"), ("If-Modified-Since", "last_modified")):
            if isinstance(said.get(key), str) and said[key].isprintable():
                headers[name] = said[key].encode("latin-1", "ignore").decode("latin-1")
        times = dict.fromkeys(("connect", "read", "write", "pool"), min(left, 20.0))
        with self._pool.stream("GET", whole(url), headers=headers, extensions={"timeout": times}) as response:
            yield response

    def _body(self, response: httpcore2.Response, headers: Mapping[str, str], ends: int) -> bytes:
        declared = headers.get("content-length", "")
        largest = self._options.largest
        if declared.isdigit() and int(declared) > largest:
            raise Unreadable(too_large(int(declared), largest))
        unpack = _unpacker(headers.get("content-encoding", ""))
        parts: list[bytes] = []
        size = 0
        for chunk in response.iter_stream():
            parts.append(unpack(chunk, largest + 1 - size))
            size += len(parts[-1])
            if size > largest:
                raise Unreadable(too_large(0, largest))
            if clock.mono_ns() > ends:
                raise Unreadable(f"It was not all there after {self._options.seconds:g} s. Try again later.")
        return b"".join(parts)

    def _fetched(self, url: str, at: str, headers: Mapping[str, str], body: bytes) -> Fetched:
        meta = {"url": at} if at != url else {}
        meta |= {
            key: headers[key.replace("_", "-")] for key in ("etag", "last_modified") if key.replace("_", "-") in headers
        }
        when = 0
        with contextlib.suppress(ValueError, TypeError, OverflowError, IndexError):
            when = int(parsedate_to_datetime(headers.get("last-modified", "")).timestamp() * 1e9)
        parts = urlsplit(at)
        name = unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.hostname or url
        return Fetched(url, name, headers.get("content-type", ""), body, max(when, 0), meta)


def whole(url: str) -> str:
    """The URL as it is sent: its host and path in ASCII. Raises Unreadable for what is none."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError as fault:
        raise Unreadable(f"It is not a URL: {fault}.") from None
    if parts.scheme not in ("http", "https") or not host or len(url) > LONGEST:
        raise Refused("It is not a URL of the web: it begins with http:// or https:// and names a host.")
    if parts.username is not None:
        raise Refused("The URL holds a name or a password, which would be kept. Leave them out.")
    try:
        host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise Unreadable(f"It is not a URL: the host {host[:100]!r} is no name.") from None
    if any(c <= " " or c in "\x7f/\\@?#%" for c in host):
        raise Unreadable(f"It is not a URL: the host {host[:100]!r} is no name.")
    place = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    return urlunsplit((parts.scheme, place, quote(parts.path or "/", safe=_SAFE), quote(parts.query, safe=_SAFE), ""))


def without_password(url: str) -> str:
    """The URL as it may be kept."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _check(status: int) -> None:
    if status in (404, 410):
        raise Gone(f"There is no such page: the server answers {status}. Look at the address.")
    if status in (401, 403, 407, 451):
        raise Unreadable(f"The server does not give it to us: it answers {status}. Save the page and add the file.")
    if not 200 <= status < 300:
        raise Unreadable(f"The server answers {status}. Try again later.")


def _unpacker(encoding: str) -> Any:
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return lambda chunk, room: chunk
    if encoding not in ("gzip", "x-gzip"):
        raise Unreadable(f"The server packs the page as {encoding[:40]!r}, though only gzip was offered.")
    unpack = zlib.decompressobj(31)

    def gunzip(chunk: bytes, room: int) -> bytes:
        try:
            return unpack.decompress(chunk, room)
        except zlib.error as fault:
            raise Unreadable(f"The page is damaged: {fault}. Try again later.") from None

    return gunzip


def _told(fault: Exception) -> str:
    return f"{str(fault)[:200] or type(fault).__name__}. Look at the address, or try again later."
