"""Rules over several keys: what is refused is said once, where it stands, without its secret."""

import pytest

from outrider.app.config_check import check_host, deployments, is_loopback
from outrider.app.settings import parse
from outrider.base import plugins
from outrider.base.errors import ConfigError
from tests.app.mistakes import problems


def test_a_wrong_provider_is_reported_once_and_not_again_where_it_is_used() -> None:
    found = problems("providers: {mine: {base_url: 3, modls: [a]}}\nroutes: {a: {deployments: [mine/a]}}")
    assert all(f.startswith("outrider.yaml:1: providers.mine") for f in found), found


@pytest.mark.parametrize("key", ["sk-abc123", "plain"])
def test_a_literal_secret_is_refused_and_not_repeated(key: str) -> None:
    for text in (
        f"providers: {{x: {{base_url: 'http://x', api_key: {key}}}}}",
        f"providers: {{x: {{base_url: 'http://x', headers: {{Authorization: {key}}}}}}}",
        f"otlp: {{headers: {{x-api-key: {key}}}}}",
    ):
        (found,) = problems(text)
        assert "${env:NAME}" in found
        assert key not in found


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('policy: {rules: "a\\0.cedar"}', "policy.rules"),
        ('policy: {identity: {issuer: you, keys: "k\\0.json"}}', "policy.identity.keys"),
    ],
)
def test_a_file_whose_name_no_file_can_have_is_refused(text: str, where: str) -> None:
    (found,) = problems(text)
    assert found.startswith(f"outrider.yaml:1: {where}: a NUL character cannot be in it"), found


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("::", False),
        ("localhost.evil.example", False),
        ("", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) == loopback


def test_a_host_given_as_an_option_is_held_to_the_same_rule() -> None:
    check_host(parse("auth: off", "outrider.yaml", {}))
    settings = parse("auth: off\nserver: {host: 127.0.0.2}", "outrider.yaml", {})
    check_host(settings)
    with pytest.raises(ConfigError, match="refused"):
        check_host(type(settings)(auth=False, server=type(settings.server)(host="0.0.0.0")))


def test_named_deployments() -> None:
    text = "providers: {a: {base_url: 'http://x', models: [m, n]}}\nembedded: {enabled: off}"
    assert deployments(parse(text, "outrider.yaml", {})) == ["a/m", "a/n"]


@pytest.mark.parametrize("strategy", plugins.names("outrider.routing"))
def test_every_strategy_that_exists_can_be_named(strategy: str) -> None:
    text = f"routes: {{r: {{deployments: [embedded/smollm2-135m], strategy: {strategy}}}}}"
    assert parse(text, "outrider.yaml", {}).routes["r"].strategy == strategy
