"""Stage `ground`: on a route with knowledge the answer rests on what was found, and says so.

What is found becomes a step of the run. Then either the passages answer by themselves, and no model is asked, or they
are given to the model and what it writes is checked: see `gateway.grounded`. Routes without knowledge never come here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from outrider.base.errors import OutriderError, RequestError
from outrider.base.grounding import Ground, GroundAsked, GroundRule, Grounds, Said
from outrider.base.ports import Answer
from outrider.base.usage import Usage
from outrider.gateway import grounded, heads
from outrider.gateway.call import Call
from outrider.gateway.surface.chat import ChatRequest
from outrider.journal.append import blob
from outrider.journal.events import Step

Ask = Callable[[Call], Awaitable[Answer]]
EMBEDDED = "embedded"
AS_OF, RECORDED = b"x-outrider-as-of", b"x-outrider-retrieval"
"""Headers: the past moment whose documents are asked; the run whose passages are given again."""
_fields = msgspec.json.Decoder(dict[str, Any])
_json = msgspec.json.Encoder()


async def find(grounds: Grounds | None, call: Call) -> None:
    """Find what the call's answer can rest on. Raises OutriderError."""
    assert call.route is not None
    rule = call.route.knowledge
    assert rule is not None
    turns = list(_turns(call.request))
    if not any(role == "user" for role, _ in turns):
        return
    if grounds is None:
        raise OutriderError(
            f"route {call.route.name!r} answers from {rule.collection!r}, and no knowledge is kept here; "
            "ask the process that `outrider up` runs",
            code="no_knowledge",
        )
    step = Step(id=len(call.steps) + 1, kind="retrieval", name=rule.collection, start=call.since())
    call.steps.append(step)
    asked = GroundAsked(
        call.identity.project, principals(call), turns, rule, _moment(call) or call.at, call.header(RECORDED)[:64]
    )
    try:
        call.ground = ground = await asyncio.to_thread(grounds.ground, asked)
    except OutriderError as error:
        step.status, step.error = "error", error.code
        raise
    finally:
        step.duration = call.since() - step.start
        call.waited += step.duration
    step.attrs, step.cost = {**ground.facts, "mode": _kind(call, rule, ground)}, ground.cost
    call.cost += ground.cost
    step.response = blob(ground.record)
    call.evidence.append((step.response, ground.record))
    call.grounded = step.attrs
    if step.attrs["mode"] == "abstractive":
        call.outgoing = told(call.outgoing, *ground.told())


def _moment(call: Call) -> int:
    """The past moment whose documents are to be asked; 0: now. Raises RequestError."""
    said = call.header(AS_OF)
    if not said:
        return 0
    try:
        found = int(datetime.fromisoformat(said).timestamp() * 1e6) * 1000
    except (ValueError, OverflowError):
        raise RequestError(
            "`x-outrider-as-of` is a moment such as 2026-11-22T14:00:00Z",
            code="invalid_value",
            param="x-outrider-as-of",
        ) from None
    if not 0 < found <= call.at or datetime.fromisoformat(said).tzinfo is None:
        raise RequestError(
            "`x-outrider-as-of` is a past moment with its zone, such as 2026-11-22T14:00:00Z", code="invalid_value",
            param="x-outrider-as-of",
        )  # fmt: skip
    return found


def principals(call: Call) -> frozenset[str]:
    """Who asks, as documents name their readers. Who the user is says whoever has the key."""
    who = call.identity
    named = (("project", who.project), ("key", who.key), ("team", who.team), ("user", call.user))
    return frozenset({"*", *(f"{kind}:{name}" for kind, name in named if name)})


def _turns(request: ChatRequest) -> Iterator[tuple[str, str]]:
    for message in request.messages:
        content = message.content
        if isinstance(content, list):
            content = "\n".join(part.text for part in content if part.type == "text" and part.text)
        if content and content.strip():
            yield message.role, content


def _kind(call: Call, rule: GroundRule, ground: Ground) -> str:
    """Who answers: `abstractive` a model from the passages, `extractive` the passages, `refusal`, or `passed`: a model
    without them."""
    request, route = call.request, call.route
    assert route is not None
    form = request.response_format
    formed = form is not None and form.type != "text"
    if ground.refusal:
        if rule.on_nothing == "pass" or request.tools:
            return "passed"
        if formed:
            raise RequestError(
                f"the documents of {rule.collection!r} do not answer this, and a refusal has not the form that "
                f"`response_format` asks for: {ground.refusal}",
                status=422,
                code="no_evidence",
            )
        return "refusal"
    if rule.mode == "extractive" and formed:
        raise RequestError(
            f"route {route.name!r} answers in sentences of its documents, which have not the form that "
            "`response_format` asks for; ask without it, or set `mode: abstractive` on the route",
            code="unsupported_value",
            param="response_format",
        )
    plain = not request.tools and not formed and all(d.provider == EMBEDDED for d in route.deployments)
    return "extractive" if rule.mode == "extractive" or (rule.mode == "auto" and plain) else "abstractive"


