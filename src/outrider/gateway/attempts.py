"""Stage `call`: try the route's deployments in order until one answers.

Each try is a `Trial` and a step of the run. A failure that another try may mend is retried after an exponential, fully
jittered pause (Brooker, "Exponential Backoff and Jitter", 2015) that honours the provider's `retry-after`; a long
`retry-after`, a refused key or an unknown model moves on to the next deployment at once. The caller's own mistakes
(HTTP 400 and the like) are answered, not retried. A stream that breaks after text was sent goes on elsewhere, if that
can be done without losing or repeating a character (`gateway.continuation`).
"""

from collections.abc import Awaitable, Callable, Sequence
from math import exp, log

from outrider.base import clock
from outrider.base.choice import Candidate
from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.base.ports import Answer, Deployment, WireResponse
from outrider.base.usage import Usage
from outrider.gateway import cascade, continuation, retries
from outrider.gateway.booking import PriceOf
from outrider.gateway.call import Call
from outrider.gateway.choice import candidates_for, none_available
from outrider.gateway.hedge import HedgeCap, race
from outrider.gateway.patience import Watch
from outrider.gateway.purse import Purse
from outrider.gateway.trial import Trial
from outrider.limits.rates import estimate
from outrider.limits.turnstile import Place, Turnstile, Turnstiles
from outrider.limits.vitals import Attempt, Vital, Vitals

MOMENT_NS = 20_000_000
"""How long a call waits at a busy deployment's turnstile before it looks at the next one."""
Z95 = 1.645  # standard normal quantile

Receive = Callable[[Trial, WireResponse], Awaitable[Answer]]
"""Takes the answer from its head on: reads or relays it. Raises UpstreamError."""


class NoAnswer(Exception):
    """All attempts failed; `last` is the failure that the caller is told."""

    def __init__(self, last: OutriderError) -> None:
        super().__init__(last.message)
        self.last = last


class _NotNow(Exception):
    """The deployment's breaker does not let the call through."""


