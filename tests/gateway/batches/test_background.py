"""Responses in the background: asked for, looked at, gone on from, cancelled, through restarts."""

from collections.abc import Callable

import openai
import pytest
from openai.types.responses import Response

from outrider.journal import read
from outrider.journal.rows import RunFilter
from tests.gateway.batches.conftest import House, line

MODEL = "scripted-chat"
ENDS = ("completed", "failed", "cancelled", "incomplete")


def over(house: House, id_: str) -> Response:
    return house.wait(lambda: house.client.responses.retrieve(id_), lambda said: said.status in ENDS)


def begin(house: House, text: str, **more: object) -> Response:
    return house.client.responses.create(model=MODEL, input=text, background=True, **more)  # type: ignore[call-overload,no-any-return]


def test_it_is_polled_and_gone_on_from(house: House) -> None:
    made = begin(house, "scripted:words=3", metadata={"a": "b"}, extra_headers={"x-outrider-user": "ann"})
    assert (made.status, made.background, made.output, made.metadata) == ("queued", True, [], {"a": "b"})
    said = over(house, made.id)
    assert (said.id, said.status, said.background) == (made.id, "completed", True)
    assert len(said.output_text.split()) == 3
    assert said.usage is not None
    after = house.client.responses.create(model=MODEL, input="and now?", previous_response_id=made.id)
    assert [m["content"] for m in house.provider.requests[-1]["messages"]][1] == said.output_text
    assert after.status == "completed"
    items = house.client.responses.input_items.list(made.id).data
    assert [item.type for item in items] == ["message"]
    store = house.outrider.store()
    (run,) = read.list_runs(store, RunFilter(project="default", user="ann"), limit=5).rows
    assert (run.name, run.status) == ("responses", "ok")
    events = [event.type for event in house.client.responses.retrieve(made.id, stream=True)]
    assert events[-1] == "response.completed"
    assert house.client.responses.cancel(made.id).status == "completed"
    house.client.responses.delete(made.id)
    with pytest.raises(openai.BadRequestError, match="not found"):
        house.client.responses.create(model=MODEL, input="x", previous_response_id=made.id)
    with pytest.raises(openai.NotFoundError):
        house.client.responses.retrieve(made.id)


def test_a_failure_is_the_responses(house: House) -> None:
    made = begin(house, "scripted:status=400")
    said = over(house, made.id)
    assert (said.id, said.status) == (made.id, "failed")
    assert said.error is not None
    assert "scripted" in said.error.message


def test_it_is_cancelled_at_once(house: House) -> None:
    made = begin(house, "scripted:delay=60")
    house.wait(lambda: house.provider.counts["chat"], lambda count: count > 0)
    assert house.client.responses.cancel(made.id).status == "cancelled"
    assert over(house, made.id).status == "cancelled"
    house.wait(lambda: house.provider.counts["cancelled"], lambda count: count > 0)


def test_the_next_process_goes_on(build: Callable[..., House]) -> None:
    house = build()
    slow = begin(house, "scripted:delay=4,words=2")
    done = begin(house, "scripted:words=2")
    over(house, done.id)
    house.wait(lambda: house.provider.counts["chat"], lambda count: count > 1)
    house.outrider.stop()
    second = house.again()
    assert over(second, slow.id).status == "completed"
    assert over(second, done.id).status == "completed"


def test_it_waits_behind_no_batch(build: Callable[..., House]) -> None:
    house = build("batches: {concurrency: 1}")
    house.begin(*[line(f"r-{i}", "scripted:delay=30") for i in range(2)])
    house.wait(lambda: house.provider.counts["chat"], lambda count: count > 0)
    assert over(house, begin(house, "hello").id).status == "completed"


@pytest.mark.parametrize("more", [{"stream": True}, {"store": False}])
def test_what_is_refused(house: House, more: dict[str, object]) -> None:
    with pytest.raises(openai.BadRequestError, match="background"):
        begin(house, "x", **more)


def test_bad_requests_and_strangers(house: House) -> None:
    with pytest.raises(openai.BadRequestError):
        begin(house, "x", temperature=99)
    made = begin(house, "scripted:words=1")
    stranger = openai.OpenAI(base_url=f"{house.outrider.url}/v1", api_key="sk-or-no", max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        stranger.responses.retrieve(made.id)
    with pytest.raises(openai.AuthenticationError):
        stranger.responses.create(model=MODEL, input="x", background=True)
    for unknown in ("resp_" + "0" * 32, "resp_x"):
        with pytest.raises(openai.NotFoundError):
            house.client.responses.retrieve(unknown)
        with pytest.raises(openai.NotFoundError):
            house.client.responses.cancel(unknown)
