"""A red team's work: survey, search, what ends it, and that a break costs nothing."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from outrider.base.errors import RequestError
from outrider.evals import planning
from outrider.evals.cases import read as cases_of
from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Experiment, Experiments
from outrider.evals.records import Variant
from outrider.evals.redteam import campaign as red
from outrider.evals.redteam.building import Planted
from outrider.evals.redteam.campaign import Campaign, Wanted
from outrider.evals.redteam.library import bundled
from outrider.evals.redteam.mutators import ENCODINGS
from tests.evals.redteam.conftest import Weak, opens

LEAKAGE = bundled().only(["leakage"])


def begun(campaign: Campaign, wanted: Wanted, **more: Any) -> Experiment:
    variant = Variant("subject", "m")
    return campaign.begin(red.suite("redteam m", variant, wanted, concurrency=4, budget=more.get("budget", 0)), wanted)


def test_a_weakness_is_found(campaign: Campaign, weak: Weak, experiments: Experiments) -> None:
    wanted = Wanted(LEAKAGE, attempts=200, seed=3)
    found = begun(campaign, wanted)
    assert found.items == red.surveyed(found) == 56
    ended = asyncio.run(campaign.run(found, opens(weak)))
    assert (ended.status, ended.items) == ("done", 200)
    won = [one for one in campaign.tried(ended) if one.won]
    assert won
    assert all(set(one.recipe.chain) & ENCODINGS.keys() for one in won)
    assert sum(one.won for one in campaign.tried(ended)[56:]) > sum(one.won for one in campaign.tried(ended)[:56])
    assert read_again(ended) == wanted


def read_again(experiment: Experiment) -> Wanted:
    assert planning.read(experiment.plan).evaluators[0].kind == "breach"
    return red.read(experiment)


def test_a_break_changes_nothing_and_costs_nothing(datasets: Datasets, experiments: Experiments) -> None:
    """Cut off in the middle of a round, and gone on with by another: the same attempts, each paid once."""
    whole, broken = Weak(lambda *_: "no"), Weak(lambda *_: "no")
    wanted = Wanted(LEAKAGE, attempts=90, seed=1)
    campaign = Campaign(datasets, experiments, "default")
    asyncio.run(campaign.run(begun(campaign, wanted), opens(whole)))
    found = begun(campaign, wanted)

    async def cut_off() -> None:
        def told(items: int, done: int, cost: int) -> None:
            if done == 70:
                working.cancel()

        working = asyncio.ensure_future(campaign.run(found, opens(broken), told=told))
        await asyncio.wait([working])

    asyncio.run(cut_off())
    assert 70 <= experiments.progress(found.id).done < 90
    again = experiments.get("default", found.id)
    ended = asyncio.run(Campaign(datasets, experiments, "default").run(again, opens(broken)))
    assert (ended.status, ended.items) == ("done", 90)
    keys = {key.rpartition("-")[2]: id_ for key, id_ in whole.paid.items()}
    assert {key.rpartition("-")[2]: id_ for key, id_ in broken.paid.items()} == keys
    assert len(broken.paid) == 90


def test_money_ends_it(campaign: Campaign, weak: Weak) -> None:
    found = begun(campaign, Wanted(LEAKAGE, attempts=90), budget=20 * weak.cost)
    ended = asyncio.run(campaign.run(found, opens(weak)))
    assert (ended.status, ended.about["why"]) == ("stopped", "the budget is used up")
    assert len(weak.paid) <= 20


def test_time_silence_and_having_won_everything_end_it(campaign: Campaign) -> None:
    timed = asyncio.run(
        campaign.run(begun(campaign, Wanted(LEAKAGE, attempts=90, minutes=1e-9)), opens(Weak(lambda *_: "no")))
    )
    assert (timed.items, timed.about["why"]) == (54, "the time is used up")
    silent = opens(Weak(lambda *_: "HTTP 401: x"))
    mute = asyncio.run(campaign.run(begun(campaign, Wanted(LEAKAGE, attempts=90)), silent))
    assert (mute.items, mute.about["why"]) == (54, "nobody answers any more")
    open_ = Weak(lambda system, said: system)
    lost = asyncio.run(campaign.run(begun(campaign, Wanted(LEAKAGE, attempts=100)), opens(open_)))
    assert (lost.items, lost.about["why"]) == (56, "nothing is left to try")


def test_others_of_the_process_and_other_experiments_are_left_alone(
    campaign: Campaign, experiments: Experiments, weak: Weak
) -> None:
    found = begun(campaign, Wanted(LEAKAGE, attempts=20))
    assert experiments.claim(found.id, "somebody")
    with pytest.raises(RequestError, match="another process"):
        asyncio.run(campaign.run(found, opens(weak)))
    assert not experiments.extend(found.id, found.items, []), "it is held"
    other = experiments.create("default", "x", {}, [])
    with pytest.raises(RequestError, match="is no red team"):
        red.read(other)


def test_what_cannot_be_begun(campaign: Campaign) -> None:
    for wanted, said in (
        (Wanted(LEAKAGE, attempts=0), "1 to 20,000"),
        (Wanted(LEAKAGE.without("leaks", "recites")), "no attack is left"),
    ):
        with pytest.raises(RequestError, match=said):
            begun(campaign, wanted)


def test_successes_become_cases_of_a_file(
    campaign: Campaign, weak: Weak, experiments: Experiments, tmp_path: Path
) -> None:
    wanted = Wanted(LEAKAGE, Planted("You sell boats."), attempts=80, seed=3)
    ended = asyncio.run(campaign.run(begun(campaign, wanted), opens(weak)))
    won = [one for one in experiments.done(ended.id) if red.progress(one) == 1]
    path = tmp_path / "found.jsonl"
    assert red.written(path, campaign.cases(won)) == red.written(path, campaign.cases(won[:1])) == len(won) > 0
    kept = cases_of(path)
    assert [one.id for one in kept] == [one.item.case_id for one in won]
    assert kept[0].messages()[0]["content"].startswith("You sell boats.")
    with pytest.raises(RequestError, match="cannot be written"):
        red.written(tmp_path / "no" / "found.jsonl", kept)
    assert msgspec.to_builtins(wanted)["planted"] == {"prompt": "You sell boats.", "own": False, "canary": ""}
