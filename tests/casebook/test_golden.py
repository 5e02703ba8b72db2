"""The golden set is what it says, and scoring it counts what it should."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.casebook import bundled, rows
from outrider.casebook.ask import CaseAnswer, Cited, Said
from outrider.casebook.find import Finder
from outrider.casebook.golden import Golden, load, placed, public, score
from outrider.casebook.golden.score import has_all, unsupported
from tests.casebook import few

EVERY = load()


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("several", [EVERY, public()], ids=["bundled", "public"])
def test_the_set_is_large_enough(several: list[Golden], held_out: bool) -> None:
    questions = [q for q in several if q.held_out == held_out]
    able, unable = [q for q in questions if q.answerable], [q for q in questions if not q.answerable]
    assert len(able) >= 60
    assert len(unable) >= 40
    assert sum(q.kind == "near-miss" for q in unable) >= 15


def test_no_question_is_there_twice() -> None:
    every = [*EVERY, *public()]
    assert len({q.id for q in every}) == len({q.question for q in every}) == len(every)


def test_entries_that_were_joined_are_found_where_they_went(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    book = few.casebook(f"sqlite:///{tmp_path / 'o.sqlite3'}", tmp_path, request.addfinalizer)
    with book.store.write((rows.LOCK,)) as tx:
        rows.put_items(tx, "set", [rows.Item("entry", "h", "published", "harbour-claims", {})])
    questions = [Golden("a", "?", "how", True, ("entry", "other")), Golden("b", "?", "absent", True)]
    assert [q.cases for q in placed(questions, book)] == [("harbour-claims", "other"), ()]


def test_every_answer_is_in_its_case() -> None:
    texts = {one.id: bundled.composed(one) for one in bundled.read()}
    for question in EVERY:
        assert all(case in texts for case in question.cases), question.id
        whole = "\n".join(texts[case] for case in question.cases)
        if question.answerable:
            assert has_all(whole, question.strings), question.id


def test_numbers_are_compared_as_numbers() -> None:
    assert has_all("It takes 2,200 messages.", [["2200"]])
    assert not has_all("It takes 12,200 messages.", [["2200"]])
    assert not has_all("It costs 5.5.", [["5"]])
    assert has_all("It costs 5.", [["5"]])
    assert has_all("Mocked tools", [["simulat", "mock"]])


def test_unsupported_figures_are_counted() -> None:
    cited = [Cited(1, "c", "o", "t", "The rate reached 60 %.", 0, 22)]
    said = [Said("The rate reached 60 %.", 0, 22, cited), Said("It saved 40 %.", 23, 37, cited)]
    assert unsupported(CaseAnswer("q", "…", False, "", said, ["c"], 0.9, "extractive")) == 1
    assert unsupported(CaseAnswer("q", "…", True, "none", said, ["c"], 0.1, "refusal")) == 0


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finder]:
    closing: list[object] = []
    folder = tmp_path_factory.mktemp("few")
    yield Finder(few.casebook(f"sqlite:///{folder / 'outrider.sqlite3'}", folder / "home", closing.append))
    for close in closing:
        close()  # type: ignore[operator]


def test_scores(finder: Finder) -> None:
    got = score(
        finder,
        [
            Golden(
                "a",
                "What did Harbour Mutual's chat deflection rate reach?",
                "figure",
                False,
                ("harbour-claims",),
                (("60",),),
            ),
            Golden("b", "Who plays the violin on Mars?", "elsewhere", False),
        ],
    )
    assert got.recall.estimate == 1.0
    assert got.refused.estimate == 1.0
    assert (got.recall.n, got.refused.n, got.unsupported) == (1, 1, 0)
    assert got.asked[0].rank == 1
