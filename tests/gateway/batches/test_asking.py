"""What an answer means for its line, and what its request carries."""

import asyncio
import json

import pytest

from outrider.base.errors import RequestError
from outrider.gateway.batches.asking import Asking, Shop, judge
from outrider.gateway.batches.files import Files
from outrider.gateway.batches.inside import Inside
from outrider.gateway.batches.lines import parse
from outrider.gateway.batches.rows import About, Batch, Batches, Made
from outrider.gateway.front import Handler
from outrider.limits.keys import Identity
from outrider.store import Store
from tests.gateway.batches.conftest import jsonl, line

WHO = Identity("p", "k")


def answered(status: int, code: str = "", head: bytes = b"") -> Inside:
    inside = Inside(b"/v1/x", [], b"", WHO)
    inside.reply(status, head, json.dumps({"error": {"code": code}}).encode())
    return inside


@pytest.mark.parametrize(
    ("inside", "again", "patient", "pause"),
    [
        (answered(200), False, False, None),
        (answered(400), False, False, None),
        (answered(404), False, False, None),
        (answered(422), False, False, None),
        (answered(429, "rate_limit_exceeded", b"retry-after: 7\r\n"), True, True, 7.0),
        (answered(429, "x", b"retry-after: 7\r\nretry-after-ms: 250\r\n"), True, True, 0.25),
        (answered(503, "overloaded", b"retry-after: soon\r\n"), True, True, None),
        (answered(503, "x", b"x-should-retry: false\r\n"), False, False, None),
        (answered(409, "request_in_progress", b"Retry-After: 2\r\n"), True, True, 2.0),
        (answered(409, "idempotent_answer_missing"), True, False, None),
        (answered(409, "other"), False, False, None),
        (answered(500), True, False, None),
        (answered(502), True, False, None),
        (answered(502, "x", b"x-should-retry: false\r\n"), False, False, None),
        (answered(504), True, False, None),
        (answered(0), True, False, None),
    ],
)
def test_what_an_answer_means(inside: Inside, again: bool, patient: bool, pause: float | None) -> None:
    found = judge(inside)
    assert (found.again, found.patient, found.pause) == (again, patient, pause)
    assert found.status == (inside.status or 500)


def test_the_run_that_has_the_answer_is_named() -> None:
    assert judge(answered(200, head=b"x-request-id: a\r\n")).request_id == "a"
    replay = b"x-request-id: b\r\nx-outrider-replay-of: a\r\n"
    assert judge(answered(200, head=replay)).request_id == "a"


def never() -> Store:
    raise AssertionError


def shop(handler: Handler | None, who: Identity | None = WHO) -> Shop:
    return Shop(
        Batches(never), Files(never), lambda method, path: handler, lambda batch: who, bool, asyncio.Semaphore(1), 1
    )


def batch(*headers: tuple[str, str]) -> Batch:
    made = Made("/v1/chat/completions", "24h", headers=headers)
    return Batch("batch_1", "p", "k", "openai", "in_progress", 0, 0, 0, 0, "f", *[0] * 8, "", 0, "", made, About())


LINE = parse(jsonl(line("a", seed=3)).strip())


async def test_a_request_says_whose_it_is_and_that_it_can_wait() -> None:
    seen: list[Inside] = []

    async def handler(exchange: Inside) -> None:
        seen.append(exchange)
        exchange.start(200, b"")
        exchange.write(b"{")
        exchange.end(b"}")

    given = (("x-outrider-tags", "x"), ("x-outrider-user", "ada"), ("x-outrider-priority", "interactive"))
    asking = Asking(shop(handler), batch(*given))
    first, second = await asking.ask(LINE), await asking.ask(LINE)
    assert (first.status, first.body) == (200, b"{}")
    assert first == second
    headers = dict(seen[0].headers)
    assert (seen[0].path, seen[0].identity, json.loads(seen[0].body)["seed"]) == (b"/v1/chat/completions", WHO, 3)
    assert headers[b"x-outrider-priority"] == b"batch"
    assert (headers[b"x-outrider-session"], headers[b"x-outrider-tags"]) == (b"batch_1", b"x,batch_1")
    assert headers[b"x-outrider-user"] == b"ada"
    assert headers[b"idempotency-key"] == dict(seen[1].headers)[b"idempotency-key"]
    other = LINE.__class__("b", "POST", LINE.url, LINE.body)
    await asking.ask(other)
    assert headers[b"idempotency-key"] != dict(seen[2].headers)[b"idempotency-key"]


async def test_a_key_that_is_not_known_yet_is_waited_for() -> None:
    asked = await Asking(shop(None, who=None), batch()).ask(LINE)
    assert (asked.again, asked.patient) == (True, True)
    with pytest.raises(RequestError, match="is not served"):
        await Asking(shop(None), batch()).ask(LINE)


async def test_a_handler_that_breaks_or_answers_nothing_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async def breaks(exchange: Inside) -> None:
        raise ValueError("a bug")

    async def aborts(exchange: Inside) -> None:
        exchange.start(200, b"")
        exchange.write(b"half")
        exchange.abort()

    for handler in (breaks, aborts):
        asked = await Asking(shop(handler), batch()).ask(LINE)
        assert (asked.status, asked.again, asked.patient) == (500, True, False)
        assert b"internal_error" in asked.body
    assert [(record.getMessage(), record.exc_info is not None) for record in caplog.records] == [
        ("a line of batch_1 was not handled", True)
    ]
    assert "ValueError: a bug" in caplog.text


async def test_a_call_that_is_cut_off_knows_that_its_client_left() -> None:
    gone: list[bool] = []

    async def waits(exchange: Inside) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            gone.append(exchange.gone)

    task = asyncio.create_task(Asking(shop(waits), batch()).ask(LINE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone == [True]
