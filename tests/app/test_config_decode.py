"""From text to structs: anything gives settings or a list of mistakes, never another exception."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from outrider.app.settings import Settings, parse
from outrider.base.errors import ConfigError
from tests.app.mistakes import problems


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
        "[" * 2000,
        "{a: " * 2000,
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


def test_missing_variable_names_file_line_key_and_variable() -> None:
    assert problems("auth: on\nproviders:\n  openai: {base_url: 'http://x', api_key: '${env:MY_KEY}'}\n") == [
        "outrider.yaml:3: providers.openai.api_key: the environment variable 'MY_KEY' is not set; "
        "export it or change this reference"
    ]


def test_all_mistakes_at_once_in_order() -> None:
    found = problems("server: {prt: 1}\nauth: perhaps\njournal: {retention: soon}\nroutes: {a: {deployments: [x/y]}}")
    assert [f.split(":")[1] for f in found] == ["1", "2", "3", "4"]


def test_a_resolved_secret_is_not_repeated_in_an_error() -> None:
    (found,) = problems("server: {port: '${env:PORT_SECRET}'}", {"PORT_SECRET": "hunter2"})
    assert "hunter2" not in found


def test_json_may_write_a_character_as_two_escapes_and_half_of_one_is_refused_with_its_line() -> None:
    written = json.dumps({"tools": {"labels": {"pay": {"verb": "pay \U0001f600"}}}})
    assert "\\ud83d\\ude00" in written
    assert parse(written, "o.json", {}).tools.labels["pay"].verb == "pay \U0001f600"
    with pytest.raises(ConfigError, match=r"o\.yaml:2: .*half of a character"):
        parse('tools:\n  labels: {pay: {verb: "\\ud83d"}}', "o.yaml", {})
