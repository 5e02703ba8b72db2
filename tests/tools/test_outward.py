"""What is somebody else's is connected to at its own host, and inside the network only where that is meant."""

import contextlib
import gzip
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpcore2
import httpx2
import pytest

from outrider.base.errors import UpstreamError
from outrider.tools.outward import Guarded, Meant, client, meant
from tests.tools.serving import Serving


@pytest.mark.parametrize(
    ("own", "asked", "says"),
    [
        ("127.0.0.1", "127.0.0.1", r"tools\.servers\.mail\.private_hosts"),
        ("api.example", "127.0.0.1", "not the service's own"),
    ],
)
async def test_elsewhere_is_refused(own: str, asked: str, says: str) -> None:
    with pytest.raises(UpstreamError, match=says):
        await Guarded("mail", only=own).connect_tcp(asked, 9)


async def test_a_host_that_is_not_known_or_does_not_listen() -> None:
    for host in ("nowhere.invalid", "127.0.0.1"):
        with pytest.raises(httpcore2.ConnectError):
            await Guarded("mail", Meant(("127.0.0.1",)), only=host).connect_tcp(host, 1)


@pytest.mark.parametrize(
    ("said", "host", "port", "address", "reached"),
    [
        ("http://10.0.0.5:8000/mcp", "10.0.0.5", 9000, "10.0.0.5", True),
        ("http://10.0.0.5:8000/mcp", "10.0.0.6", 8000, "10.0.0.6", False),
        ("http://[fd00::5]:8000/mcp", "fd00::5", 9000, "fd00::5", True),
        ("http://localhost:8000/mcp", "127.0.0.1", 9000, "127.0.0.1", True),
        ("http://localhost:8000/mcp", "127.0.0.2", 9000, "127.0.0.2", False),
        ("http://tools:8000/mcp", "tools", 9000, "172.20.0.4", True),
        ("http://tools:8000/mcp", "tools", 80, "169.254.169.254", False),
        ("http://tools.internal/mcp", "tools.internal", 9000, "10.0.0.7", True),
        ("https://mcp.example.com/mcp", "mcp.example.com", 443, "10.0.0.7", True),
        ("https://mcp.example.com/mcp", "mcp.example.com", 8720, "127.0.0.1", False),  # a name that came to lead here
        ("https://mcp.example.com/mcp", "login.example.com", 443, "10.0.0.7", False),
        ("https://mcp.example.com/mcp", "login.example.com", 443, "93.184.216.34", True),
        ("https://mcp.example.com/mcp", "evil.example", 443, "::ffff:169.254.169.254", False),
    ],
)
def test_what_an_operator_means(said: str, host: str, port: int, address: str, reached: bool) -> None:
    with contextlib.nullcontext() if reached else pytest.raises(UpstreamError, match="inside the network"):
        Guarded("mail", meant([said])).look(host, port, address)


def test_hosts_that_an_operator_names_are_meant() -> None:
    at = meant(["https://mcp.example.com"], ["login.example.com", "10.1.0.0/16"])
    Guarded("mail", at).look("login.example.com", 8443, "10.0.0.7")
    Guarded("mail", at).look("any.example.com", 8443, "10.1.0.7")


@contextlib.asynccontextmanager
async def answering(body: bytes, **headers: str) -> AsyncIterator[str]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        given = [(key.replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": given})
        await send({"type": "http.response.body", "body": body})

    async with Serving(app) as url:
        yield url


async def test_an_answer_is_read_up_to_a_size_and_never_unpacked() -> None:
    packed = gzip.compress(b"x" * 1_000_000)
    async with answering(b"x" * 100) as url, client("mail", meant([url]), 5, 100) as way:
        assert (await way.get(url)).content == b"x" * 100
    async with answering(b"x" * 101) as url, client("mail", meant([url]), 5, 100) as way:
        with pytest.raises(UpstreamError, match="more than 100 bytes"):
            await way.get(url)
    async with answering(packed, content_encoding="gzip") as url, client("mail", meant([url]), 5, 100_000) as way:
        with pytest.raises(UpstreamError, match="packed"):
            await way.get(url)


async def test_who_is_silent_or_not_there_is_told_as_ever() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        async with client("mail", meant([url]), 0.2, 100) as way:
            with pytest.raises(httpx2.TimeoutException):
                await way.get(url)
    async with client("mail", meant([url]), 5, 100) as way:
        with pytest.raises(httpx2.HTTPError):
            await way.get(url)
        with pytest.raises(httpx2.HTTPError):
            await way.get("http://nowhere.invalid/")


async def test_a_proxy_of_the_environment_is_used_but_not_towards_addresses_inside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with answering(b"by the proxy") as proxy, client("mail", Meant(), 5, 100) as way:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("NO_PROXY", "")
        assert (await way.get("http://login.example.com/")).content == b"by the proxy"
        for inside in ("http://169.254.169.254/", "http://10.0.0.1/", "http://[::ffff:10.0.0.1]/"):
            with pytest.raises(UpstreamError, match="inside the network"):
                await way.get(inside)
