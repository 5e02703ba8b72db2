"""The worlds' tasks in other words: seldom asked about, however they are said."""

from benchmarks.phrases import asked, phrases


def test_requests_in_other_words_are_seldom_asked_about() -> None:
    some = phrases()
    assert len(some) == 258
    counts = [asked(one) for one in some[::3]]
    assert sum(counts) / len(counts) <= 0.3
    assert counts.count(0) / len(counts) >= 0.75
