"""What of then is taken, and what stays today's."""

import msgspec
import pytest

from outrider.app.config_record import RULES, read, written
from outrider.app.config_structs import Settings
from outrider.app.config_then import Past, past
from outrider.app.settings import parse
from outrider.base.errors import ConfigError

THEN = """
embedded: {enabled: false}
providers:
  a: {base_url: "http://old/v1", api_key: "${env:OLD}", models: [m, n], headers: {x-team: "${env:OLD}"}}
  b: {base_url: "http://b/v1"}
routes:
  r: {deployments: [a/m], cache: {ttl: 1h30m}, structured: null, knowledge: {collection: docs, limit: 3}}
  s: {deployments: [a/n, b/x]}
rates: {all: {requests: 5/min}}
policy:
  identity: {issuer: me, secret: "${env:OLD}"}
  agents: {"*": {tools: [read_*]}}
  loops: {turns: 7}
tools:
  servers: {mail: {command: [old], only: [read_*]}, gone: {command: x}}
  labels: {read_mail: {trust: untrusted, steers: {to: recipient}}}
  masks: {all: {without: [delete_*]}}
guardrails: {rules: {people: {check: pii, at: [output], do: block}}}
otlp: {endpoint: "http://o", headers: {a: "${env:OLD}"}}
budgets: {old: {usd: 1, window: day}}
"""
TODAY = """
embedded: {enabled: false}
providers: {a: {base_url: "http://new/v1", api_key: "${env:NEW}", models: [m], prices: {m: {input: 1}}}}
policy: {identity: {issuer: you, secret: "${env:NEW}"}}
tools: {servers: {mail: {command: [new], only: ["*"]}}, public_url: "http://here"}
rates: {all: {requests: 9/min}}
budgets: {new: {usd: 2, window: day}}
projects: [default, two]
"""
ENV = {"NEW": "a secret that is long enough for everybody"}


LONG = "an old secret that is long enough for it"


def made(then: str = THEN, today: str = TODAY, **files: str) -> Past:
    settings = parse(then, "then", {"OLD": LONG, **ENV})
    record = read(written(settings, {RULES: "permit(principal, action, resource);", **files}))
    return past(record, parse(today, "today", ENV), ENV)


def reads(settings: Settings, *path: str) -> object:
    found: object = settings
    for name in path:
        found = found[name] if isinstance(found, dict) else getattr(found, name)
    return found


def test_what_was_decided_then_is_taken() -> None:
    found = made()
    then = parse(THEN, "then", {"OLD": LONG})
    assert found.settings.routes == {"r": then.routes["r"]}
    assert found.settings.guardrails == then.guardrails
    for field in ("agents", "loops", "roles", "proposed_calls"):
        assert getattr(found.settings.policy, field) == getattr(then.policy, field)
    assert (found.settings.tools.labels, found.settings.tools.masks) == (then.tools.labels, then.tools.masks)
    assert reads(found.settings, "tools", "servers", "mail", "only") == ("read_*",)
    assert found.rules == "permit(principal, action, resource);"


def test_addresses_credentials_and_money_are_todays() -> None:
    found, today = made().settings, parse(TODAY, "today", ENV)
    assert found.providers.keys() == {"a"}
    assert found.providers["a"].base_url == "http://new/v1"
    assert found.providers["a"].api_key == today.providers["a"].api_key
    assert found.providers["a"].prices == today.providers["a"].prices
    assert found.providers["a"].models == ("m",)
    assert reads(found, "tools", "servers", "mail", "command") == ("new",)
    assert found.policy.identity is not None
    assert (found.policy.identity.issuer, str(found.policy.identity.secret)) == ("me", "${env:NEW}")
    assert (found.budgets, found.projects, found.rates) == (today.budgets, today.projects, {})
    assert found.otlp.endpoint is None


