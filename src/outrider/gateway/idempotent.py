"""Stage `idempotent`: requests with an `Idempotency-Key` are executed once; the others get the same bytes.

What is kept and where is in `cache.idempotent`. Here: which requests are the same, and how an answer is given again.
"""

import hashlib
from collections.abc import Callable, Sequence

from outrider.base import clock, ids, money
from outrider.base.errors import RequestError
from outrider.cache.claims import Kept, Key
from outrider.cache.idempotent import Claim, Once
from outrider.cache.orphans import head_of
from outrider.gateway.call import Call
from outrider.gateway.retries import overall
from outrider.gateway.server import Exchange

HEADER = b"idempotency-key"
LONGEST_KEY = 256
WHO = (b"x-outrider-session", b"x-outrider-user", b"x-outrider-agent", b"x-outrider-user-text")
"""Headers that decide, too, what an answer may hold."""
SLACK_NS = 60 * 1_000_000_000
"""How long after its deadline a call may still be ending before its claim is void."""


def concerns(call: Call) -> bool:
    return HEADER in call.headers


async def enter(once: Once, call: Call) -> Kept | None:
    """Claim the call's key (`call.claim` is set: go on, and end with `keep`, `failed` or `release`), or the answer
    that it has (see `give_again`). Waits while another request executes the key.

    From the claim on the call no longer ends with its client: whoever sent a key will ask again.
    Raises RequestError: 400 for a bad key or deadline, and as `Once.enter`.
    """
    key = Key(call.identity.project, _key(call.headers[HEADER]))
    began = clock.mono_ns()
    longest = int(overall(call) * 1e9)
    try:
        found = await once.enter(key, _digest(call), call.id, deadline=call.t0 + longest, longest=longest + SLACK_NS)
    finally:
        call.waited += clock.mono_ns() - began
    if isinstance(found, Kept):
        return found
    call.claim = found
    call.exchange.on_gone = _on_without(call)
    return None


async def keep(once: Once, call: Call) -> None:
    """The call has a good answer, which is in the journal: write it down for its key before its last byte leaves."""
    chunks = (tuple(call.blocks) or (b"",)) if call.stream else (call.response,)
    head = head_of(call.stream, chunks)
    await once.finish(_taken(call), Kept(200, head, chunks, call.stream, call.id, cost=call.cost), good=True)


async def failed(once: Once, call: Call, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
    """The call failed: the key is free again, and those who wait for this very call get its failure."""
    if call.started:
        head = head_of(True, call.blocks)
        kept = Kept(200, head, tuple(call.blocks), True, call.id, call.error, call.message, call.cost)
    else:
        lines = b"".join([b"%b: %b\r\n" % h for h in headers])
        kept = Kept(status, lines, (call.response,), False, call.id, call.error, call.message, call.cost)
    await once.finish(_taken(call), kept, good=False)


async def release(once: Once, call: Call) -> None:
    """The call ended without any answer."""
    await once.release(_taken(call))


def give_again(call: Call, kept: Kept) -> None:
    """Make the call a replay of the run that has the answer; it is to be settled, then sent with `send`."""
    call.cache, call.cost = "replay", 0
    call.why = f"the same answer as run {ids.text(kept.run)}, for its idempotency key"
    call.http_status, call.error, call.message = kept.status, kept.error, kept.message
    call.status = "error" if kept.error else "ok"
    if kept.stream:
        call.blocks = list(kept.chunks)
    else:
        call.response = kept.chunks[0]


def send(call: Call, kept: Kept, facts: bytes) -> None:
    """The kept answer: the same status, body and pieces. `facts` are the header lines that are this call's own."""
    head = b"%bidempotency-replayed: true\r\nx-outrider-replay-of: %b\r\nx-outrider-replay-cost: %b\r\n%b" % (
        kept.head,
        ids.text(kept.run).encode(),
        money.usd(kept.cost).encode(),
        facts,
    )
    if not kept.stream:
        return call.exchange.reply(kept.status, head, kept.chunks[0])
    call.exchange.start(kept.status, head)
    for chunk in kept.chunks[:-1]:
        call.exchange.write(chunk)
    call.exchange.end(kept.chunks[-1])


def _taken(call: Call) -> Claim:
    claim, call.claim = call.claim, None
    assert claim is not None
    return claim


def _on_without(call: Call) -> Callable[[], None]:
    """What happens when the client leaves: nobody reads slowly any more, and the call goes on."""

    def go_on(exchange: Exchange = call.exchange) -> None:
        call.why = f"{call.why}; the client left, the answer was kept for its idempotency key".lstrip("; ")
        if exchange.on_writable is not None:
            exchange.on_writable()

    return go_on


def _key(value: bytes) -> str:
    key = value.decode("utf-8", "replace").strip()
    if not key or len(key) > LONGEST_KEY or not key.isprintable() or "\ufffd" in key:
        raise RequestError(
            f"`Idempotency-Key` must be 1 to {LONGEST_KEY} printable characters, such as a random UUID",
            code="invalid_idempotency_key",
            param="idempotency-key",
        )
    return key


def _digest(call: Call) -> bytes:
    """What makes two requests the same: method, path with its query, body, and for whom it is."""
    exchange = call.exchange
    said = hashlib.sha256(b"POST %b?%b\n%b" % (exchange.path, exchange.query, call.body))
    for name in WHO:
        if name in call.headers:
            said.update(b"\0%b: %b" % (name, call.headers[name]))
    return said.digest()
