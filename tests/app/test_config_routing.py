"""Options of routing in outrider.yaml: read, checked, and made into what routing and breakers go by."""

import pytest

from outrider.app.settings import parse
from outrider.base.ports import BreakerRules, Facts
from tests.app.mistakes import problems

FILE = """\
providers:
  mine:
    base_url: http://127.0.0.1:8000/v1
    models: [a, b, c]
    breaker: {{errors: 20%, least: 4, consecutive: 3, slow: 5s, cooldown: 2s, longest: 1m, probes: 1, window: 10s}}
    facts:
      a: {{context: 128k, max_output: 4000, sees: [image], tools: on, json_schema: off, tags: [eu, fast]}}
    check: {{every: 20s, ask: completion}}
routes:
  r: {{deployments: [mine/a, mine/b], {options}}}
"""


def test_rules_of_a_breaker() -> None:
    rules = parse(FILE.format(options=""), "outrider.yaml", {}).providers["mine"].breaker.rules()
    assert rules == BreakerRules(
        errors=0.2, least=4, consecutive=3, window=10, slow=5, cooldown=2, longest=60, probes=1
    )


def test_the_defaults_are_those_of_the_breaker_itself() -> None:
    file = "providers: {mine: {base_url: http://127.0.0.1:8000/v1}}"
    assert parse(file, "outrider.yaml", {}).providers["mine"].breaker.rules() == BreakerRules()


def test_facts_of_a_model() -> None:
    facts = parse(FILE.format(options=""), "outrider.yaml", {}).providers["mine"].facts["a"].facts()
    assert facts == Facts(128_000, 4_000, frozenset({"image"}), True, False, frozenset({"eu", "fast"}))


def test_options_of_a_route() -> None:
    options = "strategy: balance, weights: {mine/a: 3}, sticky: session"
    route = parse(FILE.format(options=options), "outrider.yaml", {}).routes["r"]
    assert (route.weights, route.sticky) == ({"mine/a": 3}, "session")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("weights: {mine/c: 3}", "'mine/c' is not among the route's deployments"),
        ("strategy: balance, weights: {mine/a: 0, mine/b: 0}", "at least one deployment needs a weight above 0"),
        ("strategy: by_size, up_to: {mine/z: 3k}", "'mine/z' is not among the route's deployments"),
        ("strategy: by_size, up_to: {mine/a: some}", "expected a number"),
        ("up_to: {mine/a: 3k}", "is read by strategy 'by_size' alone"),
        ("sticky: session", "these do: balance, least_busy, least_latency"),
        ("strategy: nothing, sticky: session", "unknown strategy"),
    ],
)
def test_mistakes_are_named(options: str, words: str) -> None:
    (found,) = problems(FILE.format(options=options), {})
    assert words in found


def test_facts_are_about_models_that_are_there() -> None:
    text = FILE.format(options="").replace("      a: {context", "      d: {context")
    (found,) = problems(text, {})
    assert "provider 'mine' has no model 'd'" in found


@pytest.mark.parametrize(
    ("strategy", "message"), [("magic", "unknown strategy 'magic'"), ("agentic", "'agentic' asks a model, and only")]
)
def test_a_route_finds_by_what_needs_no_model(strategy: str, message: str) -> None:
    use = f"knowledge: {{collection: docs, strategy: {strategy}}}"
    text = f"knowledge: {{collections: {{docs: {{}}}}}}\nroutes: {{r: {{deployments: [embedded/smollm2-135m], {use}}}}}"
    (found,) = problems(text, {})
    assert f"routes.r.knowledge.strategy: {message}" in found
