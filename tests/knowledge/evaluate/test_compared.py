"""Reports: who wins, when nobody does, and gates on them; asked of a real library."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from outrider.base.errors import RequestError
from outrider.calibrate.intervals import mean
from outrider.knowledge.evaluate import compared, gates, told
from outrider.knowledge.evaluate.compared import MEASURES, Result
from outrider.knowledge.evaluate.questions import Question
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection
from outrider.store import open_knowledge
from tests.knowledge.shelves import WordVectors, text_of


def result(strategy: str, values: list[float]) -> Result:
    return Result(strategy, {m: mean(values) for m in MEASURES}, dict.fromkeys(MEASURES, values), mean([1.0]), 1.0)


BASE = [0.2, 0.8, 0.5, 0.4] * 15


def test_the_simplest_is_kept_where_none_is_better() -> None:
    near = [v + 1e-3 * (-1) ** n for n, v in enumerate(BASE)]
    report = compared.compared("c", [result("keyword", BASE), result("hybrid", near)])
    assert report.best == "keyword"
    assert report.verdict.startswith("None is significantly better than keyword")


def test_a_steady_gain_wins_and_a_like_one_is_named() -> None:
    better = [v + 0.1 for v in BASE]
    report = compared.compared("c", [result("keyword", BASE), result("hybrid", better), result("rerank", better)])
    assert report.best == "hybrid"
    assert "hybrid is better than keyword by +0.100" in report.verdict
    assert "not told apart from it: rerank" in report.verdict


def test_gates_hold_or_not() -> None:
    report = compared.compared("c", [result("keyword", [0.5] * 4), result("hybrid", [0.495] * 4)])
    held = gates.check(
        report, ["hybrid>=keyword-0.01", "hybrid > keyword", "hybrid:all@8>=0.9*keyword", "keyword>=0.6"]
    )
    assert [ok for _, ok in held] == [True, False, True, False]
    assert held[0][0] == "hybrid>=keyword-0.01: 0.4950 against 0.4900 (ndcg@10)"


@pytest.mark.parametrize("gate", ["", "hybrid", "hybrid>=", "hybrid:depth@3>=1", "rerank>=keyword", "a>=b; c"])
def test_what_is_no_gate_is_refused(gate: str) -> None:
    report = compared.compared("c", [result("keyword", [0.5]), result("hybrid", [0.5])])
    with pytest.raises(RequestError):
        gates.check(report, [gate])


@pytest.fixture
def animals(tmp_path: Path, embed: Callable[[Library, Collection], int]) -> tuple[Library, Collection]:
    library = Library(open_knowledge(f"sqlite:///{tmp_path / 'k.sqlite3'}"), tmp_path, WordVectors())
    collection = library.create("p", "animals")
    for name, text in (
        ("owl", "An owl hunts mice.\nIt sees at night."),
        ("fox", "A fox digs."),
        ("bat", "A bat flies."),
    ):
        library.put(collection, name, text_of(text, name))
    embed(library, collection)
    return library, collection


def test_strategies_are_asked_the_same(animals: tuple[Library, Collection]) -> None:
    asked = [Question("1", "who hunts mice", {"owl": 1.0}), Question("2", "what flies", {"bat": 1.0})]
    heard: list[tuple[str, int]] = []
    report = compared.evaluate(*animals, asked, ["hybrid", "keyword"], told=lambda s, n: heard.append((s, n)))
    assert [r.strategy for r in report.results] == ["keyword", "hybrid"]
    assert report.of("keyword").measured["ndcg@10"].estimate == 1
    assert heard[-1] == ("hybrid", 2)
    page = told.markdown(report)
    assert "| **keyword** | 1.000 [0.173, 1.000] |" in page
    assert msgspec.json.decode(told.json(report))["questions"] == 2


def test_passages_count_as_their_documents() -> None:
    assert compared.documents([("a", "1"), ("b", "2"), ("a", "1")], {"b": 1}) == ["a", "b"]
    assert compared.documents([("a", "1"), ("b", "2")], {"2": 1}) == ["a", "2"]
