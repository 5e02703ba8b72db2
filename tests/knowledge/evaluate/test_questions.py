"""Questions from files: what is read, and what is said of a line that is wrong."""

from pathlib import Path

import pytest

from outrider.base.errors import RequestError
from outrider.knowledge.evaluate import questions


def test_lines_with_lists_or_grades(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '{"id": 1, "text": "one?", "relevant": ["a", "b"]}\n\n{"query": "two?", "relevant": {"a": 2, "b": 0}}\n'
        '{"text": "nothing?", "relevant": []}\n'
    )
    one, two = questions.read(path)
    assert (one.id, one.judged) == ("1", {"a": 1.0, "b": 1.0})
    assert (two.text, two.judged) == ("two?", {"a": 2.0})
    questions.write([one, two], path)
    assert [q.judged for q in questions.read(path)] == [one.judged, two.judged]


def beir(folder: Path, qrels: str) -> Path:
    (folder / "qrels").mkdir()
    (folder / "corpus.jsonl").write_text('{"_id": "d1", "title": "T", "text": "x"}\n{"_id": "d2", "text": "y"}\n')
    (folder / "queries.jsonl").write_text('{"_id": "q1", "text": "one"}\n{"_id": "q2", "text": "two"}\n')
    (folder / "qrels" / "test.tsv").write_text(qrels)
    return folder


def test_a_folder_as_beir_lays_it_out(tmp_path: Path) -> None:
    folder = beir(tmp_path, "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\nq2\td2\t2\n")
    assert [(q.id, q.judged) for q in questions.read(folder)] == [("q1", {"d1": 1.0}), ("q2", {"d2": 2.0})]
    assert list(questions.corpus(folder)) == [("d1", "T", "x"), ("d2", "", "y")]


def test_trec_evals_four_columns(tmp_path: Path) -> None:
    assert questions.read(beir(tmp_path, "q1 0 d1 1\n"))[0].judged == {"d1": 1.0}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "q.jsonl:1: not a JSON object"),
        ('{"text": "x"}', "q.jsonl:1: `relevant` must be a list"),
        ('{"text": "x", "relevant": {"a": "good"}}', "`relevant` must be a list"),
        ('{"relevant": ["a"]}', "q.jsonl:1: no `text`; the line has: relevant"),
        ("", "no question with a relevant document"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(line)
    with pytest.raises(RequestError, match=said):
        questions.read(path)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="there is nothing at"):
        questions.read(tmp_path / "none")
    with pytest.raises(RequestError, match=r"no qrels/dev.tsv; splits there: test"):
        questions.read(beir(tmp_path, "q1\td1\t1\n"), "dev")
    (tmp_path / "qrels" / "test.tsv").write_text("q1 d1 much\n")
    with pytest.raises(RequestError, match=r"test.tsv:1: 'q1 d1 much' is not"):
        questions.read(tmp_path)
