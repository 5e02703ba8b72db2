"""Models told apart by their names."""

import pytest

from outrider.dialects.bedrock.families import CLAUDE_FORMAT, OWN_FORMAT, family, format_of


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude"),
        ("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0", "claude"),
        ("global.amazon.nova-2-lite-v1:0", "nova"),
        ("openai.gpt-oss-20b-1:0", "gpt-oss"),
        ("us.openai.gpt-6-astra", "openai"),
        ("minimax.minimax-m2", "minimax"),
        ("us.deepseek.r1-v1:0", "deepseek"),
        ("mistral.mistral-large-3-675b-instruct", "mistral"),
        ("cohere.command-r-v1:0", "cohere"),
        ("ai21.jamba-1-5-large-v1:0", "ai21"),
        ("us.meta.llama4-maverick-17b-instruct-v1:0", "other"),
        ("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3", ""),
        ("my-router", ""),
    ],
)
def test_families(model: str, name: str) -> None:
    assert family(model).name == name


@pytest.mark.parametrize(
    ("model", "format"), [("", CLAUDE_FORMAT), ("arn:x", CLAUDE_FORMAT), ("openai.gpt-5", OWN_FORMAT)]
)
def test_the_format_of_thoughts(model: str, format: str) -> None:
    assert format_of(model) == format