def told(body: bytes, instructions: str, passages: str) -> bytes:
    """The request with the passages before its last question, and how to use them after what the system said."""
    fields = _fields.decode(body)
    messages = fields["messages"]
    last = max(at for at, message in enumerate(messages) if message.get("role") == "user")
    message = dict(messages[last])
    content = message.get("content")
    if isinstance(content, list):
        message["content"] = [{"type": "text", "text": passages}, *content]
    else:
        message["content"] = f"{passages}\n\n{content}"
    system = next((at for at, one in enumerate(messages) if one.get("role") not in ("system", "developer")), 0)
    before = [*messages[:system], {"role": "system", "content": instructions}, *messages[system:last]]
    fields["messages"] = [*before, message, *messages[last + 1 :]]
    return _json.encode(fields)


async def through(call: Call, ask: Ask) -> Answer:
    """The answer in chat, of the passages or of a model. Raises what `ask` raises."""
    ground, mode = call.ground, call.grounded["mode"]
    assert ground is not None
    if mode in ("extractive", "refusal"):
        return _own(call, ground, mode)
    answer = await ask(call)
    if mode == "passed":
        return answer
    if call.want is not None:
        if flaws := ground.flaws(answer.text):
            call.grounded["unsupported"] = list(flaws[:20])
    elif not call.stream:
        call.grounded.update(grounded.whole(ground, answer))
    return answer


def _own(call: Call, ground: Ground, mode: str) -> Answer:
    """The answer without a model: nothing was asked, and nothing is spent."""
    rule = call.route.knowledge if call.route is not None else None
    assert rule is not None
    what = "the passages alone" if mode == "extractive" else "no passage answers it"
    call.why = f"{call.why}; {rule.collection!r}: {what}"
    said = list(ground.extract()) if mode == "extractive" else [Said(ground.refusal)]
    kept, finish = _within(said, call.max_output)
    text = "".join(s.text for s in kept)
    call.grounded |= {"sentences": len(kept), "cited": sum(bool(s.notes) for s in kept)}
    answer = Answer(b"", Usage(), finish, text)
    if call.stream:
        _stream(call, kept, finish)
    else:
        answer.body = _json.encode(_complete(call, kept, finish))
    return answer


def _within(said: list[Said], most: int | None) -> tuple[list[Said], str]:
    """The sentences that the caller has room for: a token has about four characters."""
    size = 0
    for at, one in enumerate(said):
        size += len(one.text)
        if most is not None and at and size > 4 * most:
            return said[:at], "length"
    return said, "stop"


def _placed(said: list[Said]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each sentence with its annotations, as they count in the whole text."""
    at = 0
    for one in said:
        yield one.text, [grounded.annotation(note, at) for note in one.notes]
        at += len(one.text)


def _shell(call: Call, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{call.text_id().decode()}",
        "object": kind,
        "created": call.at // 10**9,
        "model": call.model,
    }


_NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def _complete(call: Call, said: list[Said], finish: str) -> dict[str, Any]:
    placed = list(_placed(said))
    message: dict[str, Any] = {"role": "assistant", "content": "".join(text for text, _ in placed)}
    message["annotations"] = [note for _, notes in placed for note in notes]
    choices = [{"index": at, "message": message, "finish_reason": finish} for at in range(call.request.n or 1)]
    return {**_shell(call, "chat.completion"), "choices": choices, "usage": _NO_USAGE}


def _stream(call: Call, said: list[Said], finish: str) -> None:
    shell, many = _shell(call, "chat.completion.chunk"), range(call.request.n or 1)

    def chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
        choices = [{"index": at, "delta": delta, "finish_reason": reason} for at in many]
        return b"data: %b\n\n" % _json.encode({**shell, "choices": choices})

    _send(call, chunk({"role": "assistant", "content": ""}))
    for text, notes in _placed(said):
        _send(call, chunk({"content": text} | ({"annotations": notes} if notes else {})))
    last = chunk({}, finish)
    if call.wants_usage:
        last += b"data: %b\n\n" % _json.encode({**shell, "choices": [], "usage": _NO_USAGE})
    _send(call, last + b"data: [DONE]\n\n", last=True)


def _send(call: Call, block: bytes, *, last: bool = False) -> None:
    """One piece for the caller; the last one is kept back until the run is recorded."""
    out = block if call.voice is None else call.voice.say(block)
    call.blocks.append(out)
    if not call.started:
        call.ttft, call.started = call.since(), True
        call.exchange.start(200, heads.stream(call))
    if last:
        call.held = out
    else:
        call.exchange.write(out)
