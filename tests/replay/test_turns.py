"""Calls of models out of the journal: of imported runs, and of responses that go on from others."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from outrider.base import ids
from outrider.base.errors import ConfigError
from outrider.journal.imports.loading import load
from outrider.journal.read import get_run, list_runs
from outrider.journal.rows import RunFilter
from outrider.replay import turns
from outrider.replay.query import find, parse
from outrider.replay.recording import read
from outrider.replay.replayer import Way, replay
from outrider.replay.verifying import verify
from tests.journal.imports import exported
from tests.journal.place import Place
from tests.replay.conftest import CALLS, WEATHER, House

FILES: dict[str, list[Any]] = {
    "langfuse": [exported.langfuse()],
    "langsmith": exported.langsmith(),
    "phoenix": exported.phoenix(),
    "otlp": [exported.otlp()],
}


@pytest.fixture
def place(tmp_path: Path, store_url: str) -> Iterator[Place]:
    with closing(Place(tmp_path, store_url)) as made:
        yield made


def take(place: Place, path: Path, lines: list[Any]) -> bytes:
    path.write_text("\n".join(json.dumps(one) for one in lines))
    load(path, "auto", "p", place.store, lambda one: place.journal.append_now(*one), place.indexer.drain)
    return list_runs(place.store, RunFilter(project="p")).rows[0].id


@pytest.mark.parametrize("name", FILES)
def test_an_imported_run_is_a_conversation_with_its_tools(place: Place, tmp_path: Path, name: str) -> None:
    recording = read(place.store, take(place, tmp_path / "f", FILES[name]))
    assert [turn.model for turn in recording.turns] == ["gpt-x", "gpt-x"]
    assert (recording.session, recording.others) == ("s1", 0)
    results = recording.results()
    taken = [results.take("weather", {"city": "Rome"}) for _ in range(2)]
    assert [one and one.content for one in taken] == ["sun in Rome", None]
    assert [one.run for one in find(place.store, parse("session=s1", "p"), 9)] == [recording.turns[0].run]


async def test_it_is_replayed_with_models_of_here(house: House, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(json.dumps(exported.langfuse()))
    store, journal = house.outrider.store(), house.outrider.worker
    assert journal is not None
    load(path, "auto", "default", store, lambda one: journal.journal.append_now(*one), lambda: house.outrider.store())
    run = list_runs(house.outrider.store(), RunFilter(session="s1")).rows[0].id
    recording = read(store, run)
    asks = house.gateway()
    done = await replay(recording, Way({"model": f"scripted/{CALLS}", "tools": [WEATHER]}), asks)
    assert (done.status, done.text) == ("done", "The tool said: sun in Rome")
    nobody = await replay(recording, Way(live=frozenset()), asks)
    assert (nobody.same, nobody.text) == (True, "The tool said: sun in Rome")
    verdicts = await verify(store, recording, None)
    assert [(one.stored, one.follows) for one in verdicts] == [(True, True), (True, None)]
    await asks.close()


def test_a_trace_without_a_model_is_none(place: Place, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to replay"):
        read(place.store, take(place, tmp_path / "f", [exported.phoenix()[2]]))


def test_a_response_that_went_on_from_one_that_is_gone(house: House) -> None:
    _, first = house.post("/v1/responses", {"model": "scripted/plain", "input": "scripted:text=a"}, session="s")
    previous = json.loads(first)["id"]
    run, _ = house.post(
        "/v1/responses", {"model": "scripted/plain", "input": "scripted:text=b", "previous_response_id": previous}
    )
    store = house.outrider.store()
    found = get_run(store, ids.parse(run))
    assert found is not None
    messages = turns.of_run(store, found).messages
    assert [(one["role"], one["content"]) for one in messages] == [
        ("user", "scripted:text=a"), ("assistant", "a"), ("user", "scripted:text=b"),
    ]  # fmt: skip
    with store.write() as tx:
        tx.execute("DELETE FROM runs WHERE id = ?", (ids.parse(previous.removeprefix("resp_")),))
    with pytest.raises(ConfigError, match="goes on from is not here"):
        turns.of_run(store, found)
