"""What was found is given again: a route with knowledge answers from the passages of the recording, or of a moment."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outrider.base import ids
from outrider.journal.read import get_body, list_steps
from outrider.knowledge.parse import parse as read_document
from outrider.knowledge.records import Fetched
from outrider.replay.replayer import Replayed, Way, replay
from outrider.replay.verifying import verify
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import running
from tests.replay.conftest import House

CONFIG = """
embedded: {{enabled: false}}
providers:
  plain: {{base_url: "{url}", models: [scripted-chat]}}
routes:
  quoted: {{deployments: [plain/scripted-chat], knowledge: {{collection: docs, mode: extractive, strategy: keyword}}}}
  told: {{deployments: [plain/scripted-chat], knowledge: {{collection: docs, mode: abstractive, strategy: keyword}}}}
  other: {{deployments: [plain/scripted-chat], knowledge: {{collection: news, mode: extractive, strategy: keyword}}}}
"""
ASK = [{"role": "user", "content": "How long does Acme take per claim?"}]
OLD = "# Claims at Acme\n\nAcme Insurance needs 90 minutes per motor claim. Its team chose pgvector for it."
NEW = "# Claims at Acme\n\nAcme Insurance needs 12 minutes per motor claim. Its team chose pgvector for it."


def put(house: House, text: str, collection: str = "docs", **labels: Any) -> Any:
    assert house.outrider.worker is not None
    library = house.outrider.worker.knowledge.library()
    known = [one.name for one in library.collections("default")]
    docs = library.collection("default", collection) if collection in known else library.create("default", collection)
    fetched = Fetched(source="acme.md", name="acme.md", media="text/markdown", body=text.encode())
    return library, docs, library.put(docs, "acme.md", read_document(fetched), **labels).document


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    provider = ScriptedProvider()
    with scripted_thread(provider) as url, running(CONFIG.format(url=url), tmp_path / "home") as outrider:
        made = House(outrider, provider)
        put(made, OLD)
        put(made, OLD, "news")
        yield made


def found(house: House, run: str) -> list[tuple[int, str]]:
    """Version and text of what a run found."""
    import json

    store = house.outrider.store()
    (step,) = [one for one in list_steps(store, ids.parse(run)) if one.kind == "retrieval"]
    assert step.response is not None
    body = get_body(store, "default", step.response.sha256)
    return [(one["version"], one["text"]) for one in json.loads(body or b"{}")["kept"]]


async def replayed(house: House, run: str, **way: Any) -> Replayed:
    asks = house.gateway()
    try:
        return await replay(house.recording(run), Way(**way), asks)
    finally:
        await asks.close()


@pytest.mark.parametrize("route", ["quoted", "told"])
async def test_the_passages_are_those_of_the_recording(house: House, route: str) -> None:
    run, _ = house.ask(ASK, model=route)
    put(house, NEW)
    done = await replayed(house, run)
    assert (done.status, done.same, done.why) == ("done", True, "")
    assert found(house, done.steps[0].run) == found(house, run)
    live = await replayed(house, run, live=frozenset({"models", "retrieval"}))
    assert [version for version, _ in found(house, live.steps[0].run)] == [2]
    assert live.same == (route == "told"), "the scripted model says the same whatever it reads"


async def test_the_documents_of_a_moment_are_asked(house: House) -> None:
    run, _ = house.ask(ASK, model="quoted")
    later = put(house, NEW)[2].since
    assert "12 minutes" in (await replayed(house, run, as_of=later)).text
    assert "90 minutes" in (await replayed(house, run, as_of=house.recording(run).turns[0].at)).text
    before = await replayed(house, run, as_of=1_000_000_000)
    assert "minutes" not in before.text
    future = await replayed(house, run, as_of=later + 10**15)
    assert "past moment" in future.why


async def test_what_was_not_recorded_holds(house: House) -> None:
    run, _ = house.ask(ASK, model="quoted")
    asked = await replayed(house, run, set={"messages": [{"role": "user", "content": "Who chose pgvector at Acme?"}]})
    assert asked.status == "hold"
    assert "it was recorded for another question" in asked.why
    assert "--live retrieval" in asked.why
    other = await replayed(house, run, set={"model": "other"})
    assert "it was recorded from 'docs', and the route answers from 'news'" in other.why
    plain = await replayed(house, run, set={"model": "plain/scripted-chat"})
    assert plain.status == "done"


async def test_what_is_gone_or_not_for_them_is_not_given(house: House) -> None:
    run, _ = house.ask(ASK, model="quoted")
    library, docs, document = put(house, OLD)
    library.label(docs, document.id, readers=("user:ann",))
    hidden = await replayed(house, run)
    assert (hidden.status, "no longer for whoever asks" in hidden.why) == ("hold", True)
    library.remove(docs, document.id, erase=True)
    erased = await replayed(house, run)
    assert (erased.status, "is no longer there" in erased.why) == ("hold", True)


async def test_a_retrieval_is_verified_and_runs_of_others_are_not_given(house: House) -> None:
    run, _ = house.ask(ASK, model="quoted")
    put(house, NEW)
    asks = house.gateway()
    (one,) = await verify(house.outrider.store(), house.recording(run), asks)
    assert (one.same, one.bytes) == (True, "identical but for ids, times, caches")
    body = house.recording(run).turns[0].body
    for other in (ids.text(ids.new_id()), "nonsense", house.ask(ASK, model="plain/scripted-chat")[0]):
        said = await asks.ask("/v1/chat/completions", body, more={"x-outrider-retrieval": other})
        assert (said.status, b"recorded no retrieval that is still there" in said.body) == (409, True)
    for moment in ("yesterday", "2026-01-01", "2999-01-01T00:00:00Z", "0001-01-01T00:00:00Z"):
        said = await asks.ask("/v1/chat/completions", body, more={"x-outrider-as-of": moment})
        assert said.status == 400, moment
    await asks.close()
