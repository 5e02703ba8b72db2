"""The `x-ratelimit-*` header lines of answers, as OpenAI sends them."""

from collections.abc import Sequence

from outrider.base import clock
from outrider.limits.meter import Meter

_LINES = b"x-ratelimit-limit-%b: %%d\r\nx-ratelimit-remaining-%b: %%d\r\nx-ratelimit-reset-%b: %%b\r\n"
_REQUESTS, _TOKENS = (_LINES % (kind, kind, kind) for kind in (b"requests", b"tokens"))


def lines(requests: Sequence[Meter], tokens: Sequence[Meter]) -> bytes:
    """Limit, remaining and reset of requests and of tokens, each of the meter with least left: header lines, each with
    its CRLF; none for a kind without meters."""
    now, found = clock.mono_ns(), b""
    for form, meters in ((_REQUESTS, requests), (_TOKENS, tokens)):
        if meters:
            meter = meters[0] if len(meters) == 1 else min(meters, key=lambda one: one.stands(now)[0])
            left, wait = meter.stands(now)
            reset = b"%dms" % -(-wait // 1_000_000) if wait < 10**9 else _show(wait).encode()
            found += form % (meter.rate.amount, left, reset)
    return found


def pairs(lines: bytes) -> list[tuple[str, str]]:
    """The same as names and values."""
    found = [line.partition(": ") for line in lines.decode().splitlines()]
    return [(name, value) for name, _, value in found]


def show_wait(ns: int) -> str:
    """A duration as OpenAI writes it in these headers: `120ms`, `1.5s`, `6m0s`, `1h0m0s`."""
    return f"{-(-ns // 1_000_000)}ms" if ns < 1_000_000_000 else _show(ns)


def _show(ns: int) -> str:
    seconds = -(-ns // 1_000_000) / 1000
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    tail = f"{round(rest, 3):g}s"
    return f"{hours}h{minutes}m{tail}" if hours else f"{minutes}m{tail}" if minutes else tail
