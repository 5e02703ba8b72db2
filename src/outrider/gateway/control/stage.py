"""Stage `control`: what the conversation says goes into its session before a model is asked, and calls that the model
proposes are judged before the caller gets them. Calls without tools never come here."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec

from outrider.base.errors import OutriderError, RequestError
from outrider.base.ports import Answer, StreamReader
from outrider.gateway import heads
from outrider.gateway.attempts import NoAnswer
from outrider.gateway.batches.inside import Aside, Inside
from outrider.gateway.call import Call
from outrider.gateway.control import native as nativity
from outrider.gateway.control import rewriting
from outrider.gateway.control.calls import Doubts, Judged, Unreadable, arguments, digest, facts, told
from outrider.gateway.control.holding import Holding, begins
from outrider.gateway.control.oversight import Asked, Heard, Oversight, refused
from outrider.gateway.control.wishes import Wishes
from outrider.gateway.voice import as_chat
from outrider.journal.events import Step
from outrider.policy.recognise import Caller

Ask = Callable[[Call], Awaitable[Answer]]
T = TypeVar("T")
MOST_REASKS = 2
WATCHING = 2.0
WORDS, PARENT = b"x-outrider-user-text", b"x-outrider-parent"
ON_ASK = b"x-outrider-on-ask"
"""A header that may say `refuse`: nobody is to be asked about this call. It only ever makes the policy stricter."""
_OTHER_TOOLS = (b'"functions"', b'"web_search_options"', b'"mcp_servers"')
log = logging.getLogger("outrider")
_fields = msgspec.json.Decoder(dict[str, Any])
_json = msgspec.json.Encoder()


class Overseen:
    """A call that the control may concern. `heard` is None until its conversation was read; `holding` is the present
    attempt's stream; `counted` are the verdicts, each with the mode."""

    __slots__ = ("_end", "again", "counted", "doubts", "heard", "holding", "oversight", "proposed", "wishes")

    def __init__(self, oversight: Oversight, wishes: Wishes) -> None:
        self.oversight, self.wishes = oversight, wishes
        self.heard: Heard | None = None
        self.holding: Holding | None = None
        self.again = False  # the model is asked again within one answer
        self.proposed = False  # the answer has calls
        self.counted: list[tuple[str, str]] = []
        self.doubts: Doubts = {}
        self._end = b""

    def doubt(self, tool: str, said: str, reasons: Sequence[str]) -> bool:
        """A guardrail wants a person to see a call that is proposed: whether one will be asked when it is judged."""
        if not self.enforces or self.wishes.on_ask == "refuse":
            return False
        try:
            self.doubts[tool, digest(arguments(said))] = tuple(reasons)
        except Unreadable:
            return False
        return True

    @property
    def enforces(self) -> bool:
        return self.wishes.mode == "enforce"

    @property
    def held(self) -> Sequence[bytes]:
        """What waits of a stream that is in chat."""
        return self.holding.held if self.holding is not None and not self.holding.native else ()

    @property
    def private(self) -> bool:
        """Whether the answer is for this session alone: it has calls that were judged in it."""
        return self.enforces and self.proposed

    def reader(self, reader: StreamReader, *, native: bool) -> StreamReader:
        """What watches a stream: in shadow mode nobody stands in its way."""
        if not self.enforces:
            return reader
        self._end = b""
        self.holding = Holding(reader, native=native, again=self.again)
        return self.holding

    def ends(self, mark: bytes) -> bool:
        """Keep an end mark that the provider left out until what is held has gone on. False: nothing is held."""
        if self.holding is None or not self.holding.held:
            return False
        self._end = mark
        return True

    def rest(self) -> list[bytes]:
        """What is held, to be given on: nothing is any more."""
        assert self.holding is not None
        held, self.holding.held = self.holding.held, []
        end, self._end = self._end, b""
        return [*held, end] if end else held


def begin(oversight: Oversight, call: Call) -> bool:
    """Whether the conversation is to be read before the model is asked: it can have to do with tools, as it offers
    some, has some, or belongs to a session that is named. Where calls are held back, every answer is watched."""
    wishes = oversight.wishes()
    if wishes.mode == "off" or isinstance(call.exchange, Aside):
        return False
    if call.header(ON_ASK) == "refuse":
        wishes = msgspec.structs.replace(wishes, on_ask="refuse")
    request = call.request
    tools = bool(
        request.tools
        or _named(call)
        or any(one.role in ("tool", "function") or one.tool_calls for one in request.messages)
        or any(call.outgoing.find(mark) >= 0 for mark in _OTHER_TOOLS)
    )
    if tools or wishes.mode == "enforce":
        call.control = Overseen(oversight, wishes)
    return tools


