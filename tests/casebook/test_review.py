"""The review queue: proposed, shown beside what is there, accepted by one and rejected with a reason by another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.base.errors import RequestError
from outrider.casebook import review
from outrider.casebook.book import Casebook
from outrider.casebook.review import Contribution
from tests.casebook.made import BODY, casebook


@pytest.fixture
def book(store_url: str, tmp_path: Path) -> Iterator[Casebook]:
    with casebook(store_url, tmp_path) as made:
        yield made


def new(**more: object) -> Contribution:
    fields = {
        "title": "Claims assistant",
        "organisation": "Northwind",
        "text": BODY,
        "year": 2024,
        "tools": ("openai", "redis"),
        **more,
    }
    return Contribution(**fields)  # type: ignore[arg-type]


def test_a_new_case_waits_and_is_published(book: Casebook) -> None:
    proposed = review.contribute(book, new(url="https://example.com/claims"), who="ann", why="I built it")
    assert not book.all()
    assert [r.id for r in review.queue(book)] == [proposed.id]
    assert {c.field for c in review.changes(book, proposed)} >= {"title", "tools", "results"}
    case = review.accept(book, proposed.id, by="bob")
    assert (case.id, case.number, case.origin) == ("northwind-claims-assistant", 1, "contributed")
    assert {c.value: c.shown for c in case.tools} | {"openai": True, "redis": False} == {
        c.value: c.shown for c in case.tools
    }
    (version,) = book.versions(case.id)
    assert version.by == "ann"
    assert "accepted by bob" in version.why
    assert review.get(book, proposed.id).state == "accepted"
    assert not review.queue(book)
    with pytest.raises(RequestError, match="it was accepted by bob"):
        review.accept(book, proposed.id, by="bob")
    with pytest.raises(RequestError, match="already"):
        review.contribute(book, new(), who="eve")


def test_a_correction_shows_what_it_changes(book: Casebook) -> None:
    case = review.accept(book, review.contribute(book, new(), who="ann").id, by="bob")
    given = Contribution(id=case.id, system="Claims Copilot", year=2023, tools=("openai", "kubernetes", "pinecone"))
    proposed = review.contribute(book, given, who="eve", why="the year is wrong")
    changed = {c.field: (c.before, c.after) for c in review.changes(book, proposed)}
    assert changed["year"] == ("2024", "2023")
    assert changed["system"] == ("", "Claims Copilot")
    assert changed["tools"][1].splitlines() == ["openai", "kubernetes", "(pinecone)"]
    after = review.accept(book, proposed.id, by="bob", reason="checked")
    assert after.number == 2
    assert not after.facts["system"].shown
    assert not after.facts["year"].shown
    assert next(c for c in after.tools if c.value == "kubernetes").made.by in ("text", "eve")
    assert [v.by for v in book.versions(case.id)] == ["eve", "ann"]


def test_of_two_corrections_the_second_is_proposed_again(book: Casebook) -> None:
    case = review.accept(book, review.contribute(book, new(), who="ann").id, by="bob")
    one = review.contribute(book, Contribution(id=case.id, title="One"), who="eve")
    two = review.contribute(book, Contribution(id=case.id, title="Two"), who="zoe")
    again = review.contribute(book, Contribution(id=case.id, title="Three"), who="zoe")
    assert [r.id for r in review.queue(book)] == [one.id, again.id]
    with pytest.raises(RequestError, match="no proposal"):
        review.get(book, two.id)
    review.accept(book, one.id, by="bob")
    with pytest.raises(RequestError, match="changed since") as told:
        review.accept(book, again.id, by="bob")
    assert told.value.status == 409
    with pytest.raises(RequestError, match="say why"):
        review.reject(book, again.id, by="bob", reason=" ")
    assert review.reject(book, again.id, by="bob", reason="no source").reason == "no source"
    assert book.get(case.id).title == "One"


@pytest.mark.parametrize(
    ("given", "param", "told"),
    [
        ({"title": ""}, "title", "is missing"),
        ({"text": " "}, "text", "is missing"),
        ({"year": 12}, "year", "is none"),
        ({"url": "ftp://x"}, "url", "https"),
        ({"tools": ("opnai",)}, "tools", "openai"),
        ({"industries": ("insurence",)}, "industries", "insurance"),
    ],
)
def test_wrong_fields_are_named(book: Casebook, given: dict[str, object], param: str, told: str) -> None:
    with pytest.raises(RequestError, match=told) as error:
        review.contribute(book, new(**given), who="ann")
    assert error.value.param == param
