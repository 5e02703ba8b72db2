"""To which call an answer belongs, and which value of it stands alone."""

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
            answers.add(results, "payment_id", what)
    return answers


def test_the_only_value_of_its_field_is_what_was_looked_up() -> None:
    answers = answered(("call", "r-1"), ("result", "pm-1"))
    assert answers.looked_up(1, "payment_id", "pm-1") == ("r-1",)
    assert not answers.looked_up(1, "payment_id", "pm-2")
    assert not answers.looked_up(1, "order_id", "pm-1")
    answers.add(1, "payment_id", "pm-1")
    assert answers.looked_up(1, "payment_id", "pm-1"), "the same once more"
    answers.add(1, "payment_id", "pm-2")
    assert not answers.looked_up(1, "payment_id", "pm-1")
    answers.add(1, "payment_id", "pm-1")
    assert not answers.looked_up(1, "payment_id", "pm-1"), "one of several stays one"


def test_of_calls_that_are_open_together_none_is_known() -> None:
    answers = answered(("call", "r-2"), ("call", "r-1"), ("result", "pm-2"), ("result", "pm-1"), ("call", "r-3"))
    assert not answers.looked_up(1, "payment_id", "pm-2")
    assert not answers.looked_up(2, "payment_id", "pm-1")
    answers.answered("bills", 3, ["r-3"])
    answers.add(3, "payment_id", "pm-3")
    assert answers.looked_up(3, "payment_id", "pm-3") == ("r-3",), "once all are answered, the next is known again"


def test_a_result_that_no_call_was_seen_of_has_no_call() -> None:
    answers = answered(("result", "pm-1"), ("call", "r-1"), ("result", "pm-2"))
    assert not answers.looked_up(1, "payment_id", "pm-1")
    assert answers.looked_up(2, "payment_id", "pm-2") == ("r-1",)


def test_another_sessions_are_counted_from_here_on() -> None:
    answers = answered(("call", "r-1"), ("result", "pm-1"))
    answers.take(answered(("call", "r-2"), ("result", "pm-2")), 1)
    assert answers.looked_up(1, "payment_id", "pm-1") == ("r-1",)
    assert answers.looked_up(2, "payment_id", "pm-2") == ("r-2",)
