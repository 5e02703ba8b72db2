"""LiteLLM's model strings."""

import pytest

from outrider.app.migrate.litellm_vendors import meant, vendors
from outrider.providers.presets import preset


@pytest.mark.parametrize(
    ("model", "said", "base", "prefix", "name", "region"),
    [
        ("gpt-4o", "", False, "openai", "gpt-4o", ""),
        ("openai/facebook/opt-125m", "", True, "openai", "facebook/opt-125m", ""),
        ("azure/eu-gpt4o", "", True, "azure", "eu-gpt4o", ""),
        ("claude-3-5-sonnet-20241022", "", False, "anthropic", "claude-3-5-sonnet-20241022", ""),
        ("gemini-1.5-pro", "", False, "vertex_ai", "gemini-1.5-pro", ""),
        ("command-r-plus", "", False, "cohere", "command-r-plus", ""),
        ("my-own", "", True, "openai", "my-own", ""),
        ("meta-llama/Llama-3-8B", "", True, "openai", "meta-llama/Llama-3-8B", ""),
        ("meta-llama/Llama-3-8B", "together_ai", False, "together_ai", "meta-llama/Llama-3-8B", ""),
        ("groq/llama", "groq", False, "groq", "llama", ""),
        ("bedrock/us-west-2/anthropic.claude-v2", "", False, "bedrock", "anthropic.claude-v2", "us-west-2"),
        ("bedrock/converse/amazon.nova-lite-v1:0", "", False, "bedrock", "amazon.nova-lite-v1:0", ""),
        ("bedrock/arn:aws:bedrock:us-east-1:1:x/y", "", False, "bedrock", "arn:aws:bedrock:us-east-1:1:x/y", ""),
    ],
)
def test_what_is_meant(model: str, said: str, base: bool, prefix: str, name: str, region: str) -> None:
    found = meant(model, said, "http://h/v1" if base else "")
    assert (found.prefix, found.model, found.region) == (prefix, name, region)
    assert found.vendor is vendors()[prefix]


def test_nobody_we_know() -> None:
    assert meant("unheard-of/x", "", "").vendor is None
    assert meant("x", "unheard_of", "http://h/v1").vendor is None


def test_a_foundry_resource_is_azures() -> None:
    assert meant("azure_ai/gpt-5", "", "https://r.services.ai.azure.com/models").prefix == "azure"
    assert meant("azure_ai/mistral-large", "", "https://m.eastus.models.ai.azure.com").prefix == "azure_ai"


def test_every_vendor_leads_somewhere() -> None:
    for name, vendor in vendors().items():
        assert bool(vendor.why_not) != bool(vendor.preset or vendor.base or vendor.key), name
        assert not vendor.preset or preset(vendor.preset) is not None, name
