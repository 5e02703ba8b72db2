"""Anthropic's Message Batches, through the official client, for a model that is somebody else's."""

from collections.abc import Callable
from typing import Any

import anthropic
import pytest

from outrider.base import clock
from outrider.gateway.batches.message_batches import shape
from outrider.gateway.batches.rows import About, Batch, Made
from tests.gateway.batches.conftest import House


class Client(anthropic.Anthropic):
    """Also waits for the end of a batch."""

    def over(self, house: House, id_: str) -> Any:
        return house.wait(lambda: self.messages.batches.retrieve(id_), lambda b: b.processing_status == "ended")


@pytest.fixture
def client(house: House) -> Client:
    return Client(base_url=house.outrider.url, api_key=house.outrider.key, max_retries=0)


def asked(custom_id: str, text: str = "scripted:words=3", **params: Any) -> Any:
    said = {"model": "scripted-chat", "max_tokens": 64, "messages": [{"role": "user", "content": text}], **params}
    return {"custom_id": custom_id, "params": said}


def test_a_batch_of_messages(house: House, client: Client) -> None:
    made = client.messages.batches.create(
        requests=[asked(f"m-{i}") for i in range(5)] + [asked("bad", "scripted:status=400")]
    )
    assert (made.processing_status, made.request_counts.processing, made.results_url) == ("in_progress", 6, None)
    done = client.over(house, made.id)
    counts = done.request_counts
    assert (counts.succeeded, counts.errored, counts.processing) == (5, 1, 0)
    assert done.ended_at >= done.created_at
    results = {one.custom_id: one.result for one in client.messages.batches.results(made.id)}
    assert list(results) == [*[f"m-{i}" for i in range(5)], "bad"]
    good, bad = results["m-0"], results["bad"]
    assert good.type == "succeeded"
    assert good.message.content[0].type == "text"
    assert good.message.usage.output_tokens == 3
    assert bad.type == "errored"
    assert (bad.error.type, bad.error.error.type) == ("error", "invalid_request_error")
    assert not list(house.client.files.list())
    assert not list(house.client.batches.list())
    assert client.messages.batches.delete(made.id).type == "message_batch_deleted"
    with pytest.raises(anthropic.NotFoundError):
        client.messages.batches.retrieve(made.id)


def test_a_batch_that_is_cancelled(house: House, client: Client) -> None:
    made = client.messages.batches.create(requests=[asked(f"m-{i}", "scripted:delay=0.3") for i in range(60)])
    with pytest.raises(anthropic.AnthropicError):
        client.messages.batches.results(made.id)
    with pytest.raises(anthropic.ConflictError):
        client.messages.batches.delete(made.id)
    house.wait(lambda: client.messages.batches.retrieve(made.id), lambda b: b.request_counts.succeeded > 0)
    assert client.messages.batches.cancel(made.id).processing_status == "canceling"
    counts = client.over(house, made.id).request_counts
    assert counts.succeeded + counts.canceled == 60
    kinds = [one.result.type for one in client.messages.batches.results(made.id)]
    assert (kinds.count("succeeded"), kinds.count("canceled")) == (counts.succeeded, counts.canceled)


def test_listing(house: House, client: Client) -> None:
    made = [client.messages.batches.create(requests=[asked("a")]).id for _ in range(5)]
    assert [batch.id for batch in client.messages.batches.list(limit=2)] == made[::-1]
    page = client.messages.batches.list(limit=2, before_id=made[1])
    assert ([batch.id for batch in page.data], page.has_more) == ([made[3], made[2]], True)
    for id_ in made:
        client.over(house, id_)


@pytest.mark.parametrize(
    ("requests", "said"),
    [
        ([], "requests"),
        ([asked("a"), asked("a")], "requests[1].custom_id"),
        ([asked("a b")], "requests[0].custom_id"),
        ([asked("a", stream=True)], "requests[0].params"),
        ([asked("a", model=None)], "requests[0].params"),
        ([{"custom_id": "a"}], "requests[0].params"),
    ],
)
def test_what_a_batch_must_be(client: Client, requests: Any, said: str) -> None:
    with pytest.raises(anthropic.BadRequestError) as refused:
        client.messages.batches.create(requests=requests)
    assert said in str(refused.value)
    assert refused.value.body["error"]["type"] == "invalid_request_error"  # type: ignore[index]


def test_another_key_sees_nothing(house: House, client: Client) -> None:
    made = client.messages.batches.create(requests=[asked("a")])
    other = Client(base_url=house.outrider.url, api_key=house.outrider.new_key("other"), max_retries=0)
    assert not list(other.messages.batches.list())
    asks: list[Callable[[str], Any]] = [other.messages.batches.retrieve, other.messages.batches.cancel]
    for ask in asks:
        with pytest.raises(anthropic.NotFoundError):
            ask(made.id)
    with pytest.raises(anthropic.AuthenticationError):
        Client(base_url=house.outrider.url, api_key="x", max_retries=0).messages.batches.list()
    client.over(house, made.id)


def test_lines_that_were_not_executed_are_counted() -> None:
    batch = Batch(
        "msgbatch_1", "p", "k", "anthropic", "expired", 1, 2, 0, clock.now_ns(), "f", 9, 3, 6, 0, 0, 0, 0, 0, "", 0, "",
        Made("/v1/messages", "24h"), About(missing=4),
    )  # fmt: skip
    counts = shape(batch, "http://x")["request_counts"]
    assert counts == {"processing": 0, "succeeded": 3, "errored": 2, "canceled": 0, "expired": 4}
