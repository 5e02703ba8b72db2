"""Stage `shape`: the answer has the form that was asked for; its model is asked again if not, or the caller is told."""

from collections.abc import Awaitable, Callable
from typing import Any

from outrider.base import clock
from outrider.base.errors import OutriderError, RequestError
from outrider.base.ports import Answer
from outrider.gateway.attempts import NoAnswer
from outrider.gateway.call import Call
from outrider.gateway.structured import StructuredReader, Verdict, Wanted, check, failure
from outrider.journal.events import Step

Ask = Callable[[Call], Awaitable[Answer]]


async def through(call: Call, want: Wanted, ask: Ask) -> Answer:
    """The answer that `ask` gives, in the form of `want`. Raises what `ask` raises, and UpstreamError 502
    `invalid_structured_output`.

    What an answer that is asked again has cost stays booked. `call.outgoing` is the last request made.
    """
    look = _watched if call.stream else _checked
    left = want.rules.retries
    verdict = look(call, want, await ask(call), left if clock.mono_ns() < call.deadline else 0)
    while verdict.answer is None:
        if verdict.again is None:
            raise failure(verdict.flaws)
        call.outgoing = verdict.again
        left -= 1
        try:
            answer = await ask(call)
        except RequestError as refused:
            raise _told(refused, verdict) from None
        except NoAnswer as none:
            raise _told(none.last, verdict) from None
        verdict = look(call, want, answer, left if clock.mono_ns() < call.deadline else 0)
    return verdict.answer


def _told(error: OutriderError, verdict: Verdict) -> OutriderError:
    """What the caller is told when asking again fails. If there is just no room for it (budgets, rates), what is wrong
    is still the answer."""
    no_room = isinstance(error, RequestError) and error.status == 429
    return failure(verdict.flaws) if no_room else error


def _watched(call: Call, want: Wanted, answer: Answer, left: int) -> Verdict:
    """The verdict on a stream, which its watcher has by now. It can be asked again if nothing of it was sent."""
    watcher: StructuredReader = want.watcher
    verdict = watcher.verdict(answer, call.outgoing, left=0 if call.started or call.blocks else left)
    _record(call, call.since(), verdict.attrs)
    if verdict.answer is None and call.held:  # text that came together with the end: it is the caller's
        call.exchange.write(call.held)
        call.held = b""
    return verdict


def _checked(call: Call, want: Wanted, answer: Answer, left: int) -> Verdict:
    began = call.since()
    verdict = check(want, answer, call.outgoing, left=left)
    _record(call, began, verdict.attrs)
    return verdict


def _record(call: Call, began: int, attrs: dict[str, Any]) -> None:
    step = Step(id=len(call.steps) + 1, kind="guardrail", name="structured", start=began, attrs=attrs)
    step.duration = call.since() - began
    if attrs["result"] == "failed":
        step.status, step.error = "error", "invalid_structured_output"
    call.steps.append(step)
