"""One try of one deployment: it is a step of the run, it ends once, and it says how the deployment is doing."""

import msgspec
import pytest

from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.base.ports import Answer, Deployment
from outrider.base.usage import Price
from outrider.gateway import continuation
from outrider.gateway.call import Call
from outrider.gateway.continuation import Sent
from outrider.gateway.joiner import Joiner
from outrider.gateway.receive import collect
from outrider.gateway.structured import Rules, StructuredReader, wanted
from outrider.gateway.trial import Trial, dialect
from outrider.limits.board import Board
from outrider.limits.conditions import Condition, condition
from outrider.limits.turnstile import Capacity, Place, Turnstiles
from outrider.limits.vitals import Vitals
from outrider.testing import ScriptedProvider
from tests.gateway.calls import call, deployment, route
from tests.limits.lending import desks

PRICE = Price(1_000_000, 4_000_000)
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
FORM = {"response_format": {"type": "json_schema", "json_schema": {"name": "c", "schema": SCHEMA}}}


class Ward:
    """Deployments with their vitals, and trials of them."""

    def __init__(self) -> None:
        self.provider, self.vitals = ScriptedProvider(), Vitals(Board())
        self.deployment = deployment("a", self.provider)

    def call(self, text: str = "scripted:text=hi there", **more: object) -> Call:
        return call(text, route(self.deployment), **more)  # type: ignore[arg-type]

    def trial(self, made: Call, where: Deployment | None = None, place: Place | None = None) -> Trial:
        asked = where or self.deployment
        vital = self.vitals.begin(asked)
        assert vital is not None
        return Trial(made, asked, vital, place, lambda deployment, at, size: PRICE)

    def look(self) -> Condition:
        return condition(self.vitals.board, "a/m")


@pytest.fixture
def ward() -> Ward:
    return Ward()


async def answered(trial: Trial) -> Answer:
    answer = await collect(trial, await trial.send())
    trial.answered(answer)
    return answer


async def test_an_answer_is_a_step_with_its_cost(ward: Ward) -> None:
    made = ward.call()
    trial = ward.trial(made)
    assert (made.asked, made.deployment, ward.look().in_flight) == (True, ward.deployment, 1)
    assert (await answered(trial)).text == "hi there"
    (step,) = made.steps
    assert (step.kind, step.name, step.status, step.attrs["http_status"]) == ("model", "a/m", "ok", 200)
    assert step.usage is not None
    assert step.cost == made.cost == PRICE.cost(step.usage)
    assert step.duration > 0
    assert (ward.look().in_flight, ward.look().answered) == (0, 1)


async def test_a_provider_that_reports_nothing_is_estimated(ward: Ward) -> None:
    made = ward.call("scripted:no-usage,text=" + "word " * 40)
    await answered(ward.trial(made))
    assert made.usage is not None
    assert made.usage.estimated
    assert abs(made.usage.output - 40) <= 4


async def test_a_failure_says_what_went_wrong(ward: Ward) -> None:
    made = ward.call()
    trial = ward.trial(made)
    error = UpstreamError("x" * 5000, code="upstream_error", status=503, retry_after=7.0)
    assert trial.failed(error) is error
    (step,) = made.steps
    assert (step.status, step.error, step.cost) == ("error", "upstream_error", 0)
    assert step.attrs == {"message": "x" * 1000, "http_status": 503, "retry_after": 7.0}
    assert ward.look().failures == {"upstream_error": 1}


async def test_what_we_gave_up_may_be_billed_and_what_failed_by_itself_not(ward: Ward) -> None:
    costs = []
    for ours in (False, True):
        made = ward.call(fields={"max_tokens": 100})
        made.max_output = 100
        trial = ward.trial(made)
        await trial.send()
        trial.failed(UpstreamError("too late", code="upstream_timeout"), ours=ours)
        costs.append(made.cost)
    assert costs[0] == 0
    assert costs[1] >= 4 * 100


async def test_to_leave_says_nothing_about_the_deployment_and_ends_once(ward: Ward) -> None:
    made = ward.call()
    trial = ward.trial(made)
    trial.left()
    trial.left("another_was_quicker")
    assert (made.steps[0].status, made.steps[0].error) == ("cancelled", "client_gone")
    look = ward.look()
    assert (look.in_flight, look.failures, look.recent_failed) == (0, {}, 0)
    other = ward.trial(made)
    await answered(other)
    other.left()
    assert made.steps[1].status == "ok"


async def test_its_place_at_the_turnstile_is_free_when_it_ends(ward: Ward) -> None:
    _, (desk,) = desks(1)
    lanes = Turnstiles(desk)
    lanes.load({"a": Capacity(concurrent=1)}, {})
    lane = lanes.of("a", "m")
    assert lane is not None
    for ending in ("answered", "failed", "left"):
        place = await lane.enter("p", "interactive", clock.mono_ns() + 10**9, 10)
        assert lane.try_enter("p", "interactive", 10) is None
        trial = ward.trial(ward.call(), place=place)
        match ending:
            case "answered":
                await answered(trial)
            case "failed":
                trial.failed(UpstreamError("it broke"))
            case "left":
                trial.left()
    assert lane.try_enter("p", "interactive", 10) is not None
    await lanes.close()
    await desk.close()


async def test_a_stream_goes_through_what_it_needs(ward: Ward) -> None:
    plain = ward.call(stream=True)
    assert not isinstance(ward.trial(plain).reader(), Joiner | StructuredReader)
    held = ward.call(stream=True, fields=FORM)
    held.want = wanted(held.request, Rules())
    assert isinstance(ward.trial(held).reader(), StructuredReader)
    broken = ward.call(stream=True)
    broken.started, broken.broken = True, Sent(text="Once upon a time there was ", pieces=6, roles={0})
    broken.continuation = continuation.plan(broken.outgoing, broken.broken, ward.deployment)
    assert broken.continuation is not None
    trial = ward.trial(broken)
    assert isinstance(trial.reader(), Joiner)
    assert b"Once upon a time" in trial.wire.body
    trial.left()
    assert broken.steps[0].attrs["mode"] == "instruction"
    assert broken.steps[0].attrs["continued_from"] == 0


async def test_what_was_gathered_of_another_try_is_forgotten(ward: Ward) -> None:
    made = ward.call(stream=True)
    made.blocks, made.held = [b"data: 1\n\n"], b"data: 1\n\n"
    trial = ward.trial(made)
    assert (made.blocks, made.held, trial.before) == ([], b"", 0)
    made.started, made.blocks = True, [b"data: 1\n\n"]
    trial = ward.trial(made)
    assert (made.blocks, trial.before) == ([b"data: 1\n\n"], 1)


async def test_a_form_is_told_in_words_where_it_is_not_known(ward: Ward) -> None:
    made = ward.call(fields=FORM)
    made.want = wanted(made.request, Rules())
    stranger = msgspec.structs.replace(ward.deployment, forms=())
    native, told = ward.trial(made), ward.trial(made, stranger)
    assert b"json_schema" in native.wire.body
    assert b"response_format" not in told.wire.body
    assert b"It must be valid against this JSON Schema" in told.wire.body
    native.left()
    told.left()


def test_a_dialect_that_is_not_there() -> None:
    with pytest.raises(LookupError, match="openai"):
        dialect("klingon")
