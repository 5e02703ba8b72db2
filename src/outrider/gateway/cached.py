"""Stage `cache`: the same answer to the same request, byte for byte, where the route or the caller allows it."""

from collections.abc import Awaitable, Callable

from outrider.base import clock, ids
from outrider.base.ports import Answer
from outrider.cache.controls import Controls, controls
from outrider.cache.exact import Entry, ExactCache, cacheable, key
from outrider.gateway import heads
from outrider.gateway.call import Call
from outrider.gateway.surface.body import with_fields
from outrider.journal.events import Step

Ask = Callable[[Call], Awaitable[Answer]]


def concerns(call: Call) -> bool:
    """Whether this stage has anything to do: the route keeps answers, or the caller speaks of caching."""
    assert call.route is not None
    return call.route.cache_ttl is not None or call.request.cache is not None or b"cache-control" in call.headers


async def through(cache: ExactCache, call: Call, ask: Ask) -> Answer:
    """The answer from the cache, or from `ask`. Raises what `ask` raises, and RequestError for wrong controls."""
    field = call.request.cache
    if field is not None:
        call.outgoing = with_fields(call.outgoing, cache=None)
    asked = controls(call.header(b"cache-control"), field)
    ttl = _ttl(call, asked)
    if ttl is None:
        asked.refuse_miss()
        return await ask(call)
    look = Step(id=1, kind="cache", name="exact", start=call.since())
    call.steps.append(look)
    slot = key(call.identity.project, *_what(call), asked.namespace)
    entry = cache.get(slot, call.at, asked.max_age) if asked.reads else None
    look.duration = call.since() - look.start
    if entry is not None:
        return _give_again(call, look, entry)
    asked.refuse_miss()
    call.cache = "miss"
    look.attrs = {"result": "miss"}
    if not asked.reads:
        return _keep(cache, slot, call, await ask(call), ttl)[0]
    async with cache.flight(slot) as flight:
        waited = call.since() - look.start - look.duration
        if flight.entry is None:
            answer, entry = _keep(cache, slot, call, await ask(call), ttl)
            if entry is not None:
                flight.land(entry)
            return answer
    look.duration += waited
    call.waited += waited
    return _give_again(call, look, flight.entry)


def _what(call: Call) -> tuple[str, bytes]:
    """What was asked. What is kept are the bytes that were sent: callers of different languages do not share them."""
    found = "" if call.ground is None else f" {call.ground.key.hex()}"
    if call.control is not None and call.control.enforces:  # nothing from before calls were judged
        found += " judged"
    if call.voice is None:
        return call.endpoint + found, call.outgoing
    asked = call.voice.request
    return f"{call.voice.surface.run} {call.model} {call.stream}{found}", asked.native or asked.chat


def _ttl(call: Call, asked: Controls) -> float | None:
    """Seconds that an answer may be kept; None: the cache is not used for this request."""
    assert call.route is not None
    if asked.no_store:
        return None
    if call.route.cache_ttl is None or asked.ttl is None:
        return asked.ttl if call.route.cache_ttl is None else call.route.cache_ttl
    return min(asked.ttl, call.route.cache_ttl)


def _keep(cache: ExactCache, slot: bytes, call: Call, answer: Answer, ttl: float) -> tuple[Answer, Entry | None]:
    """Put a whole answer into the cache; the entry, or None if it may not be shared."""
    entry = Entry(
        200,
        (),
        tuple(call.blocks) if call.stream else (answer.body,),
        answer.usage,
        answer.finish,
        call.id,
        clock.now_ns(),
        call.deployment.name if call.deployment is not None else "",
        answer.text,
    )
    if not cacheable(entry) or (call.control is not None and call.control.private):
        return answer, None
    cache.put(slot, entry, ttl, clock.now_ns())
    return answer, entry


def _give_again(call: Call, look: Step, entry: Entry) -> Answer:
    """Answer with what was kept: the same bytes, in the same pieces."""
    call.cache = "hit"
    call.why = f"{call.why}; answered from the response cache"
    look.attrs = {"result": "hit", "run": ids.text(entry.run), "deployment": entry.deployment}
    if not call.stream:
        return Answer(entry.chunks[0], entry.usage, entry.finish, entry.text)
    call.blocks = list(entry.chunks)
    call.ttft, call.started = call.since(), True
    call.exchange.start(200, heads.stream(call))
    for block in entry.chunks[:-1]:
        call.exchange.write(block)
    call.held = entry.chunks[-1]
    return Answer(b"", entry.usage, entry.finish, entry.text)
