"""`rates:`, `shares:` and the limits of providers: what they mean, and what is said about mistakes."""

import pytest
import yaml

from outrider.app.config_rates import capacities, rules_of
from outrider.app.config_schema import show
from outrider.app.settings import Settings, parse
from outrider.limits.bucket import Rate
from outrider.limits.rates import RateRule
from outrider.limits.turnstile import Capacity
from tests.app.mistakes import problems

MINUTE = 60_000_000_000

GOOD = """\
projects: [default, search]
shares: {search: 3}
rates:
  per-user:
    match: {project: search, tag: [a, b]}
    per: user
    requests: 600/min
    tokens: 1.5M/min
    concurrent: 20
    burst: 10s
  nightly:
    match: {tag: nightly}
    priority: batch
providers:
  openai:
    base_url: http://127.0.0.1:1/v1
    models: [large, small]
    limits:
      concurrent: 8
      requests: 500 / min
      models: {large: {concurrent: 2, queue: 10}}
"""


def read(text: str) -> Settings:
    return parse(text, "outrider.yaml", {})


def test_rates_with_everything() -> None:
    assert rules_of(read(GOOD).rates) == [
        RateRule(
            id="per-user",
            match={"project": ("search",), "tag": ("a", "b")},
            per="user",
            requests=Rate(600, MINUTE, 100),
            tokens=Rate(1_500_000, MINUTE, 250_000),
            concurrent=20,
        ),
        RateRule(id="nightly", match={"tag": ("nightly",)}, priority="batch"),
    ]


def test_capacity_of_a_provider_and_of_one_of_its_models() -> None:
    assert capacities({name: p.limits for name, p in read(GOOD).providers.items()}) == {
        "openai": Capacity(concurrent=8, requests=Rate(500, MINUTE, 500)),
        "openai/large": Capacity(concurrent=2, queue=10),
    }


def test_a_provider_may_limit_single_models_only() -> None:
    limited = "{base_url: 'http://x/v1', limits: {models: {m: {requests: 1/s}}}}"
    text = f"providers: {{a: {limited}, b: {{base_url: 'http://x/'}}}}"
    limits = {name: p.limits for name, p in read(text).providers.items()}
    assert capacities(limits) == {"a/m": Capacity(requests=Rate(1, 1_000_000_000, 1))}


def test_what_is_shown_can_be_read_again() -> None:
    settings = read(GOOD)
    assert read(yaml.safe_dump(show(settings))) == settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rates: {a: {requests: 600}}", "rates.a.requests: expected a rate such as 600/min"),
        ("rates: {a: {requests: 0/s}}", "rates.a.requests: a rate is a whole number from 1"),
        ("rates: {a: {requests: 0.25/s}}", "rates.a.requests: a rate is a whole number from 1"),
        ("rates: {a: {tokens: 5/fortnight}}", "rates.a.tokens: expected a rate"),
        ("rates: {a: {concurrent: 0}}", "rates.a.concurrent: must be from 1 to"),
        ("rates: {a: {}}", "rates.a: it limits nothing"),
        ("rates: {a: {burst: 3s, concurrent: 2}}", "rates.a.burst: there is no rate"),
        ("rates: {a: {requests: 1/s, per: usr}}", "did you mean 'user'?"),
        ("rates: {a: {requests: 1/s, match: {project: deflt}}}", "unknown project 'deflt', did you mean 'default'?"),
        ("shares: {deflt: 2}", "shares.deflt: unknown project 'deflt', did you mean 'default'?"),
        ("rates: {'': {requests: 1/s}}", "the name of a rate limit has 1 to 64"),
        (
            "providers: {a: {base_url: 'http://x/v1', models: [big], limits: {models: {bg: {concurrent: 1}}}}}",
            "provider 'a' has no model 'bg', did you mean 'big'?",
        ),
    ],
)
def test_mistakes_are_named(text: str, said: str) -> None:
    assert any(said in line for line in problems(text))
