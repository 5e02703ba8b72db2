"""Questions over the corpus, asked as a whole."""

from pathlib import Path

import pytest

from benchmarks.casebook import embed
from outrider.casebook import weighing
from outrider.casebook.ask import ask
from outrider.casebook.book import Casebook
from outrider.casebook.find import Finder
from tests.casebook import few
from tests.knowledge.shelves import WordVectors


@pytest.fixture
def book(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Casebook:
    """A few cases, with vectors, of which every passage is taken for an answer."""
    made = few.casebook(f"sqlite:///{tmp_path / 'outrider.sqlite3'}", tmp_path / "home", request.addfinalizer)
    book = Casebook(made.library, made.store)
    book.library.embedders = WordVectors()
    assert embed(book.library, book) > 0
    monkeypatch.setattr(weighing, "enough", lambda _: 5.0)
    return book


@pytest.mark.parametrize("question", ["?", "… ?!", "😀"])
def test_a_question_without_a_word_is_refused_whatever_is_near(question: str, book: Casebook) -> None:
    answered = ask(Finder(book), "What is handled at Harbour Mutual?")
    assert not answered.abstained
    refused = ask(Finder(book), question)
    assert (refused.abstained, refused.confidence, refused.written) == (True, 0.0, "refusal")


def test_a_passage_that_several_sentences_rest_on_has_one_number(book: Casebook) -> None:
    answered = ask(Finder(book), "What was learnt at Harbour Mutual about handling time and deflection rate?")
    cited = [c for one in answered.sentences for c in one.citations]
    passages = {(c.case, c.start, c.end) for c in cited}
    assert len(answered.sentences) > 1
    assert len(passages) < len(cited)  # sentences share one
    assert {c.number for c in cited} == set(range(1, len(passages) + 1))
    assert len({(c.case, c.start, c.end, c.number) for c in cited}) == len(passages)
