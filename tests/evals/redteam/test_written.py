"""Reports in Markdown and JUnit hold whatever models say."""

import xml.etree.ElementTree as ET

from outrider.calibrate.intervals import share as wilson
from outrider.evals.redteam import written
from tests.evals.redteam.test_report import reported


def test_what_models_say_breaks_no_report() -> None:
    found = reported({"leakage/plain": 1.0, "leakage/url": 1.0}, fail_on="low")
    found.successes[0].reason = "a\x00b\x1b[31m <b>&\ud800 | `x`\n| new"
    tree = ET.fromstring(written.junit(found, "low").encode("utf-8"))
    assert (tree.get("tests"), tree.get("failures")) == ("3", "3")
    text = written.markdown(found)
    assert "\x1b" not in text
    assert text.encode("utf-8")
    assert "\n| new" not in text


def test_the_worst_comes_first_and_each_attack_before_its_dresses() -> None:
    found = reported({"leakage/quote-rules": 1.0, "leakage/plain+hex": 1.0, "leakage/plain": 1.0, "leakage/url": 1.0})
    assert [one.case for one in written.worst(found)] == [
        "leakage/url", "leakage/plain+hex", "leakage/quote-rules", "leakage/plain",
    ]  # fmt: skip


def test_many_successes_are_cut() -> None:
    found = reported({f"leakage/plain+hex~{at}": 1.0 for at in range(70)})
    assert "… and 10 more" in written.markdown(found)


def test_shares() -> None:
    assert written.share(wilson(1, 10)) == "10 % [0.304, 43.2]"
    assert written.share(wilson(0, 0)) == "-"
