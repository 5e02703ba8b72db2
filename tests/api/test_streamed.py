"""Streams of sentences: what each event says, refusals before the first, what goes wrong behind it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import StreamingResponse

from outrider.api.streamed import Tell, streamed
from outrider.base.errors import OutriderError, RequestError, UpstreamError


async def read(work: Callable[[Tell], Any]) -> list[tuple[str, Any]]:
    response = await streamed(work)
    assert isinstance(response, StreamingResponse)
    text = "".join([bytes(part).decode() async for part in response.body_iterator])
    lines = [block.split("\n") for block in text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in lines]


async def test_what_is_told_comes_in_order_and_the_whole_last() -> None:
    def work(tell: Tell) -> dict[str, int]:
        for n in range(5):
            tell({"n": n, "text": "two\nlines"})
        return {"all": 5}

    found = await read(work)
    assert found == [*(("sentence", {"n": n, "text": "two\nlines"}) for n in range(5)), ("answer", {"all": 5})]


async def test_nothing_told_is_an_answer_all_the_same() -> None:
    assert await read(lambda _: {"none": True}) == [("answer", {"none": True})]


async def test_what_cannot_be_asked_is_refused_before_it_begins() -> None:
    def work(_: Tell) -> None:
        raise RequestError("no", param="question")

    with pytest.raises(RequestError, match="no"):
        await streamed(work)


@pytest.mark.parametrize(
    ("error", "kind"),
    [(RequestError("gone", param="model"), "invalid_request_error"), (UpstreamError("away"), "server_error")],
)
async def test_what_goes_wrong_later_is_an_event(error: OutriderError, kind: str) -> None:
    def work(tell: Tell) -> None:
        tell("a sentence")
        raise error

    (_, first), (name, said) = await read(work)
    assert (first, name) == ("a sentence", "error")
    assert (said["error"]["message"], said["error"]["type"]) == (error.message, kind)
