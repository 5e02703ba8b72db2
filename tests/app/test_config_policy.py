"""The sections `policy` and `tools`."""

from pathlib import Path

import pytest

from outrider.app.config_policy import verifier
from outrider.app.settings import parse
from outrider.base.errors import ConfigError


def test_nothing_is_withheld_and_the_worst_is_thought_unless_it_is_said() -> None:
    settings = parse("embedded: {enabled: off}", "t", {})
    assert (settings.policy.proposed_calls, settings.policy.rules, settings.tools.labels) == ("shadow", None, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("policy: {proposed_calls: sometimes}", "proposed_calls"),
        ("policy: {rulez: x}", "rulez"),
        ("tools: {labels: {send: {does: harm}}}", "does"),
        ("tools: {labels: {send: {steers: {to: friend}}}}", "steers"),
    ],
)
def test_mistakes_are_named(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse(text, "t", {})


def test_who_may_what_in_plain_words() -> None:
    policy = parse(
        "policy: {roles: {clerk: 'mail__*'}, users: {ada: {roles: clerk, tools: [web__get]}},"
        " agents: {'*': {tools: '*'}}}",
        "t",
        {},
    ).policy
    roster = policy.roster()
    assert roster.allows("user", "ada", "mail__send")
    assert roster.allows("user", "ada", "web__get")
    assert not roster.allows("user", "bob", "mail__send")
    assert roster.allows("agent", "any", "mail__send")
    assert not roster.claims


def test_limits_that_are_said_are_not_learned() -> None:
    limits, fixed = parse("policy: {loops: {turns: 7, usd: 2.5, time: 2h, cycle: 0}}", "t", {}).policy.loops.limits()
    assert (limits.turns, limits.spend, limits.seconds, limits.cycle) == (7, 2_500_000_000, 7200, 0)
    assert fixed == {"turns", "spend", "seconds"}
    assert parse("policy: {loops: {learn: off}}", "t", {}).policy.loops.limits()[1] is None


def test_an_identity_provider_without_keys_is_refused(tmp_path: Path) -> None:
    identity = parse("policy: {identity: {issuer: me}}", "t", {}).policy.identity
    assert identity is not None
    with pytest.raises(ConfigError, match=r"policy\.identity"):
        verifier(identity, tmp_path)


def test_a_model_that_reads_users_words_has_to_be_there_and_find_nothing() -> None:
    base = "embedded: {enabled: off}\nproviders: {p: {base_url: 'http://127.0.0.1:9/v1', models: [m]}}\n"
    for model in ("p/m", "plain"):
        grants = f"policy: {{grants: {{model: {model}, apply: auto, lasts: 5m}}}}"
        text = f"{base}routes: {{plain: {{deployments: [p/m]}}}}\n{grants}"
        found = parse(text, "outrider.yaml").policy.grants.terms()
        assert (found.model, found.apply, found.lasts, found.patience) == (model, "auto", 300.0, 30.0)
    assert parse(base, "outrider.yaml").policy.grants.terms().model == "", "nobody is asked unless it is wanted"
    with pytest.raises(ConfigError, match=r"policy\.grants\.model: unknown route 'plan', did you mean 'plain'"):
        parse(f"{base}routes: {{plain: {{deployments: [p/m]}}}}\npolicy: {{grants: {{model: plan}}}}", "outrider.yaml")
    grounded = "routes: {lore: {deployments: [p/m], knowledge: {collection: c}}}\nknowledge: {collections: {c: {}}}\n"
    with pytest.raises(ConfigError, match=r"policy\.grants\.model: the route 'lore' answers with documents"):
        parse(f"{base}{grounded}policy: {{grants: {{model: lore}}}}", "outrider.yaml")
