"""A cascade's way: a cheap model's answer is looked at before the caller sees it, and a dearer model is asked if it is
not good enough. What "good enough" means is in `gateway.answer_checks`."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from outrider.base.choice import Candidate
from outrider.base.errors import RequestError
from outrider.base.ports import Answer, Deployment
from outrider.gateway import agreement, heads
from outrider.gateway.answer_checks import CascadeRule, check
from outrider.gateway.call import Call
from outrider.gateway.structured import Wanted, judge

SEVERAL = ("openai", "gemini")
"""Dialects in which several answers can be asked for at once."""


class Kept(msgspec.Struct):
    """An answer that was not good enough, for the case that nobody gives a better one."""

    answer: Answer
    blocks: list[bytes]
    heard: list[bytes]
    held: bytes
    deployment: Deployment | None
    watcher: Any
    holding: Any
    spoken: Any

    def restore(self, call: Call) -> Answer:
        """Make it the call's answer again; `pass_on` gives it to the caller. Nothing may have been sent."""
        call.blocks, call.held, call.deployment = self.blocks, self.held, self.deployment
        call.gathering = call.stream
        if call.voice is not None:
            call.voice.heard = self.heard
        if call.want is not None:
            call.want.watcher = self.watcher
        if call.control is not None:
            call.control.holding = self.holding
        if self.spoken is not None:
            call.guarded.spoken.again(self.spoken)
        call.why += "; nobody gave a better answer"
        return self.answer


def escalates(call: Call, answer: Answer, others: Sequence[Candidate]) -> str | None:
    """Why the next deployment should be asked; None: the answer is good enough, or there is no other."""
    assert call.route is not None
    rule = call.route.cascade
    if rule is None or not others or call.started or call.endpoint != "chat":
        return None
    if "guardrail" in rule.escalate_on and _heeds(call) and (found := call.guarded.spoken.objection()):
        return f"a guardrail found {found}"
    misfit = partial(_misfit, call.want) if call.want is not None else None
    if call.samples > 1 and (doubt := _doubt(call, answer, rule)):
        return doubt
    held = call.control.held if call.control is not None else ()
    return check(answer, call.request, rule, misfit=misfit, blocks=[*call.heard, *held] if held else call.heard)


def passes_by(call: Call, refused: RequestError, *, more: bool) -> bool:
    """Whether an answer that a guardrail refused is one more that is not good enough. `more`: another can be asked, or
    was."""
    rule = call.route.cascade if call.route is not None else None
    if rule is None or not more or call.started or refused.code != "guardrail_blocked":
        return False
    if "guardrail" not in rule.escalate_on:
        return False
    call.steps[-1].attrs["escalated"] = why = "a guardrail refused the answer"
    call.why = f"{call.why}; escalated: {why}"
    return True


def _heeds(call: Call) -> bool:
    return call.guarded is not None and call.guarded.spoken is not None


def samples(call: Call, deployment: Deployment, others: Sequence[Candidate]) -> int:
    """How many answers the deployment is asked for, to see whether they agree."""
    rule = call.route.cascade if call.route is not None else None
    if rule is None or rule.samples < 2 or not others or call.started or call.want is not None:
        return 1
    if call.control is not None and call.request.tools:  # calls are no texts that agree or not
        return 1
    return (
        rule.samples if call.endpoint == "chat" and deployment.dialect in SEVERAL and call.request.n in (None, 1) else 1
    )


def _doubt(call: Call, answer: Answer, rule: CascadeRule) -> str | None:
    """Of several answers the one most like the others becomes the answer; why not even that is to be believed."""
    texts = agreement.streamed(call.heard) if call.stream else agreement.whole(answer.body)
    if len(texts) < 2:
        return None  # the provider gives but one
    alike, best = agreement.agreement(texts)
    call.steps[-1].attrs["agreement"] = round(alike, 3)
    if call.stream:
        _choose_events(call, agreement.only_events(call.heard, best))
        answer.text = texts[best]
    else:
        answer.body = agreement.only(answer.body, best)
        answer.text = texts[best]
    if "low_agreement" in rule.escalate_on and alike < rule.agreement:
        return f"the {len(texts)} answers of the model agree only by {alike:.0%}"
    return None


def _choose_events(call: Call, events: list[bytes]) -> None:
    """What was gathered is these events alone."""
    voice = call.voice
    if voice is None:
        call.blocks = events
    else:
        voice.start(native=False)
        call.blocks = [voice.say(event) for event in events]
    call.held = call.blocks[-1] if call.held else b""


def _misfit(want: Wanted, text: str) -> str | None:
    flaws = judge(want, text).flaws
    return str(flaws[0]) if flaws else None


def keep(call: Call, answer: Answer, why: str) -> Kept:
    """Put the answer aside and go on."""
    watcher = call.want.watcher if call.want is not None else None
    holding = call.control.holding if call.control is not None else None
    spoken = call.guarded.spoken.aside() if _heeds(call) else None
    kept = Kept(answer, call.blocks, call.heard, call.held, call.deployment, watcher, holding, spoken)
    call.steps[-1].attrs["escalated"] = why
    call.why = f"{call.why}; escalated: {why}"
    call.blocks, call.held = [], b""
    return kept


def pass_on(call: Call, answer: Answer) -> Answer:
    """What was gathered of a stream goes to the caller now."""
    if call.gathering and not call.started:
        call.started, call.ttft, call.gathering = True, call.since(), False
        call.exchange.start(200, heads.stream(call))
        for block in call.blocks[:-1] if call.held else call.blocks:  # what is held leaves with the record
            call.exchange.write(block)
    return answer
