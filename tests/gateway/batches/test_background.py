"""Responses in the background: asked for, looked at, told, gone on from, cancelled, through restarts."""

from collections.abc import Callable, Iterable
from typing import Any

import openai
import pytest
from openai.types.responses import Response

from outrider.base import clock
from outrider.base.sse import events as blocks
from outrider.gateway.batches import work
from outrider.gateway.batches.rows import Batches
from outrider.gateway.batches.told import Piece, Told
from outrider.journal import read
from outrider.journal.rows import RunFilter
from outrider.store import open_leases
from tests.gateway.batches.conftest import House, line

MODEL = "scripted-chat"
ENDS = ("completed", "failed", "cancelled", "incomplete")


def over(house: House, id_: str) -> Response:
    return house.wait(lambda: house.client.responses.retrieve(id_), lambda said: said.status in ENDS)


def begin(house: House, text: str, **more: object) -> Any:
    return house.client.responses.create(**{"model": MODEL, "input": text, "background": True, **more})  # type: ignore[call-overload]


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


@pytest.mark.parametrize("more", [{"store": False}, {"store": False, "stream": True}])
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


def told(events: Iterable[Any]) -> list[tuple[int, str]]:
    return [(event.sequence_number, event.type) for event in events]


def test_it_is_told_while_it_is_given(house: House) -> None:
    events = list(begin(house, "scripted:words=3", stream=True, metadata={"a": "b"}))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events[:3]] == ["response.created", "response.queued", "response.in_progress"]
    assert [event.response.status for event in events[:3]] == ["queued", "queued", "in_progress"]
    last = events[-1].response
    assert (events[-1].type, last.status, last.background, last.metadata) == (
        "response.completed", "completed", True, {"a": "b"},
    )  # fmt: skip
    assert {event.response.id for event in (*events[:3], events[-1])} == {last.id}
    spoken = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert spoken == last.output_text == house.client.responses.retrieve(last.id).output_text
    again = list(house.client.responses.retrieve(last.id, stream=True))
    assert [event.to_dict() for event in again] == [event.to_dict() for event in events]
    for after in (0, 1, 2, 5, len(events) - 2, len(events) - 1, len(events) + 50):
        rest = house.client.responses.retrieve(last.id, stream=True, starting_after=after)
        assert told(rest) == told(events[after + 1 :])
    after = house.client.responses.create(model=MODEL, input="and now?", previous_response_id=last.id)
    assert [m["content"] for m in house.provider.requests[-1]["messages"]][1] == last.output_text
    assert after.status == "completed"


def test_who_hangs_up_comes_back_for_the_rest(house: House) -> None:
    stream = begin(house, "scripted:words=12,gap=0.2", stream=True)
    seen = [next(stream) for _ in range(7)]
    stream.close()
    id_ = seen[0].response.id
    assert house.client.responses.retrieve(id_).status == "in_progress"
    with house.client.responses.stream(response_id=id_, starting_after=seen[-1].sequence_number) as rest:
        live = list(rest)
    events = seen + live
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert (events[-1].type, house.provider.counts["cancelled"]) == ("response.completed", 0)
    assert len(events[-1].response.output_text.split()) == 12


def test_a_cancelled_stream_ends(house: House) -> None:
    stream = begin(house, "scripted:words=500,gap=0.2", stream=True)
    seen = [next(stream) for _ in range(7)]
    id_ = seen[0].response.id
    assert house.client.responses.cancel(id_).status == "cancelled"
    events = [*seen, *stream]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert (events[-1].type, events[-1].response.status, events[-1].response.output) == (
        "response.failed", "cancelled", [],
    )  # fmt: skip
    assert told(house.client.responses.retrieve(id_, stream=True)) == told(events)
    assert house.client.responses.cancel(id_).status == "cancelled"
    house.wait(lambda: house.provider.counts["cancelled"], lambda count: count > 0)


