"""The header lines of answers."""

import asyncio

from outrider.base import ids
from outrider.gateway import heads
from outrider.gateway.admission import subject_of
from outrider.gateway.call import Call
from outrider.limits.bucket import Rate
from outrider.limits.rates import RateRule, Rates
from tests.gateway.calls import call
from tests.jumping import run
from tests.limits.lending import SECOND, desks

THEIRS = [
    (b"x-ratelimit-limit-requests", b"5000"), (b"x-ratelimit-remaining-requests", b"4999"),
    (b"openai-version", b"2024"),
]  # fmt: skip


def fields(lines: bytes) -> list[tuple[str, str]]:
    text = lines.decode("latin-1")
    assert text.endswith("\r\n")
    return [tuple(line.split(": ", 1)) for line in text.split("\r\n")[:-1]]  # type: ignore[misc]


async def limited(made: Call) -> Call:
    """The call, let in by a rate of 60 requests an hour."""
    _, (desk,) = desks(1)
    rates = Rates(desk, [RateRule("r", requests=Rate(60, 3600 * SECOND, 60))])
    assert made.passed is None
    made.passed = await rates.admit(subject_of(made), 1, 2**62)
    await desk.close()
    return made


async def test_what_every_answer_says() -> None:
    made = call()
    made.cost, made.why, made.waited = 1_250_000, "configured route 'r'", 0
    found = dict(fields(heads.facts(made)))
    assert found["x-request-id"] == ids.text(made.id)
    assert found["x-outrider-cost"] == "0.00125"
    assert float(found["x-outrider-overhead-ms"]) >= 0
    assert found["x-outrider-cache"] == "off"
    assert found["x-outrider-route-reason"] == "configured route 'r'"
    made.cache, made.why = "hit", ""
    again = dict(fields(heads.facts(made)))
    assert again["x-outrider-cache"] == "hit"
    assert "x-outrider-route-reason" not in again


async def test_waiting_for_a_provider_is_not_our_overhead() -> None:
    made = call()
    await asyncio.sleep(0.02)
    made.waited = made.since() + 10**9
    assert dict(fields(heads.facts(made)))["x-outrider-overhead-ms"] == "0.000"


async def test_the_providers_limits_are_passed_on_where_none_of_ours_hold() -> None:
    made = call()
    made.answer_headers = THEIRS
    for lines in (heads.plain(made), heads.stream(made)):
        found = dict(fields(lines))
        assert found["x-ratelimit-remaining-requests"] == "4999"
        assert found["openai-version"] == "2024"


def test_ours_win_over_the_providers() -> None:
    async def story() -> None:
        made = await limited(call())
        made.answer_headers = THEIRS
        for lines in (heads.plain(made), heads.stream(made)):
            found = fields(lines)
            assert [v for n, v in found if n == "x-ratelimit-limit-requests"] == ["60"]
            assert [v for n, v in found if n == "x-ratelimit-remaining-requests"] == ["59"]
            assert ("openai-version", "2024") in found

    run(story())


async def test_kinds_of_answers() -> None:
    made = call()
    assert dict(fields(heads.plain(made)))["content-type"] == "application/json"
    streamed = dict(fields(heads.stream(made)))
    assert streamed["content-type"].startswith("text/event-stream")
    assert streamed["cache-control"] == "no-cache"
    assert "x-outrider-cost" not in streamed  # not known yet


async def test_a_reason_is_one_short_latin_line() -> None:
    made = call()
    made.why = "Weiche für 東京 " + "x" * 1000
    found = dict(fields(heads.facts(made)))
    reason = found["x-outrider-route-reason"]
    assert reason.startswith("Weiche für ?? xxx")
    assert len(reason) <= heads.LONGEST_REASON


async def test_nothing_that_a_caller_said_begins_another_header() -> None:
    made = call()
    made.why, made.lost = "model 'a\r\nb'", ["messages[0] (a\r\nset-cookie: x=1\r\n\x00)"]
    for lines in (heads.facts(made), heads.plain(made), heads.stream(made)):
        found = dict(fields(lines))
        assert found["x-outrider-lost"] == "messages[0] (a  set-cookie: x=1   )"
        assert "set-cookie" not in found
        assert "\x00" not in lines.decode("latin-1")
        assert found["x-outrider-route-reason"] == "model 'a  b'"
