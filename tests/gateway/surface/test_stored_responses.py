"""Stored responses: found at once, by every worker, after a restart; by their own project alone; deleted for good."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from outrider.app import paths
from outrider.base.errors import StoreUnavailable
from outrider.gateway.surface import shelf
from outrider.gateway.surface.shelf import Shelf, not_found, tombstone
from outrider.journal.rows import RunFilter
from outrider.journal.run_query import list_runs
from outrider.testing.running import Running, running
from outrider.testing.speaking import SpeakingProvider, speaking_thread

REACHED = {
    "chat": {"preset": "openai"},
    "responses": {"preset": "openai", "dialect": "responses"},
}
MODELS = [f"{name}/m" for name in REACHED]


class House:
    """Outrider before a provider that speaks chat and Responses. Nothing is indexed unless `outrider.store()` is."""

    def __init__(self, outrider: Running, provider: SpeakingProvider) -> None:
        self.outrider, self.provider = outrider, provider
        self.client = self.of(outrider.key)

    def of(self, key: str) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{self.outrider.url}/v1", api_key=key, max_retries=0)

    def turns(self) -> list[tuple[str, str]]:
        """What the provider was told last, by its own reading."""
        assert not self.provider.refused
        turns = self.provider.heard[-1].ask.turns
        return [(turn.role, "".join(getattr(part, "text", "?") for part in turn.parts)) for turn in turns]


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[SpeakingProvider, str]]:
    provider = SpeakingProvider()
    with pytest.MonkeyPatch.context() as patch, speaking_thread(provider) as url:
        patch.setenv("PROVIDER_KEY", "sk-provider")
        providers = {
            name: {
                **how,
                "base_url": url,
                "api_key": "${env:PROVIDER_KEY}",
                "models": ["m"],
            }
            for name, how in REACHED.items()
        }
        yield provider, json.dumps({"embedded": {"enabled": False}, "providers": providers})


@pytest.fixture(scope="module")
def house(place: tuple[SpeakingProvider, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(place[1], tmp_path_factory.mktemp("home")) as outrider:
        yield House(outrider, place[0])


def refused(status: int, code: str) -> Any:
    @contextlib.contextmanager
    def expected() -> Iterator[None]:
        with pytest.raises(openai.APIStatusError) as caught:
            yield
        assert (caught.value.status_code, caught.value.code) == (status, code)

    return expected()


ANSWER = "This is a scripted answer."


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("indexed", [False, True])
def test_one_turn_after_the_other(house: House, model: str, indexed: bool) -> None:
    create = house.client.responses.create
    first = create(model=model, input="one", instructions="Be brief.")
    with house.client.responses.stream(model=model, input="two", previous_response_id=first.id) as stream:
        second = stream.until_done().get_final_response()
    if indexed:
        house.outrider.store()
    third = create(model=model, input=[{"role": "user", "content": "three"}], previous_response_id=second.id)
    assert house.turns() == [
        ("user", "one"), ("assistant", ANSWER), ("user", "two"), ("assistant", ANSWER), ("user", "three"),
    ]  # fmt: skip
    assert third.previous_response_id == second.id
    for one in (first, second, third):
        assert one.id.startswith("resp_")
        again = house.client.responses.retrieve(one.id)
        assert [item.id for item in again.output] == [item.id for item in one.output]
        assert (again.output_text, again.usage, again.store) == (ANSWER, one.usage, True)


@pytest.mark.parametrize("model", MODELS)
def test_the_id_is_the_runs(house: House, model: str) -> None:
    raw = house.client.responses.with_raw_response.create(model=model, input="hi")
    assert raw.parse().id == f"resp_{raw.headers['x-request-id'].replace('-', '')}"


@pytest.mark.parametrize("model", MODELS)
def test_seen_again_as_a_stream(house: House, model: str) -> None:
    whole = house.client.responses.create(model=model, input="hi")
    with house.client.responses.stream(model=model, input="hi") as stream:
        kinds = [event.type for event in stream]
        streamed = stream.get_final_response()
    for one in (whole, streamed):
        events = list(house.client.responses.retrieve(one.id, stream=True))
        assert events[-1].type == "response.completed"
        assert events[-1].response.output_text == ANSWER
        rest = list(house.client.responses.retrieve(one.id, stream=True, starting_after=2))
        assert [event.sequence_number for event in rest] == [e.sequence_number for e in events if e.sequence_number > 2]
    assert [event.type for event in house.client.responses.retrieve(streamed.id, stream=True)] == kinds


@pytest.mark.parametrize("model", MODELS)
def test_items_are_listed_and_can_be_referred_to(house: House, model: str) -> None:
    first = house.client.responses.create(model=model, input="one")
    second = house.client.responses.create(model=model, input="two", previous_response_id=first.id)
    items = house.client.responses.input_items.list(second.id, order="asc", limit=2)
    assert [item.type for item in items.data] == ["message", "message"]
    assert items.has_more
    listed = list(items)
    assert [item.content[0].text for item in listed] == ["one", ANSWER, "two"]  # type: ignore[union-attr, index]
    newest = house.client.responses.input_items.list(second.id).data
    assert [item.id for item in newest] == [item.id for item in reversed(listed)]
    references = [{"type": "item_reference", "id": item.id} for item in [*listed, *second.output]]
    house.client.responses.create(model=model, input=[*references, {"role": "user", "content": "three"}], store=False)  # type: ignore[call-overload]
    assert house.turns() == [
        ("user", "one"), ("assistant", ANSWER), ("user", "two"), ("assistant", ANSWER), ("user", "three"),
    ]  # fmt: skip
    with refused(404, "item_not_found"):
        house.client.responses.create(model=model, input=[{"type": "item_reference", "id": "msg_1"}])  # type: ignore[call-overload]


@pytest.mark.parametrize("model", MODELS)
def test_what_is_deleted_is_gone_also_for_what_followed(house: House, model: str) -> None:
    create, responses = house.client.responses.create, house.client.responses
    first = create(model=model, input="one")
    second = create(model=model, input="two", previous_response_id=first.id)
    responses.delete(first.id)
    for _ in range(2):
        with refused(404, "response_not_found"):
            responses.retrieve(first.id)
        with refused(404, "response_not_found"):
            responses.delete(first.id)
        with refused(400, "previous_response_not_found"):
            create(model=model, input="x", previous_response_id=second.id)
        assert responses.retrieve(second.id).output_text == ANSWER
        newest = list_runs(house.outrider.store(), RunFilter(), limit=3).rows
        assert "responses.deleted" in {row.name for row in newest}


@pytest.mark.parametrize("model", MODELS)
def test_what_was_not_to_be_stored_is_not_found(house: House, model: str) -> None:
    said = house.client.responses.create(model=model, input="hi", store=False)
    with refused(404, "response_not_found"):
        house.client.responses.retrieve(said.id)
    with refused(400, "previous_response_not_found"):
        house.client.responses.create(model=model, input="x", previous_response_id=said.id)


def test_other_projects_see_nothing_of_it(house: House) -> None:
    said = house.client.responses.create(model="chat/m", input="secret")
    other = house.of(house.outrider.new_key("other"))
    item = {"type": "item_reference", "id": said.output[0].id}
    with refused(404, "response_not_found"):
        other.responses.retrieve(said.id)
    with refused(404, "response_not_found"):
        other.responses.delete(said.id)
    with refused(404, "item_not_found"):
        other.responses.create(model="chat/m", input=[item])  # type: ignore[call-overload]
    with refused(400, "previous_response_not_found"):
        other.responses.create(model="chat/m", input="x", previous_response_id=said.id)
    with refused(401, "invalid_api_key"):
        house.of("sk-or-wrong").responses.retrieve(said.id)


def test_only_what_is_a_response_is_one(house: House) -> None:
    run = house.client.chat.completions.with_raw_response.create(
        model="chat/m", messages=[{"role": "user", "content": "hi"}]
    ).headers["x-request-id"]
    for id_ in (f"resp_{run}", "resp_1", "nothing"):
        with refused(404, "response_not_found"):
            house.client.responses.retrieve(id_)
    said = house.client.responses.create(model="chat/m", input="hi")
    with refused(400, "invalid_request"):
        house.client.responses.cancel(said.id)
    for query in ({"limit": 0}, {"order": "up"}, {"after": "msg_x"}, {"limit": "many"}):
        with refused(400, "invalid_value"):
            house.client.responses.input_items.list(said.id, extra_query=query)


def test_by_another_worker_and_after_a_restart(place: tuple[SpeakingProvider, str], tmp_path: Path) -> None:
    with running(place[1], tmp_path) as one, running(place[1], tmp_path) as two:
        first = House(one, place[0]).client.responses.create(model="chat/m", input="one")
        second = House(two, place[0]).client.responses.create(
            model="chat/m", input="two", previous_response_id=first.id
        )
        House(two, place[0]).client.responses.delete(first.id)
        with refused(404, "response_not_found"):
            House(one, place[0]).client.responses.retrieve(first.id)
        third = House(one, place[0]).client.responses.create(model="chat/m", input="three")
    with running(place[1], tmp_path) as again:
        later = House(again, place[0])
        assert later.client.responses.retrieve(second.id).output_text == ANSWER
        later.client.responses.create(model="chat/m", input="four", previous_response_id=third.id)
        assert later.turns() == [("user", "three"), ("assistant", ANSWER), ("user", "four")]
        with refused(404, "response_not_found"):
            later.client.responses.retrieve(first.id)


def test_while_the_store_is_away(house: House) -> None:
    """What waits in the spool is found."""

    def away() -> Any:
        raise StoreUnavailable("away")

    said = house.client.responses.create(model="chat/m", input="hi")
    found = Shelf(away, paths.spool(house.outrider.home)).response("default", said.id)
    assert found is not None
    assert found.response["id"] == said.id
    with pytest.raises(StoreUnavailable):
        Shelf(away, paths.spool(house.outrider.home)).response("default", f"resp_{'0' * 32}")


def test_a_chain_has_an_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "LONGEST_CHAIN", 2)
    id_ = None
    for _ in range(3):
        id_ = house.client.responses.create(model="chat/m", input="hi", previous_response_id=id_).id
    with refused(400, "conversation_too_long"):
        house.client.responses.create(model="chat/m", input="hi", previous_response_id=id_)


def test_a_deletion_has_an_id_of_its_own() -> None:
    digits = "0199f0a26e3b7c119a772f8e5d1c4b3a"
    assert tombstone(digits) != bytes.fromhex(digits)
    assert tombstone(tombstone(digits).hex()) == bytes.fromhex(digits)
    assert not_found("x" * 300).message.count("x") == 100
