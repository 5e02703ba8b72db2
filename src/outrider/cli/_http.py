"""HTTP for the terminal: ask a running Outrider, or a provider, something. Blocking, standard library only."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import urlsplit

READ_MOST = 16 << 20


class Unreachable(Exception):
    """Nobody answered; the text says what happened."""


def local_url(host: str, port: int) -> str:
    """The URL under which a server on this machine is reached."""
    if host in ("0.0.0.0", "::", ""):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def get(url: str, headers: Mapping[str, str] = {}, timeout: float = 5.0) -> tuple[int, bytes]:
    """Status and body (cut at 16 MB), through the environment's proxy. Raises Unreachable if there is no answer."""
    try:
        request = urllib.request.Request(url, headers={"user-agent": "outrider", **headers})
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return int(response.status), response.read(READ_MOST)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(READ_MOST)
    except urllib.error.URLError as error:
        raise Unreachable(_reason(error.reason)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(_reason(error)) from None


def post(
    url: str, headers: Mapping[str, str], body: bytes, timeout: float
) -> AbstractContextManager[http.client.HTTPResponse]:
    """The answer to a POST of JSON; see `send`."""
    return send("POST", url, {"content-type": "application/json", **headers}, body, timeout)


@contextmanager
def send(
    method: str, url: str, headers: Mapping[str, str], body: bytes | Iterable[bytes] | None, timeout: float
) -> Iterator[http.client.HTTPResponse]:
    """The answer, to be read as it comes. `timeout` is seconds without a byte. What is no `bytes` is sent piece by
    piece, and needs a `content-length`. Raises Unreachable."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    try:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, path, body, {"user-agent": "outrider", **headers})
        yield connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(_reason(error)) from None
    finally:
        connection.close()


def _reason(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
