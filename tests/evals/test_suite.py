"""Suites: what is written is what is run, and mistakes are named with their line."""

from pathlib import Path

import pytest

from outrider.base.errors import ConfigError
from outrider.evals.suite import load, parse

GOOD = """
dataset: cases.jsonl
variants:
  now: support
  next:
    model: support
    set: {temperature: 0}
    prompt_file: prompt.txt
baseline: now
repeats: 3
budget: $2.50
evaluators:
  - exact
  - contains: {any: true, texts: [a, b]}
    name: either
gates:
  - exact >= now - 0.02
  - "next: either >= 0.9"
"""


def test_a_suite_is_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "prompt.txt").write_text("Be brief.")
    (tmp_path / "weekly.yaml").write_text(GOOD)
    suite = load(tmp_path / "weekly.yaml")
    assert (suite.name, suite.baseline, suite.repeats, suite.budget) == ("weekly", "now", 3, 2_500_000_000)
    assert [(one.name, one.model, one.prompt) for one in suite.variants] == [
        ("now", "support", ""), ("next", "support", "Be brief."),
    ]  # fmt: skip
    assert [(one.name, one.kind) for one in suite.evaluators] == [("exact", "exact"), ("either", "contains")]
    assert [(one.score, one.other, one.bound, one.variant) for one in suite.gates] == [
        ("exact", "now", -0.02, ""), ("either", "", 0.9, "next"),
    ]  # fmt: skip
    assert suite.variants[0].digest() != suite.variants[1].digest()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("variants: {now: m}", r"s\.yaml:1: the suite: Object missing required field `dataset`"),
        ("dataset: d\nvariants: {}", r"s\.yaml:2: variants: there is none"),
        ("dataset: d\nvariants:\n  now: {modell: m}", r"s\.yaml:3: variants\.now\.modell: a variant has: model"),
        ("dataset: d\nvariants:\n  now: {model: m, python: a:b}", r"s\.yaml:3: variants\.now: exactly one"),
        ("dataset: d\nvariants: {now: m}\nbaseline: then", r"s\.yaml:3: baseline: 'then' is none of the variants: now"),
        ("dataset: d\nvariants: {now: m}\nevaluators: [exakt]", r"s\.yaml:3: evaluators\[0\]: there is no 'exakt'"),
        ("dataset: d\nvariants: {now: m}\nevaluators:\n  - exact\n  - exact: {ignor: []}", r"s\.yaml:5: .*ignor"),
        ("dataset: d\nvariants: {now: m}\nevaluators: [exact, exact]", r"two of them have the same name"),
        ("dataset: d\nvariants: {now: m}\nrepeats: 0", r"s\.yaml:3: repeats: at least 1"),
        ("dataset: d\nvariants: {now: m}\nrepeats: many", r"s\.yaml:3: repeats: Expected `int`"),
        ("dataset: d\nvariants: {now: m}\nbudget: lots", r"s\.yaml:3: budget: 'lots' is no amount"),
        (
            "dataset: d\nvariants: {now: m}\nevaluators: [exact]\ngates: [exact > 1]",
            r"s\.yaml:4: gates\[0\]: .* is no gate",
        ),
        ("dataset: d\nvariants: {now: m}\ngates: ['speed >= 1']", r"no evaluator is called 'speed'"),
        ("dataset: [", r"s\.yaml: not YAML"),
        ("dataset: d\nvariants: " + "[" * 20_000, r"s\.yaml: not YAML: it is nested .* line 2"),
        ("dataset: 2026-02-31", r"s\.yaml: not YAML: day is out of range"),
        ("- a", r"s\.yaml:1: the suite: Expected `object`"),
    ],
)
def test_mistakes_are_named(wrong: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse(wrong, "s.yaml", Path())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.yaml: cannot be read"):
        load(tmp_path / "gone.yaml")
