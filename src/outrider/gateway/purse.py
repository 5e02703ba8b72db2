"""What calls may spend: before each attempt its worst case is held on every budget that covers the call.

The first guess at the input is the number of bytes, which costs nothing and is never too low. Where that does not fit,
tokens are counted, if the model's tokenizer is known; where that does not fit either, `max_tokens` is lowered to the
room that is left, if the budget says so (`fit`); else the attempt is not made.
"""

import re
from collections.abc import Awaitable, Callable

import msgspec

from outrider.base.budget import Amount
from outrider.base.errors import BudgetExceeded
from outrider.base.ports import Deployment, Facts
from outrider.base.usage import Price
from outrider.gateway.admission import marked_by, subject_of
from outrider.gateway.booking import PriceOf, in_tier, spent, tier_of
from outrider.gateway.call import Call
from outrider.gateway.counting import count_input
from outrider.gateway.searching import fees, mentions
from outrider.gateway.settle import name_of
from outrider.gateway.surface.body import with_fields
from outrider.limits.held import Brief, Note
from outrider.limits.hold import form_of
from outrider.limits.kept import KeptHold
from outrider.limits.ledger import Ledger
from outrider.limits.refusal import shown
from outrider.limits.worst import FRAME, UNKNOWN_OUTPUT, dearest, most_output, worst

LEAST_OUTPUT = 16
"""Tokens of answer below which lowering `max_tokens` helps nobody."""
REASONS = re.compile(r"(o[1-9](-|$)|gpt-[5-9])", re.IGNORECASE)
"""Models that refuse `max_tokens`."""
FORM_TOLD, REST_TOLD = 64, 256
"""Tokens of our own words about the form of an answer (beside its schema), and about going on with one."""


SECOND_NS = 1_000_000_000
UNLIMITED = 1 << 62
MOST_KNOWN = 1000


class _Terms(msgspec.Struct, frozen=True, gc=False):
    """What bounds a plain chat with a deployment in the second from `since` to `until`. `flat`: its price is the same
    for all; `tiers`: but for who asks for a service tier; `searches`: and a fee for searches comes to it. Nano-dollars
    per million tokens; tokens of an answer where the caller sets no limit, and where one does; tokens in all."""

    deployment: Deployment
    since: int
    until: int
    flat: bool
    tiers: bool
    searches: bool
    dearest: int
    output: int
    usual: int
    most: int
    context: int


