"""Active checks: a small request of our own to a provider that nobody has called for a while.

So a provider's failure, or its return, is noticed before the first caller meets it. A check for `models` asks for the
list of models, which costs nothing: that it fails counts against the provider's deployments; that it works is no proof
that they answer, and closes no breaker. A check by `completion` asks each deployment for one token and counts as a call
of it, also as the probe that a half-open breaker waits for.
"""

import asyncio
from collections.abc import Callable, Mapping

import msgspec

from outrider.base import chance, clock, plugins
from outrider.base.errors import UpstreamError
from outrider.base.model_names import NOT_FOR_CHAT
from outrider.base.ports import Deployment, Dialect, WireRequest
from outrider.limits.vitals import Vital, Vitals

PATIENCE = 10.0
LARGEST = 16 << 20
TICK = 1.0


class CheckRule(msgspec.Struct, frozen=True):
    """How a provider is checked: when it had no call for `every` seconds, by `completion` or for its models."""

    every: float
    completion: bool = False


class Checks:
    """The checks of one worker. `rules` gives those in force, by provider, so that a reload is followed."""

    def __init__(self, vitals: Vitals, rules: Callable[[], Mapping[str, CheckRule]]) -> None:
        self._vitals, self._rules = vitals, rules
        self._patience: dict[str, float] = {}

    async def run(self) -> None:
        """Look once a second, until cancelled."""
        while True:
            await asyncio.sleep(TICK)
            await self.look(clock.mono_ns())

    async def look(self, now: int) -> None:
        """Make the checks that are due at `now` (monotonic nanoseconds), all at once."""
        rules, quiet = self._rules(), []
        for provider, rule in rules.items():
            vitals = [v for v in self._vitals.all() if v.deployment.provider == provider]
            if vitals and self._is_due(provider, rule, vitals, now):
                quiet.append(self._by_completion(vitals) if rule.completion else self._for_models(vitals))
        await asyncio.gather(*quiet)

    def _is_due(self, provider: str, rule: CheckRule, vitals: list[Vital], now: int) -> bool:
        """Workers come to it at different times, and the first one's check makes the others wait again."""
        patience = self._patience.setdefault(provider, rule.every * (1 + chance.uniform(0.2)))
        if any(vital.busy() or now - vital.last() < patience * 1e9 for vital in vitals):
            return False
        del self._patience[provider]
        return True

    async def _for_models(self, vitals: list[Vital]) -> None:
        """Ask for the list once; a failure counts for each deployment whose breaker is closed."""
        deployment = vitals[0].deployment
        request = WireRequest("GET", deployment.paths["models"], deployment.headers)
        began = clock.mono_ns()
        try:
            await _ask(deployment, request)
        except UpstreamError as error:
            for vital in vitals:
                if vital.breaker.state(began) == "closed":
                    attempt = self._vitals.begin(vital.deployment)
                    if attempt is not None:
                        attempt.failed(error, clock.mono_ns())
        for vital in vitals:
            vital.checked(clock.mono_ns())

    async def _by_completion(self, vitals: list[Vital]) -> None:
        asked = [v.deployment for v in vitals if not NOT_FOR_CHAT.search(v.deployment.model)]
        await asyncio.gather(*(self._complete(deployment) for deployment in asked))

    async def _complete(self, deployment: Deployment) -> None:
        """One token of one deployment, if its breaker lets a call through."""
        attempt = self._vitals.begin(deployment)
        if attempt is None:
            return
        speak = _dialect(deployment)
        body = msgspec.json.encode(
            {"model": deployment.model, "messages": [{"role": "user", "content": "ping"}], "max_tokens": 1}
        )
        request = speak.encode(deployment, "chat", body, deployment.model, stream=False, wants_usage=False)
        try:
            answer = await _ask(deployment, request)
            usage = speak.decode("chat", 200, (), answer).usage
        except UpstreamError as error:
            attempt.failed(error, clock.mono_ns())
        else:
            attempt.ok(usage, clock.mono_ns())
        finally:
            attempt.left(clock.mono_ns())


def _dialect(deployment: Deployment) -> Dialect:
    return plugins.load("outrider.providers", deployment.dialect)


async def _ask(deployment: Deployment, request: WireRequest) -> bytes:
    """The body of a good answer. Raises UpstreamError for everything else, also for one that takes too long."""
    try:
        async with asyncio.timeout(PATIENCE):
            response = await deployment.transport.send(request)
            body = await response.read(LARGEST)
    except TimeoutError:
        raise UpstreamError(
            f"{deployment.provider} did not answer a check within {PATIENCE:g} s", code="upstream_timeout"
        ) from None
    if response.status != 200:
        raise _dialect(deployment).classify(response.status, response.headers, body)
    return body
