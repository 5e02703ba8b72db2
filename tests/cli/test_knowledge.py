"""`outrider knowledge`: from a folder to passages on a terminal, without a server."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

OFF = "embedded: {enabled: off}\n"


@pytest.fixture
def docs(home: Path) -> Path:
    """The name of a folder with two documents, in a working directory whose configuration has no embedder."""
    Path("outrider.yaml").write_text(OFF)
    folder = Path("docs")
    folder.mkdir()
    (folder / "pay.md").write_text("# Pay\n\nSalaries are paid on the last day of the month.")
    (folder / "trips.md").write_text("# Trips\n\nTrains are booked by the office in Bern.")
    return folder


def test_a_folder_is_added_and_found(cli: Run, docs: Path) -> None:
    said = cli("knowledge", "add", "handbook", "docs")
    assert (said.code, said.out) == (0, "handbook: 2 new\n")
    assert "2 passages wait for their vectors" in said.err
    assert cli("knowledge", "add", "handbook", "docs").out == "handbook: 2 same\n"
    found = cli("knowledge", "search", "handbook", "trains", "office", "--strategy", "keyword")
    assert found.out.splitlines()[0].startswith("1. Trips")
    assert str(docs.absolute() / "trips.md") in found.out
    assert "1 passage by keyword" in found.err
    listed = [line.split("\t") for line in cli("knowledge", "list").out.splitlines()]
    assert [row[:3] for row in listed] == [["collection", "documents", "passages"], ["handbook", "2", "2"]]


def test_what_does_not_come_in_is_listed(cli: Run, docs: Path) -> None:
    (docs / "empty.md").write_text("")
    said = cli("knowledge", "add", "handbook", "docs", "nowhere", "--no-vectors")
    assert (said.code, said.out) == (0, "handbook: 2 new, 2 faults\n")
    assert "empty.md: The file is empty." in said.err
    told = json.loads(cli("knowledge", "status", "handbook", "--faults", "--json").out)
    assert [Path(fault["item"]).name for fault in told["faults"]] == ["empty.md", "nowhere"]
    assert told["status"]["documents"] == 2
    assert "empty.md" in cli("knowledge", "status", "handbook", "--faults").out
    assert cli("knowledge", "add", "handbook", "nowhere").code == 1, "nothing came in"


def test_a_mistyped_path_leaves_nothing(cli: Run, docs: Path) -> None:
    said = cli("knowledge", "add", "handbook", "dosc", "~/nothing-like-this")
    assert (said.code, said.out) == (2, "")
    assert f"there is nothing at {Path('dosc').absolute()}" in said.err
    assert "no collections" in cli("knowledge", "list").err
    (docs / "empty.md").write_text("")
    said = cli("knowledge", "add", "handbook", str(docs / "empty.md"), "--no-vectors")
    assert (said.code, said.out) == (1, "handbook: 1 fault\n")
    assert "empty.md: The file is empty." in said.err
    assert "'handbook' was not made" in said.err
    assert "no collections" in cli("knowledge", "list").err
    assert cli("knowledge", "add", "handbook", "docs", "dosc", "--no-vectors").out == "handbook: 2 new, 2 faults\n"
    assert cli("knowledge", "add", "handbook", "dosc", "--no-vectors").out == "handbook: 1 fault\n"
    assert json.loads(cli("knowledge", "status", "handbook", "--json").out)["status"]["documents"] == 2


def test_a_password_in_a_url_is_refused_before_it_is_kept(cli: Run, docs: Path) -> None:
    said = cli("knowledge", "add", "handbook", "docs", "https://ann:hunter2@example.org/x")
    assert (said.code, "name or a password" in said.err, "hunter2" in said.err) == (2, True, False)
    assert "no collections" in cli("knowledge", "list").err


def test_the_status_shows_jobs_and_why_they_failed(cli: Run, docs: Path) -> None:
    cli("knowledge", "add", "handbook", "docs")
    said = cli("knowledge", "status", "handbook")
    assert said.out.startswith("2 documents in 2 versions, 2 passages\nvectors 'default': 0, 2 to come\n")
    assert "embedded models are off" in said.err


def test_gone_files_end_and_stay_in_the_past(cli: Run, docs: Path) -> None:
    cli("knowledge", "add", "handbook", "docs", "--no-vectors")
    (docs / "trips.md").unlink()
    assert cli("knowledge", "add", "handbook", "docs", "--prune", "--no-vectors").out == "handbook: 1 removed, 1 same\n"
    search = ("knowledge", "search", "handbook", "trains", "--strategy", "keyword", "--json")
    assert json.loads(cli(*search).out)["hits"] == []


def test_readers(cli: Run, docs: Path) -> None:
    cli("knowledge", "add", "handbook", "docs", "--reader", "group:hr", "--no-vectors")
    search = ("knowledge", "search", "handbook", "trains", "--strategy", "keyword", "--json")
    assert json.loads(cli(*search).out)["hits"] == []
    assert len(json.loads(cli(*search, "--reader", "group:hr").out)["hits"]) == 1


def test_a_document_and_then_the_collection_go(cli: Run, docs: Path) -> None:
    cli("knowledge", "add", "handbook", "docs", "--no-vectors")
    source = str(docs.absolute() / "pay.md")
    assert cli("knowledge", "remove", "handbook", source).out == f"{source} has ended\n"
    assert cli("knowledge", "remove", "handbook", source).code == 2
    trips = str(docs.absolute() / "trips.md")
    assert cli("knowledge", "remove", "handbook", trips, "--erase").out == f"{trips} is erased\n"
    assert cli("knowledge", "remove", "handbook", "--yes").out == "handbook is dropped\n"
    assert "no collections" in cli("knowledge", "list").err


@pytest.mark.parametrize("by", ["id", "source", "relative"])
def test_what_has_ended_can_be_erased(cli: Run, docs: Path, by: str) -> None:
    cli("knowledge", "add", "handbook", "docs", "--no-vectors")
    source = str(docs.absolute() / "trips.md")
    search = ("knowledge", "search", "handbook", "trains", "--strategy", "keyword", "--json")
    (hit,) = json.loads(cli(*search).out)["hits"]
    assert cli("knowledge", "remove", "handbook", source).code == 0
    named = {"id": hit["document"]["id"], "source": source, "relative": "docs/trips.md"}[by]
    assert cli("knowledge", "remove", "handbook", named).code == 2, "it has ended already"
    assert cli("knowledge", "remove", "handbook", named, "--erase").out == f"{source} is erased\n"
    assert cli("knowledge", "remove", "handbook", named, "--erase").code == 2
    told = json.loads(cli("knowledge", "status", "handbook", "--json").out)
    assert (told["status"]["documents"], told["status"]["versions"]) == (1, 1)


def test_what_was_added_by_a_relative_path_goes_by_it(cli: Run, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("knowledge", "add", "handbook", "docs/pay.md", "docs/../docs/trips.md", "--no-vectors")
    pay, trips = (str(docs.absolute() / name) for name in ("pay.md", "trips.md"))
    assert cli("knowledge", "remove", "handbook", "docs/pay.md").out == f"{pay} has ended\n"
    monkeypatch.chdir(docs)
    Path("outrider.yaml").write_text(OFF)
    assert cli("knowledge", "remove", "handbook", "../docs/trips.md", "--erase").out == f"{trips} is erased\n"
    assert cli("knowledge", "remove", "handbook", "nowhere.md").code == 2


def test_an_answer_or_a_refusal_by_its_exit_code(cli: Run, docs: Path) -> None:
    cli("knowledge", "add", "handbook", "docs", "--no-vectors")
    said = cli("knowledge", "ask", "handbook", "When are salaries paid?", "--strategy", "keyword")
    assert (said.code, "last day of the month" in said.out) == (0, True)
    for form in ((), ("--json",)):
        refused = cli("knowledge", "ask", "handbook", "Who is Hooli?", "--strategy", "keyword", *form)
        assert (refused.code, "Hooli" in refused.out) == (1, True)
    assert "Exit code 1" in cli("knowledge", "ask", "--help").out


def test_a_new_collection_has_nothing_of_the_one_that_was_dropped(cli: Run, docs: Path) -> None:
    (docs / "empty.md").write_text("")
    cli("knowledge", "add", "handbook", "docs", "--no-vectors")
    cli("knowledge", "remove", "handbook", "--yes")
    cli("knowledge", "add", "handbook", "docs/pay.md", "--no-vectors")
    told = json.loads(cli("knowledge", "status", "handbook", "--faults", "--json").out)
    assert [(job["kind"], job["done"]) for job in told["jobs"] if job["kind"] == "ingest"] == [("ingest", 1)]
    assert told["faults"] == []


def test_rebuilt_from_its_documents(cli: Run, docs: Path) -> None:
    cli("knowledge", "add", "handbook", "docs", "--no-vectors")
    assert cli("knowledge", "rebuild", "handbook", "--embeddings").out == "handbook: 2 passages\n"


def test_a_configured_collection_is_there(cli: Run, docs: Path) -> None:
    Path("outrider.yaml").write_text(f"{OFF}knowledge: {{collections: {{rules: {{about: House rules}}}}}}\n")
    assert "rules\t0\t0\t0\tHouse rules" in cli("knowledge", "list").out


def test_mistakes(cli: Run, docs: Path) -> None:
    assert "cannot be a collection's name" in cli("knowledge", "add", "My Docs", "docs").err
    cli("knowledge", "add", "handbook", "docs", "--no-vectors")
    said = cli("knowledge", "search", "handbok", "x")
    assert (said.code, "did you mean 'handbook'" in said.err) == (2, True)
    assert cli("knowledge", "search", "handbook", "x", "--as-of", "yesterday").code == 2
    assert cli("knowledge", "search", "handbook", "x", "--strategy", "magic").code == 2
