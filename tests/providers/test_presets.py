from importlib import resources
from urllib.parse import urlsplit

import pytest

from outrider.providers.presets import preset, presets, price_list


@pytest.mark.parametrize("name", presets())
def test_every_preset_can_be_reached_and_is_explained(name: str) -> None:
    known = presets()[name]
    url = urlsplit(known.base_url)
    assert known.base_url or known.base_url_env or not known.env
    assert not known.base_url.endswith("/")
    assert url.scheme == ("http" if url.hostname == "127.0.0.1" else "https" if url.hostname else "")
    assert all(path.startswith("/") for path in known.paths.values())
    assert set(known.paths) <= {"chat", "continue", "embeddings", "models", "rerank", "stream"}
    assert known.doc or name == "scripted"


def test_no_two_presets_answer_to_the_same_variable() -> None:
    variables = [v for p in presets().values() for v in (p.env, p.base_url_env) if v]
    assert len(variables) == len(set(variables))


def test_azure_has_both_forms_as_data() -> None:
    newer, older = preset("azure"), preset("azure-deployments")
    assert newer is not None
    assert newer.paths["chat"] == "/openai/v1/chat/completions"
    assert older is not None
    assert older.paths["chat"].startswith("/openai/deployments/{model}/chat/completions?api-version=")
    assert newer.auth == older.auth == "entra"


def test_price_list_names() -> None:
    assert price_list("openai") == "openai"
    assert price_list("xai") == "x-ai"
    assert price_list("ollama") == ""
    assert price_list("somebody-else") == "somebody-else"


def test_every_line_of_the_head_names_a_field() -> None:
    text = (resources.files("outrider.providers") / "presets.yaml").read_text()
    fields = type(presets()["openai"]).__struct_fields__
    assert [field for field in fields if f"#   {field} " not in text] == []