def test_what_is_gone_is_named() -> None:
    found = made()
    assert found.gone == {
        "b/": "the provider 'b' of then is not configured today",
        "s": "the route 's' of then asks b/x, and no such provider is configured today",
    }  # fmt: skip
    assert found.notes == ("the tool server 'gone' is not configured today; its tools are not there",)
    assert made(today=TODAY.replace("[m]", "[n]")).gone["r"].endswith("which is not among the provider's models today")
    nothing = made(today="embedded: {enabled: false}\nproviders: {c: {base_url: 'http://c'}}")
    assert "the default route of then" in nothing.gone["default"]


def test_a_variable_that_is_gone_is_named_where_it_is_needed() -> None:
    routed = THEN.replace("deployments: [a/m]", 'deployments: ["${env:ROUTED}"]')
    record = read(written(parse(routed, "then", {"OLD": LONG, "ROUTED": "a/m", **ENV}), {}))
    with pytest.raises(ConfigError, match=r"routes\.r\.deployments\.0: the environment variable 'ROUTED' is not set"):
        past(record, parse(TODAY, "today", ENV), ENV)


def test_numbers_and_odd_texts_come_back_as_they_were() -> None:
    text = """
embedded: {enabled: false}
providers: {a: {base_url: "http://x", breaker: {consecutive: 3}}}
routes: {"null": {deployments: ["a/true"], hedge: {after: 250ms}}, "ü: {": {deployments: [a/1]}}
tools: {composites: {c: {description: "- x\\ty", steps: [{tool: t, arguments: {n: 0.00001, on: true, no: null}}]}}}
"""
    then = parse(text, "then", {})
    found = past(read(written(then, {})), then, {})
    assert msgspec.structs.asdict(found.settings.tools) == msgspec.structs.asdict(then.tools)
    assert found.settings.routes == then.routes


MASK = "{masks: {m: {tools: {t: {fixed: {token: %s, url: 'http://h/?x=%s', n: %s}}}}}}"


def test_secrets_among_arguments_are_todays_and_one_that_today_does_not_have_is_named() -> None:
    same = made(f"tools: {MASK % ('then', 'then', 'then')}", f"tools: {MASK % ('now', 'now', 'now')}")
    fixed = same.settings.tools.masks["m"].tools["t"].fixed
    assert fixed == {"token": "now", "url": "http://h/?x=now", "n": "then"}
    gone = made(f"tools: {MASK % ('then', 'then', 'then')}", "projects: [default]")
    assert any("tools.masks.m.tools.t.fixed.token" in note for note in gone.notes)


def test_where_things_were_may_stand_in_variables_that_are_not_set_any_more() -> None:
    tools = 'tools: {servers: {mail: {command: ["${env:OLD}"]}}}'
    then = made('providers: {a: {region: "${env:OLD}", base_url: "http://x"}}\n' + tools)
    assert then.settings.tools.servers["mail"].command == ("new",)


def test_the_record_of_a_replay_has_the_references_of_what_it_was_answered_by() -> None:
    then = """
providers: {a: {base_url: "http://old/v1"}}
routes: {both: {deployments: [a/x]}, mine: {deployments: ["a/${env:MODEL}"]}}
"""
    today = """
providers: {a: {base_url: "${env:URL}"}, more: {base_url: "${env:URL}"}}
routes: {both: {deployments: ["a/${env:MODEL}"]}, new: {deployments: [a/x, "a/${env:MODEL}"]}}
tools: {servers: {mail: {url: "${env:URL}"}}}
projects: [default, "${env:MODEL}"]
"""
    env = {"URL": "http://new/v1", "MODEL": "small"}
    found = past(read(written(parse(then, "then", env), {})), parse(today, "today", env), env).settings
    said = read(written(found, {})).settings
    assert {name: one["base_url"] for name, one in said["providers"].items()} == {"a": "${env:URL}"}
    assert {name: one["deployments"] for name, one in said["routes"].items()} == {
        "both": ["a/x"], "mine": ["a/${env:MODEL}"],
    }  # fmt: skip
    assert (said["tools"]["servers"], said["projects"]) == ({}, ["default", "${env:MODEL}"])
