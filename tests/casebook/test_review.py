"""The review queue: proposed, shown beside what is there, accepted by one and rejected with a reason by another."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What several do at the same moment: what each got, or the code of its error."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except RequestError as error:
            return error.code

    with ThreadPoolExecutor(len(acts)) as pool:
        return [told.result() for told in [pool.submit(run, act) for act in acts]]


def test_of_two_who_decide_at_once_one_is_told(book: Casebook) -> None:
    for place in range(6):
        proposed = review.contribute(book, new(title=f"Assistant {place}"), who="ann")
        accepted, rejected = at_once(
            lambda id_=proposed.id: review.accept(book, id_, by="bob"),  # type: ignore[misc]
            lambda id_=proposed.id: review.reject(book, id_, by="eve", reason="no source"),  # type: ignore[misc]
        )
        assert "review_over" in (accepted, rejected)
        assert accepted != rejected
        state = review.get(book, proposed.id).state
        assert (rejected == "review_over") == (state == "accepted")
        assert (state == "accepted") == any(c.id == proposed.case_id for c in book.all())
    texts = book.library.status(book.collection).documents
    assert texts == len(book.all())  # no text of what was rejected is found


def test_of_two_corrections_that_are_accepted_at_once_one_is_told(book: Casebook) -> None:
    for place in range(6):
        case = review.accept(book, review.contribute(book, new(title=f"Assistant {place}"), who="ann").id, by="bob")
        words = {"One": BODY + "\nOne says alpha.", "Two": BODY + "\nTwo says beta."}
        ids = [
            review.contribute(book, Contribution(id=case.id, title=title, text=text), who=title).id
            for title, text in words.items()
        ]
        told = at_once(*(lambda id_=id_: review.accept(book, id_, by="bob") for id_ in ids))  # type: ignore[misc]
        assert told.count("case_changed") == 1
        held = book.get(case.id)
        assert held.number == 2
        assert book.text(held) == words[held.title]
        newest = book.library.versions(book.collection, held.document)[-1]
        assert book.library.text(book.collection, newest) == words[held.title]


def test_what_steers_terminals_is_not_kept(book: Casebook) -> None:
    bad = "A\x1b[31m\u202eB\x00"
    given = new(title=bad, system=bad, what_it_does=bad, text=BODY.replace("\n", "\r\n") + bad)
    proposed = review.contribute(book, given, who="ann", why=bad)
    case = proposed.case
    assert {case.title, case.system, case.what_it_does, proposed.why} == {"A[31mB"}
    assert proposed.text.endswith("A[31mB")
    assert "\r" not in proposed.text
    assert review.reject(book, proposed.id, by="bob", reason=bad).reason == "A[31mB"


def test_who_wrote_on_an_older_version_is_told(book: Casebook) -> None:
    case = review.accept(book, review.contribute(book, new(), who="ann").id, by="bob")
    review.accept(book, review.contribute(book, Contribution(id=case.id, title="One"), who="eve").id, by="bob")
    with pytest.raises(RequestError, match="changed while you wrote") as told:
        review.contribute(book, Contribution(id=case.id, base=1, title="Two"), who="zoe")
    assert (told.value.status, told.value.param) == (409, "base")
    assert review.contribute(book, Contribution(id=case.id, base=2, title="Two"), who="zoe").base == 2


def test_where_several_write_under_one_name_nobody_replaces_another(book: Casebook) -> None:
    case = review.accept(book, review.contribute(book, new(), who="ann").id, by="bob")
    for title in ("One", "Two"):
        review.contribute(book, Contribution(id=case.id, title=title), who="default", replaces=False)
    assert [r.case.title for r in review.queue(book)] == ["One", "Two"]


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
