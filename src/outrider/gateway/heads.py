"""Header lines of answers: what every one of them carries, and what a provider's headers add."""

import re

from outrider.base import money
from outrider.gateway.call import Call

RATE_LIMITS = b"x-ratelimit-"
LONGEST_REASON = 300
LONGEST_LOSSES = 1000
WORDS_ONLY = "words_only"
"""What a retrieval's step calls the reason why its search did without vectors."""
STREAM = b"text/event-stream; charset=utf-8"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def facts(call: Call) -> bytes:
    """The headers that every answer carries."""
    return (
        b"x-request-id: %b\r\nx-outrider-cost: %b\r\nx-outrider-overhead-ms: %b\r\nx-outrider-cache: %b\r\n%b%b%b"
        % (
            call.text_id(),
            money.usd(call.cost).encode(),
            b"%.3f" % (max(0, call.since() - call.waited) / 1e6),
            call.cache.encode() or b"off",
            _reason(call),
            _rates(call),
            _lost(call),
        )
    )


def plain(call: Call) -> bytes:
    """Of a complete answer."""
    return b"content-type: application/json\r\n%b%b" % (_passed(call), facts(call))


def stream(call: Call) -> bytes:
    """Of a streamed answer. Its cost is not known yet: the run has it (a trailer would carry it, but clients that look
    for the last chunk byte by byte do not expect one)."""
    return b"content-type: %b\r\ncache-control: no-cache\r\n%bx-request-id: %b\r\nx-outrider-cache: %b\r\n%b%b%b" % (
        STREAM if call.voice is None else call.voice.stream_type,
        _passed(call),
        call.text_id(),
        call.cache.encode() or b"off",
        _reason(call),
        _rates(call),
        _lost(call),
    )


def _passed(call: Call) -> bytes:
    """The provider's own headers that concern the caller. Where our rates cover the call, its limits are ours."""
    ours = call.passed is not None
    return b"".join([b"%b: %b\r\n" % h for h in call.answer_headers if not (ours and h[0].startswith(RATE_LIMITS))])


def _rates(call: Call) -> bytes:
    return b"" if call.passed is None else call.passed.headers()


def _lost(call: Call) -> bytes:
    """What was left out of the request, because the deployment cannot be told it and the caller allowed that; and why
    the documents were searched without vectors."""
    said = b"" if not call.lost else b"x-outrider-lost: %b\r\n" % _line(", ".join(call.lost)[:LONGEST_LOSSES])
    if WORDS_ONLY not in call.grounded:
        return said
    return said + b"x-outrider-words-only: %b\r\n" % _line(call.grounded[WORDS_ONLY][:LONGEST_REASON])


def _reason(call: Call) -> bytes:
    """Why this deployment answered."""
    if not call.why:
        return b""
    return b"x-outrider-route-reason: %b\r\n" % _line(call.why[:LONGEST_REASON])


def _line(said: str) -> bytes:
    """A header's value. Callers' own words may be in it, with ends of lines that would begin another header; and a
    header is Latin-1."""
    return _CONTROL.sub(" ", said).encode("latin-1", "replace")
