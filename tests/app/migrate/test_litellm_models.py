"""Entries of LiteLLM's `model_list`: which provider, which model, and what is known about it."""

import pytest

from outrider.app.migrate.draft import Draft
from outrider.app.migrate.litellm_models import Models
from outrider.app.migrate.notes import Notes
from tests.app.migrate.conftest import Read, model, said


def test_an_entry_says_what_its_route_needs() -> None:
    draft, notes = Draft("LiteLLM"), Notes()
    entry = Models(draft, notes, {}, set()).read({**model("m", weight=3, rpm=60), "model_info": {"id": "x"}}, 0)
    assert entry is not None
    assert (entry.group, entry.target, entry.id, entry.weight, entry.rpm) == ("m", "openai/gpt-4o", "x", 3, 60)
    assert Models(draft, notes, {}, set()).read("no mapping", 1) is None


def test_one_name_and_several_deployments_are_one_route(read: Read) -> None:
    _, made = read({"model_list": [model("m", rpm=100), model("m", model="groq/llama", api_key="x" * 9, rpm=300)]})
    route = made.routes["m"]
    assert route.deployments == ("openai/gpt-4o", "groq/llama")
    assert (route.strategy, route.weights) == ("balance", {"groq/llama": 3})
    assert made.providers["openai"].limits is not None
    assert made.providers["openai"].limits.models["gpt-4o"].requests == "100/min"
    assert made.providers["openai"].models == ("gpt-4o",)


def test_addresses_and_keys_make_providers(read: Read) -> None:
    entries = [
        model("a"),
        model("b", api_key="os.environ/K2"),
        model("c", api_key="sk-plain"),
        model("d", api_key="sk-plain", model="openai/other"),
        model("e", api_base="http://box.lan:8000/v1", api_key="none"),
        model("f", model="azure/x", api_base="https://eu.openai.azure.com/", api_key="os.environ/K"),
        model("g", model="azure/x", api_base="https://us.openai.azure.com/", api_key="os.environ/K"),
    ]
    found, made = read({"model_list": entries})
    assert set(made.providers) == {"openai", "openai-k2", "openai-2", "box", "azure", "azure-us"}
    assert made.providers["openai-2"].models == ("gpt-4o", "other")
    assert made.providers["openai-2"].api_key is not None
    assert made.providers["openai-2"].api_key.reference == "${env:OPENAI_API_KEY}"
    assert made.providers["box"].preset == ""
    assert made.providers["azure"].base_url == "https://eu.openai.azure.com"
    assert found.variables == ["K", "K2", "OPENAI_API_KEY"]


def test_a_secret_of_the_file_never_takes_the_name_of_a_variable_that_is_used(read: Read) -> None:
    entries = [model("a", api_key="sk-plain"), model("b", api_key=None), model("c", api_key="sk-other")]
    found, made = read({"model_list": entries})
    keys = {p.api_key.reference for p in made.providers.values() if p.api_key is not None}
    assert keys == {"${env:OPENAI_API_KEY_2}", "${env:OPENAI_API_KEY}", "${env:OPENAI_API_KEY_3}"}
    assert [n.kind for n in found.notes if n.path.endswith("api_key")] == ["todo", "todo"]


def test_wildcards_are_providers_that_serve_any_model(read: Read) -> None:
    entries = [model("x", model="openai/gpt-4o"), model("openai/*", model="openai/*"), model("*", model="*")]
    found, made = read({"model_list": entries, "router_settings": {"fallbacks": [{"x": ["openai/gpt-5"]}]}})
    assert made.providers["openai"].models == ()
    assert made.routes["x"].deployments == ("openai/gpt-4o", "openai/gpt-5")
    assert "every provider" in next(n.text for n in found.notes if n.who == "*")


def test_a_wildcard_with_another_name_is_told(read: Read) -> None:
    found, _ = read({"model_list": [model("mine/*", model="groq/*"), model("gpt-*", model="openai/gpt-*")]})
    notes = {n.who: n.text for n in found.notes if n.kind == "differs"}
    assert "mine/*" in notes["mine/*"]
    assert "gpt-*" in notes["gpt-*"]


def test_prices_facts_and_capacity(read: Read) -> None:
    entry = model("m", max_parallel_requests=5, input_cost_per_token=2.5e-6)
    entry["model_info"] = {
        "output_cost_per_token": "1e-5", "cache_read_input_token_cost": 1.25e-6, "max_input_tokens": 128000,
        "max_tokens": 16384, "supports_vision": False, "supports_function_calling": True, "tags": ["eu", "default"],
    }  # fmt: skip
    made = read({"model_list": [entry]})[1].providers["openai"]
    price = made.prices["gpt-4o"]
    assert (price.input, price.output, price.cached) == (2_500_000_000, 10_000_000_000, 1_250_000_000)
    facts = made.facts["gpt-4o"]
    assert (facts.context, facts.max_output, facts.sees, facts.tools) == ("128000", "16384", (), True)
    assert facts.tags == ("eu",)
    assert made.limits is not None
    assert made.limits.models["gpt-4o"].concurrent == 5


def test_clouds_have_regions_and_projects(read: Read) -> None:
    entries = [
        model("b", model="bedrock/us-east-1/anthropic.claude-v2:1", api_key=None),
        model(
            "c", model="bedrock/converse/eu.amazon.nova-lite-v1:0", aws_region_name="os.environ/REGION", api_key=None
        ),
        model("v", model="vertex_ai/gemini-2.5-pro", vertex_project="p1", vertex_location="europe-west4", api_key=None),
    ]
    _, made = read({"model_list": entries})
    assert made.routes["b"].deployments == ("bedrock/anthropic.claude-v2:1",)
    assert made.providers["bedrock"].region == "us-east-1"
    assert made.routes["c"].deployments == ("bedrock-2/eu.amazon.nova-lite-v1:0",)
    assert (made.providers["vertex"].region, made.providers["vertex"].project) == ("europe-west4", "p1")


def test_named_credentials(read: Read) -> None:
    entries = [model("m", model="azure/x", api_key=None, litellm_credential_name="eu")]
    del entries[0]["litellm_params"]["api_key"]
    values = {"api_key": "os.environ/AZ", "api_base": "https://a.openai.azure.com"}
    content = {"model_list": entries, "credential_list": [{"credential_name": "eu", "credential_values": values}]}
    assert read(content)[1].providers["azure"].base_url == "https://a.openai.azure.com"
    del content["credential_list"]
    assert "model_list[].litellm_params.litellm_credential_name" in said(read, content)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"model": "sagemaker/x"}, "SageMaker"),
        ({"model": "unheard-of/x"}, "not known here"),
        ({"model": "azure_ai/x"}, ""),
        ({"model": "openai/x", "api_base": "<your-base>"}, "not a URL"),
        ({"model": ""}, "missing"),
    ],
)
def test_what_cannot_be_called_is_left_out_and_named(read: Read, params: dict[str, str], words: str) -> None:
    found, made = read({"model_list": [model("m", **params)]})
    assert ("m" in made.routes) == (not words)
    if words:
        assert words in next(n.text for n in found.notes if n.who == "m" and n.kind == "left")
