"""What each attempt used and cost, written into its step and added up in the call.

A provider that answers says what it used. Where none says so, what was spent has to be judged:

- a provider that failed by itself (refused, broke off, answered nonsense) is not paid for a plain answer; of a
  stream, what arrived is;
- an exchange that *we* ended (deadline, client gone, a quicker rival) may be billed in full: a plain answer is booked
  at its worst case, a stream at its input and what had arrived, since providers stop a stream when its reader leaves;
  of one that is known to go on (`Deployment.runs_on`), at its worst case too.

What a provider said of a stream before it ended counts: Anthropic tells the input at the beginning, with what its cache
gave and took, Gemini all counts so far in every event. Such counts are marked `estimated`.
"""

from collections.abc import Callable, Sequence

from msgspec import structs

from outrider.base.budget import Amount
from outrider.base.ports import Answer, Deployment, WireRequest
from outrider.base.usage import Price, Usage
from outrider.gateway.call import Call
from outrider.gateway.continuation import read
from outrider.gateway.estimating import spoken, tokens
from outrider.journal.events import Step
from outrider.limits.worst import worst
from outrider.providers.facts import facts

FRAMED = 50
"""Bytes of a stream's events that carry about one token, where their content is not looked at."""
PriceOf = Callable[[Deployment, int, int], Price | None]
"""The price of a deployment at a time (ns since the epoch) for a request of so many input tokens."""


def in_tier(price: Price | None, deployment: Deployment, tier: str | None) -> Price | None:
    """The price in a service tier."""
    if not tier or price is None or tier not in deployment.tiers:
        return price
    return price.scaled(deployment.tiers[tier], f"for tier {tier}")


def tier_of(call: Call) -> str | None:
    """The service tier that the caller asks for."""
    return call.request.service_tier if call.endpoint == "chat" and call.request is not None else None


def book(call: Call, step: Step, deployment: Deployment, usage: Usage, price_of: PriceOf, tier: str = "") -> None:
    """Write usage, price and cost into the step, and add them to the call's. `tier` is the one that was given, if the
    provider says it; else what was asked for counts."""
    step.usage = usage
    step.price = price_of(deployment, call.at, usage.input)
    if deployment.tiers:
        step.price = in_tier(step.price, deployment, tier or tier_of(call))
    call.price = step.price
    if step.price is not None:
        step.price = step.price.applied(usage)
        step.cost = step.price.cost(usage)
        call.cost += step.cost
    call.usage = usage if call.usage is None else call.usage + usage


def book_cut(
    call: Call,
    step: Step,
    deployment: Deployment,
    wire: WireRequest,
    arrived: Sequence[bytes],
    price_of: PriceOf,
    *,
    ours: bool,
    told: Usage | None = None,
) -> None:
    """Book an attempt that ended before its answer did. `arrived` is what came of it, as chat; `told` is the usage as
    far as the provider said it."""
    worst_output = _most(call, deployment) if ours and deployment.runs_on and call.endpoint == "chat" else None
    if arrived:
        output = _within(call, deployment, _streamed(arrived)) if worst_output is None else worst_output
        book(call, step, deployment, _cut(wire, output, told), price_of)
    elif told is not None:
        book(call, step, deployment, _cut(wire, worst_output or 0, told), price_of)
    elif ours and wire.sent:
        whole = call.endpoint == "chat" and not call.stream
        output = (_most(call, deployment) if whole else worst_output) or 0
        book(call, step, deployment, Usage(_input(wire), output, estimated=True), price_of)


def _cut(wire: WireRequest, output: int, told: Usage | None) -> Usage:
    """Of a stream that broke off: its output is judged, and no less than what its provider had counted."""
    if told is None or not told.input:
        return Usage(_input(wire), max(output, told.output if told is not None else 0), estimated=True)
    return structs.replace(told, output=max(output, told.output), estimated=True)


def _most(call: Call, deployment: Deployment) -> int | None:
    """Tokens of an answer at most: what the caller and the model allow. None where nobody says and no budget has to
    hold."""
    if call.max_output is None and call.hold is None:
        return None
    known = facts(deployment)
    return worst(0, call.max_output, call.choices, None, known.max_output, known.context).output


def _within(call: Call, deployment: Deployment, output: int) -> int:
    """An estimate must not take more than what was held: no provider sends more than it was allowed."""
    most = _most(call, deployment)
    return output if most is None else min(output, most)


def spent(call: Call) -> Amount:
    """What the attempts so far have taken. A call counts once, as soon as somebody was asked."""
    usage = call.usage or Usage()
    return Amount(call.cost, usage.input, usage.output, calls=1 if call.asked else 0)


def unreported(
    call: Call, deployment: Deployment, wire: WireRequest, answer: Answer, arrived: Sequence[bytes]
) -> Usage:
    """Token counts for a whole answer of a provider that reports none. `arrived` is the stream that it was, as chat."""
    output = 0
    if call.endpoint == "chat":
        output = tokens(answer.text.encode("utf-8", "replace")) or (
            _streamed(arrived) if call.stream else spoken(answer.body)
        )
    return Usage(_input(wire), _within(call, deployment, output), estimated=True)


def _input(wire: WireRequest) -> int:
    return max(1, spoken(wire.body))


def _streamed(blocks: Sequence[bytes]) -> int:
    """Tokens of a stream that reports none: a piece of text is at least one, and its characters tell how many.

    What is no text (a tool call, thinking, a second choice) is judged by its events, of which each carries one too.
    """
    sent = read(blocks)
    events = sum(block.count(b"\n\n") for block in blocks)
    if sent.under_way or sent.thoughts:
        return max(events, sum(map(len, blocks)) // FRAMED)
    return max(sent.pieces, tokens(sent.text.encode("utf-8", "replace")))
