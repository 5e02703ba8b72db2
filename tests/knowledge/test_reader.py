"""The reader: what answers a question stands before what is only about the same."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import OutriderError
from outrider.knowledge import reader
from outrider.providers.embedded import EMBED_DEFAULT, weights
from outrider.providers.embedded.embed import Embedder

SHIPPED = Path(reader.__file__).with_name("reader.onnx")
ASKED = [
    (
        "How many tickets does the assistant close by itself?",
        "Two thirds of all tickets are closed by the assistant without a person.",
        [
            "The assistant was built by a team of six within four months.",
            "Tickets come by mail, by chat and from the telephone.",
            "People are asked whether they are content with the assistant.",
        ],
    ),
    (
        "Why did they leave the larger model?",
        "The larger model was given up because it took nine seconds for an answer.",
        [
            "The larger model was tried first, in March.",
            "Models are chosen by a router that knows what each costs.",
            "Larger models are announced every month.",
        ],
    ),
    (
        "Which database keeps the vectors?",
        "Embeddings are stored in Postgres with pgvector.",
        [
            "The team looked at several databases in spring.",
            "Vectors are made once a night, for every document that changed.",
            "Answers are kept for a day.",
        ],
    ),
    (
        "Who checks the summaries before they are sent?",
        "A nurse reads each summary and signs it before it goes to the patient.",
        [
            "Summaries are written from the notes of the visit.",
            "About 900 summaries are sent in a week.",
            "Patients may ask for a summary in their own language.",
        ],
    ),
    (
        "How long does indexing a contract take?",
        "A contract of fifty pages is indexed in about forty seconds.",
        [
            "Contracts are indexed by clause, with the parties as metadata.",
            "Lawyers open a contract in the viewer beside the answer.",
            "The index holds all contracts since 2009.",
        ],
    ),
    (
        "What happens when the model is unsure?",
        "If its confidence is low, the conversation is handed to a person.",
        [
            "The model was tuned on old conversations.",
            "What happens in a conversation is kept for thirty days.",
            "Agents rate the model at the end of each shift.",
        ],
    ),
    (
        "How do they keep prices out of the prompt?",
        "Prices are replaced by placeholders and filled in after the text was written.",
        [
            "Prices change four times a day.",
            "The prompt has grown to two thousand words.",
            "They keep a list of products that must not be named.",
        ],
    ),
    (
        "What was the hardest part of the migration?",
        "Moving the old prompts turned out to be more difficult than anything else.",
        [
            "The migration began in autumn and was done by one team.",
            "After the migration, costs are shown for each team.",
            "A part of the traffic was mirrored for a month.",
        ],
    ),
]


def vectors(seed: int, tokens: int, dimensions: int = reader.DIMENSIONS) -> Any:
    made = np.random.default_rng(seed).normal(size=(tokens, dimensions)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def is_first(embedder: Embedder, question: str, answer: str, others: list[str]) -> bool:
    """Whether the answer has the highest score."""
    texts = [answer, *others]
    asked, *said = embedder.embed_tokens([question, *texts])
    whole, *parts = embedder.embed([question, *texts])
    return bool(reader.scores(asked, said, [float(part @ whole) for part in parts]).argmax() == 0)


@pytest.mark.model
@pytest.mark.parametrize("at", [0, 2], ids=["how many", "which"])
def test_what_answers_stands_before_what_is_about_the_same(embed_models: Path, at: int) -> None:
    assert is_first(Embedder(weights.folder(EMBED_DEFAULT, embed_models)), *ASKED[at])


@pytest.mark.model
def test_of_questions_in_other_words_most_are_answered(embed_models: Path) -> None:
    """It is a small network: of questions like these it may miss one in four."""
    embedder = Embedder(weights.folder(EMBED_DEFAULT, embed_models))
    first = [is_first(embedder, *each) for each in ASKED]
    assert sum(first) >= 0.75 * len(ASKED), first


@given(st.lists(st.integers(1, 90), min_size=1, max_size=40), st.integers(1, 40), st.integers(0, 9))
def test_a_sentence_is_worth_the_same_alone_and_among_others(lengths: list[int], asked: int, seed: int) -> None:
    question = vectors(seed, asked)
    said = [vectors(seed + 1 + at, length) for at, length in enumerate(lengths)]
    near = [0.1 * (at % 7) for at in range(len(said))]
    together = reader.scores(question, said, near)
    alone = [reader.scores(question, [one], [cosine])[0] for one, cosine in zip(said, near, strict=True)]
    np.testing.assert_allclose(together, alone, atol=1e-3)


@pytest.mark.parametrize("body", [None, b"", b"no network", SHIPPED.read_bytes()[:50_000]])
def test_a_file_that_does_not_load_is_told(tmp_path: Path, body: bytes | None) -> None:
    path = tmp_path / "reader.onnx"
    if body is not None:
        path.write_bytes(body)
    with pytest.raises(OutriderError, match=r"reader\.onnx' does not load .*; install Outrider anew"):
        reader.Reader(path)


def test_threads_that_ask_at_once_are_told_the_same() -> None:
    reader.shipped.cache_clear()
    asked, said = vectors(0, 9), [vectors(at, 5 + at) for at in range(1, 40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: reader.scores(asked, said, [0.5] * len(said)), range(16)))
    for one in found:
        np.testing.assert_allclose(one, found[0], atol=1e-5)
    assert len({round(float(score), 2) for score in found[0]}) > 5


def test_vectors_of_another_model_and_texts_without_tokens_say_nothing() -> None:
    other = vectors(1, 5, 256)
    assert reader.scores(other, [other, other], [1.0, 1.0]).tolist() == [0.0, 0.0]
    empty = np.empty((0, reader.DIMENSIONS), np.float32)
    assert reader.scores(empty, [vectors(1, 3)], [0.0]).tolist() == [0.0]
    assert np.isfinite(reader.scores(vectors(2, 4), [empty, vectors(3, 2)], [0.0, 0.0])).all()
    assert reader.scores(vectors(2, 4), [], []).tolist() == []