class Attempts:
    """What the calls of one worker share while they are tried."""

    def __init__(
        self,
        watch: Watch,
        price_of: PriceOf,
        vitals: Vitals,
        purse: Purse | None = None,
        lanes: Turnstiles | None = None,
    ) -> None:
        self.watch, self.price_of, self.vitals = watch, price_of, vitals
        self.purse, self.lanes = purse, lanes
        self._caps: dict[str, HedgeCap] = {}

    async def ask(self, call: Call, receive: Receive) -> Answer:
        """Walk the route's deployments. Raises NoAnswer, or RequestError for what the caller must mend."""
        route = call.route
        assert route is not None
        call.deadline = call.deadline or clock.mono_ns() + int(retries.overall(call) * 1e9)
        candidates = candidates_for(call, self.vitals, self.price_of)
        if candidates and candidates[0].why:
            call.why = f"{call.why}; {candidates[0].why}"
        call.queue = call.queue or call.since()
        if self.purse is not None:
            self.purse.open(call)
        if candidates and candidates[0].resting:
            await retries.rest(call, candidates[0])
        for last_resort in (False, True):
            tried = len(call.steps)
            answer = await self._walk(call, candidates, receive, last_resort)
            if answer is not None:
                return answer
            if len(call.steps) > tried:
                break
        raise none_available(route, candidates, clock.mono_ns())

    async def _walk(
        self, call: Call, candidates: Sequence[Candidate], receive: Receive, last_resort: bool
    ) -> Answer | None:
        """Try them in order. None: nobody could be tried. Raises NoAnswer when all have failed."""
        assert call.route is not None
        last: OutriderError | None = None
        weak: cascade.Kept | None = None
        for position, candidate in enumerate(candidates):
            others = candidates[position + 1 :]
            try:
                answer = await self._persist(call, candidate, others, receive, last_resort or len(candidates) == 1)
            except _NotNow:
                continue
            except NoAnswer as none:
                last = none.last
                if call.started and not _can_go_on(call):
                    raise
                if not retries.worth_another(last) or call.deadline <= clock.mono_ns():
                    break
                if others:
                    call.why = f"{call.why}; {candidate.deployment.name} failed: {last.code}"
            except RequestError as refused:  # no room for this one: a cheaper one may fit; or another can be told all
                unspoken = refused.code == "cannot_be_expressed"
                if unspoken and last is not None:
                    continue  # somebody else was asked: what came of that is the answer
                passed = cascade.passes_by(call, refused, more=bool(others) or weak is not None)
                if not passed and not (others and (unspoken or refused.status >= 429)):
                    raise
                last = refused
            else:
                why = cascade.escalates(call, answer, others)
                if why is None:
                    return cascade.pass_on(call, answer)
                weak = cascade.keep(call, answer, why)
        if weak is not None and not call.started:
            return cascade.pass_on(call, weak.restore(call))
        if last is not None:
            raise NoAnswer(last)
        return None

    async def _persist(
        self, call: Call, candidate: Candidate, others: Sequence[Candidate], receive: Receive, last_resort: bool
    ) -> Answer:
        """One deployment, several times if that may help. Raises NoAnswer, RequestError, _NotNow."""
        assert call.route is not None
        turn = 0
        last = UpstreamError(f"{candidate.deployment.name} was not asked")
        while True:
            try:
                return await self._try(call, candidate, others, receive, last_resort)
            except _NotNow:
                if not turn:
                    raise
                raise NoAnswer(last) from None
            except UpstreamError as error:
                last = error.with_traceback(None)  # the trace would keep this call and its bodies for the collector
            if call.started:
                refused_prefill = retries.refused_prefill(call, last)
                whole = _go_on(call, last)
                if whole is not None:
                    return whole
                if refused_prefill:
                    call.instruct = True
                    continue
            if not retries.worth_another(last) or call.deadline <= clock.mono_ns():
                raise NoAnswer(last)
            elsewhere = any(not other.open for other in others)
            pause = retries.pause(last, turn, elsewhere, last_turn=turn == call.route.retries)
            if pause is None or clock.mono_ns() + pause * 1e9 >= call.deadline:
                raise NoAnswer(last)
            await retries.wait(call, pause)
            turn += 1

    async def _try(
        self, call: Call, candidate: Candidate, others: Sequence[Candidate], receive: Receive, last_resort: bool
    ) -> Answer:
        """One try of one deployment, or of two that race for the head of the answer."""
        assert call.route is not None
        call.samples = cascade.samples(call, candidate.deployment, others)
        call.gathering = call.stream and call.route.cascade is not None and bool(others) and not call.started
        trial = await self._enter(call, candidate.deployment, bool(others) and not last_resort, last_resort)
        began = trial.began
        allowed = min(call.route.try_timeout, (call.deadline - began) / 1e9)
        try:
            with self.watch.until(call.task, began + int(allowed * 1e9)) as patience:
                call.patience = patience
                delay = self._hedge_after(call, candidate, others)
                if delay is None:
                    response = await trial.send()
                else:
                    trial, response = await self._race(call, trial, others[0], delay)
                answer = await receive(trial, response)
            trial.answered(answer)
            return answer
        except TimeoutError:
            raise trial.failed(retries.late(call, trial.deployment, allowed), ours=True) from None
        except UpstreamError as error:
            if not trial.ended:
                trial.failed(error, ours=error.code == "upstream_seam_lost")
            raise
        except RequestError as refused:
            trial.left(refused.code)
            raise
        except BaseException:
            trial.left()
            raise
        finally:
            call.waited += clock.mono_ns() - began

    async def _enter(self, call: Call, deployment: Deployment, others: bool, last_resort: bool) -> Trial:
        """Past the deployment's turnstile, its breaker and the budgets. Raises _NotNow and RequestError."""
        lane = self.lanes.of(deployment.provider, deployment.model) if self.lanes is not None else None
        if lane is None and not call.accounts:
            return self._begin(call, deployment, self._let_in(deployment, call, last_resort=last_resort), None)
        began = clock.mono_ns()
        place, vital = None, None
        try:
            if lane is not None:
                place = await self._place(call, lane, others)
            vital = self._let_in(deployment, call, last_resort=last_resort)
            if call.accounts and self.purse is not None:
                waiting = self.purse.cover(call, deployment)
                if waiting is not None:
                    await waiting
        except BaseException:
            if vital is not None:
                vital.left(clock.mono_ns())
            if place is not None:
                place.leave(Usage())
            raise
        finally:
            call.waited += clock.mono_ns() - began
        return self._begin(call, deployment, vital, place)

    async def _place(self, call: Call, lane: Turnstile, others: bool) -> Place:
        """Wait for a place; only for a moment if somebody else can answer. Raises _NotNow, RequestError."""
        tokens = estimate(len(call.outgoing), call.max_output)
        until = min(call.deadline, clock.mono_ns() + MOMENT_NS) if others else call.deadline
        try:
            return await lane.enter(call.identity.project, call.priority, until, tokens)
        except RequestError:
            if others:
                raise _NotNow from None
            raise

    def _let_in(self, deployment: Deployment, call: Call, *, last_resort: bool = False) -> Attempt:
        """Raises _NotNow."""
        vital = self.vitals.begin(deployment, len(call.outgoing) // 4, last_resort=last_resort)
        if vital is None:
            raise _NotNow
        return vital

    def _begin(self, call: Call, deployment: Deployment, vital: Attempt, place: Place | None) -> Trial:
        if call.broken is not None:
            call.continuation = on = continuation.plan(call.outgoing, call.broken, deployment, instruct=call.instruct)
            if on is not None:
                call.why = f"{call.why}; {on.why} on {deployment.name}"
        try:
            return Trial(call, deployment, vital, place, self.price_of)
        except BaseException:  # a request that cannot be made is nobody's call: it must not stay counted as one
            vital.left(clock.mono_ns())
            if place is not None:
                place.leave(Usage())
            raise

    def _begin_rival(self, call: Call, first: Deployment, second: Deployment) -> Trial | None:
        """A second trial beside the first, if memory says that it may be."""
        lane = self.lanes.of(second.provider, second.model) if self.lanes is not None else None
        place = None
        if lane is not None:
            place = lane.try_enter(call.identity.project, call.priority, estimate(len(call.outgoing), call.max_output))
            if place is None:
                return None
        if self.purse is None or self.purse.cover_rival(call, first, second):
            try:
                return self._begin(call, second, self._let_in(second, call), place)
            except _NotNow:
                pass
        if place is not None:
            place.leave()
        return None

    # -- hedging --------------------------------------------------------------------------------------------------

    def _hedge_after(self, call: Call, candidate: Candidate, others: Sequence[Candidate]) -> float | None:
        """Seconds after which the next deployment is asked too; None: it is not."""
        assert call.route is not None
        rule = call.route.hedge
        if rule is None or not others or others[0].open or call.started:
            return None
        cap = self._caps.get(call.route.name)
        if cap is None or cap.share != rule.share:
            cap = self._caps[call.route.name] = HedgeCap(rule.share)
        cap.earn()
        return call.route.hedge.delay(_p95(candidate)) if call.route.hedge is not None else None

    async def _race(self, call: Call, first: Trial, rival: Candidate, delay: float) -> tuple[Trial, WireResponse]:
        """The trial whose head came first, and that head. Raises UpstreamError with all trials ended."""
        assert call.route is not None
        cap, second = self._caps[call.route.name], None

        def allowed() -> bool:
            nonlocal second
            if not cap.take():
                return False
            second = self._begin_rival(call, first.deployment, rival.deployment)
            if second is None:
                cap.give_back()
            return second is not None

        def start() -> Awaitable[WireResponse]:
            assert second is not None
            return second.send()

        try:
            raced = await race(first.send, start, delay, allowed, good=_is_good, discard=_discard)
        except BaseException:
            if second is not None:
                second.left("hedge_ended")
            raise
        if second is None:
            return first, raced.result()
        trials = (first, second)
        winner, loser = trials[raced.winner], trials[1 - raced.winner]
        lost = raced.loser
        assert lost is not None
        if isinstance(lost.error, UpstreamError):
            loser.failed(lost.error)
        elif lost.value is not None and not _is_good(lost.value):
            loser.failed(loser.speak.classify(lost.value.status, lost.value.headers, b""))
        else:
            loser.left("another_was_quicker")
        call.deployment = winner.deployment
        call.why = f"{call.why}; {first.deployment.name} was slow, so {second.deployment.name} was asked too"
        error = raced.legs[raced.winner].error
        if isinstance(error, UpstreamError):
            winner.failed(error)
        return winner, raced.result()


def _is_good(response: WireResponse) -> bool:
    return response.status == 200


def _discard(response: WireResponse) -> None:
    response.abort()


def _p95(candidate: Candidate) -> float | None:
    """The 95th percentile of recent times to the first piece, taken as lognormal; None: not known."""
    signs = candidate.signs
    if not signs.first or not isinstance(signs, Vital):
        return None
    return float(exp(log(signs.first) + Z95 * signs.spread))


def _go_on(call: Call, error: OutriderError) -> Answer | None:
    """A stream broke after something was sent. An answer: it was whole but for its end. None: it can be continued.
    Raises NoAnswer with the reason if it cannot."""
    sent = continuation.read(call.heard)
    if sent.whole:
        ending = sent.ending(wants_usage=call.wants_usage, usage=call.usage)
        if call.voice is not None:
            ending = call.voice.say(ending)
        call.blocks.append(ending)
        call.held += ending  # it is empty, or holds what came together with the end mark
        return Answer(b"", None, sent.finish, sent.text)
    obstacle = continuation.obstacle(call.outgoing, sent) if call.endpoint == "chat" else "it is no chat"
    if obstacle:
        error.message += f"; it could not be continued elsewhere: {obstacle}"
        raise NoAnswer(error)
    call.broken = sent
    return None


def _can_go_on(call: Call) -> bool:
    """Whether what broke off may be continued by somebody else: `_go_on` has said so."""
    return call.broken is not None and not call.broken.whole
