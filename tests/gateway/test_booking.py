"""What attempts cost: reported, estimated, cut by the provider and cut by us."""

import asyncio
from decimal import Decimal

import pytest
from msgspec import structs

from outrider.base.ports import Facts
from outrider.base.usage import Price
from outrider.gateway.attempts import NoAnswer
from outrider.testing import ScriptedProvider
from tests.gateway.calls import ask, call, deployment, route

PRICE = Price(input=2_500_000_000, output=10_000_000_000)


async def test_every_attempt_has_its_own_price_and_the_call_their_sum() -> None:
    made = call("scripted:chunks=100", route(deployment("a", ScriptedProvider())))
    await ask(made, PRICE)
    assert made.usage is not None
    assert (made.usage.output, made.usage.estimated) == (100, False)
    assert made.steps[0].cost == made.cost == PRICE.cost(made.usage) > 0
    assert (made.steps[0].price, made.price, made.steps[0].usage) == (PRICE, PRICE, made.usage)


async def test_an_unknown_price_costs_nothing() -> None:
    made = call("scripted:text=hello", route(deployment("a", ScriptedProvider())))
    await ask(made)
    assert (made.cost, made.price) == (0, None)
    assert made.usage is not None


async def test_a_refusal_costs_nothing_and_the_next_one_its_own() -> None:
    bad = ScriptedProvider()
    made = call("scripted:fail-times=1,status=503", route(deployment("a", bad), retries=1))
    await ask(made, PRICE)
    assert made.steps[0].cost == 0
    assert made.steps[1].cost == made.cost > 0


async def test_a_stream_that_breaks_costs_what_arrived() -> None:
    made = call("scripted:chunks=20,cut=7", route(deployment("a", ScriptedProvider())), stream=True)
    with pytest.raises(NoAnswer):
        await ask(made, PRICE)
    assert made.usage is not None
    assert made.usage.estimated
    assert made.usage.output >= 7
    assert made.steps[0].cost == made.cost == PRICE.cost(made.usage)


async def test_a_plain_answer_that_we_gave_up_may_be_billed_whole() -> None:
    made = call(
        "scripted:delay=30", route(deployment("a", ScriptedProvider()), try_timeout=0.1), fields={"max_tokens": 500}
    )
    with pytest.raises(NoAnswer):
        await ask(made, PRICE)
    assert made.usage is not None
    assert (made.usage.output, made.usage.estimated) == (500, True)


async def test_a_client_that_leaves_pays_for_what_was_under_way() -> None:
    made = call("scripted:delay=30", route(deployment("a", ScriptedProvider())), fields={"max_tokens": 50})
    task = asyncio.create_task(ask(made, PRICE))
    made.task = task
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert made.usage is not None
    assert made.usage.output == 50


@pytest.mark.parametrize(("runs_on", "said"), [(False, range(7, 100)), (True, range(500, 501))])
@pytest.mark.parametrize("script", ["scripted:chunks=50,gap=0.001,stall=7", "scripted:chunks=50,delay=30"])
async def test_a_stream_that_its_reader_left_pays_what_came_or_all_that_a_provider_may_write_on(
    script: str, runs_on: bool, said: range
) -> None:
    at = structs.replace(deployment("a", ScriptedProvider()), runs_on=runs_on)
    made = call(script, route(at), stream=True, fields={"max_tokens": 500})
    written, came = made.exchange.write, asyncio.Event()

    def write(chunk: bytes) -> None:
        written(chunk)
        if len(made.heard) >= 7:
            came.set()

    made.exchange.write = write  # type: ignore[method-assign]
    task = asyncio.create_task(ask(made, PRICE))
    made.task = task
    await (came.wait() if "stall" in script else asyncio.sleep(0.01))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert made.usage is not None
    assert made.usage.output in (said if came.is_set() or runs_on else range(1))
    assert made.cost == PRICE.cost(made.usage)


async def test_what_we_gave_up_is_no_more_than_the_model_can_say() -> None:
    at = structs.replace(deployment("a", ScriptedProvider()), facts=Facts(max_output=100))
    made = call("scripted:delay=30", route(at, try_timeout=0.1), fields={"max_tokens": 2**63 - 1, "n": 2})
    with pytest.raises(NoAnswer):
        await ask(made, PRICE)
    assert made.usage is not None
    assert made.usage.output == 200


async def test_a_stream_that_breaks_is_judged_by_its_text_and_not_by_its_frames() -> None:
    made = call(
        "scripted:chunks=50,cut=45",
        route(deployment("a", ScriptedProvider())),
        stream=True,
        fields={"max_tokens": 60},
    )
    with pytest.raises(NoAnswer):
        await ask(made, PRICE)
    assert made.usage is not None
    assert 44 <= made.usage.output <= 60


async def test_an_estimate_is_never_more_than_what_was_held() -> None:
    words = " ".join(["incomprehensibilities" * 5] * 8)
    made = call(
        f"scripted:cut=5,text={words}",
        route(deployment("a", ScriptedProvider())),
        stream=True,
        fields={"max_tokens": 9},
    )
    with pytest.raises(NoAnswer):
        await ask(made, PRICE)
    assert made.usage is not None
    assert made.usage.output == 9


TIERED = {"flex": Decimal("0.5"), "priority": Decimal(2)}


@pytest.mark.parametrize("stream", [False, True])
async def test_a_service_tier_has_its_own_price(stream: bool) -> None:
    at = structs.replace(deployment("a", ScriptedProvider()), tiers=TIERED)
    made = call("scripted:chunks=100", route(at), stream=stream, fields={"service_tier": "flex"})
    await ask(made, PRICE)
    assert made.usage is not None
    assert made.cost == PRICE.scaled(Decimal("0.5"), "").cost(made.usage)
    assert made.price is not None
    assert made.price.source.endswith("× 0.5 for tier flex")


async def test_a_tier_that_nobody_knows_costs_the_usual() -> None:
    at = structs.replace(deployment("a", ScriptedProvider()), tiers=TIERED)
    made = call("scripted:chunks=100", route(at), fields={"service_tier": "scale"})
    await ask(made, PRICE)
    assert made.price == PRICE
