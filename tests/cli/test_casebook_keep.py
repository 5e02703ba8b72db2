"""`outrider casebook import`, `report`, `review`, `status`, in a home with six cases."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from outrider.app.main import Installation
from outrider.casebook import pipeline
from outrider.casebook.book import COLLECTION, PROJECT
from outrider.knowledge import waking
from outrider.knowledge.jobs import EMBED, Jobs
from outrider.knowledge.presence import Presence
from outrider.knowledge.work import Bench
from tests.casebook import few
from tests.casebook.made import BODY, database, entry
from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def cases(home: Path) -> None:
    closing: list[object] = []
    home.mkdir()
    few.casebook(Installation().database_url, home, closing.append)
    for close in closing:
        close()  # type: ignore[operator]


def test_a_set_is_imported_and_reported(cli: Run, tmp_path: Path) -> None:
    assert "Nothing was imported yet" in cli("casebook", "report").err
    folder = database(tmp_path / "set", one=entry("one"), two=entry("two", body=BODY + "More."))
    said = cli("casebook", "import", str(folder), "--origin", "zenml")
    assert said.code == 0
    assert "zenml: 2 entries: 2 published" in said.out
    assert "Tool tags: 2 of 4 (50%) are named" in said.out
    again = json.loads(cli("casebook", "import", str(folder), "--origin", "zenml", "--json").out)
    assert again["entries"] == 2
    one = cli("casebook", "report", "zenml", "one")
    assert "tools unsupported: pinecone" in one.out
    assert json.loads(cli("casebook", "report", "zenml", "one", "--json").out)["outcome"] == "published"
    assert "no set 'other'; there are: zenml" in cli("casebook", "report", "other").err
    status = json.loads(cli("casebook", "status", "--json").out)
    assert status["cases"] == 8
    assert status["imports"] == {"zenml": 2}
    assert "8 cases" in cli("casebook", "status").out


def test_what_was_imported_beside_a_server_gets_its_vectors(cli: Run, home: Path, tmp_path: Path) -> None:
    folder = database(tmp_path / "set", one=entry("one"))
    said = cli("casebook", "import", str(folder), "--origin", "zenml")
    assert "vectors are made in the background" in said.err
    with Installation().knowledge() as knowledge:
        jobs = knowledge.jobs().newest(PROJECT, COLLECTION)
    assert [(job.kind, job.ended) for job in jobs] == [(EMBED, False)]
    assert waking.due(home / "run") == 0  # the supervisor of a running server begins with it
    waking.rest(home / "run", lambda: None)
    assert cli("casebook", "search", "claims").code == 0
    assert waking.due(home / "run") is None  # nothing came in: nobody is woken


def test_an_import_may_be_left_to_the_server(cli: Run, home: Path, tmp_path: Path) -> None:
    folder = database(tmp_path / "set", one=entry("one"), two=entry("two", body=BODY + "More."))
    said = cli("casebook", "import", str(folder), "--origin", "zenml", "--background")
    assert said.code == 0
    assert "a running `outrider up` imports it" in said.err
    assert waking.due(home / "run") == 0
    assert "import zenml: waiting, not begun, 0 faults" in cli("casebook", "status").out
    with Installation().casebook() as book:
        works = {pipeline.KIND: pipeline.work(lambda: book)}
        assert Bench(Jobs(lambda: book.library.store), Presence(home / "jobs" / "p"), works).one() is not None
    status = json.loads(cli("casebook", "status", "--json").out)
    assert (status["cases"], status["jobs"][0]["status"]) == (8, "done")
    assert "import zenml: done, 2 of 2 entries, 0 faults" in cli("casebook", "status").out
    said = cli("casebook", "import", str(folder), "--background", "--route", "x")
    assert (said.code, "--route does not go with --background" in said.err) == (2, True)


def test_a_long_queue_is_counted_whole(cli: Run, tmp_path: Path) -> None:
    lines = [json.dumps({"id": f"n{n}", "title": f"Case {n}", "body": f"Number {n}. {BODY}"}) for n in range(101)]
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    assert cli("casebook", "import", str(tmp_path / "many.jsonl"), "--mode", "review").code == 0
    assert "101 proposals wait, the 100 oldest are shown." in cli("casebook", "review").err
    assert "101 proposals to review" in cli("casebook", "status").out


def test_what_others_wrote_does_not_steer_the_terminal(cli: Run, tmp_path: Path) -> None:
    row = {"id": "esc", "title": "T\x1b]0;x\x07", "organisation": "Escort", "body": f"Escort\x1b[31m does. {BODY}"}
    (tmp_path / "esc.jsonl").write_text(json.dumps(row))
    assert cli("casebook", "import", str(tmp_path / "esc.jsonl")).code == 0
    assert cli("casebook", "import", str(tmp_path / "esc.jsonl"), "--origin", "two", "--mode", "review").code == 0
    shown = cli("casebook", "show", "esc").out
    assert "Escort" in shown
    row = {**row, "body": row["body"] + "More."}
    (tmp_path / "esc.jsonl").write_text(json.dumps(row))
    cli("casebook", "import", str(tmp_path / "esc.jsonl"), "--mode", "review")
    [waiting] = json.loads(cli("casebook", "review", "--json").out)
    assert "\x1b" not in shown + cli("casebook", "review", waiting["id"]).out


def test_what_is_not_there_is_no_set(cli: Run, tmp_path: Path) -> None:
    said = cli("casebook", "import", str(tmp_path / "gone.md"))
    assert said.code == 2
    assert "there is no" in said.err
    (tmp_path / "none").mkdir()
    said = cli("casebook", "import", str(tmp_path / "none"))
    assert (said.code, "has no entries" in said.err) == (2, True)
    (tmp_path / "empty.md").write_text("")
    assert cli("casebook", "import", str(tmp_path / "empty.md")).code == 1
    assert "no set 'gone'; there are: empty" in cli("casebook", "report", "gone").err


def test_a_host_of_the_network_is_imported_from_where_it_is_allowed(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_server(tmp_path / "web") as url:
        (tmp_path / "web" / "case.md").write_text(f"# Claims at Northwind\n\n{BODY}")
        refused = cli("casebook", "import", f"{url}/case.md")
        assert refused.code == 1
        assert "inside the network" in refused.err
        (tmp_path / "outrider.yaml").write_text("knowledge: {internal_hosts: [127.0.0.1]}")
        monkeypatch.setenv("OUTRIDER_CONFIG", str(tmp_path / "outrider.yaml"))
        assert "1 review" in cli("casebook", "import", f"{url}/case.md").out


@contextmanager
def http_server(folder: Path) -> Iterator[str]:
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_document_waits_for_a_person(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(f"# Claims at Northwind\n\n{BODY}")
    (tmp_path / "recipe.md").write_text("# Soup\n\n" + "Stir the soup slowly. " * 60)
    said = cli("casebook", "import", str(tmp_path / "recipe.md"))
    assert "it does not speak of language models" in said.err
    assert cli("casebook", "import", str(tmp_path / "good.md")).code == 0
    (waiting,) = json.loads(cli("casebook", "review", "--json").out)
    assert waiting["id"] in cli("casebook", "review").out
    shown = cli("casebook", "review", waiting["id"])
    assert "a new case" in shown.out
    assert "deflection" in shown.out
    assert "say why it is rejected" in cli("casebook", "review", waiting["id"], "--reject").err
    accepted = cli("casebook", "review", waiting["id"], "--accept", "--reason", "fine")
    assert f"{waiting['case_id']} is published as version 1" in accepted.err
    assert cli("casebook", "review", waiting["id"], "--accept", "--reject").code == 2


def test_what_is_not_there_is_told(cli: Run) -> None:
    said = cli("casebook", "import", "/nowhere/set")
    assert "there is no /nowhere/set: give a folder" in said.err
    assert "no proposal" in cli("casebook", "review", "rev_1").err
