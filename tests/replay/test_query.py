"""Cohorts by words."""

import pytest

from outrider.base.errors import RequestError
from outrider.replay.query import find, parse
from tests.replay.conftest import House


def test_words_become_a_filter() -> None:
    found = parse('route=support cost>0.05 cost<=1 duration>=2s status=ok text="two words"', "p")
    assert (found.project, found.route, found.status, found.text) == ("p", "support", "ok", "two words")
    assert (found.min_cost, found.max_cost, found.min_duration) == (50_000_001, 1_000_000_000, 2_000_000_000)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("feedback=bad", "does not understand 'feedback=bad'"),
        ("cost=3", "does not understand"),
        ("route>3", "does not understand"),
        ("support", "does not understand"),
        ("route=a route=b", "says twice"),
        ("route=", "says nothing"),
        ("cost>much", "dollars"),
        ("since=whenever", "since"),
        ('text="', "--where"),
    ],
)
def test_mistakes_name_the_word(words: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        parse(words, "p")


async def test_a_session_is_taken_once_and_replays_never(house: House) -> None:
    runs = house.work("s", ["Rome?"], lambda tool, arguments: "sun")
    other, _ = house.ask([{"role": "user", "content": "scripted:text=x"}])
    asks = house.gateway()
    await asks.ask("/v1/chat/completions", house.recording(other).turns[0].body)
    await asks.close()
    store = house.outrider.store()
    assert [one.run for one in find(store, parse("status=ok", "default"), 10)] == [runs[0], other]
    assert [one.run for one in find(store, parse("status=ok", "default"), 1)] == [other]
