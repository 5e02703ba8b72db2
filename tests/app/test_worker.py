"""One worker process: its loop, its server's settings, and what signals mean to it."""

import signal
from pathlib import Path

from outrider.app.build import Worker
from outrider.app.settings import parse
from outrider.app.worker import Server, event_loop, http_config


def test_the_fast_loop_is_used_where_it_is() -> None:
    import uvloop

    assert event_loop() is uvloop.new_event_loop


async def test_the_first_signal_drains_and_any_second_one_ends(tmp_path: Path) -> None:
    text = (
        "embedded: {enabled: false}\nserver: {drain_timeout: 7s}\nproviders: {a: {base_url: 'http://127.0.0.1:9/v1'}}"
    )
    worker = Worker(parse(text, "t", {}), tmp_path, None)
    config = http_config(worker)
    assert config.timeout_graceful_shutdown == 7
    told: list[str] = []
    server = Server(config, lambda: told.append("stopping"))
    server.handle_exit(signal.SIGTERM, None)
    assert (server.should_exit, server.force_exit, told) == (True, False, ["stopping"])
    server.handle_exit(signal.SIGTERM, None)
    assert server.force_exit
    await worker.stop()


async def test_signals_are_given_back_when_it_ends(tmp_path: Path) -> None:
    text = "embedded: {enabled: false}\nproviders: {a: {base_url: 'http://127.0.0.1:9/v1'}}"
    worker = Worker(parse(text, "t", {}), tmp_path, None)
    server = Server(http_config(worker), lambda: None)
    before = signal.getsignal(signal.SIGTERM)
    with server.capture_signals():
        assert signal.getsignal(signal.SIGTERM) == server.handle_exit
    assert signal.getsignal(signal.SIGTERM) == before
    await worker.stop()
