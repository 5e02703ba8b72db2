"""What calls may spend, on a real ledger over a real lease store: held before an attempt, lowered or refused."""

import asyncio
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from outrider.base.budget import Budget
from outrider.base.errors import BudgetExceeded
from outrider.base.ports import Deployment, Facts
from outrider.base.usage import Price, Usage
from outrider.gateway.attempts import Attempts, NoAnswer
from outrider.gateway.booking import spent
from outrider.gateway.call import Call
from outrider.gateway.continuation import Sent
from outrider.gateway.patience import Watch
from outrider.gateway.purse import LEAST_OUTPUT, REST_TOLD, Purse
from outrider.gateway.receive import collect
from outrider.gateway.settle import settle
from outrider.gateway.surface import messages
from outrider.gateway.surface.chat import parse_chat
from outrider.gateway.surface.contract import Asked
from outrider.gateway.voice import Voice
from outrider.limits import windows
from outrider.limits.board import Board
from outrider.limits.holds import left_behind
from outrider.limits.vitals import Vitals
from outrider.limits.worst import FRAME, worst
from outrider.store import open_leases, open_store
from outrider.testing import ScriptedProvider
from tests.gateway.calls import call, deployment, route
from tests.limits.ledgers import Bank, Worker

PRICE = Price(1_000_000, 4_000_000)
"""A nano-dollar for a token of input, four for one of output."""
SAY = "scripted:text=hi there"


class House:
    """One worker with budgets; `price` is everybody's."""

    def __init__(self, bank: Bank) -> None:
        self.bank, self.worker = bank, bank.worker()
        self.price: Price | None = PRICE
        self.facts = Facts()
        self.purse = Purse(self.worker.ledger, lambda deployment, at, size: self.price, lambda deployment: self.facts)
        self.provider = ScriptedProvider()

    def call(self, text: str = SAY, name: str = "a", model: str = "m", **fields: Any) -> Call:
        made = call(text, route(deployment(name, self.provider, model)), fields=fields)
        self.purse.open(made)
        return made

    async def cover(self, made: Call) -> None:
        waiting = self.purse.cover(made, where(made))
        if waiting is not None:
            await waiting

    def held(self) -> dict[str, int]:
        return {stand.key.budget: stand.held for stand in self.worker.ledger.snapshot()}


def where(made: Call) -> Deployment:
    assert made.route is not None
    return made.route.deployments[0]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Callable[..., House]]:
    url = f"sqlite:///{tmp_path / 'outrider.sqlite3'}"
    store, leases = open_store(url), open_leases(url)
    made: list[Worker] = []

    def make(*budgets: Budget) -> House:
        found = House(Bank(tmp_path, store, leases, budgets))
        found.worker.borrower.start()
        made.append(found.worker)
        return found

    yield make
    for worker in made:
        await worker.borrower.stop()
        worker.bank.close()
    store.close()
    leases.close()


def life(limit: int, measure: str = "money", **more: Any) -> Budget:
    return Budget("b", measure, limit, window="lifetime", **more)  # type: ignore[arg-type]


async def test_calls_that_no_budget_covers_hold_nothing(house: Callable[..., House]) -> None:
    home = house(Budget("b", "money", 1, match={"project": ("another",)}))
    made = home.call()
    assert made.accounts == ()
    assert home.purse.cover_rival(made, where(made), where(made))


async def test_the_worst_case_is_held_and_grows_with_a_second_attempt(house: Callable[..., House]) -> None:
    home = house(life(100_000))
    made = home.call(max_tokens=100)
    await home.cover(made)
    first = len(made.body) + FRAME + 4 * 100
    assert home.held() == {"b": first}
    made.cost, made.usage, made.asked = 250, Usage(50, 50), True  # the first attempt failed, and was billed
    await home.cover(made)
    assert home.held() == {"b": 250 + first}
    assert home.purse.cover_rival(made, where(made), where(made))
    assert home.held() == {"b": 250 + 2 * first}
    assert made.hold is not None
    home.worker.settle(made.hold, spent(made), made.id, made.at)
    assert home.held() == {"b": 0}
    home.bank.index()
    assert home.bank.spent() == 250


async def test_who_is_refused_another_try_is_told_what_the_one_before_took(house: Callable[..., House]) -> None:
    home = house(life(500, "output_tokens", fit=True))
    made = home.call(max_tokens=500)
    await home.cover(made)
    made.usage, made.asked = Usage(50, 500), True  # given up, and may be billed
    with pytest.raises(BudgetExceeded, match="no room") as caught:
        await home.cover(made)
    assert "it may take 1000 output tokens" in caught.value.message
    assert "with 500 output tokens of a try before, which failed" in caught.value.message


