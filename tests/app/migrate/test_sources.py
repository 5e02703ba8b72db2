"""Files as they are found: whose they are, what they include, what cannot be read."""

from pathlib import Path

import pytest

from outrider.app.migrate.sources import DEEPEST, migrate, read
from outrider.base.errors import ConfigError


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("providers: {}", "takes LiteLLM's"),
        ("", "takes LiteLLM's"),
        ("[1, 2]", "takes LiteLLM's"),
        ("model_list: [", "config.yaml:1"),
        (b"\xff\xfe\xff", "UTF-8"),
        ("a: " + "[" * 5000, "config.yaml:1: it is nested more than"),
        ("a: \x07", "is it the right file"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        migrate(written(tmp_path, "config.yaml", content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--from"):
        migrate(tmp_path / "gone.yaml")


def test_included_files_are_joined(tmp_path: Path) -> None:
    model = "{model_name: NAME, litellm_params: {model: openai/gpt-4o}}"
    written(tmp_path, "more.yaml", f"model_list: [{model.replace('NAME', 'b')}]\nrouter_settings: {{num_retries: 4}}")
    path = written(
        tmp_path,
        "config.yaml",
        f"include: [more.yaml]\nmodel_list: [{model.replace('NAME', 'a')}]\nrouter_settings: {{timeout: 5}}",
    )
    assert read(path)["router_settings"] == {"num_retries": 4, "timeout": 5}
    found = migrate(path)
    assert (found.routes, found.providers, found.variables) == (2, 1, ["OPENAI_API_KEY"])
    assert "include" not in "".join(note.path for note in found.notes)


def test_files_that_include_themselves_end(tmp_path: Path) -> None:
    path = written(tmp_path, "config.yaml", "include: [config.yaml]\nmodel_list: []")
    with pytest.raises(ConfigError, match=f"more than {DEEPEST} deep"):
        migrate(path)


def test_anchors_and_merges_are_followed(tmp_path: Path) -> None:
    text = """
defaults: &d {api_key: os.environ/K, timeout: 30}
model_list:
  - model_name: a
    litellm_params: {<<: *d, model: openai/gpt-4o}
"""
    found = migrate(written(tmp_path, "config.yaml", text))
    assert found.variables == ["K"]
    assert "timeout: 30s" in found.text
