"""How much of a question a text speaks of."""

from outrider.casebook import coverage
from tests.knowledge.shelves import WordVectors


def test_words_that_ask() -> None:
    assert coverage.words("What does Pinebank's agent do with the agent's answers?") == ["pinebank", "agent", "answers"]
    assert coverage.asked("How does Pinebank's agent answer?", ["Pinebank"]) == ["agent", "answer"]
    assert coverage.asked("How does PayPay pay the reviewers?", ["PayPay"]) == [
        "pay",
        "reviewers",
    ]
    assert coverage.asked("How long did the test take in the end?", []) == ["test"]
    assert coverage.asked("What kind of queue did it end up with?", []) == ["queue"]


def test_a_word_that_is_there_counts_whole() -> None:
    embed = WordVectors().queries
    same, other, none = coverage.nearly(["agents"], ["An agent.", "Violins.", "…"], lambda texts: embed("", texts))
    assert same == (1.0, 1.0)
    assert max(other) < 1.0
    assert none == (0.0, 0.0)
    assert coverage.nearly([], ["An agent."], lambda texts: embed("", texts)) == [(1.0, 1.0)]
    (both,) = coverage.nearly(["agents", "violins"], ["An agent."], lambda texts: embed("", texts))
    assert both[1] < both[0] < 1.0