async def hear(call: Call) -> None:
    """Let the session see the conversation. Raises RequestError 403 where the provider would act by itself."""
    own: Overseen = call.control
    began = call.since()
    heard = await _in_thread(own, "a conversation", own.oversight.hear, _asked(call), own.wishes)
    if heard is None:
        return
    own.heard = heard
    call.user = heard.who.user
    if not isinstance(call.exchange, Inside):
        call.session = heard.who.session
        if heard.said:
            own.oversight.said(heard.who)
    if heard.owns:
        acting = await _in_thread(own, "what a provider does", own.oversight.may_act, heard, call.outgoing, own.wishes)
        for one in acting or ():
            _record(call, own, one, began)
        if own.enforces and any(not one.passes for one in acting or ()):
            raise refused(acting or ())


def _named(call: Call) -> str:
    """The session that the client names. A batch, by which its lines are recorded, is none: they are apart."""
    return "" if isinstance(call.exchange, Inside) else call.session


def _asked(call: Call) -> Asked:
    who = call.identity
    words = unquote(call.header(WORDS)) if WORDS in call.headers else None
    caller = Caller(who.project, who.key, call.user, call.agent)
    return Asked(caller, _named(call), call.outgoing, words, call.header(PARENT), call.headers)


async def passages(call: Call) -> None:
    """What was found for a call on a route with knowledge: the model is about to read it."""
    own: Overseen | None = call.control
    if own is None or own.heard is None or call.ground is None or call.grounded.get("mode") != "abstractive":
        return
    rule = call.route.knowledge if call.route is not None else None
    collection = rule.collection if rule is not None else ""
    await _in_thread(own, "a passage", own.oversight.passages, own.heard, collection, call.ground.told()[1])


async def flagged(call: Call) -> None:
    """A guardrail found in what the model is about to read what should not be obeyed: the session has read it."""
    own: Overseen | None = call.control
    if own is not None and own.heard is not None:
        await _in_thread(own, "a finding", own.oversight.flagged, own.heard)


async def through(call: Call, ask: Ask) -> Answer:
    """The answer that `ask` gives, without the calls that are withheld. Raises what `ask` raises."""
    own: Overseen = call.control
    answer = await ask(call)
    if own.heard is None:
        if not own.enforces or not _has_calls(call, own, answer):
            return _given(call, own, answer)
        await hear(call)
    left = MOST_REASKS if own.enforces and own.wishes.on_ask == "reask" else 0
    while True:
        judged = await _judged(call, own, answer)
        if not own.enforces or all(one.passes for one in judged):
            return _given(call, own, answer)
        again = _asked_again(call, answer, judged) if left and not any(one.passes for one in judged) else None
        if again is None:
            return _withheld(call, own, answer, judged)
        left -= 1
        before, own.again = (call.outgoing, answer), True
        ending = _ending(call, own)
        _send_on(call)
        call.outgoing, call.broken = again, None
        try:
            answer = await ask(call)
        except (RequestError, NoAnswer):  # no room to ask again: what waits is the answer
            call.outgoing, answer = before
            return _withheld(call, own, answer, judged, ending)


def _has_calls(call: Call, own: Overseen, answer: Answer) -> bool:
    """Whether an answer that nobody expected calls in has some."""
    if call.stream:
        return own.holding is not None and bool(own.holding.held)
    return begins(answer.body, native=call.voice is not None and call.voice.native)


async def _judged(call: Call, own: Overseen, answer: Answer) -> list[Judged]:
    began = call.since()
    read = await _in_thread(own, "an answer", _read, call, own, answer)
    if read is None:
        return []
    calls, notes = read
    own.proposed = own.proposed or bool(calls)
    assert own.heard is not None
    given = (own.heard, calls, notes, answer.text, own.wishes, call.cost, own.doubts)
    judged = await _in_thread(own, "a call", own.oversight.judge, *given) or []
    for one in judged:
        _record(call, own, one, began)
    return judged


async def _in_thread(own: Overseen, what: str, work: Callable[..., T], *given: Any) -> T | None:
    """What blocks. Where the policy only watches, nothing that goes wrong in it reaches the caller (None), who waits
    WATCHING seconds for it at most."""
    if own.enforces:
        return await asyncio.to_thread(work, *given)
    try:
        return await asyncio.wait_for(asyncio.to_thread(work, *given), WATCHING)
    except (OutriderError, TimeoutError) as error:
        why = error.message if isinstance(error, OutriderError) else f"it took longer than {WATCHING:g} s"
        log.warning("%s could not be read for the policy, which only watches: %s", what, why)
    except Exception as error:  # the edge of watching: it must not break what it watches
        log.exception("%s could not be read for the policy, which only watches: %s", what, type(error).__name__)
    return None


