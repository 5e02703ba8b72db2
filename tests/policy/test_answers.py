"""To which call an answer belongs, and which value of it stands alone."""

from typing import Any

import pytest

from outrider.policy.answers import Answers


def answered(*steps: tuple[str, str]) -> Answers:
    """Calls (`call`) and results (`result`) of one tool in this order; each result has one payment."""
    answers, results = Answers(), 0
    for kind, what in steps:
        if kind == "call":
            answers.called("bills", {"booking": what})
        else:
            results += 1
            answers.answered("bills", results)
            answers.add(results, "payment_id", what, results)
    return answers


def looked_up(answers: Answers, result: int, key: str, value: str, said: str = "") -> str:
    return answers.looked_up(result, key, value, lambda number: number == said)[0]


def test_the_only_value_of_its_field_is_what_was_looked_up() -> None:
    answers = answered(("call", "r-1"), ("result", "pm-1"))
    assert looked_up(answers, 1, "payment_id", "pm-1") == "r-1"
    assert not looked_up(answers, 1, "payment_id", "pm-2")
    assert not looked_up(answers, 1, "order_id", "pm-1")
    answers.add(1, "payment_id", "pm-1", 9)
    assert looked_up(answers, 1, "payment_id", "pm-1"), "the same once more"
    answers.add(1, "payment_id", "pm-2", 9)
    assert not looked_up(answers, 1, "payment_id", "pm-1")
    answers.add(1, "payment_id", "pm-1", 9)
    assert not looked_up(answers, 1, "payment_id", "pm-1"), "one of several stays one"


def test_of_calls_that_are_open_together_none_is_known() -> None:
    answers = answered(("call", "r-2"), ("call", "r-1"), ("result", "pm-2"), ("result", "pm-1"), ("call", "r-3"))
    assert not looked_up(answers, 1, "payment_id", "pm-2")
    assert not looked_up(answers, 2, "payment_id", "pm-1")
    answers.answered("bills", 3)
    answers.add(3, "payment_id", "pm-3", 3)
    assert looked_up(answers, 3, "payment_id", "pm-3") == "r-3", "once all are answered, the next is known again"


def test_a_result_that_no_call_was_seen_of_has_no_call() -> None:
    answers = answered(("result", "pm-1"), ("call", "r-1"), ("result", "pm-2"))
    assert not looked_up(answers, 1, "payment_id", "pm-1")
    assert looked_up(answers, 2, "payment_id", "pm-2") == "r-1"


def test_another_sessions_are_counted_from_here_on() -> None:
    answers = answered(("call", "r-1"), ("result", "pm-1"))
    answers.take(answered(("call", "r-2"), ("result", "pm-2")), 1, 10)
    assert looked_up(answers, 1, "payment_id", "pm-1") == "r-1"
    assert looked_up(answers, 2, "payment_id", "pm-2") == "r-2"


def test_of_several_the_one_beside_the_sum_that_was_said() -> None:
    answers = answered(("call", "r-1"), ("result", "pm-1"))
    answers.add(1, "payment_id", "pm-2", 2)
    for record, number in ((1, "45"), (2, "60"), (2, "45.5")):
        answers.count(1, number, record)
    assert not looked_up(answers, 1, "payment_id", "pm-1")
    assert looked_up(answers, 1, "payment_id", "pm-1", said="45") == "r-1"
    assert not looked_up(answers, 1, "payment_id", "pm-2", said="45")
    answers.count(1, "45", 2)
    assert not looked_up(answers, 1, "payment_id", "pm-1", said="45"), "two of that sum"


@pytest.mark.parametrize(
    "arguments",
    [
        {"booking": "b-12", "limit": 1},
        {"booking": "b-13", "x": "b-12"},
        {"booking": ["b-12", "b-13"]},
        {"booking": {"is": "b-12"}},
        {"booking": 12},
        {"booking": "b-12" + "x" * 100},
        {},
        "b-12",
    ],
)
def test_a_call_with_more_than_an_id_is_a_look_up_of_nothing(arguments: Any) -> None:
    answers = Answers()
    answers.called("bills", arguments)
    answers.answered("bills", 1)
    answers.add(1, "payment_id", "pm-1", 1)
    assert not looked_up(answers, 1, "payment_id", "pm-1")


def test_another_answer_to_the_same_had_more() -> None:
    answers = answered(("call", "r-1"), ("result", "pm-1"), ("call", "r-1"), ("result", "pm-2"))
    assert not looked_up(answers, 1, "payment_id", "pm-1")
    assert not looked_up(answers, 2, "payment_id", "pm-2")


def test_an_answer_about_another_thing() -> None:
    answers = answered(("call", "r-1"), ("result", "pm-1"))
    answers.add(1, "booking_id", "r-2", 1)
    assert not answers.is_only_of(1, "booking_id", "r-1")
    assert answers.is_only_of(1, "guest_id", "r-1")
