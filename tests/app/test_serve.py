"""`outrider up` as processes: drain, a second signal, a changed configuration, several workers, a dead parent."""

import concurrent.futures
import http.client
import json
import os
import re
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from outrider.journal import read
from outrider.journal.index import Indexer
from outrider.store import open_store
from tests.crash.conftest import Process

PATIENCE = 20.0


def until(true: Callable[[], object], what: str) -> None:
    """Processes cannot be waited for by an event: look often, give up late."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"not within {PATIENCE:g} s: {what}"
        time.sleep(0.02)


def ask(process: Process, text: str, *, stream: bool = False, model: str = "scripted-chat", key: str = "") -> bytes:
    body = json.dumps({"model": model, "stream": stream, "messages": [{"role": "user", "content": text}]}).encode()
    headers = {"authorization": f"Bearer {key or process.key}", "content-type": "application/json"}
    url = f"http://127.0.0.1:{process.port}/v1/chat/completions"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as answer:
        received: bytes = answer.read()
    return received


def fetch(process: Process, path: str, body: dict[str, Any] | None = None) -> str:
    headers = {"authorization": f"Bearer {process.key}", "content-type": "application/json"}
    wire = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{process.port}{path}", wire, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(answer.read().decode())


def seen(provider_url: str, chat: int) -> None:
    urllib.request.urlopen(provider_url.removesuffix("/v1") + f"/scripted/seen?chat={chat}", timeout=30).close()


def recorded(process: Process) -> list[str]:
    """The status of every run of the default project, after everything in the spool is in the store."""
    store = open_store(f"sqlite:///{process.home / 'outrider.sqlite3'}")
    try:
        Indexer(process.home / "spool", store).drain()
        return [row.status for row in read.list_runs(store, read.RunFilter(project="default"), limit=1000).rows]
    finally:
        store.close()


def deaf(process: Process) -> bool:
    try:
        http.client.HTTPConnection("127.0.0.1", process.port, timeout=5).connect()
    except OSError:
        return True
    return False


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def workers(process: Process) -> list[int]:
    return [pid for pid in children(process.pid) if b"outrider.app.worker" in _command(pid)]


def _command(pid: int) -> bytes:
    """Empty once the process is gone: it may end between the list and the look."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


@pytest.fixture
def threads() -> Iterator[concurrent.futures.ThreadPoolExecutor]:
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        yield pool


@pytest.mark.parametrize("count", ["1", "2"])
def test_a_stop_waits_for_what_was_accepted(
    process: Process, provider_url: str, threads: concurrent.futures.ThreadPoolExecutor, count: str
) -> None:
    process.start("--workers", count)
    answers = [threads.submit(ask, process, f"scripted:delay=1,text={n}") for n in range(4)]
    answers += [threads.submit(ask, process, "scripted:chunks=10,gap=0.1", stream=True) for _ in range(4)]
    seen(provider_url, 8)
    assert process.terminate() == 0
    for number, answer in enumerate(answers[:4]):
        assert json.loads(answer.result(1))["choices"][0]["message"]["content"] == str(number)
    for answer in answers[4:]:
        assert answer.result(1).endswith(b"data: [DONE]\n\n")
    assert recorded(process) == ["ok"] * 8


def test_a_second_signal_ends_at_once(
    process: Process, provider_url: str, threads: concurrent.futures.ThreadPoolExecutor
) -> None:
    process.start()
    asking = threads.submit(ask, process, "scripted:delay=600")
    seen(provider_url, 1)
    os.kill(process.pid, signal.SIGTERM)
    until(lambda: deaf(process), "the first signal closes the door")
    assert not asking.done()
    assert process.terminate() == 0
    with pytest.raises((OSError, http.client.HTTPException)):
        asking.result(10)


def test_a_changed_file_is_taken_over_and_a_bad_one_is_not(
    process: Process, provider_url: str, threads: concurrent.futures.ThreadPoolExecutor
) -> None:
    process.start()
    before = process.config.read_text()
    streaming = threads.submit(ask, process, "scripted:chunks=40,gap=0.1", stream=True)
    seen(provider_url, 1)
    process.config.write_text(before + "routes: {fresh: {deployments: [scripted/scripted-chat]}}\n")
    until(lambda: '"fresh"' in fetch(process, "/v1/models"), "the new route is listed")
    assert json.loads(ask(process, "scripted:text=hi", model="fresh"))["choices"]
    log = process.home.parent / "up.log"
    process.config.write_text(before + "rotues: {}\n")
    until(lambda: "rotues" in log.read_text(), "the mistake is told")
    assert "routes" in log.read_text().split("rotues")[1]
    assert json.loads(ask(process, "scripted:text=hi", model="fresh"))["choices"]
    process.config.write_text(before)
    until(lambda: '"fresh"' not in fetch(process, "/v1/models"), "the good file counts again")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        ask(process, "hi", model="fresh")
    assert streaming.result(20).endswith(b"data: [DONE]\n\n")


