"""The day of a move: the old file is read, the client keeps its base URL and its headers, and calls are answered."""

from pathlib import Path

import openai
import pytest
from openai import OpenAI

from outrider.app.migrate.sources import migrate
from outrider.base import ids
from outrider.journal import read
from outrider.journal.events import RunRecorded
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

CONFIG = """
model_list:
  - model_name: gpt-4o
    litellm_params: {model: openai/gpt-4o, api_base: "http://127.0.0.1:9/v1", api_key: fake-key, order: 1}
  - model_name: gpt-4o
    litellm_params: {model: openai/scripted-chat, api_base: URL, api_key: none, order: 2}
  - model_name: cheap
    litellm_params: {model: openai/scripted-chat, api_base: URL, api_key: none}
    model_info: {input_cost_per_token: 0.0000025, output_cost_per_token: 0.00001}
router_settings: {model_group_alias: {gpt-4: gpt-4o}, num_retries: 0}
litellm_settings:
  cache: true
  tag_budget_config: {poor: {max_budget: 0.000000001, budget_duration: 1d}}
"""


def run_of(outrider: Running, run_id: str) -> RunRecorded:
    found = read.get_run(outrider.store(), ids.parse(run_id))
    assert found is not None
    found.steps = read.list_steps(outrider.store(), found.id)
    return found


def test_a_client_of_litellm_goes_on(tmp_path: Path) -> None:
    with scripted_thread(ScriptedProvider()) as url:
        old = tmp_path / "config.yaml"
        old.write_text(CONFIG.replace("URL", url))
        with running(migrate(old).text, tmp_path / "home") as outrider:
            with OpenAI(base_url=outrider.url, api_key=outrider.key, max_retries=0, timeout=20) as client:
                _calls(outrider, client)
            _with_their_key_header(outrider)


def _calls(outrider: Running, client: OpenAI) -> None:
    hello = [{"role": "user", "content": "hello"}]
    theirs = {
        "x-litellm-tags": "a,b",
        "x-litellm-customer-id": "ada",
        "x-litellm-session-id": "s1",
        "x-litellm-spend-logs-metadata": '{"feature": "search"}',
        "x-litellm-timeout": "15",
    }
    raw = client.chat.completions.with_raw_response.create(model="gpt-4", messages=hello, extra_headers=theirs)  # type: ignore[call-overload]
    run = run_of(outrider, raw.headers["x-request-id"])
    assert (run.route, run.user, run.session, run.tags) == ("gpt-4", "ada", "s1", ["a", "b", "feature:search"])
    assert [step.status for step in run.steps if step.kind == "model"] == ["error", "ok"]
    paid = client.chat.completions.with_raw_response.create(model="cheap", messages=hello)  # type: ignore[call-overload]
    again = client.chat.completions.with_raw_response.create(model="cheap", messages=hello)  # type: ignore[call-overload]
    assert [paid.headers["x-outrider-cache"], again.headers["x-outrider-cache"]] == ["miss", "hit"]
    assert run_of(outrider, paid.headers["x-request-id"]).cost > 0
    poor = client.with_options(default_headers={"x-litellm-tags": "poor"})
    with pytest.raises(openai.RateLimitError, match="tag-poor"):
        poor.chat.completions.create(model="cheap", messages=[{"role": "user", "content": "more"}])


def _with_their_key_header(outrider: Running) -> None:
    """Portkey's and Helicone's clients send their key in a header of their own, and the provider's as usual."""
    for name, value in (("x-portkey-api-key", outrider.key), ("helicone-auth", f"Bearer {outrider.key}")):
        headers = {name: value, "x-portkey-metadata": '{"_user": "bob"}'}
        with OpenAI(base_url=f"{outrider.url}/v1", api_key="sk-proj-x", default_headers=headers, timeout=20) as client:
            assert "cheap" in [model.id for model in client.models.list()]
            raw = client.chat.completions.with_raw_response.create(
                model="cheap", messages=[{"role": "user", "content": name}]
            )
            assert run_of(outrider, raw.headers["x-request-id"]).user == "bob"