class Purse:
    """The budgets of one worker. `facts_of` says what a deployment's model can do."""

    def __init__(self, ledger: Ledger, price_of: PriceOf, facts_of: Callable[[Deployment], Facts]) -> None:
        self.ledger, self._price_of, self._facts_of = ledger, price_of, facts_of
        self._rules, self._mark = ledger.rules, marked_by(ledger.rules.scopes)
        self._terms: dict[str, _Terms] = {}

    def open(self, call: Call) -> None:
        """Find the accounts that cover the call."""
        if call.route is not None and call.route.kept is not None:
            call.hold = KeptHold(call.route.kept)
            return
        ledger, rules = self.ledger, self.ledger.rules
        if not rules.budgets or call.accounts:
            return
        if rules is not self._rules:
            self._rules, self._mark = rules, marked_by(rules.scopes)
        known = ledger.known(self._mark(call)) if self._mark is not None else None
        call.accounts = ledger.covering(subject_of(call), call.id) if known is None else known

    def cover(self, call: Call, deployment: Deployment) -> Awaitable[None] | None:
        """Hold what the call has spent and the worst case of an attempt. None: memory was enough, else an awaitable.

        Raises BudgetExceeded, or RequestError 503 `limits_unavailable`.
        """
        total = self._worst_at_first(call, deployment)
        if call.hold is None:  # the first attempt: nothing was spent yet
            call.hold = self.ledger.try_hold(call.id, call.accounts, total, self._note(call, deployment))
            return None if call.hold is not None else self._obtain(call, deployment, total)
        total = _plus(spent(call), total)
        return None if call.hold.try_grow(total) else self._obtain(call, deployment, total)

    def cover_rival(self, call: Call, first: Deployment, second: Deployment) -> bool:
        """Hold the worst case of a second attempt beside the first, if memory says that there is room."""
        if not call.accounts:
            return True
        total = _plus(_plus(spent(call), self._worst(call, first)), self._worst(call, second))
        return call.hold is not None and call.hold.try_grow(total)

    async def _obtain(self, call: Call, deployment: Deployment, total: Amount) -> None:
        """Borrow what is missing; with a finer look at the worst case, or a smaller one, if there is not enough."""
        try:
            return await self._hold(call, deployment, total)
        except BudgetExceeded as error:
            if error.measure == "calls":
                raise
            refused = error
        counted = await count_input(deployment, call.outgoing) if _size(call) == len(call.outgoing) else None
        if counted is not None:
            try:
                return await self._hold(call, deployment, _plus(spent(call), self._worst(call, deployment, counted)))
            except BudgetExceeded as error:
                refused = error
        size = _size(call) if counted is None else counted  # a lower `max_tokens` is no more of a prompt
        for _ in call.accounts:
            body = self._lowered(call, deployment, refused, size)
            if body is None:
                break
            call.outgoing = body
            try:
                return await self._hold(call, deployment, _plus(spent(call), self._worst(call, deployment, size)))
            except BudgetExceeded as error:
                refused = error
        if gone := spent(call).of(refused.measure):
            refused.message += f" (with {shown(refused.measure, gone)} of a try before, which failed)"
        raise refused

    async def _hold(self, call: Call, deployment: Deployment, total: Amount) -> None:
        if call.hold is not None:
            await call.hold.grow(total)
        else:
            call.hold = await self.ledger.hold(call.id, call.accounts, total, self._note(call, deployment))

    def _worst_at_first(self, call: Call, deployment: Deployment) -> Amount:
        """As `_worst`, of a plain chat from what is known of the deployment for this second; this is once per call."""
        known = self._terms.get(deployment.name)
        if known is None or known.deployment is not deployment or not known.since <= call.at < known.until:
            known = self._learn(call, deployment)
        if not known.flat or call.voice is not None or call.endpoint != "chat" or call.samples > 1:
            return self._worst(call, deployment)
        if call.want is not None or call.broken is not None or (known.tiers and call.request.service_tier):
            return self._worst(call, deployment)
        if known.searches and mentions(call.outgoing):
            return self._worst(call, deployment)
        inputs, each = len(call.outgoing) + FRAME, call.max_output
        if inputs > known.context:
            inputs = known.context
        if each is None:
            each = known.usual
        elif each > known.most:
            each = known.most
        outputs = each if (n := call.request.n) is None or n < 2 else each * n
        return Amount(-(-(inputs * known.dearest + outputs * known.output) // 1_000_000), inputs, outputs, 1, 1)

    def _learn(self, call: Call, deployment: Deployment) -> "_Terms":
        price, facts = self._price_of(deployment, call.at, 0), self._facts_of(deployment)
        since = call.at // SECOND_NS * SECOND_NS
        flat = price is self._price_of(deployment, call.at, UNLIMITED)
        fee = None if price is None else price.search
        limits = [limit for limit in (facts.max_output, facts.context) if limit is not None]
        found = self._terms[deployment.name] = _Terms(
            deployment,
            since,
            since + SECOND_NS,
            flat and (fee is None or fee.per != "answer"),
            bool(deployment.tiers),
            fee is not None,
            0 if price is None else dearest(price),
            0 if price is None else price.output,
            min(limits) if limits else UNKNOWN_OUTPUT,
            min(limits) if limits else UNLIMITED,
            UNLIMITED if facts.context is None else facts.context,
        )
        if len(self._terms) > MOST_KNOWN:  # callers can make up names
            self._terms = {deployment.name: found}
        return found

    def _note(self, call: Call, deployment: Deployment) -> Note | Brief:
        """What the record says if this process does not live to write it; in short of a call like others."""
        if call.tags:
            return _note(call, deployment)
        assert call.route is not None
        file, who, voice = self.ledger.file, call.identity, call.voice
        key = (  # all that the notes of two calls may differ in, but for what is a brief's own
            deployment.name, call.endpoint, voice is None or voice.surface.run, who.project, who.key, call.user,
            call.agent, call.session, call.model, call.stream, call.accounts, call.route.name,
        )  # fmt: skip
        form = file.forms.get(key)
        if form is None:
            form = file.new_form(key, lambda: form_of(_note(call, deployment), call.accounts))
        return _note(call, deployment) if form is None else (form, call.at, call.trace, call.parent_span)

    def _worst(self, call: Call, deployment: Deployment, tokens: int | None = None) -> Amount:
        """The most that one attempt may take; `tokens` of the caller's input if they were counted."""
        size = _size(call) if tokens is None else tokens
        if call.want is not None or call.broken is not None:
            size += _told(call)
        price, facts = self._price(call, deployment, size), self._facts_of(deployment)
        if call.endpoint != "chat":
            return worst(size, 0, 1, price, 0, facts.context)
        most = worst(size, call.max_output, call.choices, price, facts.max_output, facts.context)
        return _plus(most, Amount(money=_fees(call, deployment, price)))

    def _price(self, call: Call, deployment: Deployment, size: int) -> Price | None:
        price = self._price_of(deployment, call.at, size + FRAME)
        return in_tier(price, deployment, tier_of(call)) if deployment.tiers else price

    def _lowered(self, call: Call, deployment: Deployment, refused: BudgetExceeded, size: int) -> bytes | None:
        """The request with `max_tokens` lowered to the room there is; None if it would not help."""
        if not refused.fit or call.endpoint != "chat":
            return None
        size += _told(call)
        room, choices = refused.room - spent(call).of(refused.measure), call.choices
        price, context = self._price(call, deployment, size), self._facts_of(deployment).context
        if refused.measure == "money":
            room -= _fees(call, deployment, price)
        most = most_output(room, refused.measure, size, choices, price, context)
        if most is None or most < LEAST_OUTPUT or (call.max_output is not None and most >= call.max_output):
            return None
        call.max_output = most
        call.why = f"{call.why}; max_tokens lowered to {most} to fit budget {refused.details['budget']!r}"
        given = {"max_tokens": call.request.max_tokens, "max_completion_tokens": call.request.max_completion_tokens}
        lower = {name: most for name, said in given.items() if said is not None and said > most}
        return with_fields(call.outgoing, **lower or {_limit_of(deployment): most})


def _limit_of(deployment: Deployment) -> str:
    """The name of the limit for a caller who gave none."""
    return "max_completion_tokens" if REASONS.match(deployment.model.rpartition("/")[2]) else "max_tokens"


def _size(call: Call) -> int:
    """Bytes of what is sent at most: in the caller's own language there may be more than chat can say."""
    return len(call.outgoing) if call.voice is None else max(len(call.outgoing), len(call.voice.request.native))


def _fees(call: Call, deployment: Deployment, price: Price | None) -> int:
    """Nano-dollars for the searches that the request allows."""
    body = call.outgoing if call.voice is None else call.voice.request.native
    return 0 if price is None else fees(body, price.search, call.choices, deployment.dialect)


def _told(call: Call) -> int:
    """Tokens that we may add to the prompt: what was sent of a stream that broke, and what the model is told of it;
    the form that the answer must have."""
    told = FORM_TOLD if call.want is not None else 0
    return told if call.broken is None else told + len(call.broken.text.encode()) + REST_TOLD


def _plus(one: Amount, other: Amount) -> Amount:
    return Amount(
        one.money + other.money,
        one.input + other.input,
        one.output + other.output,
        max(one.calls, other.calls),
        max(one.concurrent, other.concurrent),
    )


def _note(call: Call, deployment: Deployment) -> Note:
    return Note(
        call.identity.project,
        call.at,
        name_of(call),
        call.model,
        call.route.name if call.route is not None else "",
        deployment.name,
        deployment.provider,
        call.identity.key,
        call.user,
        call.agent,
        call.session,
        call.tags,
        call.stream,
        call.trace,
        call.parent_span,
    )