def total(process: Process) -> float:
    found = re.findall(r'^outrider_requests_total\{.*status="ok".*\} (\S+)$', fetch(process, "/metrics"), re.MULTILINE)
    return sum(map(float, found))


def works(process: Process, key: str) -> bool:
    request = urllib.request.Request(
        f"http://127.0.0.1:{process.port}/v1/models", headers={"authorization": f"Bearer {key}"}
    )
    try:
        urllib.request.urlopen(request, timeout=30).close()
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 401:
            return False
        raise
    return True


def test_several_workers_are_one(process: Process, threads: concurrent.futures.ThreadPoolExecutor) -> None:
    process.start("--workers", "2")
    for answer in [threads.submit(ask, process, f"scripted:delay=0.2,text={n}") for n in range(80)]:
        assert answer.result(60)
    until(lambda: {total(process) for _ in range(10)} == {80.0}, "every worker counts for all")
    made = json.loads(process.command("keys", "create", "--json").stdout)["key"]
    until(lambda: all(works(process, made) for _ in range(20)), "the key is known to every worker")

    first = workers(process)
    assert len(first) == 2
    process.kill(first[0])
    until(lambda: len(set(workers(process)) - set(first)) == 1, "the dead worker is replaced")
    for answer in [threads.submit(ask, process, "hi") for _ in range(20)]:
        assert answer.result(60)
    assert process.terminate() == 0
    assert recorded(process) == ["ok"] * 100
    used = [p.name for p in (process.home / "spool").iterdir() if p.is_dir() and any(p.glob("*.seg*"))]
    assert len(used) >= 2


def test_children_end_with_their_parent(process: Process) -> None:
    process.start("--workers", "2")
    family = children(process.pid)
    assert len(family) == 3
    process.kill(process.pid)
    until(lambda: not any(_alive(pid) for pid in family), "all children have ended")


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_another_start_is_told_of_the_port_and_runs_are_read_while_workers_work(process: Process) -> None:
    """The indexer beside the workers brings runs into the store while they work."""
    process.start()
    second = process.command("up")
    assert second.returncode == 2
    assert f"127.0.0.1:{process.port}" in second.stderr + second.stdout
    assert "--port" in second.stderr + second.stdout
    ask(process, "scripted:text=hi")
    until(lambda: json.loads(fetch(process, "/api/runs"))["runs"], "the run is listed")
    store = open_store(f"sqlite:///{process.home / 'outrider.sqlite3'}")
    assert read.newest_seq(store) > 0
    store.close()


@pytest.mark.slow
def test_who_asks_the_server_finds_it_where_it_was_started(process: Process, tmp_path: Path) -> None:
    """`--port` is no setting: the processes beside it, and commands, are told where it is."""
    (tmp_path / "a.md").write_text("# Trains\n\nThey run on rails.")
    with socket.create_server(("127.0.0.1", 0)) as sock:
        process.port = sock.getsockname()[1]
    process.start("--port", str(process.port))
    process.command("knowledge", "add", "docs", str(tmp_path / "a.md"), "--no-vectors")
    asked = process.command("knowledge", "search", "docs", "rails", "--strategy", "agentic", "--model", "scripted-chat")
    assert (asked.returncode, "They run on rails" in asked.stdout) == (0, True), asked.stderr
    process.terminate()
    assert not (process.home / "run" / "address").exists()


@pytest.mark.slow
def test_a_server_that_ends_leaves_the_other_on_its_home_to_be_found(process: Process) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        other = Process(process.home, process.config, sock.getsockname()[1], process.env)
    process.start()
    other.key = process.key
    other.start("--port", str(other.port))
    process.terminate()
    found = process.home / "run" / "address"
    assert found.read_text() == f"http://127.0.0.1:{other.port}"
    other.terminate()
    assert not found.exists()
