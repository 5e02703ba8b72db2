"""What a text itself says: tags, names, stage, figures, each with its passage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.casebook import admission
from outrider.casebook.entries import Entry, source_type
from outrider.casebook.evidence import holds
from outrider.casebook.extract import extracted, first_sentences
from outrider.casebook.figures import results_of
from outrider.casebook.records import FRONT_MATTER, TEXT
from outrider.casebook.vocabulary import terms
from tests.casebook.made import BODY


def made(**more: object) -> Entry:
    fields = {
        "item": "claims",
        "hash": "h",
        "title": "Claims assistant",
        "organisation": "Northwind",
        "body": BODY,
        **more,
    }
    return Entry(**fields)  # type: ignore[arg-type]


def test_tags_have_support_or_are_told() -> None:
    entry = made(tags=("rag", "openai", "pinecone", "fastapi", "kubernetes", "few-shot", "unheard-of"), year=2024)
    found = extracted(entry, origin="zenml")
    assert found.tools_supported == ("openai", "kubernetes")
    assert found.tools_unsupported == ("pinecone", "fastapi")
    assert found.tags_unsupported == ("few-shot",)
    assert found.tags_unknown == ("unheard-of",)
    tools = {c.value: c for c in found.case.tools}
    assert tools["openai"].shown
    assert tools["openai"].made == FRONT_MATTER
    assert tools["pinecone"].status == "unsupported"
    assert not tools["pinecone"].shown
    assert "langchain" not in tools  # named once, not in the head, not declared
    techniques = {c.value for c in found.case.techniques if c.shown}
    assert "rag" in techniques
    assert found.case.facts["organisation"].shown
    assert found.case.facts["year"].shown
    assert found.case.stage == "full"
    assert found.case.facts["stage"].made == TEXT
    assert any("failed to cite" in c.value for c in found.case.failures)
    assert any("learned that" in c.value for c in found.case.lessons)


def test_front_matter_is_no_evidence() -> None:
    found = extracted(made(organisation="Contoso", system="Oracle of Delphi", year=2019), origin="zenml")
    assert [found.case.facts[f].status for f in ("organisation", "system", "year")] == ["unsupported"] * 3


PARTS = st.sampled_from(
    ["RAG", "OpenAI", "Northwind", "30%", "reduced costs by", "from 11 minutes to 4 minutes", ". ", "\n\n", "# ",
     " in production ", "failed to", " ", "é", "İ", "—", "1,200 users", "$5", "x", "lesson learned"]
)  # fmt: skip


@given(st.lists(PARTS, max_size=40).map("".join), st.lists(PARTS, max_size=6).map("".join))
def test_every_shown_claim_is_exactly_its_place_in_the_text(body: str, summary: str) -> None:
    found = extracted(made(body=body, summary=summary, tags=("rag", "openai", "redis")), origin="zenml")
    for _, claim in found.case.claims():
        assert bool(claim.evidence) == (claim.status != "unsupported")
        for passage in claim.evidence:
            assert found.text[passage.start : passage.end] == passage.quote
            assert holds(passage, found.text)
    for kind in ("techniques", "tools"):
        for claim in getattr(found.case, kind):
            word = terms().find(kind, claim.value)  # type: ignore[arg-type]
            if claim.shown and word and word.evidence:
                assert any(word.evidence.search(e.quote) for e in claim.evidence)


@pytest.mark.parametrize(
    ("text", "metric", "before", "after", "value", "unit"),
    [
        ("Handling time fell from 11 minutes to 4 minutes.", "handling_time_reduction", 11, 4, None, "minutes"),
        ("It reduced support costs by 30%.", "support_costs_reduction", None, None, 30, "%"),
        ("They saw a 25% increase in conversion rates.", "conversion_rates_increase", None, None, 25, "%"),
        ("The system achieved 94.5% accuracy.", "accuracy", None, None, 94.5, "%"),
        ("We have a deflection rate of 62%.", "deflection_rate", None, None, 62, "%"),
        ("It is now 4x faster inference.", "inference_increase", None, None, 4, "x"),
    ],
)
def test_figures(text: str, metric: str, before: object, after: object, value: object, unit: str) -> None:
    (result, *_) = results_of(text, "text", said_by="A", vendor=True)
    assert metric.split("_")[0] in result.metric
    assert metric.split("_")[-1] in result.metric
    assert (result.before, result.after, result.value, result.unit) == (before, after, value, unit)
    assert result.status == "vendor-claim"
    assert result.said_by == "A"
    assert result.evidence[0].quote == text


def test_numbers_without_a_metric_are_no_results() -> None:
    assert results_of("Chapter 3. In 2024 we met 5 times. GPT-4 is a model. See page 12.", "text") == ()


def test_admission_gives_reasons() -> None:
    assert admission.judge(BODY + BODY).accepted
    recipe = admission.judge("Take two eggs and stir. " * 60)
    assert not recipe.accepted
    assert "it does not speak of language models" in recipe.reasons
    short = admission.judge("Our LLM is in production.")
    assert not short.accepted
    assert "5 words" in short.reasons[0]


def test_kinds_of_sources() -> None:
    assert source_type("https://www.youtube.com/watch?v=1") == "talk"
    assert source_type("https://arxiv.org/abs/1") == "paper"
    assert source_type("https://engineering.grab.com/gateway", "Grab") == "customer"
    assert source_type("https://aws.amazon.com/blogs/x-grab/", "Grab") == "vendor"
    assert source_type("https://medium.com/someone/x", "Grab") == "article"


def test_first_sentences() -> None:
    assert first_sentences("One. Two is longer.", 10) == "One."
    assert first_sentences("word " * 100, 20) == "word word word word…"


def test_ranges_and_two_units_stay_as_they_are_written() -> None:
    (change,) = results_of("The system reduced delivery time from 48 hours to 10 seconds.", "text")
    assert (change.before, change.after, change.unit) == ("48 hours", 10, "seconds")
    (span,) = results_of("They saw a 5-10% improvement in adherence.", "text")
    assert (span.value, span.unit) == ("5-10", "%")


@pytest.mark.parametrize(
    ("sentence", "stage"),
    [
        ("The assistant has been in production since May.", "full"),
        ("It was rolled out to all employees.", "full"),
        ("The system is not yet in production.", ""),
        ("Once the assistant is running in production, costs must be watched.", ""),
        ("This is how teams build systems for production environments.", ""),
        ("The solution is still in beta.", "limited"),
        ("The co-pilot helps many.", ""),
    ],
)
def test_a_stage_is_said_where_a_sentence_states_it(sentence: str, stage: str) -> None:
    entry = Entry(item="a", hash="h", title="Claims", organisation="Northwind", body=f"Words come first. {sentence}")
    assert extracted(entry, origin="x").case.stage == stage


def test_a_pilot_is_one_by_its_title_or_summary_alone() -> None:
    said = "The team conducted a pilot with 40 users."
    below = Entry(item="a", hash="h", title="Claims", organisation="Northwind", body=said)
    above = Entry(item="a", hash="h", title="Claims", organisation="Northwind", summary=said, body="Words.")
    assert [extracted(e, origin="x").case.stage for e in (below, above)] == ["", "pilot"]
