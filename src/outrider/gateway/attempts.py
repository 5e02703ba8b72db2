"""Stage `call`: try the route's deployments in order until one answers.

Each attempt is a step of the run. A failure that another try may mend is retried after an exponential, fully jittered
pause (Brooker, "Exponential Backoff and Jitter", 2015) that honours the provider's `retry-after`; a long
`retry-after`, a refused key or an unknown model moves on to the next deployment at once. The caller's own mistakes
(HTTP 400 and the like) are answered, not retried.
"""

import asyncio
from collections.abc import Awaitable, Callable

from outrider.base import chance, clock, plugins
from outrider.base.errors import RequestError, UpstreamError
from outrider.base.ports import Answer, Deployment, Dialect, WireResponse
from outrider.gateway.booking import PriceOf, book, book_cut, unreported
from outrider.gateway.call import Call
from outrider.gateway.patience import Watch
from outrider.journal.events import Step

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 8.0
LARGEST_ANSWER = 256 << 20

Receive = Callable[[Call, Deployment, Dialect, WireResponse, Step], Awaitable[Answer]]
"""Takes the answer from its head on: reads or relays it. Raises UpstreamError."""


class NoAnswer(Exception):
    """All attempts failed; `last` is the failure that the caller is told."""

    def __init__(self, last: UpstreamError) -> None:
        super().__init__(last.message)
        self.last = last


def dialect(name: str) -> Dialect:
    """The dialect module `name` of `outrider.providers`."""
    return plugins.load("outrider.providers", name)


class Attempts:
    """Stage `call` of one worker: what all calls share while they are tried."""

    def __init__(self, watch: Watch, price_of: PriceOf) -> None:
        self.watch, self.price_of = watch, price_of

    async def ask(self, call: Call, receive: Receive) -> Answer:
        """Walk the route's deployments. Raises NoAnswer, or RequestError for what the caller must mend."""
        route = call.route
        assert route is not None
        call.deadline = deadline = clock.mono_ns() + int(_overall(call) * 1e9)
        order = plugins.load("outrider.routing", route.strategy).order(route.deployments)
        last: UpstreamError | None = None
        call.queue = call.since()
        for position, deployment in enumerate(order):
            more = position + 1 < len(order)
            for turn in range(route.retries + 1):
                try:
                    return await self._attempt(call, deployment, receive)
                except UpstreamError as error:
                    last = error.with_traceback(None)  # the trace would keep this call and its bodies for the collector
                if call.started or not _worth_another(last) or deadline <= clock.mono_ns():
                    raise NoAnswer(last)
                pause = _pause(last, turn, more, last_turn=turn == route.retries)
                if pause is None or clock.mono_ns() + pause * 1e9 >= deadline:
                    break
                await _wait(call, pause)
        raise NoAnswer(last or UpstreamError(f"route {route.name!r} has no deployment", retryable=False))

    async def _attempt(self, call: Call, deployment: Deployment, receive: Receive) -> Answer:
        """One try of one deployment, recorded as a step and booked whatever happens."""
        speak = dialect(deployment.dialect)
        began = clock.mono_ns()
        step = Step(id=len(call.steps) + 1, kind="model", name=deployment.name, start=began - call.t0)
        call.steps.append(step)
        call.deployment = deployment
        assert call.route is not None
        allowed = min(call.route.try_timeout, (call.deadline - began) / 1e9)
        before = len(call.blocks)
        wire = speak.encode(
            deployment, call.endpoint, call.body, call.model, stream=call.stream, wants_usage=call.wants_usage
        )
        try:
            with self.watch.until(call.task, began + int(allowed * 1e9)) as patience:
                call.patience = patience
                response = await deployment.transport.send(wire)
                step.attrs = {"http_status": response.status}
                answer = await receive(call, deployment, speak, response, step)
        except TimeoutError:
            book_cut(call, step, deployment, wire, before, self.price_of, ours=True)
            raise _late(call, step, deployment.name, allowed) from None
        except UpstreamError as error:
            book_cut(call, step, deployment, wire, before, self.price_of, ours=False)
            _failed(step, error)
            raise
        except asyncio.CancelledError:
            book_cut(call, step, deployment, wire, before, self.price_of, ours=True)
            step.status, step.error = "cancelled", "client_gone"
            raise
        finally:
            step.duration = clock.mono_ns() - began
            call.waited += step.duration
        book(call, step, deployment, answer.usage or unreported(call, wire, answer, before), self.price_of)
        return answer


async def _wait(call: Call, pause: float) -> None:
    """The pause before another try. It is the provider's doing and not counted as ours."""
    before = clock.mono_ns()
    await asyncio.sleep(pause)
    call.waited += clock.mono_ns() - before


def _overall(call: Call) -> float:
    """Seconds for the whole call: the route's, or less if the caller says so."""
    assert call.route is not None
    asked = call.headers.get(b"x-outrider-deadline-ms")
    if asked is None:
        return call.route.timeout
    if not asked.isdigit() or not int(asked):
        raise RequestError(
            "`x-outrider-deadline-ms` must be a whole number of milliseconds above 0", param="x-outrider-deadline-ms"
        )
    return min(call.route.timeout, int(asked) / 1000)


def _worth_another(error: UpstreamError) -> bool:
    """Whether trying elsewhere may help; otherwise the caller's request itself is at fault."""
    return error.retryable or error.code in ("provider_key_refused", "provider_model_not_found")


def _pause(error: UpstreamError, turn: int, more: bool, *, last_turn: bool) -> float | None:
    """Seconds until the next try of the same deployment; None: go to the next one."""
    if last_turn or not error.retryable:
        return None
    limited = error.code == "provider_rate_limited"
    if more and (limited or (error.retry_after or 0) > 1.0):
        return None  # somebody else can answer now
    ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * 2**turn)
    return max(error.retry_after or 0.0, chance.uniform(ceiling))


def _late(call: Call, step: Step, name: str, allowed: float) -> UpstreamError:
    """What a deadline that passed is called: this try's, a stream's between two chunks, or that of all together."""
    assert call.route is not None
    if clock.mono_ns() >= call.deadline:
        words = f"{name} did not answer within {_overall(call):g} s, all tries together"
    elif call.started:
        words = f"{name} was silent for {call.route.stall_timeout:g} s in the middle of its answer"
    else:
        words = f"{name} did not answer within {allowed:g} s"
    error = UpstreamError(words, code="upstream_timeout")
    _failed(step, error)
    return error


def _failed(step: Step, error: UpstreamError) -> None:
    step.status, step.error = "error", error.code
    step.attrs = {**step.attrs, "message": error.message[:1000]}
    if error.status:
        step.attrs["http_status"] = error.status
    if error.retry_after is not None:
        step.attrs["retry_after"] = error.retry_after
