"""LiteLLM's configuration in our words: whole files as they are written, and any file at all."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outrider.app.migrate.litellm import matches
from outrider.app.migrate.sources import migrate
from tests.app.migrate.conftest import settings_of

FILES = sorted((Path(__file__).parent / "litellm").glob("*.yaml"))
GOLDEN = Path(__file__).parent / "written"


# -- whole files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_whole_files(path: Path) -> None:
    """What is written, to the letter. After a wanted change: write `found.text` to the file that is named."""
    found = migrate(path)
    settings_of(found)
    assert found.text == (GOLDEN / path.name).read_text("utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_no_secret_comes_over(path: Path) -> None:
    found = migrate(path)
    everything = found.text + "".join(note.path + note.text + note.who for note in found.notes)
    for secret in ("gsk_abcdefsecret", "very-secret-token", "redis-plain-text", "pk-lf-plain", "AKIAPLAIN", "eyJhbG"):
        assert secret not in everything


def test_what_is_taken_for_it() -> None:
    assert matches({"model_list": []})
    assert matches({"general_settings": {}})
    assert not matches({"providers": {}, "model_list": "x"})


# -- any file ---------------------------------------------------------------------------------------------------------

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
PLAIN = st.none() | st.booleans() | st.integers(-5, 10**7) | st.floats() | WORDS
SECRET = "sk-SECRET-of-the-file"
VALUES = PLAIN | st.sampled_from(["os.environ/SOME_KEY", "http://h:80", "https://api.example.com/v1", "30d"])
NAMES = st.sampled_from(["gpt", "claude", "m", "openai/*", "*", "two words", "ü: #", ""]) | WORDS
MODELS = st.sampled_from(
    ["gpt-4o", "openai/gpt-4o", "azure/x", "groq/llama", "groq/*", "ollama/m", "hosted_vllm/a/b", "bedrock/us-east-1/m",
     "huggingface/a/b", "replicate/x", "azure_ai/m", "*", "", "openai/"]
) | WORDS  # fmt: skip
PARAMS = st.sampled_from(
    ["api_key", "api_base", "rpm", "tpm", "weight", "order", "timeout", "stream_timeout", "max_retries", "tags",
     "temperature", "organization", "aws_region_name", "input_cost_per_token", "max_parallel_requests", "zz_unknown"]
)  # fmt: skip
INFO = st.sampled_from(["id", "mode", "max_tokens", "max_input_tokens", "supports_vision", "tags", "base_model"])
ENTRIES = st.builds(
    lambda name, params, key, more, info: {
        "model_name": name,
        "litellm_params": {"api_key": key, **more, "model": params},
        "model_info": info,
    },
    NAMES, MODELS, st.sampled_from([SECRET, "os.environ/KEY", None]),
    st.dictionaries(PARAMS, VALUES, max_size=5), st.dictionaries(INFO, VALUES, max_size=3) | PLAIN,
)  # fmt: skip
TARGETS = st.lists(st.dictionaries(NAMES, st.lists(NAMES, max_size=2) | PLAIN, max_size=2) | PLAIN, max_size=2)
ROUTER = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("routing_strategy", "num_retries", "timeout", "allowed_fails", "cooldown_time"), VALUES),
        **dict.fromkeys(("fallbacks", "context_window_fallbacks", "default_fallbacks"), TARGETS | PLAIN),
        "model_group_alias": st.dictionaries(NAMES, NAMES, max_size=2),
        "enable_tag_filtering": st.booleans(),
        "zz_router": PLAIN,
    },
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("max_budget", "budget_duration", "timezone"), VALUES),
        **dict.fromkeys(("request_timeout", "max_end_user_budget"), VALUES),
        "cache": st.booleans(),
        "cache_params": st.dictionaries(st.sampled_from(["type", "ttl", "mode", "host"]), VALUES) | PLAIN,
        "tag_budget_config": st.dictionaries(
            NAMES, st.fixed_dictionaries({"max_budget": VALUES, "budget_duration": VALUES}), max_size=2
        ),
        "zz_settings": PLAIN,
    },
)
GENERAL = st.dictionaries(
    st.sampled_from(
        ["master_key", "global_max_parallel_requests", "max_parallel_requests", "max_request_size_mb", "zz_general",
         "background_health_checks", "health_check_interval", "maximum_spend_logs_retention_period"]
    ),
    VALUES,
    max_size=4,
)  # fmt: skip
FILE = st.fixed_dictionaries(
    {"model_list": st.lists(ENTRIES | PLAIN, max_size=5)},
    optional={
        "router_settings": ROUTER, "litellm_settings": SETTINGS, "general_settings": GENERAL, "zz_top": PLAIN,
        "environment_variables": st.dictionaries(NAMES, VALUES, max_size=2),
    },
)  # fmt: skip


@settings(max_examples=2 * settings().max_examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILE)
def test_whatever_the_file_says_what_is_written_can_be_read_and_nothing_is_forgotten(content: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(yaml.safe_dump(content), "utf-8")
        found = migrate(path)
    made = settings_of(found)
    assert len(made.routes) == found.routes
    everything = found.text + "".join(note.path + note.text + note.who for note in found.notes)
    assert SECRET not in everything
    for section, key in (("router_settings", "zz_router"), ("litellm_settings", "zz_settings"), ("", "zz_top")):
        if (content.get(section, {}) if section else content).get(key) is not None:
            assert any(key in note.path for note in found.notes)
