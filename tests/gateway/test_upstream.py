"""The client towards providers, on real sockets: reuse, TLS, proxies, and nothing left behind."""

import asyncio
import contextlib
import ssl
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer

import pytest
import trustme

from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.gateway import upstream
from tests.gateway.far import ask, code_of, echo_bodies, once, plain, pool, provider, request

# -- reuse ------------------------------------------------------------------------------------------------------------


async def test_a_connection_is_kept_and_the_freshest_is_used() -> None:
    async with provider(echo_bodies) as far, pool(far.url) as near:
        for number in range(5):
            assert await ask(near, b"%d" % number) == b"%d" % number
        assert far.connections == 1
        assert await asyncio.gather(*(ask(near, b"%d" % n) for n in range(4))) == [b"0", b"1", b"2", b"3"]
        assert far.connections == 4


async def test_a_kept_connection_that_closed_is_replaced_silently() -> None:
    async def speak(reader: Reader, writer: Writer) -> None:
        """Answers once, then reads the second request and closes without a word."""
        await request(reader)
        writer.write(plain())
        await request(reader)

    async with provider(speak) as far, pool(far.url) as near:
        for _ in range(4):
            assert await ask(near) == b"ok"
        assert far.connections == 4


@pytest.mark.parametrize("begun", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"])
async def test_an_answer_that_has_begun_is_not_asked_for_again(begun: bytes) -> None:
    async def speak(reader: Reader, writer: Writer) -> None:
        await request(reader)
        writer.write(plain())
        await request(reader)
        writer.write(begun)

    async with provider(speak) as far, pool(far.url) as near:
        assert await ask(near) == b"ok"
        assert await code_of(ask(near)) == "upstream_disconnected"
        assert far.connections == 1


async def test_a_fresh_connection_that_closes_is_an_error() -> None:
    async def speak(reader: Reader, writer: Writer) -> None:
        await request(reader)

    async with provider(speak) as far, pool(far.url) as near:
        assert await code_of(ask(near)) == "upstream_disconnected"
        assert far.connections == 1


async def test_close_is_honoured() -> None:
    async with provider(once(plain(b"ok", b"connection: close"))) as far, pool(far.url) as near:
        for _ in range(3):
            assert await ask(near) == b"ok"
        assert far.connections == 3


async def test_idle_connections_are_not_used_when_old(monkeypatch: pytest.MonkeyPatch) -> None:
    async with provider(echo_bodies) as far, pool(far.url) as near:
        await ask(near)
        later = clock.mono_ns() + upstream.IDLE_NS + 1
        monkeypatch.setattr(clock, "mono_ns", lambda: later)
        await ask(near)
        await far.gone.wait()
        assert far.connections == 2


async def test_idle_connections_close_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "IDLE_NS", 20_000_000)
    async with provider(echo_bodies) as far, pool(far.url) as near:
        await asyncio.gather(ask(near), ask(near))
        async with asyncio.timeout(10):
            await far.gone.wait()


# -- reaching it ------------------------------------------------------------------------------------------------------


async def test_a_port_that_nobody_listens_on() -> None:
    async with pool("http://127.0.0.1:9") as near:
        assert await code_of(ask(near)) == "upstream_unreachable"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://localhost:9", "http://nowhere.invalid:80"])
async def test_callers_are_not_told_where_a_provider_is(url: str) -> None:
    async with pool(url) as near:
        with pytest.raises(UpstreamError) as failed:
            await ask(near)
    assert url.split("//")[1].split(":")[0] not in failed.value.message
    assert "127.0.0.1" not in failed.value.message


async def test_a_name_that_does_not_resolve() -> None:
    async with pool("http://nowhere.invalid:80") as near:
        assert await code_of(ask(near)) == "upstream_dns_error"


async def test_a_host_that_does_not_answer() -> None:
    async def silent(reader: Reader, writer: Writer) -> None:
        await reader.read()

    async with provider(silent) as far, pool(as_https(far.url), connect_timeout=0.1) as near:  # never shakes hands
        assert await code_of(ask(near)) == "upstream_connect_timeout"


def as_https(url: str) -> str:
    return url.replace("http://127.0.0.1", "https://localhost")


class Papers:
    """A certificate authority of our own."""

    def __init__(self) -> None:
        self._authority = trustme.CA()

    def server(self, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(name).configure_cert(context)
        return context

    def client(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context


@pytest.fixture(scope="module")
def papers() -> Papers:
    return Papers()


async def test_tls(papers: Papers) -> None:
    async with provider(echo_bodies, papers.server("localhost")) as far, pool(far.url, tls=papers.client()) as near:
        assert await asyncio.gather(ask(near, b"a"), ask(near, b"b")) == [b"a", b"b"]
        assert await ask(near, b"c" * 500_000) == b"c" * 500_000
        assert far.connections == 2


async def test_tls_says_why_it_does_not_trust(papers: Papers) -> None:
    other, right = papers.server("elsewhere.example"), papers.server("localhost")
    async with provider(echo_bodies, other) as far, pool(far.url, tls=papers.client()) as near:
        assert await code_of(ask(near)) == "upstream_tls_error"
    async with provider(echo_bodies, right) as far, pool(far.url) as near:
        assert await code_of(ask(near)) == "upstream_tls_error"

    async def speaks_plainly(reader: Reader, writer: Writer) -> None:
        writer.write(plain())
        await reader.read()

    async with provider(speaks_plainly) as far, pool(as_https(far.url)) as near:
        assert await code_of(ask(near)) == "upstream_tls_error"


class Proxy:
    """CONNECT, and bytes both ways. `head` is what it answers."""

    def __init__(self, head: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> None:
        self.head, self.asked = head, list[bytes]()

    async def speak(self, reader: Reader, writer: Writer) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(asked)
        for byte in self.head:  # in pieces
            writer.write(bytes([byte]))
        if b" 200 " not in self.head:
            return
        host, port = asked.split()[1].decode().rsplit(":", 1)
        away, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(self._pump(reader, back), self._pump(away, writer))

    async def _pump(self, source: Reader, sink: Writer) -> None:
        with contextlib.suppress(ConnectionError):
            while part := await source.read(65536):
                sink.write(part)
        sink.close()


@pytest.mark.parametrize("secure", [False, True])
async def test_through_a_proxy(papers: Papers, secure: bool) -> None:
    between = Proxy()
    async with (
        provider(echo_bodies, papers.server("localhost") if secure else None) as far,
        provider(between.speak) as middle,
        pool(far.url, middle.url, tls=papers.client()) as near,
    ):
        for body in (b"a", b"b" * 300_000):
            assert await ask(near, body) == body
        assert (far.connections, middle.connections) == (1, 1)
        assert between.asked[0].startswith(b"CONNECT " + far.url.split("//")[1].encode() + b" HTTP/1.1\r\n")


@pytest.mark.parametrize("head", [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b""])
async def test_a_proxy_that_refuses(head: bytes) -> None:
    async with provider(Proxy(head).speak) as middle, pool("http://127.0.0.1:9", middle.url) as near:
        assert await code_of(ask(near)) == "upstream_unreachable"


async def test_a_proxy_with_credentials_gets_them() -> None:
    between = Proxy()
    async with (
        provider(echo_bodies) as far,
        provider(between.speak) as middle,
        pool(far.url, middle.url.replace("//", "//me:s%40cret@")) as near,
    ):
        assert await ask(near, b"a") == b"a"
    assert b"\r\nproxy-authorization: Basic bWU6c0BjcmV0\r\n" in between.asked[0]