def _read(call: Call, own: Overseen, answer: Answer) -> tuple[list[Any], list[Any]]:
    """The calls of an answer, and what it says beside them."""
    if call.stream:
        events = _in_chat(call, own)
        return rewriting.calls_in(events), rewriting.notes_in(events)
    chat = _chat(call, answer)
    return rewriting.in_answer(chat), rewriting.messages(chat)


def _in_chat(call: Call, own: Overseen) -> list[bytes]:
    """The stream's events that say something of calls, in chat."""
    blocks, voice = call.heard, call.voice
    held = own.holding.held if own.holding is not None else []
    if voice is not None and voice.native:
        speak = _speak(call)
        return [one for block in as_chat([*blocks, *held], speak) for one in rewriting.split(block)]
    if own.holding is not None:
        return [one for block in held for one in rewriting.split(block)]
    return [one for block in blocks for one in rewriting.split(block) if rewriting.concerns(one)]


def _chat(call: Call, answer: Answer) -> dict[str, Any]:
    """A whole answer in chat."""
    voice = call.voice
    if voice is not None and voice.native:
        body = _speak(call).decode("chat", 200, (), answer.body).body
        return _fields.decode(body)
    return _fields.decode(answer.body)


def _speak(call: Call) -> Any:
    from outrider.gateway.trial import dialect

    assert call.deployment is not None
    return dialect(call.deployment.dialect)


def _asked_again(call: Call, answer: Answer, judged: Sequence[Judged]) -> bytes | None:
    """The request with the calls and, in the place of their results, why they were not made. None: it cannot be."""
    if call.voice is not None and call.voice.native and call.started:
        return None  # another answer could not go on in the provider's own language
    if (call.request.n or 1) > 1 or any(one.place[1] >= rewriting.ITEMS or not one.proposal.id for one in judged):
        return None
    request = _fields.decode(call.outgoing)
    said = [
        {
            "id": one.proposal.id,
            "type": "function",
            "function": {"name": one.proposal.tool, "arguments": one.proposal.arguments if one.arguments else "{}"},
        }
        for one in judged
    ]
    results = [{"role": "tool", "tool_call_id": one.proposal.id, "content": told(one)} for one in judged]
    own = {"role": "assistant", "content": answer.text or None, "tool_calls": said}
    return _json.encode({**request, "messages": [*request["messages"], own, *results]})


def _ending(call: Call, own: Overseen) -> list[bytes]:
    """The end of a stream, event by event, as it was held."""
    return [one for block in own.rest() for one in rewriting.split(block)] if call.stream else []


def _withheld(
    call: Call, own: Overseen, answer: Answer, judged: Sequence[Judged], ending: list[bytes] | None = None
) -> Answer:
    """The answer with what is withheld said in its place. `ending` is the end of its stream, where that was taken."""
    by_place = {one.place: one for one in judged}
    many = sum(not one.passes for one in judged)
    call.why = f"{call.why}; the policy withheld {many} of {len(judged)} calls".removeprefix("; ")
    if many == len(judged):
        answer.finish = "stop"
    voice = call.voice
    native = voice.surface.name if voice is not None and voice.native else ""
    if call.stream:
        ending = _ending(call, own) if ending is None else ending
        gone = native and rewriting.gone(by_place)
        _send(call, nativity.ending(native, ending, gone) if gone else rewriting.stream_without(ending, by_place))
    elif native:
        answer.body = nativity.whole(native, answer.body, rewriting.gone(by_place))
    else:
        answer.body = _json.encode(rewriting.without(_chat(call, answer), by_place))
    return answer


def _given(call: Call, own: Overseen, answer: Answer) -> Answer:
    """Nothing is withheld: what was held goes on as it came."""
    if own.holding is not None and own.holding.held:
        _send(call, own.rest())
    return answer


def _send(call: Call, events: Sequence[bytes]) -> None:
    """The end of a stream: it leaves when the record is written."""
    _send_on(call)
    said = b"".join(events)
    call.held = out = said if call.voice is None else call.voice.say(said)
    call.blocks.append(out)
    if not call.started:
        call.ttft, call.started = call.since(), True
        call.exchange.start(200, heads.stream(call))


def _send_on(call: Call) -> None:
    """What came together with the end of a stream, and need not wait."""
    if call.held:
        call.exchange.write(call.held)
        call.held = b""


def _record(call: Call, own: Overseen, one: Judged, began: int) -> None:
    step = Step(id=len(call.steps) + 1, kind="policy", name=one.proposal.tool or "unnamed", start=began)
    step.duration = call.since() - began
    attrs: dict[str, Any] = {
        **facts(one, record=True),
        "mode": own.wishes.mode,
        "rules": list(one.rules),
        "tainted": one.tainted,
    }
    step.attrs = {name: value for name, value in attrs.items() if name != "tool"}
    call.steps.append(step)
    own.counted.append((one.verdict, own.wishes.mode))
