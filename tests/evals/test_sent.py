"""Suites from the network: what may be in them."""

import pytest

from outrider.base.errors import RequestError
from outrider.evals import sent

PLAIN = {"dataset": "d", "variants": {"a": "route", "b": {"model": "route", "prompt": "Be kind."}}}


def test_yaml_and_fields_say_the_same() -> None:
    text = "dataset: d\nvariants: {a: route, b: {model: route, prompt: Be kind.}}\nevaluators: [exact]\n"
    assert sent.read(text) == sent.read({**PLAIN, "evaluators": ["exact"]})


@pytest.mark.parametrize(
    "bad",
    [
        {**PLAIN, "variants": {"a": {"command": ["true"]}}},
        {**PLAIN, "evaluators": [{"python": {"function": "os:getcwd"}}]},
        {**PLAIN, "evaluators": ["sql"]},
        {**PLAIN, "concurrency": 65},
        {**PLAIN, "variants": []},
        {**PLAIN, "evaluators": 7},
        {**PLAIN, "evaluators": [{"regex": "("}]},
        {**PLAIN, "evaluators": [{"regex": 7}]},
        {**PLAIN, "name": "\0"},
        {**PLAIN, "name": "x" * 201},
        {**PLAIN, "variants": {"a\n": "route"}},
        {**PLAIN, "budget": -1},
        {**PLAIN, "budget": 1e300},
        "- a list",
        "[" * 30_000,
        "x" * 60_001,
        "",
    ],
)
def test_what_cannot_be_is_refused(bad: str | dict[str, object]) -> None:
    with pytest.raises(RequestError):
        sent.read(bad)


def test_a_mistake_is_named_with_its_line() -> None:
    with pytest.raises(RequestError, match="suite:3: repeats"):
        sent.read("dataset: d\nvariants: {a: b}\nrepeats: 0\n")
