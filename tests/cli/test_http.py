"""Asking over HTTP: an answer, or one reason why there is none."""

import socket
import threading

import pytest

from outrider.cli import _http
from outrider.testing import scripted_thread


def test_get_gives_status_and_body() -> None:
    with scripted_thread() as url:
        status, body = _http.get(f"{url}/models")
        assert status == 200
        assert b'"data"' in body
        assert _http.get(f"{url}/nothing-here")[0] == 404


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://host.invalid/", "nonsense", "http://[::1/"])
def test_nobody_there(url: str) -> None:
    with pytest.raises(_http.Unreachable) as caught:
        _http.get(url, timeout=2)
    assert str(caught.value)


def test_a_server_that_hangs_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            server.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(_http.Unreachable):
            _http.get(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:1"),
        ("::", "http://127.0.0.1:1"),
        ("::1", "http://[::1]:1"),
        ("box", "http://box:1"),
    ],
)
def test_local_urls(host: str, url: str) -> None:
    assert _http.local_url(host, 1) == url
