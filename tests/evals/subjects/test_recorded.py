"""Runs of cases, replayed as an experiment does it."""

from pathlib import Path

import pytest

from outrider.evals.records import Case, Variant
from outrider.evals.subjects.recorded import RecordedSubject
from tests.evals.conftest import House
from tests.replay.conftest import House as Recorded


def subject(house: House) -> RecordedSubject:
    return RecordedSubject(house.outrider.store, Recorded(house.outrider, house.provider).gateway())


def recorded(house: House, text: str) -> str:
    agent = Recorded(house.outrider, house.provider)
    run, _ = agent.ask([{"role": "user", "content": text}], model="scripted/scripted-chat")
    house.outrider.store()
    return run


async def test_the_recording_costs_nothing_and_says_what_it_did(house: House) -> None:
    run = recorded(house, "scripted:text=ten words")
    one = subject(house)
    case = Case("a", "x", source=f"run:{run}")
    was = await one.ask(case, Variant("recorded", replay={"live": []}), "exp-0")
    now = await one.ask(case, Variant("now", replay={}), "exp-1")
    await one.close()
    assert (was.status, was.text, was.cost, was.run) == ("ok", "ten words", 0, run)
    assert (now.status, now.text, now.cost) == ("ok", "ten words", was.about["worth"])
    assert now.cost > 0
    assert now.about["replay"]["diverged"] == 0
    assert now.run not in ("", run)


@pytest.mark.parametrize(
    ("source", "said"), [("cases.jsonl:3", "not made from a run"), ("run:x", "not made from a run"),
                         ("run:0198c5a0-0000-7000-8000-000000000000", "no run")]
)  # fmt: skip
async def test_a_case_without_a_run_says_so(house: House, source: str, said: str) -> None:
    one = subject(house)
    found = await one.ask(Case("a", "x", source=source), Variant("now", replay={}), "exp-0")
    gone = await one.ask(Case("a", "x"), Variant("b", replay={"stand_ins": str(Path("gone.yaml"))}), "exp-1")
    await one.close()
    assert (found.status, said in found.error) == ("error", True)
    assert "cannot be read" in gone.error
