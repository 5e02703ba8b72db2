"""What is refused before it is served is a run too: in the key's project, or in `unidentified`."""

import asyncio
import json
import re
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.base import clock, ids
from outrider.base.errors import JournalFull
from outrider.gateway.edge import Refusal
from outrider.gateway.identify import Gate
from outrider.gateway.metrics import Metrics
from outrider.gateway.refusals import BURST, LONGEST, Refusals
from outrider.journal import read
from outrider.journal.append import Journal
from outrider.journal.events import KeyRevoked, RunRecorded
from outrider.journal.index import Indexer
from outrider.limits.keys import UNIDENTIFIED, KeyRing, KnownKey, public_part
from outrider.store import open_store
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

CONFIG = """
server: {{max_body: 4kB, header_timeout: 300ms}}
embedded: {{enabled: false}}
providers: {{scripted: {{base_url: "{url}", models: [scripted-chat]}}}}
"""
REVOKED: list[str] = []


def revoke_one(outrider: Running) -> None:
    """A key that was revoked before the server started."""
    key = outrider.new_key("default")
    journal = Journal(outrider.home / "spool")
    journal.append_now(KeyRevoked(public=public_part(key) or "", at=clock.now_ns()))
    journal.close()
    outrider.store()
    REVOKED[:] = [key]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Running]:
    with (
        scripted_thread(ScriptedProvider()) as url,
        running(CONFIG.format(url=url), tmp_path, before=revoke_one) as outrider,
    ):
        yield outrider


Said = tuple[int, dict[str, str], bytes]


def send(outrider: Running, raw: bytes) -> Said:
    """What the server says to raw bytes until it closes."""
    with socket.create_connection(("127.0.0.1", int(outrider.url.rsplit(":", 1)[1])), timeout=20) as connection:
        connection.sendall(raw)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


def request(key: str, length: int, body: bytes = b"", line: str = "POST /v1/chat/completions", *more: str) -> bytes:
    given = [f"authorization: Bearer {key}"] if key else []
    lines = [f"{line} HTTP/1.1", "host: x", *given, *more, f"content-length: {length}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def recorded(outrider: Running, said: Said) -> RunRecorded:
    """The run that the answer names, which is the only one."""
    status, headers, body = said
    rows = read.list_runs(outrider.store(), read.RunFilter()).rows
    assert [ids.text(row.id) for row in rows] == [headers["x-request-id"]]
    run = read.get_run(outrider.store(), rows[0].id)
    assert run is not None
    problem = json.loads(body)["error"]
    assert (run.status, run.http_status, run.error, run.message) == (
        "error", status, problem["code"], problem["message"],
    )  # fmt: skip
    return run


@pytest.mark.parametrize(
    ("length", "body", "line", "status", "name"),
    [
        (100_000_000, b"", "POST /v1/chat/completions", 413, "chat.completions"),
        (1000, b'{"model": ', "POST /v1/chat/completions", 408, "chat.completions"),
        (100_000_000, b"", "POST /v1/traces", 413, "http"),
    ],
)
def test_what_ends_at_the_edge_is_recorded_in_the_keys_project(
    small: Running, length: int, body: bytes, line: str, status: int, name: str
) -> None:
    said = send(small, request(small.key, length, body, line))
    assert said[0] == status
    run = recorded(small, said)
    assert (run.project, run.key, run.name, run.preview) == ("default", public_part(small.key), name, line)


SECRET = "sk-or-0123456789abcdef-topsecret"


@pytest.mark.parametrize(
    ("raw", "status", "name", "preview"),
    [
        (b"\x00\x01garbage\r\n\r\n", 400, "http", ""),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "http", ""),
        (b"GET /somewhere?key=topsecret HTTP/9\r\n\r\n", 400, "http", "GET /somewhere"),
        (f"GET /bot/{SECRET}/x HTTP/9\r\n\r\n".encode(), 400, "http", "GET /bot/sk-…/x"),
        (b"GET http://me:topsecret@host/ HTTP/9\r\n\r\n", 400, "http", "GET"),
        (b"POST", 408, "http", ""),
        (b"POST /v1/ch", 408, "http", "POST /v1/ch"),
        (f"POST /v1/embeddings HTTP/1.1\r\nauthorization: Bearer {SECRET}".encode(), 408, "embeddings",
         "POST /v1/embeddings"),
        (request(SECRET, 100_000_000), 413, "chat.completions", "POST /v1/chat/completions"),
        (request("", 2, b"{}", "POST /v1/chat/completions", "connection: close"), 401, "chat.completions",
         "POST /v1/chat/completions"),
        (request(SECRET, 2, b"{}", "POST /v1/embeddings", "connection: close"), 401, "embeddings",
         "POST /v1/embeddings"),
        (request(SECRET, 0, b"", "GET /v1/models?a=topsecret", "connection: close"), 401, "http", "GET /v1/models"),
        (request("", 2, b"{}", "POST /v1/traces", "connection: close"), 401, "http", "POST /v1/traces"),
    ],
)  # fmt: skip
def test_what_nobody_claims_is_recorded_without_what_was_sent(
    small: Running, raw: bytes, status: int, name: str, preview: str
) -> None:
    said = send(small, raw)
    assert said[0] == status
    run = recorded(small, said)
    assert (run.project, run.key, run.name, run.preview) == (UNIDENTIFIED, "", name, preview)
    assert (run.request, run.response, run.user, run.session, run.tags) == (None, None, "", "", [])
    spooled = b"".join(f.read_bytes() for f in sorted((small.home / "spool").rglob("*.seg")))
    assert b"topsecret" not in spooled
    assert b"0123456789abcdef" not in spooled


