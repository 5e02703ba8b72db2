"""Datasets in both stores: versions never change, and a case is kept once."""

import msgspec
import pytest

from outrider.base.errors import RequestError
from outrider.evals.cases import body
from outrider.evals.datasets import Datasets, split
from outrider.evals.records import Case, digest


def cases(*texts: str) -> list[Case]:
    return [Case(f"c{n}", text, expected=text.upper()) for n, text in enumerate(texts)]


def test_a_version_is_what_it_was(datasets: Datasets) -> None:
    first = datasets.save("p", "d", cases("a", "b"), author="ada", note="first")
    same = datasets.save("p", "d", cases("a", "b"))
    second = datasets.save("p", "d", cases("a", "c", "d"))
    assert (first.version, same, second.version) == (1, first, 2)
    assert datasets.cases("p", "d", 1) == cases("a", "b")
    assert datasets.cases("p", "d") == cases("a", "c", "d")
    change = datasets.difference("p", "d", 1, 2)
    assert (change.added, change.removed, change.changed) == (["c2"], [], ["c1"])
    assert [one.version for one in datasets.versions("p", "d")] == [2, 1]
    assert [one.dataset for one in datasets.newest("p")] == ["d"]


def test_cases_are_added_and_replaced(datasets: Datasets) -> None:
    datasets.add("p", "d", cases("a"))
    datasets.add("p", "d", [Case("c0", "z"), Case("new", "y")])
    assert [(one.id, one.input) for one in datasets.cases("p", "d")] == [("c0", "z"), ("new", "y")]


def test_a_dataset_belongs_to_its_project(datasets: Datasets) -> None:
    datasets.save("p", "d", cases("a"))
    for wrong in (("q", "d", 0), ("p", "e", 0), ("p", "d", 7)):
        with pytest.raises(RequestError, match="there is no"):
            datasets.cases(*wrong)


@pytest.mark.parametrize("name", ["", " d", "d\n", "x" * 201])
def test_what_is_no_name_is_refused(datasets: Datasets, name: str) -> None:
    with pytest.raises(RequestError, match="printable"):
        datasets.save("p", name, cases("a"))
    with pytest.raises(RequestError, match="without any case"):
        datasets.save("p", "d", [])


def test_the_same_question_is_always_on_the_same_side() -> None:
    many = [Case(str(n), f"question {n}") for n in range(400)]
    sides = {one.id: one.split for one in split(many, 0.25)}
    assert sides == {one.id: one.split for one in split(reversed(many), 0.25)}
    assert 70 <= list(sides.values()).count("held-out") <= 130
    assert next(iter(split([Case("a", "x", split="mine")], 0.5))).split == "mine"


def test_cases_are_kept_without_a_version(datasets: Datasets) -> None:
    some = [Case(str(n), f"question {n}") for n in range(700)]
    datasets.keep("p", some)
    datasets.keep("p", some[:2])
    known = {digest(msgspec.json.decode(body(case))): case.id for case in some}
    assert {key: case.id for key, case in datasets.kept("p", [*known, "gone"]).items()} == known
    assert datasets.kept("q", list(known)) == {}
    assert datasets.newest("p") == []
