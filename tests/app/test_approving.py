"""Who is told of calls that wait: a real receiver of webhooks, in a process like the server's."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from outrider.api.approvals import signature
from outrider.app.approving import Approving, origin
from outrider.app.policy import PolicyHandle
from outrider.app.settings import parse
from outrider.base import clock
from outrider.base.errors import ConfigError
from outrider.journal.append import Journal
from outrider.journal.events import ApprovalAsked
from outrider.journal.index import Indexer
from outrider.journal.records import read_block
from outrider.store import open_leases, open_store
from outrider.testing.running import running
from tests.console.agents import asks, office, pays, reads, who


class Receiver(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Take)
        self.got: list[dict[str, str]] = []
        self.status = 200
        self.told = threading.Event()


class _Take(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(self.server.status)
        self.end_headers()
        self.server.told.set()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def settings(receiver: Receiver, more: str = ""):  # type: ignore[no-untyped-def] # Settings, as parse gives it
    text = f'policy: {{approvals: {{notify: ["${{env:WHERE}}"], url: "https://outrider.example/"{more}}}}}'
    return parse(text, "test", {"WHERE": f"json://127.0.0.1:{receiver.server_port}/hook", "SECRET": "x" * 20})


def test_people_are_told_once_by_whoever_is_first(receiver: Receiver, tmp_path: Path) -> None:
    stores = [open_leases(f"sqlite:///{tmp_path / 'db'}") for _ in range(2)]
    rules = settings(receiver).policy.approvals
    there = office(lambda: stores[0])
    one = asks(there, note="<b>approve me</b> https://evil.example")
    plan = [asks(there, to=f"Eve{n}", plan="trip") for n in range(2)]
    both = [Approving(office(lambda s=s: s).approvals, lambda: rules, lambda: "http://x") for s in stores]  # type: ignore[misc] # bound by a default
    threads = [threading.Thread(target=each.turn) for each in both * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said["title"] for said in receiver.got) == [
        "Outrider: 2 calls wait for a person", "Outrider: pay waits for a person",
    ]  # fmt: skip
    text = next(said["message"] for said in receiver.got if one.id in said["message"])
    assert f"https://outrider.example/approvals/{one.id}" in text
    assert "only a text that others wrote says it: inbox" in text
    assert "evil.example" not in text.replace("eve＠evil.example", "")
    assert there.approvals.get("default", plan[1].id).told
    for store in stores:
        store.close()


def test_who_is_not_reached_is_named_without_the_address(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outrider.limits.notices.PAUSES", (0.0, 0.0))
    receiver.status = 500
    store = open_leases(f"sqlite:///{tmp_path / 'db'}")
    there = office(lambda: store)
    one = asks(there)
    Approving(there.approvals, lambda: settings(receiver).policy.approvals, lambda: "http://x").turn()
    found = there.approvals.get("default", one.id)
    assert found.untold == "not taken by 1 (json)"
    assert found.state == "pending"
    store.close()


def test_a_process_writes_what_becomes_of_approvals_into_the_journal(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'db'}"
    store, leases, journal = open_store(url), open_leases(url), Journal(tmp_path / "spool")
    handle = PolicyHandle(parse("", "test", {}), None, lambda: leases, journal)
    reads(handle.office, who())
    one = asks(handle.office)
    Indexer(tmp_path / "spool", store).drain()
    events = [
        event for first, block in store.query("SELECT seq, body FROM records") for _, event in read_block(first, block)
    ]
    assert [event.id for event in events if isinstance(event, ApprovalAsked)] == [one.id]
    for each in (journal, store, leases):
        each.close()


def test_from_the_message_to_the_signed_answer(receiver: Receiver, tmp_path: Path) -> None:
    """A whole server: an agent's call waits, a webhook is told, and what it signs decides."""
    hook = f"json://127.0.0.1:{receiver.server_port}/hook"
    rules = 'policy: {approvals: {notify: ["${env:HOOK}"], secret: "${env:SECRET}"}}'
    config = f"embedded: {{enabled: false}}\ncasebook: {{enabled: false}}\n{rules}\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOOK", hook)
        patch.setenv("SECRET", "x" * 20)
        with running(config, tmp_path / "home") as outrider:
            assert outrider.worker is not None
            there = outrider.worker.policy.office
            one = asks(there)
            assert receiver.told.wait(30)
            assert f"/approvals/{one.id}" in receiver.got[0]["message"]
            raw, moment = (
                json.dumps({"approve": True, "by": "olga in #ops"}).encode(),
                str(int(clock.now_ns() // 10**9)),
            )
            signed = f"t={moment},v1={signature('x' * 20, moment, one.id, raw)}"
            request = urllib.request.Request(f"{outrider.url}/api/approvals/{one.id}/answer", raw, method="POST")
            request.add_header("content-type", "application/json")
            request.add_header("x-outrider-signature", signed)
            with urllib.request.urlopen(request, timeout=30) as answer:
                assert json.load(answer)["decided"][0]["decided_by"] == "olga in #ops"
            assert pays(there, who()).verdict == "allow"


def test_the_terms_are_those_of_the_settings(receiver: Receiver, tmp_path: Path) -> None:
    leases = open_leases(f"sqlite:///{tmp_path / 'db'}")
    more = ', separation: [destructive], lasts: 2m, secret: "${env:SECRET}"'
    handle = PolicyHandle(settings(receiver, more), None, lambda: leases)
    one = asks(handle.office)
    assert (one.separated, one.expires - one.asked) == (False, 120_000_000_000)
    assert handle.office.secret() == "x" * 20
    handle.use(parse("", "test", {}))
    assert asks(handle.office, who("other")).separated
    assert handle.office.secret() == ""
    assert origin(parse("server: {host: 0.0.0.0, port: 9}", "test", {})) == "http://127.0.0.1:9"
    leases.close()


VARIABLES = {
    "BAD": "short",
    "LONG": "x" * 20,
    "HTTP": "http://hooks.slack.com/services/x",
    "HOOK": "https://hooks.slack.com/services/x",
}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('{notify: ["json://host/x"]}', "does not belong in this file"),
        ('{notify: ["${env:BAD}"]}', "is not a URL"),
        ("{url: outrider.example}", "write the console's address"),
        ("{secret: abcdefghijklmnopqrst}", "does not belong in this file"),
        ('{secret: "${env:BAD}"}', "too short"),
        ("{lasts: 5s}", "at least 1m"),
        ('{slack: {webhook: "https://hooks.slack.com/x", secret: "${env:LONG}", people: {U01: o}}}', "is a secret"),
        ('{slack: {webhook: "${env:HTTP}", secret: "${env:LONG}", people: {U01: o}}}', "is not a URL such as"),
        ('{slack: {webhook: "${env:HOOK}", secret: "${env:BAD}", people: {U01: o}}}', "too short"),
        ('{slack: {webhook: "${env:HOOK}", secret: "${env:LONG}", people: {olga: o}}}', "id of a member"),
        ('{slack: {webhook: "${env:HOOK}", secret: "${env:LONG}", people: {U01: " "}}}', "the name that the record"),
        ('{slack: {webhook: "${env:HOOK}", secret: "${env:LONG}", people: {}}}', "people"),
        ("{separation: [everything]}", "everything"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(text: str, wrong: str) -> None:
    with pytest.raises(ConfigError, match=wrong.replace("$", r"\$")):
        parse(f"policy: {{approvals: {text}}}", "test", VARIABLES)
