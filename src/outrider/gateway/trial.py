"""One try of one deployment: its step in the record, its request, what it cost, and what it says about the deployment.

A trial ends once: `answered`, `failed` (by itself) or `left` (by us).
"""

from outrider.base import clock, plugins
from outrider.base.errors import UpstreamError
from outrider.base.ports import Answer, Deployment, Dialect, StreamReader, WireResponse
from outrider.gateway.booking import PriceOf, book, book_cut, unreported
from outrider.gateway.call import Call
from outrider.gateway.joiner import Joiner
from outrider.gateway.structured import adapt, watch
from outrider.journal.events import Step
from outrider.limits.turnstile import Place
from outrider.limits.vitals import Attempt


def dialect(name: str) -> Dialect:
    """The dialect module `name` of `outrider.providers`."""
    return plugins.load("outrider.providers", name)


class Trial:
    """`vital` counts it among the deployment's calls, `place` is its place at the deployment's turnstile, if any."""

    __slots__ = (
        "_price_of", "before", "began", "call", "continuation", "deployment", "ended", "place", "speak", "step",
        "vital", "wire"
    )  # fmt: skip

    def __init__(
        self, call: Call, deployment: Deployment, vital: Attempt, place: Place | None, price_of: PriceOf
    ) -> None:
        self.call, self.vital, self.place, self._price_of = call, vital, place, price_of
        self.continuation = call.continuation
        self.deployment = deployment = self.continuation.deployment if self.continuation is not None else deployment
        self.speak = dialect(deployment.dialect)
        self.began = clock.mono_ns()
        if call.blocks and not call.started:  # gathered of an attempt that broke off: nobody has seen it
            call.blocks, call.held = [], b""
        self.before = len(call.blocks)
        self.ended = False
        self.step = Step(id=len(call.steps) + 1, kind="model", name=deployment.name, start=self.began - call.t0)
        call.steps.append(self.step)
        call.deployment, call.asked = deployment, True
        self.wire = self.speak.encode(
            deployment, call.endpoint, self._body(), call.model, stream=call.stream, wants_usage=call.wants_usage
        )

    def _body(self) -> bytes:
        """What this deployment is asked: the caller's words, in the form that it takes, or for the rest of them."""
        call = self.call
        body = call.outgoing if self.continuation is None else self.continuation.body
        return body if call.want is None else adapt(body, self.deployment, call.want)

    async def send(self) -> WireResponse:
        """The head of the answer. Raises UpstreamError."""
        response = await self.deployment.transport.send(self.wire)
        self.step.attrs["http_status"] = response.status
        self.vital.heard(response.headers, response.status)
        return response

    def reader(self) -> StreamReader:
        """What watches the stream: the dialect's reader, or one that joins it to what was sent before."""
        call, on = self.call, self.continuation
        reader = self.speak.reader(wants_usage=call.wants_usage)
        if on is not None:
            reader = Joiner(reader, on, call.usage)
        return reader if call.want is None else watch(call.want, reader, joined=on is not None)

    def first_token(self) -> None:
        self.vital.first_token(clock.mono_ns())

    def answered(self, answer: Answer) -> None:
        usage = answer.usage or unreported(self.call, self.deployment, self.wire, answer, self.before)
        book(self.call, self.step, self.deployment, usage, self._price_of)
        self.vital.ok(usage, self._end())

    def failed(self, error: UpstreamError, *, ours: bool = False) -> UpstreamError:
        """It failed, by this error. `ours`: we gave it up (a deadline), so it may be billed though nothing came."""
        step = self.step
        step.status, step.error = "error", error.code
        step.attrs["message"] = error.message[:1000]
        if error.status:
            step.attrs["http_status"] = error.status
        if error.retry_after is not None:
            step.attrs["retry_after"] = error.retry_after
        self._cut(ours=ours)
        self.vital.failed(error, self._end())
        return error

    def left(self, why: str = "client_gone") -> None:
        """We ended it, for a reason that says nothing about the deployment."""
        if self.ended:
            return
        self.step.status, self.step.error = "cancelled", why
        self._cut(ours=True)
        self.vital.left(self._end())

    def _cut(self, *, ours: bool) -> None:
        book_cut(self.call, self.step, self.deployment, self.wire, self.before, self._price_of, ours=ours)

    def _end(self) -> int:
        self.ended = True
        now = clock.mono_ns()
        self.step.duration = now - self.began
        if self.continuation is not None:
            self.step.attrs |= {"continued_from": self.step.id - 1, **self.continuation.attrs}
        if self.place is not None:
            self.place.leave(self.step.usage)
        return now
