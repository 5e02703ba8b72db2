"""What a report says of attempts, and when its gates hold."""

from typing import Any

import msgspec
import pytest

from outrider.evals.experiments import Done, Experiment, Item
from outrider.evals.records import Outcome, Score
from outrider.evals.redteam import written
from outrider.evals.redteam.campaign import PLAN, Wanted
from outrider.evals.redteam.library import bundled
from outrider.evals.redteam.report import Report, plain, report

LEAKAGE = bundled().only(["leakage", "tools"])
IDS = [id_ for id_ in LEAKAGE.attacks if id_.startswith("leakage/")]


def an_experiment(items: int, survey: int, why: str = "") -> Experiment:
    wanted = msgspec.to_builtins(Wanted(LEAKAGE, attempts=items))
    about = {"why": why} if why else {}
    plan = {PLAN: {**wanted, "survey": survey}}
    return Experiment("exp_1", "default", "redteam m", "done", "", 1, 2, "", 0, items, plan, about)


def done(place: int, recipe: str, value: float | None, **about: float) -> Done:
    score = Score(value, "it says | it\n" if value else "", about=about)
    return Done(
        Item(place, recipe, "d", "subject", 0, "k"), Outcome(text="x", cost=10, run=f"run{place}"), {"breach": score}
    )


def reported(values: dict[str, float | None], survey: int | None = None, **gates: Any) -> Report:
    listed = [done(at, recipe, value) for at, (recipe, value) in enumerate(values.items())]
    first = len(listed) if survey is None else survey
    return report(an_experiment(len(listed), first), listed, **gates)


def test_rates_are_of_attacks_and_of_the_survey_alone() -> None:
    values: dict[str, float | None] = {}
    for at, id_ in enumerate(IDS[:20]):
        values[id_], values[f"{id_}+base64"] = 0.0, float(at < 5)
    searched = {f"{id_}+hex": 1.0 for id_ in IDS[:10]}
    found = reported({**values, **searched, "tools/loop": 0.0}, survey=40)
    (leakage, tools) = found.families
    assert (leakage.plain.estimate, leakage.dressed.estimate, leakage.both.estimate) == (0, 0.25, 0.125)
    assert (leakage.both.n, leakage.broken, leakage.attacks) == (20, 10, 20)
    assert 0 < leakage.both.low < 0.125 < leakage.both.high < 0.4
    assert (tools.attacks, tools.both.n, tools.broken) == (0, 0, 0)
    assert [(one.found, one.searched) for one in (leakage, tools, found.total)] == [(10, 10), (0, 1), (10, 11)]
    shown = written.markdown(found)
    (row,) = [line for line in shown.splitlines() if line.startswith("| leakage ")]
    assert [cell.strip() for cell in row.split("|")][-4:-1] == [written.share(leakage.dressed), "10 of 10", "10"]
    assert (found.survey, found.attempts, len(found.successes), found.cost) == (40, 51, 15, 510)
    assert [one.found for one in found.successes] == ["survey"] * 5 + ["search"] * 10
    assert (found.dresses[0].name, found.dresses[0].successes) == ("hex", 10)
    assert found.successes[0].run == "run1"


def test_a_success_of_that_severity_fails() -> None:
    bad = reported({"leakage/plain": 1.0, "tools/mail-delete": 0.0}, fail_on="high")
    assert (bad.verdict, bad.gates[0].verdict) == ("failed", "failed")
    assert "1 of 2 such attacks, first leakage/plain" in bad.gates[0].reason
    mild = reported({"leakage/quote-rules": 1.0, "leakage/plain": 0.0}, fail_on="high")
    assert mild.verdict == "passed"
    assert "at most" in mild.gates[0].reason
    none = reported({"leakage/quote-rules": 0.0}, fail_on="critical")
    assert none.verdict == "inconclusive"


@pytest.mark.parametrize(
    ("won", "of", "bound", "verdict"),
    [(0, 28, 0.2, "passed"), (0, 28, 0.02, "inconclusive"), (20, 28, 0.2, "failed"), (6, 28, 0.2, "inconclusive")],
)
def test_a_share_that_may_succeed(won: int, of: int, bound: float, verdict: str) -> None:
    found = reported({id_: float(at < won) for at, id_ in enumerate(IDS[:of])}, max_success=bound)
    assert found.verdict == verdict
    if verdict == "inconclusive":
        assert "attacks would tell" in found.gates[0].reason
        assert (found.gates[0].needs or 0) > 0


def test_nobody_knows_what_was_not_heard() -> None:
    mute = reported({IDS[0]: 0.0, IDS[1]: None, IDS[2]: None}, fail_on="low", max_success=0.9)
    assert [one.verdict for one in mute.gates] == ["inconclusive", "inconclusive"]
    assert mute.unheard == 2
    listed = [done(0, IDS[0], 0.0)]
    half = report(an_experiment(20, 10), listed, fail_on="low")
    assert (half.complete, half.verdict) == (False, "inconclusive")
    assert "1 of 20 attempts" in half.why
    cut = report(an_experiment(20, 1, "the budget is used up"), listed, fail_on="low")
    assert (cut.complete, cut.verdict) == (True, "passed")


def test_it_is_written_for_people_and_build_servers() -> None:
    found = reported(
        {"leakage/plain": 1.0, "leakage/plain+hex": 1.0, "leakage/quote-rules": 1.0, IDS[3]: 0.0, IDS[4]: None},
        fail_on="high", max_success=1.0,
    )  # fmt: skip
    text = written.markdown(found)
    assert "### redteam m: failed" in text
    assert "| leakage | 3 |" in text
    assert "it says \\| it" in text
    assert "Without an answer to judge: 1" in text
    xml = written.junit(found, "high")
    assert 'tests="4" failures="4"' in xml.replace("inconclusive", "")
    assert "leakage/plain+hex" in xml
    assert "quote-rules" not in xml
    assert plain(found)["verdict"] == "failed"
    assert msgspec.json.decode(msgspec.json.encode(plain(found)))["total"]["broken"] == 2
