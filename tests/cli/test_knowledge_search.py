"""`outrider knowledge search`: filters, named vectors, and routes of the running server that embed and plan."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from outrider.cli._knowledge_search import filters
from outrider.knowledge.records import Filter
from tests.cli.conftest import Run


class _Server(BaseHTTPRequestHandler):
    """What the running Outrider would answer: vectors by the first letter, and a plan."""

    asked: ClassVar[list[tuple[str, str]]] = []
    away: ClassVar[bool] = False

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.asked.append((self.path, body["model"]))
        if self.away:
            self.send_error(503)
            return
        answer: dict[str, Any]
        if self.path == "/v1/embeddings":
            rows = [[1.0, 0.0] if "train" in text.lower() else [0.0, 1.0] for text in body["input"]]
            answer = {"data": [{"index": i, "embedding": row} for i, row in enumerate(rows)]}
        else:
            answer = {"choices": [{"message": {"role": "assistant", "content": '{"search": "salaries"}'}}]}
        sent = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def docs(home: Path) -> Iterator[Path]:
    """A folder, and a configuration whose collection takes its vectors from a route of the running server."""
    _Server.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Path("outrider.yaml").write_text(
        f"server: {{port: {server.server_port}}}\nembedded: {{enabled: off}}\n"
        "knowledge: {collections: {handbook: {embeddings: {default: {model: mine}}}}}\n"
    )
    folder = Path("docs")
    folder.mkdir()
    (folder / "pay.md").write_text("---\nauthor: Anna\npages: 2\n---\n# Pay\n\nSalaries are paid on the last day.")
    (folder / "trips.md").write_text("---\nauthor: Bob\npages: 7\n---\n# Trips\n\nTrains are booked in Bern.")
    yield folder
    server.shutdown()
    thread.join()
    server.server_close()


def found(cli: Run, *asked: str) -> list[str]:
    said = cli("knowledge", "search", "handbook", *asked, "--json")
    assert said.code == 0, said.err
    return [hit["document"]["title"] for hit in json.loads(said.out)["hits"]]


def test_vectors_of_a_route_serve_search_ask_and_eval(cli: Run, docs: Path) -> None:
    assert cli("knowledge", "add", "handbook", "docs").out == "handbook: 2 new\n"
    assert found(cli, "a train", "--strategy", "vector", "--embedding", "default") == ["Trips", "Pay"]
    said = cli("knowledge", "ask", "handbook", "When are salaries paid?")
    assert (said.code, said.out.splitlines()[0]) == (0, "Salaries are paid on the last day. [1]")
    Path("q.jsonl").write_text(json.dumps({"text": "a train", "relevant": [str((docs / "trips.md").absolute())]}))
    compared = cli("knowledge", "eval", "handbook", "--queries", "q.jsonl", "--strategies", "keyword,vector,hybrid")
    assert "None is significantly better than keyword" in compared.out, compared.err
    fitted = cli("knowledge", "fit", "handbook", "--queries", "q.jsonl", "--try")
    assert (fitted.code, "weight" in fitted.out) == (0, True)
    wrong = cli("knowledge", "search", "handbook", "a train", "--embedding", "says")
    assert (wrong.code, "no embedding 'says'" in wrong.err) == (2, True)


def test_a_route_that_is_away_leaves_the_words(cli: Run, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("knowledge", "add", "handbook", "docs")
    Path("q.jsonl").write_text(json.dumps({"text": "a train", "relevant": [str((docs / "trips.md").absolute())]}))
    monkeypatch.setattr(_Server, "away", True)
    said = cli("knowledge", "search", "handbook", "trains")
    assert (said.code, said.out.splitlines()[0][:8]) == (0, "1. Trips")
    assert "By words alone: the route 'mine' gives no embeddings" in said.err
    asked = cli("knowledge", "ask", "handbook", "When are salaries paid?")
    assert (asked.code, asked.out.splitlines()[0]) == (0, "Salaries are paid on the last day. [1]")
    assert "By words alone: the route 'mine' gives no embeddings" in asked.err
    alone = cli("knowledge", "search", "handbook", "trains", "--strategy", "vector")
    assert (alone.code, "the route 'mine' gives no embeddings" in alone.err) == (1, True)
    compared = cli("knowledge", "eval", "handbook", "--queries", "q.jsonl", "--strategies", "keyword,hybrid")
    assert (compared.code, "hybrid was not measured" in compared.err) == (1, True)


def test_a_route_plans(cli: Run, docs: Path) -> None:
    cli("knowledge", "add", "handbook", "docs")
    said = cli("knowledge", "search", "handbook", "trains", "--strategy", "agentic", "--model", "planner", "--json")
    assert json.loads(said.out)["asked"] == ["trains", "salaries"]
    assert ("/v1/chat/completions", "planner") in _Server.asked
    Path("q.jsonl").write_text(json.dumps({"text": "a train", "relevant": [str((docs / "trips.md").absolute())]}))
    asked = ("knowledge", "eval", "handbook", "--queries", "q.jsonl", "--strategies", "keyword,agentic")
    assert "agentic" in cli(*asked, "--model", "planner").out
    assert "needs a model" in cli(*asked).err


def test_only_what_fits_is_found(cli: Run, docs: Path) -> None:
    cli("knowledge", "add", "handbook", "docs")
    assert found(cli, "day Bern", "--filter", "author=Anna") == ["Pay"]
    assert sorted(found(cli, "day Bern", "--filter", "author=Anna", "--filter", "author = Bob")) == ["Pay", "Trips"]
    assert found(cli, "day Bern", "--filter", "author!=Anna") == ["Trips"]
    assert found(cli, "day Bern", "--filter", "pages>=3") == ["Trips"]
    assert found(cli, "day Bern", "--filter", "pages<=3", "--filter", "pages=2") == ["Pay"]
    unknown = cli("knowledge", "search", "handbook", "day", "--filter", "autor=Anna")
    assert (unknown.code, "no document here has the field 'autor'" in unknown.err) == (2, True)
    assert cli("knowledge", "search", "handbook", "day", "--filter", "author").code == 2


def test_conditions_are_read() -> None:
    assert filters(["a=x", "a=y", "b != true", "c>=2.5", "c<=2026-01-01"]) == {
        "a": Filter(among=("x", "y")),
        "b": Filter(not_among=("true", True)),
        "c": Filter(least=2.5, most="2026-01-01"),
    }
    with pytest.raises(ValueError, match="'a' is no condition"):
        filters(["a"])


def test_a_project_that_is_not_there_is_told(cli: Run, docs: Path) -> None:
    said = cli("knowledge", "list", "--project", "nowhere")
    assert (said.code, "there is no project 'nowhere'; there are: default" in said.err) == (2, True)


def test_a_question_is_a_run_too(cli: Run, docs: Path, home: Path) -> None:
    cli("knowledge", "add", "handbook", "docs", "--no-vectors")
    cli("knowledge", "ask", "handbook", "When are salaries paid?", "--strategy", "keyword")
    assert [run["name"] for run in json.loads(cli("runs", "list", "--json").out)["runs"]] == ["knowledge.ask"]
