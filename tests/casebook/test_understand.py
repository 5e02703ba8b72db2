"""What plain questions are read as, and what stays free text."""

import pytest

from outrider.casebook.language import Asked, Vocabulary, canonical, fold, parse
from outrider.casebook.understand import chips, read

_LABELS = {
    "industry": {"insurance": "Insurance", "finance": "Banking, payments, investment", "education": "Education"},
    "technique": {
        "rag": "Retrieval-augmented generation",
        "memory": "Short / long-term memory",
        "reranking": "Reranking",
    },
    "tool": {"langchain": "LangChain", "slack": "Slack", "amazon-bedrock": "Amazon Bedrock"},
    "application": {"voice": "Voice agent", "code-review": "Code review"},
    "org": {"Mercado Libre": "Mercado Libre", "Grab": "Grab"},
    "has": {"figures": "measured results"},
}
WORDS = Vocabulary(
    {f: {fold(s): v for v, label in known.items() for s in (v, label)} for f, known in _LABELS.items()}, _LABELS
)
METRICS = frozenset(["deflection", "rate", "cost", "accuracy", "handling", "time", "latency", "user"])


def understood(text: str) -> str:
    return canonical(read(text, WORDS, METRICS))


@pytest.mark.parametrize(
    ("question", "canonical_form"),
    [
        (
            "RAG in insurance with measured deflection above 50 %",
            "industry:insurance result:deflection>50% technique:rag",
        ),
        ("Which insurers reduced handling time by at least 30%?", "industry:insurance result:handling_time<=-30%"),
        ("companies that cut costs by more than 40 percent", "result:costs<-40%"),
        ("improved accuracy by 5%", "result:accuracy>=+5%"),
        ("more than 2 million users", "result:users>2million"),
        ("latency below 200 ms in banking since 2024", "industry:finance result:latency<200ms year:2024.."),
        ("voice agents between 2023 and 2025", "voice agents year:2023..2025"),
        ("code review at Mercado Libre", 'application:code-review org:"Mercado Libre"'),
        ("what did Grab build with LangChain in 2024?", "build org:Grab tool:langchain year:2024"),
        ("retrieval augmented generation with measured results", "has:figures technique:rag"),
        ("memory leaks", "memory leaks"),
        ("messages in slack", "messages in slack"),
        ("bots in Slack", "bots tool:slack"),
        ("tutors in education", "tutors industry:education"),
        ("a grab for power", "a grab for power"),
        ("more than 5 planets", "more than 5 planets"),
        ("how do agents fail", "how do agents fail"),
        ("insurance industry:finance", "industry:finance"),
    ],
)
def test_questions(question: str, canonical_form: str) -> None:
    assert understood(question) == canonical_form


def test_quotes_keep_words_from_being_understood() -> None:
    assert read('"insurance" claims', WORDS, METRICS) == Asked("claims", ("insurance",))


def test_what_was_understood_is_told() -> None:
    asked = read("RAG cost<-30% -tool:slack", WORDS, METRICS)
    assert [(t.understood, text) for t, text in chips(asked, WORDS)] == [
        (False, "cost<-30%"),
        (True, "technique: Retrieval-augmented generation"),
        (False, "not tool: Slack"),
    ]
    assert parse(canonical(asked), WORDS) != asked
