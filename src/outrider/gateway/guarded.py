"""Stages `check input` and `check output`: what is said to models and what they say, through the guardrails.

A call that no rule covers never comes here. Texts are checked in the corridor's own language, so every caller's
language has the same checks; a guarded call is never passed on in a language that is not read. What the model says is
checked while it comes (`GuardedReader`), before anything else of the corridor sees it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from outrider.base.errors import RequestError
from outrider.base.ports import Answer, StreamReader
from outrider.gateway.call import Call
from outrider.gateway.guarded_answers import GuardedReader, Spoken, proposes, whole
from outrider.gateway.guarded_requests import Part, hidden, parts, put_back
from outrider.gateway.surface import chat
from outrider.guardrails import Context, Inspected, Rules, inspect
from outrider.guardrails._inspect import mask, redacted
from outrider.guardrails.way.asking import Waiter, asked
from outrider.guardrails.way.placeholders import Book, Vault, neutral
from outrider.journal.events import Step

SHORT = 600
"""Bytes of an answer that is checked at once."""
_fields = msgspec.json.Decoder(dict[str, Any])
_json = msgspec.json.Encoder()


class Guards:
    """The guardrails of one worker. `rules` gives those in force, `vault` keeps the placeholders of sessions."""

    def __init__(self, rules: Callable[[], Rules], vault: Vault | None = None) -> None:
        self.rules, self.vault = rules, vault

    def begin(self, call: Call) -> bool:
        """Whether any rule covers the call."""
        rules = self.rules()
        if not rules:
            return False
        call.guarded = guarded = Guarded(self, rules, _context(call))
        if not guarded.concerned:
            call.guarded = None
        return call.guarded is not None


def _context(call: Call) -> Context:
    who = call.identity
    return Context(
        project=who.project, route=call.model, key=who.key, user=call.user, agent=call.agent, session=call.session
    )


class Guarded:
    """One call's. `counted` is (guardrail, kind, act) of every finding; `taints` says that a detector found what should
    not be obeyed in what the model was given."""

    def __init__(self, guards: Guards, rules: Rules, context: Context) -> None:
        self._guards, self._rules, self._context = guards, rules, context
        at = {where: rules.covering(msgspec.structs.replace(context, where=where)) for where in ("input", "output")}
        self._speaks = bool(at["output"]) or rules.concern("tool_args")
        self.concerned = bool(at["input"]) or self._speaks or rules.concern("tool_result")
        self.book = Book()
        self.spoken: Spoken | None = None
        self.changed = self.taints = False
        self.counted: list[tuple[str, str, str]] = []
        self._gone: dict[str, str] = {}  # what was redacted for good, and what stands there

    @property
    def listens(self) -> bool:
        """Whether the request was changed or the answer has to be read: then nothing passes as it is."""
        return self.changed or self._speaks or bool(self.book)

    # -- input --------------------------------------------------------------------------------------------------------

    async def hear(self, call: Call) -> None:
        """Check what the model is to be given. Raises RequestError 403 `guardrail_blocked`."""
        await asyncio.to_thread(self._hear, call)

    def _hear(self, call: Call) -> None:
        body = _fields.decode(call.outgoing)
        said = parts(call.endpoint, body)
        vault, context = self._guards.vault, self._context
        if vault is not None and self._rules.reversible:
            self.book = Book(vault, vault.owner(context.project, context.key, context.user, context.session))
        given = tuple(part.text for part in said if part.role in ("system", "developer", "user"))
        context = msgspec.structs.replace(
            context,
            instructions=tuple(part.text for part in said if part.role in ("system", "developer")),
            given=given,
        )
        try:
            for part in said:
                if part.role not in ("system", "developer"):
                    self._check(call, part, context)
        finally:  # also of a refused one: its record must not say what was refused
            self.changed = any(part.told != part.text for part in said)
            if self.changed:
                call.outgoing = _json.encode(put_back(body, said))
                if call.endpoint == "chat":
                    call.request = chat.parse_chat(call.outgoing)
        self._context = msgspec.structs.replace(
            context, private=tuple(part.told for part in said if part.role not in ("system", "developer"))
        )
        doubt = partial(_doubt, call)
        self.spoken = Spoken(self._rules, self._context, self.book, escaped=_is_json(call), doubt=doubt)

    def _check(self, call: Call, part: Part, context: Context) -> None:
        own = part.role == "assistant"  # what the model said before: it was checked then, and may need its placeholders
        context = msgspec.structs.replace(
            context, where="tool_result" if part.role in ("tool", "function") else "input", tool=part.tool
        )
        text = part.text if not self._rules.reversible or own else neutral(part.text)
        began = call.since()
        seen = inspect([text], context, self._rules, self.book.cover if self._rules.reversible else None)
        part.told = seen.texts[0]
        if not seen.found:
            return
        self.taints = self.taints or seen.taints
        self._note(call, f"check {context.where}", began, seen, [text])
        for one in seen.found:
            if one.act == "redact" and not one.reversible:
                value = text[one.finding.start : one.finding.end]
                self._gone[value] = mask(one)
        if not own and seen.act in ("block", "ask"):
            masked = [msgspec.structs.replace(one, act="redact", reversible=False) for one in seen.found]
            part.told = redacted(text, masked)
            self._gone |= {text[one.finding.start : one.finding.end]: mask(one) for one in masked}
            raise blocked(seen.reasons, "what was said to the model")

    def _note(self, call: Call, name: str, began: int, seen: Inspected, texts: Sequence[str]) -> None:
        self.counted += [(one.guardrail, one.finding.kind, one.act) for one in seen.found]
        step = Step(id=len(call.steps) + 1, kind="guardrail", name=name, start=began)
        step.attrs = {"result": seen.act, **seen.facts(texts)}
        step.duration = call.since() - began
        if seen.act in ("block", "ask"):
            step.status, step.error = "error", "guardrail_blocked"
        call.steps.append(step)

    # -- what goes to the provider, and comes from it -----------------------------------------------------------------

    def outgoing(self, body: bytes) -> bytes:
        """A request that the corridor made of the answer so far: nothing in it may say what placeholders stand for."""
        values = self.book.values
        return hidden(body, values) if values else body

    def reader(self, reader: StreamReader, before: str = "") -> StreamReader:
        """Around the reader of a stream. `before` is what the caller has of it from another one."""
        if self.spoken is None or not (self._speaks or self.book):
            return reader
        return GuardedReader(reader, self.spoken.begin(before))

    async def whole(self, answer: Answer, deadline: int) -> None:
        """Check a complete chat answer in place; a longer one takes its time, and others do not wait for it. Raises
        RequestError 403 `guardrail_blocked`."""
        if self.spoken is None or not (self._speaks or self.book):
            return
        if self.spoken.asks and proposes(answer):
            await asked(partial(_asked, answer, self.spoken.begin()), deadline)
        elif len(answer.body) <= SHORT:
            whole(answer, self.spoken.begin())
        else:
            await asyncio.to_thread(whole, answer, self.spoken.begin())

    async def ask(self, reader: GuardedReader, deadline: int) -> None:
        """Check the calls of a stream that is at its end, where others are asked about them."""
        await asked(reader.ask, deadline)

    def close(self, call: Call) -> None:
        """Write down what was found in the answer."""
        if self.spoken is None:
            return
        for name, attrs in self.spoken.facts():
            step = Step(id=len(call.steps) + 1, kind="guardrail", name=name, start=call.since(), attrs=attrs)
            if attrs["result"] in ("block", "ask") and not attrs.get("waits"):
                step.status, step.error = "error", "guardrail_blocked"
            call.steps.append(step)
        self.counted += self.spoken.counted

    # -- the record ---------------------------------------------------------------------------------------------------

    def kept(self, body: bytes) -> bytes:
        """A body for the journal: without what was redacted, with placeholders where values were restored."""
        gone: Mapping[str, str] = {**self._gone, **self.book.values}
        return hidden(body, gone) if gone and body else body


def _asked(answer: Answer, spoken: Spoken, waiter: Waiter) -> None:
    spoken.asking(waiter)
    whole(answer, spoken)


def _doubt(call: Call, tool: str, arguments: str, reasons: Sequence[str]) -> bool:
    """Whether a person will be asked about a proposed call."""
    return call.control is not None and bool(call.control.doubt(tool, arguments, reasons))


def _is_json(call: Call) -> bool:
    form = call.request.response_format if call.endpoint == "chat" else None
    return form is not None and form.type in ("json_object", "json_schema")


def blocked(reasons: Sequence[str], what: str) -> RequestError:
    """The refusal, without what was found."""
    told = "; ".join(reasons[:5])
    return RequestError(
        f"a guardrail refuses {what}: {told}. Take it out, or ask whoever keeps the configuration (`guardrails.rules`)",
        status=403,
        code="guardrail_blocked",
        details={"reasons": list(reasons[:20])},
    )
