"""A cascade's way: a cheap model's answer is looked at before the caller sees it, and a dearer model is asked if it is
not good enough. What "good enough" means is in `gateway.answer_checks`."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from outrider.base.choice import Candidate
from outrider.base.ports import Answer, Deployment
from outrider.gateway import heads
from outrider.gateway.answer_checks import check
from outrider.gateway.call import Call
from outrider.gateway.structured import Wanted, judge


class Kept(msgspec.Struct):
    """An answer that was not good enough, for the case that nobody gives a better one."""

    answer: Answer
    blocks: list[bytes]
    heard: list[bytes]
    held: bytes
    deployment: Deployment | None
    watcher: Any

    def restore(self, call: Call) -> Answer:
        """Make it the call's answer again; `pass_on` gives it to the caller. Nothing may have been sent."""
        call.blocks, call.held, call.deployment = self.blocks, self.held, self.deployment
        call.gathering = call.stream
        if call.voice is not None:
            call.voice.heard = self.heard
        if call.want is not None:
            call.want.watcher = self.watcher
        call.why += "; nobody gave a better answer"
        return self.answer


def escalates(call: Call, answer: Answer, others: Sequence[Candidate]) -> str | None:
    """Why the next deployment should be asked; None: the answer is good enough, or there is no other."""
    assert call.route is not None
    rule = call.route.cascade
    if rule is None or not others or call.started or call.endpoint != "chat":
        return None
    misfit = partial(_misfit, call.want) if call.want is not None else None
    return check(answer, call.request, rule, misfit=misfit, blocks=call.heard)


def _misfit(want: Wanted, text: str) -> str | None:
    flaws = judge(want, text).flaws
    return str(flaws[0]) if flaws else None


def keep(call: Call, answer: Answer, why: str) -> Kept:
    """Put the answer aside and go on."""
    watcher = call.want.watcher if call.want is not None else None
    kept = Kept(answer, call.blocks, call.heard, call.held, call.deployment, watcher)
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
