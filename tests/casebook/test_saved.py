"""Saved searches: kept by project, and what came, changed and went in a week."""

from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import msgspec
import pytest

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.casebook import saved
from outrider.casebook.book import Casebook
from outrider.casebook.feed import of_delta
from outrider.casebook.find import Finder
from tests.casebook import few

DAY = 86_400 * 1_000_000_000


class Clock:
    """The wall clock, moved by hand."""

    def __init__(self) -> None:
        self.now = clock.now_ns()

    def __call__(self) -> int:
        self.now += 1
        return self.now


@pytest.fixture
def time() -> Iterator[Clock]:
    moved = Clock()
    with mock.patch.object(clock, "now_ns", moved):
        yield moved


@pytest.fixture
def book(store_url: str, tmp_path: Path, time: Clock, request: pytest.FixtureRequest) -> Casebook:
    return few.casebook(store_url, tmp_path / "home", request.addfinalizer)


def test_searches_belong_to_a_project(book: Casebook, time: Clock) -> None:
    finder = Finder(book)
    one = saved.save(book.store, finder, "a", "RAG in insurance", "", "anna")
    other = saved.save(book.store, finder, "a", "pinebank", "Our bank", "anna")
    assert (one.query, one.name) == ("industry:insurance technique:rag", "industry:insurance technique:rag")
    assert saved.searches(book.store, "a") == [other, one]
    assert saved.searches(book.store, "b") == []
    with pytest.raises(RequestError, match="no saved search"):
        saved.forget(book.store, "b", one.id)
    saved.forget(book.store, "a", one.id)
    assert saved.searches(book.store, "a") == [other]


def test_the_delta_of_a_week(book: Casebook, time: Clock) -> None:
    finder = Finder(book)
    kept = saved.save(book.store, finder, "a", "industry:finance", "Banks", "anna")
    assert saved.delta(book.store, finder, "a", kept.id).changes == []
    time.now += DAY
    text = few.TEXTS["pinebank-agents"]
    book.put(msgspec.structs.replace(book.get("pinebank-agents"), id="newbank", title="Newbank"), text, who="t")
    book.put(msgspec.structs.replace(book.get("pinebank-search"), title="Contracts"), who="t")
    got = saved.delta(book.store, finder, "a", kept.id)
    assert {(c.case, c.what) for c in got.changes} == {("newbank", "came"), ("pinebank-search", "changed")}
    assert got.total == 3
    assert {i.title for i in of_delta(got, "http://h")} == {"New: Newbank", "Changed: Contracts"}
    time.now += 7 * DAY
    assert len(saved.delta(book.store, finder, "a", kept.id).changes) == 2
    time.now += 7 * DAY
    book.withdraw("newbank")
    later = saved.delta(book.store, finder, "a", kept.id)
    assert [(c.case, c.what) for c in later.changes] == [("newbank", "went")]


def test_a_delta_is_told_once_and_ranks_are_no_news(book: Casebook, time: Clock) -> None:
    """A feed reader shows an item again whose name is another: names do not hang on when somebody looks. What a search
    by words finds depends on all cases, so one that neither changed nor left has not gone."""
    finder = Finder(book)
    kept = saved.save(book.store, finder, "a", "pinebank", "Banks", "anna")
    before = saved.delta(book.store, finder, "a", kept.id)
    assert before.total >= 2
    time.now += DAY
    book.withdraw("pinebank-search")
    book.put(
        msgspec.structs.replace(book.get("pinebank-agents"), title="Agents"), few.TEXTS["pinebank-agents"], who="t"
    )
    first = saved.delta(book.store, finder, "a", kept.id)
    assert [(c.case, c.what) for c in first.changes] == [("pinebank-agents", "changed"), ("pinebank-search", "went")]
    assert all(kept.made + DAY <= c.at <= time.now for c in first.changes)
    assert {c.title for c in first.changes} == {"Agents", "Pinebank: search"}
    time.now += DAY
    again = saved.delta(book.store, finder, "a", kept.id)
    assert of_delta(again, "http://h") == of_delta(first, "http://h")
    with mock.patch.object(Finder, "matching", return_value=["orchard-voice"]):
        changes = saved.delta(book.store, finder, "a", kept.id).changes
    assert {(c.case, c.what) for c in changes} == {("pinebank-agents", "went"), ("pinebank-search", "went")}


def test_what_cannot_be_saved(book: Casebook, time: Clock) -> None:
    finder = Finder(book)
    with pytest.raises(RequestError, match="no field"):
        saved.save(book.store, finder, "a", "nofield:x", "", "anna")
    with pytest.raises(RequestError, match="200 printable"):
        saved.save(book.store, finder, "a", "x", "n" * 201, "anna")
    with mock.patch.object(saved, "MOST", 1):
        saved.save(book.store, finder, "a", "x", "", "anna")
        with pytest.raises(RequestError, match="at most 1 saved"):
            saved.save(book.store, finder, "a", "y", "", "anna")
