"""Calls that are turned away at the door: an answer that lies ready, some of them recorded, batch first."""

import json

from outrider.gateway.door import BURST, Door
from outrider.gateway.edge import Refusal
from outrider.limits.shedding import Shedder

CHAT = b"/v1/chat/completions"


class Records:
    def __init__(self) -> None:
        self.seen: list[Refusal] = []

    def __call__(self, refusal: Refusal) -> bytes:
        self.seen.append(refusal)
        return b"x-request-id: r\r\n"


def test_calls_come_in_while_there_is_room() -> None:
    door = Door(Shedder(), Records())
    assert door.turns_away(CHAT, []) is None


async def test_above_the_cap_they_are_turned_away_and_some_are_recorded() -> None:
    shedder, records = Shedder(most=10), Records()
    door = Door(shedder, records)
    for _ in range(8):
        assert door.turns_away(CHAT, []) is None
        shedder.enter()
    batch = [(b"x-outrider-priority", b"batch")]
    answer = door.turns_away(CHAT, batch)
    assert answer is not None
    status, head, body = answer
    assert status == 503
    assert head.endswith(b"retry-after: 1\r\nx-request-id: r\r\n")
    assert json.loads(body)["error"]["code"] == "overloaded"
    assert records.seen == [Refusal(b"POST", CHAT, batch, 503, "this gateway has more to do than it can do in time")]
    assert records.seen[0].code == "overloaded"
    assert door.turns_away(CHAT, []) is None
    for _ in range(100):
        assert door.turns_away(CHAT, batch) is not None
    assert len(records.seen) <= BURST + 1
    assert shedder.shed["batch"] == 101