@pytest.mark.parametrize("line", ["POST /v1/chat/completions", "GET /v1/models"])
def test_a_revoked_key_is_named_by_its_public_part(small: Running, line: str) -> None:
    said = send(small, request(REVOKED[0], 0, b"", line, "connection: close", "x-outrider-user: somebody"))
    assert said[0] == 401
    run = recorded(small, said)
    assert (run.project, run.key, run.user) == (UNIDENTIFIED, public_part(REVOKED[0]), "")


def test_no_key_sees_what_nobody_claims(small: Running) -> None:
    run = recorded(small, send(small, b"\x00\r\n\r\n"))
    asked = urllib.request.Request(f"{small.url}/api/runs", headers={"authorization": f"Bearer {small.key}"})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        assert ids.text(run.id) not in answer.read().decode()
    assert [r.id for r in read.list_runs(small.store(), read.RunFilter(project=UNIDENTIFIED)).rows] == [run.id]


def test_a_flood_fills_no_disk_and_nothing_of_it_is_lost_silently(small: Running) -> None:
    flood, began = 500, clock.mono_ns()
    wrong = request(SECRET, 2, b"{}")
    answers = send(small, wrong * (flood - 1) + request("", 2, b"{}", "POST /v1/chat/completions", "connection: close"))
    seconds = (clock.mono_ns() - began) / 1e9
    assert answers[0] == 401
    assert answers[2].count(b"HTTP/1.1 401") == answers[2].count(b"x-request-id: ") == flood - 1  # after the first
    runs = read.list_runs(small.store(), read.RunFilter(project=UNIDENTIFIED), limit=1000).rows
    assert BURST <= len(runs) <= BURST + seconds + 1
    with urllib.request.urlopen(f"{small.url}/metrics", timeout=20) as answer:
        found = re.search(
            r'outrider_unrecorded_refusals_total{reason="invalid_api_key"} ([0-9.]+)', answer.read().decode()
        )
    assert found is not None
    assert len(runs) + float(found[1]) == flood


async def nobody(public: str) -> KnownKey | None:
    return None


def edge(path: bytes = b"/") -> Refusal:
    return Refusal(b"GET", path, [], 400, "the request is not valid HTTP/1.1")


async def test_a_long_path_is_cut(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "spool")
    Refusals(Gate(KeyRing(nobody)), journal, Metrics(tmp_path, "1")).at_edge(edge(b"/\xff\x00" + b"x" * 60_000))
    journal.close()
    store = open_store(f"sqlite:///{tmp_path / 'db.sqlite3'}")
    Indexer(tmp_path / "spool", store).drain()
    (row,) = read.list_runs(store, read.RunFilter()).rows
    assert len(row.preview) <= LONGEST + len("GET ")
    store.close()


async def test_what_a_full_journal_does_not_take_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, metrics = Journal(tmp_path / "spool"), Metrics(tmp_path, "1")
    lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(journal, "append", lambda *_: lost)
    assert Refusals(Gate(KeyRing(nobody)), journal, metrics).at_edge(edge()).startswith(b"x-request-id: ")
    assert metrics.refusals == {}
    lost.set_exception(JournalFull("the disk is full"))
    await asyncio.sleep(0)
    assert metrics.refusals == {"invalid_http": 1}
    journal.close()
