"""Settings from YAML and from the environment: values, defaults, and every mistake with its place."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from outrider.app.settings import Settings, changed, load, parse
from outrider.base.errors import ConfigError

FULL = """\
server: {host: 127.0.0.1, port: 8721, workers: 2, max_body: 1.5MiB, drain_timeout: 1m30s, header_timeout: 500ms}
auth: on
providers:
  openai:
    preset: openai
    api_key: "${env:OPENAI_API_KEY}"
    models: [gpt-4o-mini]
    headers: {x-team: "team-${env:TEAM}"}
    prices: {my-model: {input: 0.15, output: 0.60}}
  mine: {base_url: "http://127.0.0.1:9000/v1"}
embedded: {enabled: true, threads: null, slots: 2}
routes:
  support:
    deployments: [openai/gpt-4o-mini, mine/anything, embedded/smollm2-135m]
    strategy: fallback
    try_timeout: 20s
    cache: {ttl: 1h}
journal: {durability: fsync, retention: 2w, max_size: null}
otlp: {endpoint: "http://127.0.0.1:4318", headers: {authorization: "${env:OTLP}"}}
projects: [default, second]
"""
ENV = {"OPENAI_API_KEY": "sk-very-secret", "TEAM": "blue", "OTLP": "Basic hidden"}


def problems(text: str, env: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(text, "outrider.yaml", env or {})
    return caught.value.message.splitlines()


def test_full_file_becomes_structs() -> None:
    settings = parse(FULL, "outrider.yaml", ENV)
    assert settings.server.port == 8721
    assert settings.server.max_body == 1_572_864
    assert settings.server.drain_timeout == 90.0
    assert settings.server.header_timeout == 0.5
    openai = settings.providers["openai"]
    assert openai.api_key is not None
    assert openai.api_key.reveal() == "sk-very-secret"
    assert openai.headers["x-team"].reveal() == "team-blue"
    assert openai.prices["my-model"].price().input == 150_000_000
    assert openai.prices["my-model"].price().source == "config"
    route = settings.routes["support"]
    assert route.deployments == ("openai/gpt-4o-mini", "mine/anything", "embedded/smollm2-135m")
    assert route.cache is not None
    assert route.cache.ttl == 3600.0
    assert settings.journal.retention == 14 * 86400.0
    assert settings.journal.max_size is None
    assert settings.otlp.traces_url == "http://127.0.0.1:4318/v1/traces"
    assert settings.projects == ("default", "second")


def test_secrets_do_not_show_themselves() -> None:
    shown = repr(parse(FULL, "outrider.yaml", ENV)) + str(parse(FULL, "outrider.yaml", ENV).providers["openai"].api_key)
    assert "very-secret" not in shown
    assert "hidden" not in shown
    assert "${env:OPENAI_API_KEY}" in shown


def test_nothing_gives_the_defaults() -> None:
    assert load(None, {}) == Settings()


def test_missing_variable_names_file_line_key_and_variable() -> None:
    assert problems("auth: on\nproviders:\n  openai: {base_url: 'http://x', api_key: '${env:MY_KEY}'}\n") == [
        "outrider.yaml:3: providers.openai.api_key: the environment variable 'MY_KEY' is not set; "
        "export it or change this reference"
    ]


@pytest.mark.parametrize(
    ("text", "line", "parts"),
    [
        ("server: {prt: 1}", 1, ["server.prt", "did you mean 'port'?"]),
        ("sever: {}", 1, ["sever", "did you mean 'server'?"]),
        ("server:\n  port: many", 2, ["server.port", "whole number", "'many'"]),
        ("server:\n  port: 70000", 2, ["server.port", "from 0 to 65535"]),
        ("server: 3", 1, ["server", "mapping"]),
        ("server: {drain_timeout: 30}", 1, ["'30' has no unit", "'30s'"]),
        ("server: {max_body: 5 apples}", 1, ["server.max_body", "64MB"]),
        ("server: {max_body: 5}", 1, ["server.max_body", "at least 1kB"]),
        ("auth: maybe", 1, ["auth", "on or off"]),
        ("auth: off\nserver: {host: 0.0.0.0}", 1, ["auth", "refused", "0.0.0.0"]),
        ("journal: {durability: fsnyc}", 1, ["journal.durability", "did you mean 'fsync'?"]),
        (
            "routes:\n  a: {deployments: [opnai/x]}\nproviders: {openai: {base_url: 'http://x'}}",
            2,
            ["did you mean 'openai'?"],
        ),
        ("routes:\n  a: {deployments: [embedded/smollm2-135]}", 2, ["did you mean 'smollm2-135m'?"]),
        ("routes:\n  a: {deployments: [gpt]}", 2, ["expected provider/model"]),
        ("routes:\n  a: {deployments: []}", 2, ["at least one deployment"]),
        ("routes:\n  a: {}", 2, ["'deployments' is missing"]),
        ("routes:\n  a: {deployments: [embedded/smollm2-135m], strategy: falback}", 2, ["did you mean 'fallback'?"]),
        ("routes:\n  a: {deployments: [embedded/smollm2-135m], timeout: 1s}", 2, ["try_timeout", "longer"]),
        (
            "embedded: {enabled: off}\nroutes:\n  a: {deployments: [embedded/smollm2-135m]}",
            3,
            ["embedded.enabled: true"],
        ),
        ("providers: {x: {}}", 1, ["providers.x", "base_url is missing"]),
        ("providers: {x: {preset: opanai, base_url: 'http://x'}}", 1, ["unknown preset 'opanai'"]),
        ("providers: {x: {base_url: 'ftp://x'}}", 1, ["http://"]),
        ("providers: {x: {base_url: 'http://u:pw@x'}}", 1, ["password"]),
        ("providers: {embedded: {base_url: 'http://x'}}", 1, ["belongs to the embedded models"]),
        ("providers: {x: {base_url: 'http://x', headers: {'a b': c}}}", 1, ["header name"]),
        ("providers: {x: {base_url: 'http://x', headers: {a: \"b\\nc\"}}}", 1, ["one line"]),
        ("providers: {x: {base_url: 'http://x', prices: {m: {input: -1}}}}", 1, ["dollars"]),
        ("auth: on\nauth: on", 2, ["twice", "line 1"]),
        ("? [a]\n: b", 1, ["plain text"]),
        ("a: &x {b: 1}\n<<: *x", 2, ["merges"]),
        ("[1, 2]", 1, ["mapping"]),
        ("a: [", 1, ["outrider.yaml:"]),
        ("a: b\n---\nc: d", 2, ["single document"]),
        ("projects: []", 1, ["at least one project"]),
        ("\x00", 1, ["U+0000"]),
    ],
)
def test_mistakes_are_named(text: str, line: int, parts: list[str]) -> None:
    found = problems(text)
    assert any(f.startswith(f"outrider.yaml:{line}: ") and all(p in f for p in parts) for f in found), found


def test_all_mistakes_at_once_in_order() -> None:
    found = problems("server: {prt: 1}\nauth: perhaps\njournal: {retention: soon}\nroutes: {a: {deployments: [x/y]}}")
    assert [f.split(":")[1] for f in found] == ["1", "2", "3", "4"]


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


def test_a_resolved_secret_is_not_repeated_in_an_error() -> None:
    (found,) = problems("server: {port: '${env:PORT_SECRET}'}", {"PORT_SECRET": "hunter2"})
    assert "hunter2" not in found


def test_providers_come_from_the_environment_unless_the_file_names_them() -> None:
    env = {"OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    for settings in (load(None, env), parse("auth: on", "outrider.yaml", env)):
        openai = settings.providers["openai"]
        assert openai.base_url == "http://127.0.0.1:9/v1"
        assert openai.api_key is not None
        assert openai.api_key.reveal() == "sk-x"
    assert parse("providers: {}", "outrider.yaml", env).providers == {}


def test_a_url_alone_is_a_provider_too() -> None:
    providers = load(None, {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}).providers
    assert list(providers) == ["openai"]
    assert providers["openai"].api_key is None


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("127.0.0.1:11500", "http://127.0.0.1:11500/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("http://10.0.0.2:11434", "http://10.0.0.2:11434/v1"),
        ("https://host/api/v1/", "https://host/api/v1"),
    ],
)
def test_ollama_host_in_all_its_spellings(given: str, url: str) -> None:
    assert load(None, {"OLLAMA_HOST": given}).providers["ollama"].base_url == url


def test_otlp_comes_from_the_environment() -> None:
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b, x = y"}
    otlp = load(None, env).otlp
    assert otlp.traces_url == "http://c:4318/v1/traces"
    assert {k: v.reveal() for k, v in otlp.headers.items()} == {"api-key": "a b", "x": "y"}
    assert "a b" not in repr(otlp)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="outrider init"):
        load(tmp_path / "no.yaml", {})
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(b"auth: \xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        load(bad, {})
    with pytest.raises(ConfigError, match="directory"):
        load(tmp_path, {})


def test_changed_sees_a_new_content(tmp_path: Path) -> None:
    path = tmp_path / "outrider.yaml"
    assert changed(path, None) is None
    path.write_text("auth: on")
    first = changed(path, None)
    assert changed(path, first) == first
    path.write_text("auth: on # and more")
    second = changed(path, first)
    assert second != first
    path.unlink()
    assert changed(path, second) == second


def loads_or_refuses(text: str) -> None:
    try:
        settings = parse(text, "outrider.yaml", {"A": "1"})
    except ConfigError as error:
        said = error.message
    else:
        said = "outrider.yaml:" if isinstance(settings, Settings) else ""
    assert said.startswith("outrider.yaml:")


@given(st.text(max_size=200))
def test_any_text_gives_settings_or_a_config_error(text: str) -> None:
    loads_or_refuses(text)


KEYS = st.sampled_from(
    ["server", "auth", "providers", "routes", "journal", "otlp", "projects", "embedded", "port", "host", "deployments"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["${env:A}", "${env:B}", "30s"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS | st.text(max_size=4), VALUES, max_size=5))
def test_any_tree_gives_settings_or_a_config_error(tree: dict[str, object]) -> None:
    loads_or_refuses(yaml.safe_dump(tree))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5000,
        "{a: " * 5000,
        "a: &a [*a]",
        "server: &s {port: *s}",
        "port: " + "9" * 10_000,
        "!!python/object:os.x {}",
        "a" * 1_000_001,
    ],
)
def test_hostile_yaml_is_refused(text: str) -> None:
    loads_or_refuses(text)
    with pytest.raises(ConfigError):
        parse(text, "outrider.yaml", {})