async def test_memory_is_enough_once_room_is_there(house: Callable[..., House]) -> None:
    home = house(life(10_000_000))
    await home.cover(home.call(max_tokens=10))
    again = home.call(max_tokens=10)
    assert home.purse.cover(again, where(again)) is None
    assert again.hold is not None


async def test_a_rival_is_not_borrowed_for(house: Callable[..., House]) -> None:
    home = house(life(1500))
    made = home.call(max_tokens=200)
    await home.cover(made)
    assert not home.purse.cover_rival(made, where(made), where(made))


async def test_a_call_that_does_not_fit_is_refused_and_holds_nothing(house: Callable[..., House]) -> None:
    home = house(life(500, owner="ops"))
    made = home.call(max_tokens=200)
    with pytest.raises(BudgetExceeded) as caught:
        await home.cover(made)
    assert (caught.value.status, caught.value.code, caught.value.measure) == (429, "budget_exceeded", "money")
    assert caught.value.details["raised_by"] == "ops"
    assert made.hold is None
    assert home.held() == {"b": 0}
    await home.cover(home.call(max_tokens=50))


@pytest.mark.parametrize(("measure", "limit"), [("money", 1000), ("total_tokens", 450), ("output_tokens", 90)])
@pytest.mark.parametrize("n", [1, 3])
async def test_fit_lowers_the_answer_to_all_the_room_there_is(
    house: Callable[..., House], measure: str, limit: int, n: int
) -> None:
    home = house(life(limit, measure, fit=True))
    made = home.call(max_tokens=5000, n=n)
    body = made.body
    await home.cover(made)
    most = parse_chat(made.outgoing).max_tokens
    assert most == made.max_output
    assert most is not None
    each = 4 * n if measure == "money" else n
    assert limit - each < home.held()["b"] <= limit  # one token more would not have fitted
    assert f"max_tokens lowered to {most} to fit budget 'b'" in made.why
    assert made.body == body  # what the caller said is recorded as it was


async def test_fit_knows_both_names_of_the_limit_and_none(house: Callable[..., House]) -> None:
    home = house(life(1000, fit=True))
    named = home.call(max_completion_tokens=5000)
    await home.cover(named)
    assert parse_chat(named.outgoing).max_completion_tokens == named.max_output
    assert parse_chat(named.outgoing).max_tokens is None
    assert named.hold is not None
    named.hold.release()
    silent = home.call()  # without a limit the model's own is the worst case
    await home.cover(silent)
    assert parse_chat(silent.outgoing).max_tokens == silent.max_output
    assert home.held()["b"] <= 1000


async def test_of_two_limits_the_larger_is_held_and_both_are_lowered(house: Callable[..., House]) -> None:
    """Providers read one of them, and which one is theirs to say."""
    home = house(life(1000, fit=True))
    both = home.call(max_completion_tokens=1, max_tokens=5000)
    await home.cover(both)
    sent = parse_chat(both.outgoing)
    assert sent.max_tokens == both.max_output
    assert sent.max_completion_tokens == 1
    assert 16 <= (both.max_output or 0) < 5000


@pytest.mark.parametrize(("model", "name"), [("gpt-5-mini", "max_completion_tokens"), ("gpt-4o", "max_tokens")])
async def test_a_limit_that_nobody_gave_has_the_name_that_the_model_knows(
    house: Callable[..., House], model: str, name: str
) -> None:
    home = house(life(1000, fit=True))
    silent = home.call(model=model)
    await home.cover(silent)
    assert getattr(parse_chat(silent.outgoing), name) == silent.max_output


async def test_fit_looks_at_every_budget(house: Callable[..., House]) -> None:
    home = house(
        Budget("money", "money", 2000, window="lifetime", fit=True),
        Budget("output", "output_tokens", 100, window="lifetime", fit=True),
        Budget("total", "total_tokens", 250, window="lifetime", fit=True),
    )
    made = home.call(max_tokens=5000)
    await home.cover(made)
    held = home.held()
    assert held["money"] <= 2000
    assert held["output"] <= 100
    assert held["total"] == 250


async def test_a_few_words_are_no_answer(house: Callable[..., House]) -> None:
    size = len(call(SAY, fields={"max_tokens": 5000}).body)
    home = house(life(size + FRAME + 4 * (LEAST_OUTPUT - 1), fit=True))
    with pytest.raises(BudgetExceeded):
        await home.cover(home.call(max_tokens=5000))
    with pytest.raises(BudgetExceeded):
        await home.cover(home.call(max_tokens=LEAST_OUTPUT))  # what was asked for is never raised


