"""Settings from YAML and from the environment: values, defaults, and every mistake with its place."""

from pathlib import Path

import pytest

from outrider.app.settings import Settings, changed, load, parse
from outrider.base.errors import ConfigError
from tests.app.mistakes import problems

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
    assert settings.otlp.endpoint == "http://127.0.0.1:4318"
    assert settings.projects == ("default", "second")


def test_secrets_do_not_show_themselves() -> None:
    shown = repr(parse(FULL, "outrider.yaml", ENV)) + str(parse(FULL, "outrider.yaml", ENV).providers["openai"].api_key)
    assert "very-secret" not in shown
    assert "hidden" not in shown
    assert "${env:OPENAI_API_KEY}" in shown


def test_nothing_gives_the_defaults() -> None:
    assert load(None, {}) == Settings()


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
        ("projects: [a, unidentified]", 1, ["nobody claims"]),
        ("\x00", 1, ["U+0000"]),
    ],
)
def test_mistakes_are_named(text: str, line: int, parts: list[str]) -> None:
    found = problems(text)
    assert any(f.startswith(f"outrider.yaml:{line}: ") and all(p in f for p in parts) for f in found), found


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
