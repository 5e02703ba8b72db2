"""A route reads what is imported, through a whole Outrider and a provider over HTTP; one that lies is refused."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from outrider.app.casebook import CasebookHandle
from outrider.app.config_check import ConfigError
from outrider.app.knowledge import Knowledge, writer
from outrider.app.settings import parse
from outrider.casebook import report, rows
from outrider.casebook.find import Finder
from outrider.casebook.modelled import PROMPT
from outrider.casebook.pipeline import start
from outrider.casebook.recording import ask_recorded
from outrider.journal.append import Journal
from outrider.knowledge.presence import Presence
from outrider.knowledge.recording import Asker
from outrider.knowledge.work import Bench
from outrider.testing.running import Running, running
from tests.casebook.made import database, entry

TRUE = {"quote": "every answer needs a citation"}
LIE = {"quote": "It never made a mistake in all those years."}
READ = {
    "lessons": [TRUE, LIE],
    "figures": [
        {"metric": "users", "value": 1200, "unit": "users", "quote": "serves 1,200\nusers a day"},
        {"metric": "accuracy", "value": 99, "unit": "%", "quote": "The team reports a deflection rate of 62%"},
    ],
    "techniques": [{"id": "mcp", "quote": "Employees use it for"}],
}
CONFIG = """
embedded: {{enabled: false}}
server: {{port: {port}}}
providers: {{scripted: {{base_url: "{url}/v1", models: [large], prices: {{large: {{input: 1, output: 2}}}}}}}}
routes: {{reader: {{deployments: [scripted/large], retries: 0}}}}
casebook: {{bundled: false, model: reader}}
"""


class Provider(BaseHTTPRequestHandler):
    """An OpenAI-compatible provider that answers as `server.say` tells: a text, or a status."""

    def do_POST(self) -> None:
        body = msgspec.json.decode(self.rfile.read(int(self.headers["content-length"])))
        server: Any = self.server
        server.asked.append(body["messages"][-1]["content"])
        said = server.say
        choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
        made: Any = {"id": "c", "object": "chat.completion", "created": 1, "model": "large", "choices": [choice]}
        answer = json.dumps(made | {"usage": usage} if said else {"error": {"message": "away"}}).encode()
        self.send_response(200 if said else 500)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def provider() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Provider)
    server.say, server.asked = "", []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def house(provider: Any, tmp_path: Path) -> Iterator[tuple[Running, Knowledge, CasebookHandle]]:
    url = f"http://127.0.0.1:{provider.server_port}"
    with running(CONFIG.format(url=url, port=8720), tmp_path) as outrider:
        settings = parse(CONFIG.format(url=url, port=urlsplit(outrider.url).port), "test", {})
        journal = Journal(tmp_path / "own-spool")
        knowledge = Knowledge(settings, tmp_path, outrider.store_url, journal)
        handle = CasebookHandle(knowledge, outrider.store_url)
        yield outrider, knowledge, handle
        handle.close()
        knowledge.close()
        journal.close()


def work(knowledge: Knowledge, handle: CasebookHandle, source: Path) -> None:
    job = start(knowledge.jobs(), str(source), "zenml")
    presence = Presence(knowledge.home)
    done = Bench(knowledge.jobs(), presence, handle.work()).one(job.id)
    presence.close()
    assert done is not None
    assert (done.status, done.faults) == ("done", 0)


def test_what_the_route_says_is_added_and_what_it_invents_is_refused(
    provider: Any, house: tuple[Running, Knowledge, CasebookHandle], tmp_path: Path
) -> None:
    outrider, knowledge, handle = house
    source = database(tmp_path / "set", one=entry("one"))
    work(knowledge, handle, source)  # the provider is away
    book = handle.get()
    assert report.report(book, "zenml").unread == 1
    assert not [c for _, c in book.get("one").claims() if c.made.by == "model"]
    provider.say = f"Here:\n{json.dumps(READ)}"
    work(knowledge, handle, source)  # and is asked again when it is back
    case, asked = book.get("one"), len(provider.asked)
    read = [c for _, c in case.claims() if c.made.by == "model"]
    cost = 1000 * 1000 + 100 * 2000  # nano-dollars of 1 and 2 USD for a million tokens
    assert read
    assert {(c.made.model, c.made.prompt, c.made.cost) for c in read} == {("reader", PROMPT, cost)}
    assert TRUE["quote"] in {c.value for c in case.lessons}
    assert not any(LIE["quote"] in c.value for c in case.lessons)
    assert "mcp" not in {c.value for c in case.techniques if c.shown}
    assert not any(r.value == 99 for r in case.results)
    text = book.text(case)
    assert text is not None
    assert all(text[e.start : e.end] == e.quote for c in read for e in c.evidence)
    (item,) = rows.items(book.store, "zenml")
    assert len(item.about["dropped"]) == 3, item.about
    assert item.about["cost"] == cost
    work(knowledge, handle, source)
    assert len(provider.asked) == asked  # unchanged, and read by this model
    runs = outrider.store().query("SELECT count(*) FROM runs WHERE cost > 0")
    assert runs[0][0] == 1


def test_a_question_is_written_by_the_route_and_held_to_the_passages(
    provider: Any, house: tuple[Running, Knowledge, CasebookHandle], tmp_path: Path
) -> None:
    _outrider, knowledge, handle = house
    provider.say = "{}"
    work(knowledge, handle, database(tmp_path / "set", one=entry("one")))
    provider.say = "Northwind reports a deflection rate of 62% [1]. It saved 99 million USD [1]."
    model = writer(knowledge.settings, knowledge.home, "reader")
    asker = Asker("default", name="casebook.ask")
    made = ask_recorded(
        Finder(handle.get()), "Which deflection rate does Northwind report?", asker, model=model, route="reader"
    )
    right, invented = made.sentences
    assert (made.written, right.flaws, bool(right.citations)) == ("abstractive", [], True)
    assert invented.flaws
    assert "62%" in right.citations[0].quote


def test_a_route_that_is_not_there_is_told_when_the_configuration_is_read() -> None:
    with pytest.raises(ConfigError, match=r"casebook\.model"):
        parse(CONFIG.format(url="http://127.0.0.1:9", port=1).replace("model: reader", "model: raeder"), "t", {})
