"""Rules in Cedar: permit, forbid, ask, shadow."""

import re
from pathlib import Path

import pytest

from outrider.base.errors import ConfigError
from outrider.policy.rules import Rules, default_text

BASE = "permit(principal, action, resource);"
CONTEXT = {"effect": "money"}


def test_an_ask_is_a_forbid_with_a_reason() -> None:
    rules = Rules(
        BASE + '@id("m") @ask("money") forbid(principal, action, resource) when { context.effect == "money" };'
    )
    ruling = rules.decide("a", "t", CONTEXT)
    assert (ruling.verdict, [r.ask for r in ruling.because], ruling.shadow) == ("ask", ["money"], "")
    assert rules.decide("a", "t", {"effect": "none"}).verdict == "allow"


def test_a_forbid_outweighs_an_ask() -> None:
    text = (
        BASE + '@id("m") @ask("x") forbid(principal, action, resource); @id("n") forbid(principal, action, resource);'
    )
    ruling = Rules(text).decide("a", "t", CONTEXT)
    assert (ruling.verdict, {r.id for r in ruling.because}) == ("deny", {"m", "n"})


def test_names_are_data() -> None:
    rules = Rules('permit(principal == Agent::"a\\"b", action, resource == Tool::"x");')
    assert rules.decide('a"b', "x", {}).verdict == "allow"
    assert rules.decide("a", "x", {}).verdict == "deny"


def test_shadow_rules_only_observe() -> None:
    rules = Rules(
        BASE + '@id("new") @shadow("trial") forbid(principal, action, resource) when { context.effect == "money" };'
    )
    ruling = rules.decide("a", "t", CONTEXT)
    assert (ruling.verdict, ruling.shadow) == ("allow", "deny")
    assert rules.decide("a", "t", {"effect": "none"}).shadow == "allow"


def test_a_rule_that_cannot_be_evaluated_permits_nothing() -> None:
    ruling = Rules(BASE + "forbid(principal, action, resource) when { context.missing > 3 };").decide("a", "t", {})
    assert ruling.verdict == "deny"
    assert "missing" in ruling.because[0].id


@pytest.mark.parametrize("text", ["permit(principal, foo);", "nonsense", "permit(principal, action, resource)"])
def test_what_is_no_cedar_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match="not valid Cedar"):
        Rules(text)


def test_a_permit_cannot_ask() -> None:
    with pytest.raises(ConfigError, match="'p' permits and asks"):
        Rules('@id("p") @ask("x") permit(principal, action, resource);')


def test_the_default_rules_are_named() -> None:
    rules = Rules(default_text()).rules
    assert len({rule.id for rule in rules}) == len(rules) > 8
    assert all(rule.ask for rule in rules if rule.forbids)


def test_nobody_is_asked_about_what_nothing_permits() -> None:
    rules = Rules(
        '@id("p") permit(principal, action, resource) when { context.may };'
        '@id("a") @ask("why") forbid(principal, action, resource);'
    )
    assert rules.decide("a", "t", {"may": True}).verdict == "ask"
    assert rules.decide("a", "t", {"may": False}).verdict == "deny"


@pytest.mark.parametrize(
    "name",
    ["O'Brien's", 'a"b', "a\\b", "a\tb\nc", "ü", "e\u0301", "\u0301", "日本", "🙂", "a\u00a0b", "\u202e", "\x1b"],
)
def test_names_in_any_spelling_are_judged(name: str) -> None:
    rules = Rules("permit(principal, action, resource);")
    assert rules.decide(name, name, {}).verdict == "allow"


def test_what_was_ruled_of_the_same_is_remembered_and_of_nothing_else() -> None:
    text = BASE + '@id("m") @ask("x") forbid(principal, action, resource) when { context.effect == "money" };'
    rules = Rules(text)
    assert rules.decide("a", "t", {"effect": "money", "turns": 1}) is rules.decide(
        "a", "t", {"effect": "money", "turns": 2}
    )
    assert rules.decide("a", "t", {"effect": "none", "turns": 1}).verdict == "allow"
    assert rules.decide("a", "t", {"turns": 1}).verdict == "deny"  # the rule cannot be evaluated


@pytest.mark.parametrize(
    "condition",
    ["context.turns > 3", "context has turns && context.turns > 3", 'context["turns"] > 3', "context.n.turns > 3",
     "{a: context}.a.turns > 3", "(if true then context else context).turns > 3"],
)  # fmt: skip
def test_rules_see_every_part_of_the_context_that_they_read(condition: str) -> None:
    rules = Rules(BASE + f"forbid(principal, action, resource) when {{ {condition} }};")
    few, many = ({"turns": n, "n": {"turns": n}} for n in (1, 9))
    assert [rules.decide("a", "t", one).verdict for one in (few, many, few)] == ["allow", "deny", "allow"]
    true, one = ({"turns": 1, "n": {"turns": 1}, "x": x} for x in (True, 1))
    assert rules.decide("a", "t", true).verdict == rules.decide("a", "t", one).verdict == "allow"


def test_truth_and_numbers_are_not_the_same() -> None:
    rules = Rules(BASE + "forbid(principal, action, resource) when { context.x == 1 };")
    assert [rules.decide("a", "t", {"x": x}).verdict for x in (True, 1, "1", True)] == [
        "allow",
        "deny",
        "allow",
        "allow",
    ]


def test_the_rule_of_the_guide_is_cedar_and_asks() -> None:
    guide = (Path(__file__).parents[2] / "docs/guides/policy.md").read_text("utf-8")
    (rule,) = re.findall(r"^```\n(@id.*?)^```", guide, re.MULTILINE | re.DOTALL)
    rules = Rules(BASE + rule)
    assert rules.decide("a", "mail__send", {"granted": False, "steering": "made-up"}).verdict == "ask"
    assert rules.decide("a", "mail__send", {"granted": False, "steering": "user"}).verdict == "allow"
    assert rules.decide("a", "mail__read", {"granted": False, "steering": "made-up"}).verdict == "allow"
