"""The JSON Schema describes what the loader takes; shown settings load again."""

import jsonschema_rs
import pytest
import yaml

from outrider.app.config_schema import schema, show
from outrider.app.settings import parse
from outrider.base.errors import ConfigError

GOOD = """\
server: {max_body: 1MiB, drain_timeout: 1m30s}
auth: "on"
providers: {a: {base_url: "http://x", prices: {m: {input: 0.15, cached: 0.01}}, headers: {x-a: b}}}
routes: {r: {deployments: [a/m], cache: {ttl: 90s}, strategy: balance}}
journal: {retention: null, max_size: 20GB}
"""


def test_the_schema_is_a_schema_and_takes_what_the_loader_takes() -> None:
    jsonschema_rs.meta.validate(schema())
    jsonschema_rs.validate(schema(), yaml.safe_load(GOOD))
    parse(GOOD, "outrider.yaml", {})


@pytest.mark.parametrize(
    "text",
    [
        "server: {prt: 1}",
        "server: {port: 70000}",
        "journal: {durability: soon}",
        "journal: {retention: 30}",
        "routes: {a: {}}",
        "routes: {a: {deployments: [a/b], strategy: none}}",
        "providers: {a: {preset: none}}",
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(text: str) -> None:
    assert not jsonschema_rs.is_valid(schema(), yaml.safe_load(text))
    with pytest.raises(ConfigError):
        parse(text, "outrider.yaml", {})


def test_shown_settings_are_a_file_with_the_same_meaning() -> None:
    env = {"OPENAI_API_KEY": "sk-secret"}
    settings = parse(GOOD, "outrider.yaml", env)
    text = yaml.safe_dump(show(settings))
    assert parse(text, "shown.yaml", env) == settings
    jsonschema_rs.validate(schema(), yaml.safe_load(text))


def test_shown_settings_have_references_and_no_secrets() -> None:
    env = {"OPENAI_API_KEY": "sk-secret"}
    shown = show(parse("", "outrider.yaml", env))
    assert shown["providers"]["openai"]["api_key"] == "${env:OPENAI_API_KEY}"
    assert "sk-secret" not in str(shown)
