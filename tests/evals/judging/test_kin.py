"""Judges of the subject's family are refused."""

from pathlib import Path

import pytest

from outrider.base.errors import RequestError
from outrider.base.model_names import families
from outrider.evals.judging import kin
from outrider.evals.suite import Suite, parse

SUITE = """
dataset: cases.jsonl
variants: {now: openai/gpt-5, next: anthropic/claude-haiku-4-5, mine: {python: "m:f"}}
evaluators: [exact, {judge: {model: %s, rubric: It is right.%s}}]
"""


def suite(model: str, more: str = "") -> Suite:
    return parse(SUITE % (model, more), "s.yaml", Path())


def test_a_judge_of_one_family_with_a_variant_is_refused() -> None:
    with pytest.raises(
        RequestError, match=r"'judge' \(azure/gpt-4o\) and the variant 'now' are of one family \(openai\)"
    ):
        kin.check(suite("azure/gpt-4o"), families)
    kin.check(suite("google/gemini-2.5-pro"), families)
    kin.check(suite("azure/gpt-4o", ", same_family: true"), families)
    kin.check(suite("azure/gpt-4o"), None)


def test_a_route_has_the_families_of_all_its_deployments() -> None:
    routes = {"good": frozenset({"google", "anthropic"})}
    with pytest.raises(RequestError, match="'next' are of one family"):
        kin.check(suite("good"), lambda name: routes.get(name) or families(name))


def test_what_is_no_route_has_no_family() -> None:
    assert kin.of_variants(suite("x"), families)["mine"] == frozenset()
    assert [one.name for one in kin.judges(suite("x"))] == ["judge"]


def test_an_evaluator_that_may_ask_a_route_is_held_to_it_too() -> None:
    asking = SUITE.replace("{judge: {model: %s, rubric: It is right.%s}}", "{breach: {judge: azure/gpt-4o}}")
    made = parse(asking, "s.yaml", Path())
    assert [(one.name, route) for one, route in kin.asked(made)] == [("breach", "azure/gpt-4o")]
    assert kin.judges(made) == []
    with pytest.raises(RequestError, match="'breach'"):
        kin.check(made, families)
    assert kin.asked(parse(asking.replace("{breach: {judge: azure/gpt-4o}}", "breach"), "s.yaml", Path())) == []
