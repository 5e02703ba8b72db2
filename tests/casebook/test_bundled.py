"""The bundled cases: whole, traceable, and each shown claim is in their texts."""

from pathlib import Path

from outrider.casebook import bundled
from outrider.casebook.entities import fold
from outrider.casebook.vocabulary import KINDS, terms
from tests.casebook.made import casebook

ALL = list(bundled.read())


def test_every_case_has_an_address_and_words_of_its_own() -> None:
    assert len(ALL) >= 350
    assert len({one.id for one in ALL}) == len(ALL)
    for one in ALL:
        assert one.sources, one.id
        assert all(s.url.startswith(("http://", "https://")) for s in one.sources), one.id
        assert all((one.title, one.organisation, one.what_it_does, one.lesson)), one.id
        assert not any(e.quote for r in one.results for e in r.evidence), "the pages' words are not ours"
        assert not any(e.quote for tags in one.tags.values() for found in tags.values() for e in found)
        assert all(terms().find(kind, word) for kind in KINDS for word in one.tags.get(kind, {})), one.id
    assert len({fold(one.organisation) for one in ALL}) == len({one.organisation for one in ALL})


def test_every_shown_claim_is_in_the_text() -> None:
    figures = 0
    for one in ALL:
        case, text = bundled.case_of(one)
        for field, claim in case.claims():
            assert claim.shown, (one.id, field, claim)
            here = [e for e in claim.evidence if e.source == "text"]
            assert here
            assert all(text[e.start : e.end] == e.quote for e in here)
        for result in case.results:
            figures += 1
            said = " ".join(e.quote for e in result.evidence)
            for value in (result.value, result.before, result.after):
                assert value is None or bundled.number(value) in said, (one.id, result)
    assert figures >= 600


def test_they_are_put_once_and_leave_what_others_wrote(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'o.sqlite3'}"
    with casebook(url, tmp_path) as book:
        assert bundled.put(book) == len(ALL) == len(book.all())
        assert bundled.put(book) == 0
        first, second = book.all()[:2]
        import msgspec

        book.put(msgspec.structs.replace(first, title="Changed", origin="console"), who="ann", why="better")
        book.withdraw(second.id)
        assert bundled.put(book) == 0
        assert book.get(first.id).title == "Changed"
        assert len(book.all()) == len(ALL) - 1


def test_words_for_figures() -> None:
    from outrider.casebook.records import Result

    assert bundled.line(Result("cost", before=1000, after=0.5, unit="USD")) == "cost: 1,000 → 0.5 USD"
    assert bundled.line(Result("users", value=300, qualifier="+", note="a month")) == "users: 300+ (a month)"
    assert bundled.line(Result("latency_p95", value=30, unit="ms", qualifier="<")) == "latency p95: < 30 ms"
    assert bundled.line(Result("growth", value="6-8", unit="%")) == "growth: 6-8 %"
