"""`--verify`: what is stored is what was recorded, it follows, and it comes out the same byte for byte."""

from pathlib import Path

import pytest

from outrider.journal.append import blob
from outrider.providers.embedded import CHAT_DEFAULT
from outrider.replay.verifying import Verdict, verify
from outrider.testing import ScriptedProvider
from outrider.testing.running import running
from tests.replay.conftest import House


async def verdicts(house: House, run: str, *, live: bool = True) -> list[Verdict]:
    asks = house.gateway()
    try:
        return await verify(house.outrider.store(), house.recording(run), asks if live else None)
    finally:
        await asks.close()


async def test_a_deterministic_trajectory_is_identical(house: House) -> None:
    runs = house.work("s", ["Rome?", "And?"], lambda tool, arguments: "sun")
    found = await verdicts(house, runs[0])
    assert [(one.of, one.stored, one.follows, one.same) for one in found] == [
        (runs[0], True, True, True), (runs[1], True, True, True),
        (runs[2], True, True, True), (runs[3], True, None, True),
    ]  # fmt: skip
    assert all(one.good and one.digest for one in found)


@pytest.mark.parametrize("stream", [False, True])
async def test_streams_and_texts_alike(house: House, stream: bool) -> None:
    run, _ = house.ask([{"role": "user", "content": "scripted:text=äh, ja"}], stream=stream)
    (one,) = await verdicts(house, run)
    assert one.same


async def test_another_answer_is_found_and_shown(house: House) -> None:
    said = [{"role": "user", "content": "scripted:status=500,fail-times=1,key=v1,text=fine"}]
    run, _ = house.ask(said)
    (fine,) = await verdicts(house, run)
    assert fine.same
    broken, _ = house.ask([{"role": "user", "content": "scripted:words=3,key=b"}])
    recording = house.recording(broken)
    assert recording.turns[0].answer is not None
    recording.turns[0].answer.messages[0]["content"] = "0.x 1.x"
    asks = house.gateway()
    (one,) = await verify(house.outrider.store(), recording, asks)
    await asks.close()
    assert (one.good, one.same) == (False, False)
    assert "differ from byte" in one.why


async def test_no_model_is_asked_without_leave(house: House) -> None:
    runs = house.work("s", ["Rome?"], lambda tool, arguments: "sun")
    asked = house.provider.counts["chat"]
    found = await verdicts(house, runs[0], live=False)
    assert [(one.follows, one.same) for one in found] == [(True, None), (None, None)]
    assert house.provider.counts["chat"] == asked


async def test_a_body_that_was_changed_in_the_store_is_found(house: House) -> None:
    run, _ = house.ask([{"role": "user", "content": "scripted:text=fine"}])
    store, recording = house.outrider.store(), house.recording(run)
    with store.write() as tx:
        tx.execute("DELETE FROM blobs WHERE sha256 = ?", (blob(recording.turns[0].body).sha256,))
    (one,) = await verify(store, recording, None)
    assert (one.stored, one.good) == (False, False)
    assert "no longer there" in one.why


@pytest.mark.model
async def test_the_embedded_model_says_the_same_again(
    chat_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live model that is deterministic: at temperature 0, and with a seed."""
    monkeypatch.setenv("OUTRIDER_MODELS", str(chat_models))
    with running(f"embedded: {{chat: {CHAT_DEFAULT}}}\nproviders: {{}}", tmp_path / "home") as outrider:
        house = House(outrider, ScriptedProvider())
        question = [{"role": "user", "content": "Name three cities of Italy."}]
        for fields in ({"temperature": 0}, {"temperature": 0.8, "seed": 7}, {"temperature": 0, "stream": True}):
            run, _ = house.ask(question, model="default", max_tokens=24, **fields)
            (one,) = await verdicts(house, run)
            assert (one.same, one.why) == (True, "")
