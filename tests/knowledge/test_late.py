"""Late interaction on vectors that can be counted by hand."""

import numpy as np

from outrider.knowledge import late


def test_each_token_of_the_question_takes_its_nearest() -> None:
    question = np.array([[1, 0], [0, 1]], np.float32)
    passage = np.array([[0.6, 0.8], [1, 0], [0, -1]], np.float32)
    assert round(late.maxsim(question, passage), 6) == 0.9
    assert late.nearest(question, [passage, passage[2:]]).round(6).tolist() == [
        [1.0, np.float32(0.8).item()],
        [0.0, -1.0],
    ]


def test_nothing_is_like_nothing() -> None:
    none = np.empty((0, 2), np.float32)
    assert late.maxsim(none, none) == 0
    assert late.nearest(np.eye(2, dtype=np.float32), [none]).tolist() == [[0, 0]]
