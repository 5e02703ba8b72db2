"""Labels from files: which columns are raters, what counts as the same label, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from outrider.base.errors import RequestError
from outrider.evals.judging import ratings

TABLE = ((13, 0, 0), (0, 20, 7), (0, 4, 56))
"""Two abstractors (Gwet 2014; see tests/calibrate/test_published.py)."""
KINDS = ("ectopic", "AIU", "NIU")


def rows() -> list[dict[str, Any]]:
    both = [(KINDS[one], KINDS[two]) for one, row in enumerate(TABLE) for two, n in enumerate(row) for _ in range(n)]
    return [{"id": at, "ann": one, "bob": two} for at, (one, two) in enumerate(both)]


@pytest.mark.parametrize("form", ["csv", "jsonl", "json"])
def test_two_raters_of_a_file(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"labels.{form}"
    lines = [json.dumps(row) for row in rows()]
    table = ["id,ann,bob", *(f"{row['id']}, {row['ann']} ,{row['bob']}" for row in rows())]
    path.write_text({"csv": "\n".join(table), "jsonl": "\n".join(lines), "json": f"[{','.join(lines)}]"}[form])
    found = ratings.held(ratings.read(path))
    assert found.raters == ["ann", "bob"]
    assert round(found.agreement.kappa.estimate, 7) == 0.7964094
    assert round(found.agreement.ac1.estimate, 7) == 0.8493305
    assert found.labels == ["AIU", "NIU", "ectopic"]
    assert found.confusion == [[20, 7, 0], [4, 56, 0], [0, 0, 13]]
    assert found.corrected is None


def test_the_same_label_is_the_same_however_it_is_written() -> None:
    said = [{"a": "1", "b": 1.0}, {"a": " 0 ", "b": 0}, {"a": "", "b": 1}, {"a": None, "b": 0}] * 3
    found = ratings.held(said)
    assert (found.agreement.raw.estimate, found.agreement.raw.n, found.things) == (1.0, 6, 12)
    assert found.labels == ["0", "1"]
    words = ratings.held([{"a": "tie", "b": 0}, {"a": "1", "b": 1}, {"a": 0, "b": "0.0"}] * 4)
    assert words.labels == ["0", "1", "tie"]
    assert words.agreement.raw.n == 12
    assert ratings.held([{"a": True, "b": "true"}, {"a": "True", "b": False}] * 5).confusion == [[0, 0], [5, 5]]
    assert ratings.held([{"a": 10**400, "b": 10**400}, {"a": 1, "b": 2}]).agreement.raw.estimate == 0.5


def test_rows_about_one_case_are_not_independent() -> None:
    said = [{"ann": at % 2, "bob": at % 2 if at % 8 else 1, "case": at // 8} for at in range(160)]
    alone, together = ratings.held(said), ratings.held(said, case="case")
    assert alone.agreement.ac1.n == together.agreement.ac1.n == 160
    assert alone.raters == together.raters == ["ann", "bob"]
    assert alone.agreement.ac1 != together.agreement.ac1
    gaps = [{**row, "case": ""} for row in said]
    assert ratings.held(gaps, case="case").agreement == alone.agreement, "without a case each is its own"


def test_scores_of_a_judge_are_corrected_by_those_of_people() -> None:
    said: list[dict[str, Any]] = [{"people": "", "judge": 1} for _ in range(300)]
    said += [{"people": float(at % 5 != 0), "judge": float(at % 10 != 0)} for at in range(100)]
    found = ratings.held(said, people="people", judge="judge")
    assert found.raters == ["people", "judge"]
    assert found.confusion == [[10, 10], [0, 80]]
    assert found.corrected is not None
    assert found.corrected.people.estimate == 0.8
    assert found.corrected.judge.estimate == pytest.approx(390 / 400)
    assert found.corrected.corrected.low < 0.83 < found.corrected.corrected.high


def test_scores_are_right_or_wrong_however_that_is_written() -> None:
    said = [{"people": str(at % 4 != 0), "judge": str(at % 2 == 0).lower()} for at in range(40)]
    found = ratings.held(said, people="people", judge="judge").corrected
    assert found is not None
    assert (found.people.estimate, found.judge.estimate) == (0.75, 0.5)


def test_a_column_of_texts_is_no_rater_unless_it_is_named() -> None:
    said = [{**row, "question": f"What is {row['id']}?"} for row in rows()]
    with pytest.raises(RequestError, match="'question' has more than 40 labels: say which are the raters"):
        ratings.held(said)
    assert ratings.held(said, ["ann", "bob"]).agreement == ratings.held(rows()).agreement


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"raters": ["ann", "eve"]}, "there is no column 'eve'; there are: id, ann, bob"),
        ({"raters": ["ann", "ann"]}, "two raters or more"),
        ({"raters": ["ann"]}, "two raters or more"),
        ({"case": "thing"}, "there is no column 'thing'"),
        ({"people": "ann"}, "both columns"),
        ({"people": "ann", "judge": "bob"}, "row 1: 'ann' is 'ectopic', no score"),
    ],
)
def test_what_cannot_be_held_against_each_other_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        ratings.held(rows(), **asked)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"nowhere\.csv cannot be read"):
        ratings.read(tmp_path / "nowhere.csv")
    (tmp_path / "empty.csv").write_text("id,ann,bob\n")
    with pytest.raises(RequestError, match=r"empty\.csv has no row"):
        ratings.read(tmp_path / "empty.csv")
    (tmp_path / "twice.csv").write_text("id,ann,ann,bob\n1,yes,no,yes\n")
    with pytest.raises(RequestError, match=r"twice\.csv:1: two columns are called 'ann'"):
        ratings.read(tmp_path / "twice.csv")
    (tmp_path / "spare.csv").write_text("ann,bob,,\nyes,yes,,\n")
    assert ratings.held(ratings.read(tmp_path / "spare.csv"), ["ann", "bob"]).things == 1
    (tmp_path / "short.csv").write_text("id,ann,bob\n1,yes\n")
    with pytest.raises(RequestError, match=r"short\.csv:2"):
        ratings.read(tmp_path / "short.csv")
