"""What a replay would have cost at a moment, from the prices that the journal recorded."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from outrider.base import ids
from outrider.base.usage import Price, Usage
from outrider.journal.events import RunRecorded, Step
from outrider.replay import moments
from tests.journal.place import Place

DAY = 86_400 * 10**9


@pytest.fixture
def place(tmp_path: Path, store_url: str) -> Iterator[Place]:
    with closing(Place(tmp_path, store_url)) as made:
        yield made


def call(at: int, price: Price | None, tokens: int = 1_000_000) -> RunRecorded:
    step = Step(1, "model", "p/m", usage=Usage(tokens, 0), price=price)
    return RunRecorded(ids.new_id(), "p", at, "chat.completions", deployment="p/m", steps=[step])


def test_the_price_is_that_of_the_last_call_before(place: Place) -> None:
    cheap, dear = Price(input=10**9, source="list@1"), Price(input=3 * 10**9, source="list@2")
    free = call(2 * DAY + 5, None)
    new = call(9 * DAY, dear, 2_000_000)
    place.record(call(DAY, cheap), free, call(5 * DAY, dear), new)
    runs = [ids.text(new.id)]
    then = moments.cost(place.store, "p", runs, 3 * DAY)
    assert then.then == 2 * 10**9
    assert then.notes == ["prices: p/m as on 1970-01-02T00:00:00.000Z (list@1)"]
    assert moments.cost(place.store, "p", runs, 6 * DAY).then == 6 * 10**9
    before = moments.cost(place.store, "p", runs, DAY - 1)
    assert (before.then, "no priced call before then" in before.notes[0]) == (None, True)
    assert moments.cost(place.store, "p", [], DAY) == moments.Cost(0, [])


def test_what_was_configured_then_comes_first_and_the_price_list_last(place: Place) -> None:
    paid, configured = Price(input=10**9, source="list@1"), Price(input=5 * 10**9, source="config")
    new = call(9 * DAY, None)
    place.record(call(DAY, paid), new)
    runs, asked = [ids.text(new.id)], list[str]()

    def listed(deployment: str) -> Price | None:
        asked.append(deployment)
        return Price(input=7 * 10**9, source="list@now")

    found = moments.cost(place.store, "p", runs, 3 * DAY, configured={"p/m": configured}, listed=listed)
    assert found == moments.Cost(5 * 10**9, ["prices: p/m as configured then"])
    assert moments.cost(place.store, "p", runs, 3 * DAY, listed=listed).then == 10**9
    assert asked == [], "what was applied is known better than what is listed"
    before = moments.cost(place.store, "p", runs, DAY - 1, listed=listed)
    assert before == moments.Cost(7 * 10**9, ["prices: p/m as the price list says of then (list@now)"])


def test_moments_are_told_no_earlier_than_they_are() -> None:
    assert moments.told(1) == "1970-01-01T00:00:00.000001Z"
    assert moments.told(1_700_000_000_123_456_000) == "2023-11-14T22:13:20.123456Z"
    assert moments.told(1_700_000_000_999_999_001) == "2023-11-14T22:13:21.000000Z"
    assert [line.partition(":")[0] for line in moments.beside(0)] == [
        "documents", "prompts", "routes, policy and guardrails", "today's all the same",
    ]  # fmt: skip
