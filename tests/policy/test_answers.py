"""To which call an answer belongs, and which value of it stands alone."""

from collections.abc import Sequence

from outrider.policy.answers import Answers


def answered(*steps: tuple[str, str]) -> Answers:
    """Calls (`call`) and results (`result`) of one tool in this order; each result has one payment."""
    answers, last, results = Answers(), "", 0
    for kind, what in steps:
        if kind == "call":
            answers.called("bills")
            last = what
        else:
            results += 1
            answers.answered("bills", results, [last])
            answers.add(results, "payment_id", what, results)
    return answers


def looked_up(answers: Answers, result: int, key: str, value: str, said: str = "") -> Sequence[str]:
    return answers.looked_up(result, key, value, lambda number: number == said)


def test_the_only_value_of_its_field_is_what_was_looked_up() -> None:
    answers = answered(("call", "r-1"), ("result", "pm-1"))
    assert looked_up(answers, 1, "payment_id", "pm-1") == ("r-1",)
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
    answers.answered("bills", 3, ["r-3"])
    answers.add(3, "payment_id", "pm-3", 3)
    assert looked_up(answers, 3, "payment_id", "pm-3") == ("r-3",), "once all are answered, the next is known again"


def test_a_result_that_no_call_was_seen_of_has_no_call() -> None:
    answers = answered(("result", "pm-1"), ("call", "r-1"), ("result", "pm-2"))
    assert not looked_up(answers, 1, "payment_id", "pm-1")
    assert looked_up(answers, 2, "payment_id", "pm-2") == ("r-1",)


def test_another_sessions_are_counted_from_here_on() -> None:
    answers = answered(("call", "r-1"), ("result", "pm-1"))
    answers.take(answered(("call", "r-2"), ("result", "pm-2")), 1, 10)
    assert looked_up(answers, 1, "payment_id", "pm-1") == ("r-1",)
    assert looked_up(answers, 2, "payment_id", "pm-2") == ("r-2",)


def test_of_several_the_one_beside_the_sum_that_was_said() -> None:
    answers = answered(("call", "r-1"), ("result", "pm-1"))
    answers.add(1, "payment_id", "pm-2", 2)
    for record, number in ((1, "45"), (2, "60"), (2, "45.5")):
        answers.count(1, number, record)
    assert not looked_up(answers, 1, "payment_id", "pm-1")
    assert looked_up(answers, 1, "payment_id", "pm-1", said="45") == ("r-1",)
    assert not looked_up(answers, 1, "payment_id", "pm-2", said="45")
    answers.count(1, "45", 2)
    assert not looked_up(answers, 1, "payment_id", "pm-1", said="45"), "two of that sum"
