"""What the reader is trained on: questions out of clones of other people's repositories, and the sentences beside."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.reader_data import Asked, beside, chosen, others

TEXT = "Rain fell in March. The mill was sold to a baker. Nobody knows why."
START = TEXT.index("a baker")


def squad(question: str, answer: str, **more: Any) -> Any:
    asked = {"question": question, "answers": [{"text": answer, "answer_start": TEXT.index(answer)}], **more}
    return {"data": [{"title": "Mill", "paragraphs": [{"context": TEXT, "qas": [asked]}]}]}


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    """The four repositories, each with one question."""
    selqa = [{"question": "Who bought it?", "candidates": ["Rain.", "A baker did."], "answers": [1]}]
    qed = {
        "question_text": "who bought the mill",
        "paragraph_text": TEXT,
        "sentence_starts": [0, TEXT.index("The"), TEXT.index("Nobody")],
        "original_nq_answers": [[{"start": START, "end": START + 7}]],
    }
    made = {
        "selqa/ass/selqa-ass-dev.json": selqa,
        "selqa/ass/selqa-ass-test.json": [{**selqa[0], "answers": []}],
        "QED/qed-dev.jsonlines": qed,
        "xquad/xquad.en.json": squad("When did rain fall?", "March"),
        "COVID-QA/data/question-answering/200423_covidQA.json": squad("What happened?", "baker. Nobody knows"),
    }
    for name, value in made.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), "utf-8")
    for clone in ("selqa", "QED", "xquad", "COVID-QA"):
        git = ["git", "-C", str(tmp_path / clone), "-c", "user.name=a", "-c", "user.email=a@example.org"]
        for words in (["init", "-q"], ["add", "."], ["commit", "-q", "--no-gpg-sign", "-m", "one"]):
            subprocess.run([*git, *words], check=True)
    return tmp_path


def test_each_repository_gives_its_questions_with_the_sentences_that_answer(clones: Path) -> None:
    found = {one.source: one for one in others(clones)}
    said = {name: [one.pairs[n][1] for n in sorted(one.right)] for name, one in found.items()}
    assert said == {
        "selqa": ["A baker did."],
        "qed": ["The mill was sold to a baker."],
        "xquad": ["Rain fell in March."],
        "covid": ["The mill was sold to a baker.", "Nobody knows why."],
    }
    assert found["qed"].pairs[0][0] == "Who bought the mill?"
    assert len(list(others(clones))) == 4  # the question without an answer is none of them


def test_what_shares_words_with_the_question_is_learnt_from() -> None:
    plain = [f"Number {n} is about something else entirely." for n in range(40)]
    hard = ["Who bought the old mill is not known here.", "The old mill stands beside the river."]
    one = beside("x", "Who bought the old mill?", [*plain, *hard, "It went to a baker in spring.", "Baker."], [42, 43])
    kept = chosen(one, np.random.default_rng(1))
    assert kept is not None
    said = [text for _, text in kept.pairs]
    assert [said[n] for n in kept.right] == ["It went to a baker in spring."]
    assert set(hard) < set(said)
    assert len(said) == len(set(said)) == 6
    assert "Baker." not in said


def test_a_question_that_only_headings_answer_is_left_out() -> None:
    assert (
        chosen(
            Asked("x", [("Who?", "Baker."), ("Who?", "Rain fell in March.")], frozenset({0})), np.random.default_rng(1)
        )
        is None
    )