@pytest.mark.parametrize("measure", ["input_tokens", "calls"])
async def test_a_shorter_answer_does_not_help_these(house: Callable[..., House], measure: str) -> None:
    home = house(life(1, measure, fit=True))
    if measure == "calls":
        await home.cover(home.call(max_tokens=50))
    made = home.call(max_tokens=5000)
    with pytest.raises(BudgetExceeded):
        await home.cover(made)
    assert made.outgoing == made.body


async def test_a_price_of_nothing_cannot_be_lowered(house: Callable[..., House]) -> None:
    home = house(life(10, fit=True))
    home.price = Price(1_000_000, 0)
    with pytest.raises(BudgetExceeded):
        await home.cover(home.call(max_tokens=100))
    home.price = None
    await home.cover(home.call(max_tokens=100))


async def test_near_the_limit_tokens_are_counted(house: Callable[..., House]) -> None:
    """The same room: enough for a model whose tokenizer is known, not for one of which only bytes are."""
    words = "scripted:text=hi " + "several ordinary words " * 60
    home = house(life(len(words) // 2))
    with pytest.raises(BudgetExceeded):
        await home.cover(home.call(words, max_tokens=20))
    known = home.call(words, model="gpt-4o", max_tokens=20)
    await home.cover(known)
    assert FRAME + 4 * 20 + 100 < home.held()["b"] < len(words) // 2


async def test_counted_tokens_are_what_is_lowered_by(house: Callable[..., House]) -> None:
    words = "scripted:text=hi " + "several ordinary words " * 60
    home = house(life(1000, fit=True))
    made = home.call(words, model="gpt-4o", max_tokens=5000)
    await home.cover(made)
    assert 996 < home.held()["b"] <= 1000
    assert made.max_output is not None
    assert made.max_output > 100


async def test_what_we_tell_a_model_to_go_on_is_held_too(house: Callable[..., House]) -> None:
    home = house(life(1_000_000))
    plain, broken = home.call(max_tokens=10), home.call(max_tokens=10)
    await home.cover(plain)
    before = home.held()["b"]
    broken.broken = Sent(text="ünfinished")
    await home.cover(broken)
    assert home.held()["b"] == 2 * before + len("ünfinished".encode()) + REST_TOLD


async def test_what_is_embedded_has_no_answer_to_hold(house: Callable[..., House]) -> None:
    home = house(life(1_000_000))
    made = home.call()
    made.endpoint = "embeddings"
    await home.cover(made)
    assert home.held()["b"] == len(made.body) + FRAME


async def test_the_models_facts_bound_what_is_held(house: Callable[..., House]) -> None:
    home = house(life(1_000_000))
    home.facts = Facts(context=100, max_output=30)
    await home.cover(home.call())
    assert home.held()["b"] == 100 + 4 * 30


async def test_room_that_others_hold_is_waited_for(house: Callable[..., House]) -> None:
    home = house(life(1000))
    first = home.call(max_tokens=150)
    await home.cover(first)
    second = asyncio.create_task(home.cover(home.call(max_tokens=150)))
    with pytest.raises(BudgetExceeded):
        await second  # what is held here by a call under way is no room
    assert first.hold is not None
    first.hold.release()
    await home.cover(home.call(max_tokens=150))


async def test_a_call_that_waits_and_leaves_holds_nothing(house: Callable[..., House]) -> None:
    home = house(life(100_000))
    waiting = asyncio.create_task(home.cover(home.call(max_tokens=100)))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert sum(home.held().values()) == 0


async def test_a_dearer_deployment_is_passed_by_for_one_that_fits(house: Callable[..., House]) -> None:
    home = house(life(2000))
    dear, cheap = deployment("dear", home.provider), deployment("cheap", home.provider)
    prices = {"dear": Price(1_000_000, 100_000_000), "cheap": PRICE}
    purse = Purse(home.worker.ledger, lambda asked, at, size: prices[asked.provider], lambda asked: home.facts)
    attempts = Attempts(Watch(), lambda asked, at, size: prices[asked.provider], Vitals(Board()), purse)
    made = call(SAY, route(dear, cheap), fields={"max_tokens": 100})
    answer = await attempts.ask(made, collect)
    assert answer.text == "hi there"
    assert [step.name for step in made.steps] == ["cheap/m"]
    await settle(made, home.worker.journal, "")
    home.bank.index()
    assert home.bank.spent() == made.cost > 0
    home.bank.use([life(10)])
    with pytest.raises((BudgetExceeded, NoAnswer)) as caught:
        await attempts.ask(call(SAY, route(dear, cheap), fields={"max_tokens": 100}), collect)
    last = caught.value.last if isinstance(caught.value, NoAnswer) else caught.value
    assert isinstance(last, BudgetExceeded)
    assert home.provider.counts["chat"] == 1


async def test_a_limit_without_measure_is_held_and_recorded(house: Callable[..., House]) -> None:
    home = house(life(100, "calls"))
    home.price = Price(1_000_000_000_000, 1_000_000_000_000)
    made = home.call(n=128, max_tokens=2**63 - 1)
    await home.cover(made)
    assert made.hold is not None
    made.hold.release()


async def test_what_only_the_callers_own_language_says_counts_too(house: Callable[..., House]) -> None:
    home = house(Budget("b", "money", 10**9, window="lifetime"))
    made = home.call(max_tokens=10)
    made.voice = Voice(messages.SURFACE, "run")
    made.voice.asked = Asked(chat=made.outgoing, model="m", native=bytes(5000))
    await home.cover(made)
    assert home.held()["b"] >= 5000 + 4 * 10


@pytest.mark.parametrize(
    "facts", [Facts(), Facts(context=150), Facts(max_output=30), Facts(context=5000, max_output=90)]
)
@pytest.mark.parametrize("price", [None, PRICE, Price(1_000_000, 4_000_000, cached=10, cache_write=3_000_000)])
async def test_every_call_holds_its_worst_case(house: Callable[..., House], facts: Facts, price: Price | None) -> None:
    home = house(life(10**9), Budget("t", "total_tokens", 10**9, window="lifetime"))
    home.facts, home.price = facts, price
    for fields in ({}, {"max_tokens": 20}, {"max_tokens": 10**6}, {"max_tokens": 10, "n": 3}, {"n": 2}):
        made = home.call("hello", **fields)
        await home.cover(made)
        most = worst(len(made.body), made.max_output, made.choices, price, facts.max_output, facts.context)
        assert home.held() == {"b": most.money, "t": most.input + most.output}
        assert made.hold is not None
        made.hold.release()


async def test_who_asks_for_no_tier_is_held_for_without_a_look_at_prices(house: Callable[..., House]) -> None:
    home = house(life(10**9))
    asked: list[int] = []

    def price_of(at: Deployment, when: int, size: int) -> Price:
        asked.append(size)
        return PRICE

    def covered(**fields: Any) -> int:
        made = home.call("hello", max_tokens=100, **fields)
        made.at = call_at
        before = home.held().get("b", 0)
        assert purse.cover(made, tiered) is None
        return home.held()["b"] - before - len(made.body) - FRAME

    await home.cover(home.call(max_tokens=10))  # from here on there is room in memory
    call_at = home.call().at
    purse = Purse(home.worker.ledger, price_of, lambda deployment: home.facts)
    tiered = structs.replace(where(home.call()), tiers={"priority": Decimal(2)})
    assert covered() == 4 * 100
    learned = len(asked)
    assert covered() == 4 * 100
    assert len(asked) == learned
    assert covered(service_tier="priority") > 2 * 4 * 100
    assert len(asked) == learned + 1


async def test_calls_that_are_alike_leave_the_same_behind(house: Callable[..., House]) -> None:
    """If this process dies: the first in full, the others in short, and one with tags."""
    home = house(life(10**9))
    runs = {}
    for number in range(4):
        made = home.call(max_tokens=10 + number)
        made.trace, made.parent_span = bytes(range(16)), 2**64 - 1
        made.tags = ["t"] if number == 3 else []
        await home.cover(made)
        runs[made.id] = (made, home.held()["b"])
    home.worker.file.close()
    (left,) = left_behind(home.bank.folder)
    found = {one.run: one for one in left.open_holds()}
    before = 0
    for run, (made, held) in runs.items():
        one = found.pop(run)
        assert (one.money, one.output) == (held - before, made.max_output)
        assert (one.note.at, one.note.tags) == (made.at, made.tags)
        assert (one.note.trace, one.note.parent_span) == (made.trace, made.parent_span)
        assert (one.note.deployment, one.note.provider, one.note.name) == ("a/m", "a", "chat.completions")
        assert [(c.budget, c.amount, c.bucket) for c in one.charges] == [
            ("b", one.money, windows.bucket("lifetime", made.at))
        ]
        before = held
    assert not found
    left.close()


async def test_alike_calls_follow_changed_budgets(house: Callable[..., House]) -> None:
    home = house(life(10**9))
    for _ in range(3):
        await home.cover(home.call(max_tokens=1))
    home.bank.use([life(10**9), Budget("c", "calls", 9, window="86400")])
    last = home.call(max_tokens=1)
    await home.cover(last)
    assert last.hold is not None
    home.worker.file.close()
    (left,) = left_behind(home.bank.folder)
    (one,) = [held for held in left.open_holds() if held.run == last.id]
    assert [charge.budget for charge in one.charges] == ["b", "c"]
    left.close()
