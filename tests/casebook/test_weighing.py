"""What speaks for an answer, as one score."""

from pathlib import Path

import numpy as np
import pytest

from outrider.casebook import facts, weighing
from outrider.providers.embedded import EMBED_DEFAULT, weights
from outrider.providers.embedded.embed import Embedder


def test_there_is_a_weight_for_every_feature_and_a_bias() -> None:
    fitted = weighing.weights()
    assert len(fitted.figure) == len(fitted.sentence) == len(weighing.FEATURES) + 1
    assert len(fitted.question) == len(weighing.QUESTION) + 1
    assert len(fitted.asked) == len(fitted.both) == 384
    assert len(fitted.number) == 384 + 3 + 1


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "a_number"),
    [
        ("How many tickets a day does the agent close?", True),
        ("By how much did the cost of a call fall?", True),
        ("How long does it take to index a contract?", True),
        ("Who checks the summaries before they are sent?", False),
        ("Which model writes the letters?", False),
        ("Why did they leave the larger model?", False),
        ("How do they keep prices out of the prompt?", False),
        ("What was the hardest part of the migration?", False),
    ],
)
def test_how_surely_a_number_is_asked_for(embed_models: Path, question: str, a_number: bool) -> None:
    embedder = Embedder(weights.folder(EMBED_DEFAULT, embed_models))
    surely = weighing.number(embedder.embed([question])[0], facts.form(question))
    assert surely > 0.8 if a_number else surely < 0.2


def test_a_number_is_asked_for_by_words_and_by_form() -> None:
    asked = np.zeros(384, np.float32)
    assert weighing.number(asked, (1.0, 0.0, 0.0)) > 0.5
    assert weighing.number(asked, (0.0, 1.0, 0.0)) < 0.2
    assert weighing.number(asked, (0.0, 0.0, 1.0)) > weighing.number(asked, (0.0, 0.0, 0.0))
    other = np.ones(16, np.float32)
    assert [weighing.number(other, (words, 0.0, 0.0)) for words in (0.0, 1.0)] == [0.0, 1.0]


def test_a_figure_answers_who_asks_for_a_number() -> None:
    asked = np.zeros(384, np.float32)
    plain = dict.fromkeys(weighing.FEATURES[:-1], 0.5)

    def more(words: float) -> float:
        """How much better a figure is than a sentence that is as near."""
        with_it, without = (tuple((plain | {"figure": f, "fits": f}).values()) for f in (1.0, 0.0))
        form = (words, 0.0, 0.0)
        return weighing.score(with_it, asked, asked, form) - weighing.score(without, asked, asked, form)

    assert more(1.0) > 1 > 10 * more(0.0)  # where no number is asked for, it hardly tells


@pytest.mark.parametrize("form", [(1.0, 0.0, 0.0), (0.0, 0.0, 0.0)])
def test_what_is_near_and_has_the_words_speaks_for_an_answer(form: tuple[float, float, float]) -> None:
    asked = np.zeros(384, np.float32)
    plain = dict.fromkeys(weighing.FEATURES[:-1], 0.5)

    def score(**changed: float) -> float:
        return weighing.score(tuple((plain | changed).values()), asked, asked, form)

    assert score(near=0.9) > score(near=0.1)
    assert score(whose=0.9) > score(whose=0.1)
    assert score(share=0.9) > score(share=0.1)
    assert score(place=2.0) < score(place=0.0)
    assert score(lacks=1.0) < score(lacks=0.0)


def _known(score: float, told: float = 0.0, alike: float = 0.5) -> list[float]:
    """Of a question with two candidates, the first the better one."""
    rows = np.full((2, len(weighing.FEATURES) - 1), 0.5)
    one = np.ones(2)
    return list(weighing.of_question(np.array([score, -4.0]), rows, told * one, 0.5 * one, alike * one, 4))


def test_what_is_known_of_a_question_is_of_its_best_candidate_and_of_all() -> None:
    known = dict(zip(weighing.QUESTION, _known(1.0, told=-0.5), strict=True))
    assert (known["score"], known["second"]) == (1.0, -4.0)
    assert known["together"] == pytest.approx(np.log(np.exp(1.0) + np.exp(-4.0)))
    assert (known["number_score"], known["number_told"]) == (0.5, -0.25)
    assert (known["many"], known["words"]) == (0.1, 0.5)
    alone = weighing.of_question(
        np.ones(1), np.ones((1, len(weighing.FEATURES) - 1)), *(np.ones(1) for _ in range(3)), 1
    )
    assert alone[:2].tolist() == [1.0, 1.0]


def test_a_question_is_answered_by_what_is_told_for_it_and_scores_well() -> None:
    good, bad = (np.array(_known(score, told, alike)) for score, told, alike in ((3.0, 1.0, 0.8), (-4.0, -1.0, 0.1)))
    assert weighing.enough(good) > 0 > weighing.enough(bad)


def test_vectors_of_another_embedder_say_nothing_of_what_is_told() -> None:
    other = np.ones(16, np.float32) / 4
    assert weighing.told(other, other) == 0.0
    same = np.ones(384, np.float32) / np.float32(384**0.5)
    fitted = weighing.weights()
    expected = sum(fitted.asked) / 384**0.5 + sum(fitted.both) / 384 * weighing.SCALE + fitted.bias
    assert weighing.told(same, same) == pytest.approx(expected, abs=1e-4)
