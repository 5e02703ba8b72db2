from outrider.base.model_names import for_chat_first


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
