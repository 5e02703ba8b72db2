"""What the journal is told of the Casebook: questions as runs, changes as events without texts."""

from pathlib import Path

import msgspec
import pytest

from outrider.casebook import pipeline, review
from outrider.casebook.book import Casebook
from outrider.casebook.find import Finder
from outrider.casebook.recording import ask_recorded
from outrider.journal.append import Bodies
from outrider.journal.events import CasebookChanged, Event, RunRecorded
from outrider.knowledge.recording import Asker
from tests.casebook import few
from tests.casebook.made import database, entry

Told = list[tuple[Event, Bodies]]


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def book(tmp_path: Path, told: Told, request: pytest.FixtureRequest) -> Casebook:
    def record(event: Event, bodies: Bodies) -> None:
        told.append((event, bodies))

    return few.casebook(f"sqlite:///{tmp_path / 'o.sqlite3'}", tmp_path, request.addfinalizer, record)


def changes(told: Told) -> list[CasebookChanged]:
    return [event for event, _ in told if isinstance(event, CasebookChanged)]


def test_what_is_published_and_withdrawn_is_told_once(book: Casebook, told: Told) -> None:
    (first,) = changes(told)
    assert (first.action, first.who, first.why, len(first.cases)) == ("published", "test", "a test", 6)
    case = book.get("orchard-voice")
    book.put(case, who="ann", why="nothing new")
    assert len(changes(told)) == 1
    book.put(msgspec.structs.replace(case, title="Other"), who="ann", why="a title")
    book.withdraw("orchard-voice", who="bea", why="it was sold")
    assert [(c.action, c.who, c.why, c.cases[0].id, c.cases[0].number) for c in changes(told)[1:]] == [
        ("published", "ann", "a title", "orchard-voice", 2),
        ("withdrawn", "bea", "it was sold", "orchard-voice", 2),
    ]


def test_proposals_and_decisions_are_told(book: Casebook, told: Told) -> None:
    one = review.contribute(book, review.Contribution("harbour-claims", title="Better"), who="ann", why="shorter")
    two = review.contribute(book, review.Contribution("orchard-voice", title="Worse"), who="ann")
    review.accept(book, one.id, by="bea")
    review.reject(book, two.id, by="bea", reason="it is worse")
    found = [(c.action, c.who, c.why) for c in changes(told)[1:]]
    assert found == [
        ("proposed", "ann", "shorter"),
        ("proposed", "ann", "correction"),
        ("published", "ann", "shorter (accepted by bea)"),
        ("accepted", "bea", ""),
        ("rejected", "bea", "it is worse"),
    ]


def test_an_import_is_told_with_its_outcomes_and_no_text(book: Casebook, told: Told, tmp_path: Path) -> None:
    folder = database(tmp_path / "set", one=entry("one"), two="---\n: broken: [\n---\n")
    pipeline.import_all(book, str(folder), "zenml", who="ann")
    last = changes(told)[-1]
    assert (last.action, last.who, last.origin) == ("imported", "ann", "zenml")
    assert last.counts["published"] >= 1
    assert b"reranking step" not in msgspec.json.encode([event for event, _ in told])


def test_a_question_is_a_run_with_its_passages(book: Casebook, told: Told) -> None:
    made = ask_recorded(Finder(book), "Who plays the violin on Mars?", Asker("p", "k", name="casebook.ask"))
    assert made.abstained
    run, bodies = told[-1]
    assert isinstance(run, RunRecorded)
    assert (run.project, run.key, run.preview) == ("p", "k", "Who plays the violin on Mars?")
    assert run.steps[0].kind == "retrieval"
    assert len(bodies) == 3