@pytest.mark.parametrize("how", ["status=400", "words=30,error-in-200=12"])
def test_a_stream_that_fails_says_so_at_its_end(build: Callable[..., House], how: str) -> None:
    house = build("routes: {once: {deployments: [scripted/scripted-chat], retries: 0}}")
    events = list(begin(house, f"scripted:{how}", model="once", stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert (events[-1].type, events[-1].response.status) == ("response.failed", "failed")
    assert events[-1].response.error.message
    assert [event.type for event in events if event.type in ("error", "response.failed")] == ["response.failed"]
    assert house.client.responses.retrieve(events[0].response.id).error == events[-1].response.error


def test_a_budget_that_has_no_room_for_long_refuses_at_once(build: Callable[..., House]) -> None:
    house = build("budgets: {few: {calls: 1, window: day}}")
    assert over(house, begin(house, "scripted:words=1").id).status == "completed"
    streamed = list(begin(house, "scripted:words=1", stream=True))[-1].response
    for said in (streamed, over(house, begin(house, "scripted:words=1").id)):
        assert (said.status, said.error.code) == ("failed", "budget_exceeded")
        assert "few" in said.error.message


def test_only_what_was_asked_for_as_a_stream_is_streamed_while_it_runs(house: House) -> None:
    made = begin(house, "scripted:delay=60")
    with pytest.raises(openai.BadRequestError, match="not created with stream=true") as caught:
        house.client.responses.retrieve(made.id, stream=True)
    assert caught.value.param == "stream"
    house.client.responses.cancel(made.id)
    with pytest.raises(openai.NotFoundError):
        house.client.responses.retrieve("resp_" + "0" * 32, stream=True)
    with pytest.raises(openai.BadRequestError, match="starting_after"):
        house.client.responses.retrieve(made.id, stream=True, starting_after=-3)
    with pytest.raises(openai.BadRequestError, match="background"):
        begin(house, "x", stream=True, store=False)


def test_what_was_deleted_is_not_told(house: House) -> None:
    events = list(begin(house, "scripted:words=2", stream=True))
    house.client.responses.delete(events[0].response.id)
    with pytest.raises(openai.NotFoundError):
        house.client.responses.retrieve(events[0].response.id, stream=True)
    other = openai.OpenAI(base_url=f"{house.outrider.url}/v1", api_key=house.outrider.new_key("other"), max_retries=0)
    kept = next(iter(begin(house, "scripted:words=2", stream=True))).response.id
    with pytest.raises((openai.NotFoundError, openai.AuthenticationError)):
        other.responses.retrieve(kept, stream=True)


@pytest.mark.parametrize("after", ["1" + "0" * 22, "0" * 20 + "9" * 25, "0" * 5000, "9" * 25, "x", "1.5"])
def test_a_number_that_is_none_is_refused(house: House, after: str) -> None:
    id_ = next(iter(begin(house, "scripted:words=2", stream=True))).response.id
    with pytest.raises(openai.BadRequestError, match="starting_after"):
        house.client.responses.retrieve(id_, stream=True, extra_query={"starting_after": after})


@pytest.mark.parametrize("how", ["words=500,gap=0.2", "status=400"])
def test_one_that_ended_without_a_response_is_deleted(house: House, how: str) -> None:
    stream = begin(house, f"scripted:{how}", stream=True)
    id_ = next(stream).response.id
    if "words" in how:
        with pytest.raises(openai.ConflictError, match="not over: cancel it first"):
            house.client.responses.delete(id_)
        house.client.responses.cancel(id_)
    assert [event.type for event in stream][-1] == "response.failed"
    house.client.responses.delete(id_)
    for ask in (house.client.responses.retrieve, house.client.responses.cancel, house.client.responses.delete):
        with pytest.raises(openai.NotFoundError):
            ask(id_)
    with pytest.raises(openai.NotFoundError):
        house.client.responses.retrieve(id_, stream=True)
    leases = open_leases(house.outrider.store_url)
    assert Told(lambda: leases).look(id_, 1)[1] == []
    leases.close()


def ended_early(last: Any) -> None:
    assert (last.type, last.response.status, last.response.error.code) == (
        "response.failed", "failed", "response_interrupted",
    )  # fmt: skip
    assert "ended before the response did" in last.response.error.message


def test_what_a_process_took_with_it_is_a_failure(build: Callable[..., House], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "STOP_GRACE", 0.1)
    house = build("server: {drain_timeout: 100ms}")
    stream = begin(house, "scripted:words=500,gap=0.2", stream=True)
    seen = [next(stream) for _ in range(7)]
    id_ = seen[0].response.id
    house.outrider.stop()
    seen += list(stream)  # it ends without an end: its process leaves
    second = house.again()
    asked = house.provider.counts["chat"]
    rest = list(second.client.responses.retrieve(id_, stream=True, starting_after=seen[-1].sequence_number))
    assert [event.sequence_number for event in (*seen, *rest)] == list(range(len(seen) + len(rest)))
    ended_early(rest[-1])
    said = second.client.responses.retrieve(id_)
    assert (said.status, said.error) == ("failed", rest[-1].response.error)
    assert house.provider.counts["chat"] == asked
    store = second.outrider.store()
    runs = read.list_runs(store, RunFilter(project="default"), limit=5).rows
    assert "response_interrupted" in {run.error for run in runs}


def test_a_stop_waits_for_what_is_told(build: Callable[..., House], monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a request that is being answered: it has no second try."""
    monkeypatch.setattr(work, "STOP_GRACE", 0.0)
    house = build()
    stream = begin(house, "scripted:words=10,gap=0.1", stream=True)
    seen = [next(stream) for _ in range(4)]
    house.outrider.stop()
    seen += list(stream)
    id_, after = seen[0].response.id, seen[-1].sequence_number
    rest = list(house.again().client.responses.retrieve(id_, stream=True, starting_after=after))
    assert [event.sequence_number for event in (*seen, *rest)] == list(range(len(seen) + len(rest)))
    assert (rest[-1].type, len(rest[-1].response.output_text.split())) == ("response.completed", 10)
    assert house.provider.counts["chat"] == 1


@pytest.mark.parametrize("said", [0, 4])
def test_an_answer_in_the_record_is_told_to_its_end(build: Callable[..., House], said: int) -> None:
    """Its process was killed when the answer was paid for and recorded, and not all of it was told."""
    house = build()
    events = list(begin(house, "scripted:words=6", stream=True))
    id_ = events[0].response.id
    house.outrider.store()
    house.outrider.stop()
    leases = open_leases(house.outrider.store_url)
    there = Told(lambda: leases)
    body = b"".join(piece.body for piece in there.look(id_, 1)[1])
    with leases.write() as tx:
        tx.execute("DELETE FROM told_events WHERE batch = ?", (id_,))
        tx.execute("UPDATE batches SET ended = 0, completed = 0, status = 'in_progress', holder = 'm/gone'")
        tx.execute("UPDATE batches SET held_until = 0")
    batch = Batches(lambda: leases).claim("m/test", clock.now_ns(), lambda _: True)
    assert batch is not None
    if said:
        there.put(batch, [Piece(2, 1 + said, b"".join(blocks(body)[:said]))])
    Batches(lambda: leases).release(id_, "m/test")
    leases.close()
    asked = house.provider.counts["chat"]
    again = list(house.again().client.responses.retrieve(id_, stream=True))
    assert [event.to_dict() for event in again] == [event.to_dict() for event in events]
    assert house.provider.counts["chat"] == asked


def test_every_process_tells_it(build: Callable[..., House]) -> None:
    house = build()
    other = house.again()  # on the same files, as a second worker
    streams = [begin(house, "scripted:words=10,gap=0.1", stream=True), begin(other, "scripted:words=9", stream=True)]
    for stream, elsewhere in zip(streams, (other, house), strict=True):
        first = next(stream)
        seen = list(elsewhere.client.responses.retrieve(first.response.id, stream=True))
        assert told(seen) == told([first, *stream])
        assert seen[-1].type == "response.completed"
