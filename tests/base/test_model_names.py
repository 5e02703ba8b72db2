import pytest

from outrider.base.model_names import families, for_chat_first


def test_what_answers_with_vectors_comes_last() -> None:
    names = ["all-minilm-l6-v2", "BAAI/bge-m3", "gpt-x", "smollm2-135m", "text-embedding-3-small"]
    assert for_chat_first(names) == [
        "gpt-x",
        "smollm2-135m",
        "all-minilm-l6-v2",
        "BAAI/bge-m3",
        "text-embedding-3-small",
    ]


def test_default_comes_first() -> None:
    assert for_chat_first(["all-minilm-l6-v2", "alpha", "default"]) == ["default", "alpha", "all-minilm-l6-v2"]


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("openai/gpt-5-mini", {"openai"}),
        ("azure/o3", {"openai"}),
        ("bedrock/eu.anthropic.claude-sonnet-4-5", {"anthropic"}),
        ("groq/llama-3.3-70b", {"meta"}),
        ("ollama/codellama", {"meta"}),
        ("x/DeepSeek-R1-Distill-Qwen-7B", {"deepseek", "qwen"}),
        ("vertex/gemini-2.5-pro", {"google"}),
        ("embedded/smollm2-135m", {"huggingface"}),
        ("ours/house-model-7", {"house"}),
        ("ours/7", {"7"}),
        ("", set()),
    ],
)
def test_whose_model_it_is(name: str, whose: set[str]) -> None:
    assert families(name) == whose
