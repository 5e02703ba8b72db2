"""Where tool calls are let in: they are calls in flight from the moment they are let in until they are over."""

import asyncio
from pathlib import Path

import pytest

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.limits.bucket import Rate
from outrider.limits.desk import Desk
from outrider.limits.holds import HoldFile
from outrider.limits.keys import Identity
from outrider.limits.ledger import Ledger
from outrider.limits.rates import RateRule, Rates
from outrider.limits.rules import Rules
from outrider.limits.shedding import Shedder
from outrider.policy.identity import Who
from outrider.tools.gate import Admitted, Gate
from outrider.tools.ports import Caller, Tool
from tests.jumping import run
from tests.limits.lending import SECOND, desks

ADA = Caller(identity=Identity("p", "k"), who=Who(project="p", session=""))


def gate(folder: Path, shedder: Shedder, desk: Desk, requests: int) -> Gate:
    rates = Rates(desk, [RateRule("all", requests=Rate(requests, 60 * SECOND, requests))])
    return Gate(shedder, rates, Ledger(HoldFile(folder, "0", cells=8), Rules()))


async def admit(there: Gate) -> Admitted:
    return await there.admit(bytes(16), clock.now_ns(), ADA, Tool(name="t"), 9, 0)


def test_a_call_that_waits_for_its_rate_is_in_flight(tmp_path: Path) -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        shedder = Shedder(most=1)
        there = gate(tmp_path, shedder, desk, 9)
        waiting = asyncio.create_task(admit(there))
        for _ in range(3):  # the store has not answered yet
            await asyncio.sleep(0)
        assert not waiting.done()
        with pytest.raises(RequestError) as caught:
            await admit(there)
        assert caught.value.code == "overloaded"
        (await waiting).leave()
        (await admit(there)).leave()
        await asyncio.sleep(1)
        await desk.close()

    run(story())


def test_a_call_that_is_refused_or_leaves_is_in_flight_no_more(tmp_path: Path) -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        shedder = Shedder(most=1)
        there = gate(tmp_path, shedder, desk, 1)
        leaves = asyncio.create_task(admit(there))
        await asyncio.sleep(0)
        leaves.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaves
        assert shedder.in_flight == 0
        await asyncio.sleep(1)
        (await admit(there)).leave()
        with pytest.raises(RequestError) as caught:
            await admit(there)
        assert caught.value.code == "rate_limit_exceeded"
        assert shedder.in_flight == 0
        await asyncio.sleep(1)
        await desk.close()

    run(story())
