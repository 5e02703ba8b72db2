"""Finding: what is found, how it is counted, ordered and paged."""

from pathlib import Path

import pytest

from outrider.base.errors import RequestError
from outrider.casebook import find
from outrider.casebook.book import Casebook
from outrider.casebook.find import Finder, Page, with_term
from tests.casebook import few


@pytest.fixture
def book(store_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Casebook:
    return few.casebook(store_url, tmp_path / "home", request.addfinalizer)


@pytest.fixture
def finder(book: Casebook) -> Finder:
    return Finder(book)


def found(finder: Finder, query: str, **more: object) -> list[str]:
    return [h.id for h in finder.find(finder.read(query), **more).hits]  # type: ignore[arg-type]


def counts(page: Page, field: str) -> dict[str, int]:
    return {c.value: c.count for c in page.facets[field]}


def test_the_question_of_the_issue(finder: Finder) -> None:
    page = finder.find(finder.read("RAG in insurance with measured deflection above 50 %"))
    assert [h.id for h in page.hits] == ["harbour-claims"]
    assert page.query == "industry:insurance result:deflection>50% technique:rag"
    assert [(c.written, c.understood) for c in page.chips] == [
        ("industry:insurance", True),
        ("result:deflection>50%", True),
        ("technique:rag", True),
    ]
    assert page.chips[0].query == "result:deflection>50% technique:rag"


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("industry:finance", {"pinebank-agents", "pinebank-search"}),
        ("industry:finance,travel -year:2025", {"pinebank-search", "orchard-voice"}),
        ("org:harbour", {"harbour-claims"}),
        ("year:2024..", {"harbour-claims", "orchard-voice", "pinebank-agents", "lumen-code-review"}),
        ("has:failures", {"harbour-claims"}),
        ("has:baseline", {"harbour-claims"}),
        ("stage:pilot", {"orchard-voice"}),
        ("cost<-30%", {"pinebank-agents"}),
        ("handling_time<-50%", {"harbour-claims"}),
        ("latency<200ms users>1M", {"pinebank-search"}),
        ("containment>50%", set()),
        ('"warm transfer"', {"orchard-voice"}),
        ('"transfer warm"', set()),
        ("industry:finance -agents", {"pinebank-search"}),
        ('-"retrieval-augmented generation" year:2025', {"pinebank-agents"}),
        ("source:customer has:figures -technique:rag -industry:finance", {"orchard-voice"}),
    ],
)
def test_conditions(finder: Finder, query: str, ids: set[str]) -> None:
    assert set(found(finder, query)) == ids
    assert set(finder.matching(finder.read(query))) == ids


def test_words_rank_inside_the_conditions(finder: Finder) -> None:
    page = finder.find(finder.read("reranking contracts embeddings industry:finance", plain=True))
    assert page.hits[0].id == "pinebank-search"
    shown = page.hits[0].snippet
    assert shown is not None
    text = few.TEXTS["pinebank-search"]
    assert text[shown.start : shown.start + len(shown.text)] == shown.text
    assert [shown.text[a:b] for a, b in shown.marks] == ["contracts", "embeddings", "reranking"]


def test_each_facet_is_counted_with_the_others_conditions(finder: Finder) -> None:
    page = finder.find(finder.read("industry:finance year:2025"))
    assert page.total == 1
    assert counts(page, "technique") == {"multi-agent": 1, "guardrails": 1}
    assert counts(page, "industry") == {"finance": 1, "developer-tools": 1}
    assert counts(page, "year") == {"2025": 1, "2023": 1}
    assert [c.chosen for c in page.facets["industry"]] == [True, False]


def test_facets_of_words_count_what_the_list_shows(finder: Finder) -> None:
    page = finder.find(finder.read("pinebank industry:finance"))
    assert page.total == sum(c.count for c in page.facets["industry"] if c.chosen) == 2
    every = finder.find(finder.read(""))
    assert every.total == 6
    assert counts(every, "technique")["rag"] == 2


def test_a_facet_that_leaves_a_value_out_counts_what_choosing_another_gives(finder: Finder) -> None:
    """What is left out stays left out: a case may have several values."""
    left_out = "-technique:guardrails"
    page = finder.find(finder.read(left_out))
    assert "guardrails" not in counts(page, "technique")
    for value, count in counts(page, "technique").items():
        assert finder.find(finder.read(f"{left_out} technique:{value}")).total == count, value
    both = finder.find(finder.read(f"{left_out} technique:rag"))
    for value, count in counts(both, "technique").items():
        assert finder.find(finder.read(f"{left_out} technique:{value}")).total == count, value


def test_pages_follow_each_other(finder: Finder) -> None:
    for sort in ("relevance", "year", "org", "new"):
        whole = found(finder, "", sort=sort)
        seen: list[str] = []
        cursor = ""
        while True:
            page = finder.find(finder.read(""), sort=sort, limit=2, cursor=cursor)
            seen += [h.id for h in page.hits]
            cursor = page.next
            if not cursor:
                break
        assert seen == whole
    assert found(finder, "", sort="year")[-1] == "unknown-tutor"
    assert found(finder, "", sort="org")[:3] == ["unknown-tutor", "harbour-claims", "lumen-code-review"]


def test_what_cannot_be_asked(finder: Finder) -> None:
    asked = finder.read("")
    cursor = finder.find(asked, limit=1).next
    for wrong in ({"sort": "best"}, {"limit": 0}, {"limit": 101}, {"cursor": "x"}, {"cursor": cursor, "sort": "org"}):
        with pytest.raises(RequestError) as refused:
            finder.find(asked, **wrong)  # type: ignore[arg-type]
        assert refused.value.param in ("sort", "limit", "cursor")
    with pytest.raises(RequestError, match="did you mean `industry:insurance`"):
        finder.read("industry:insurrance")


def test_only_what_is_supported_is_shown(finder: Finder, book: Casebook) -> None:
    import msgspec

    from outrider.casebook.records import Claim

    case = book.get("orchard-voice")
    book.put(msgspec.structs.replace(case, techniques=(*case.techniques, Claim("rag"))), who="test")
    page = finder.find(finder.read("org:'orchard air'".replace("'", '"')))
    assert page.hits[0].techniques == ["voice-pipeline"]
    assert set(found(finder, "technique:rag")) == {"harbour-claims", "lumen-code-review"}


def test_what_is_published_is_found_at_once(finder: Finder, book: Casebook) -> None:
    before = finder.find(finder.read("")).revision
    assert book.withdraw("orchard-voice")
    page = finder.find(finder.read(""))
    assert page.total == 5
    assert page.revision != before
    assert found(finder, "warm transfer traveller", sort="new") != ["orchard-voice"]


def test_links_of_facets(finder: Finder) -> None:
    asked = finder.read("voice industry:finance")
    assert with_term(asked, "industry", "travel") == "voice industry:finance,travel"
    assert with_term(asked, "industry", "finance") == "voice"
    assert with_term(asked, "year", "2024") == "voice industry:finance year:2024"


def test_counts_of_words_say_that_there_may_be_more(finder: Finder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not finder.find(finder.read("agents letters")).nearest
    monkeypatch.setattr(find, "CANDIDATES", 1)
    assert finder.find(finder.read("agents letters")).nearest
    assert not finder.find(finder.read("industry:finance")).nearest
    assert not finder.find(finder.read("agents stage:pilot")).nearest  # all that fulfil the condition are there
