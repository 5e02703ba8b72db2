"""Invented case studies with evidence, and a Casebook that holds them."""

from pathlib import Path

from outrider.casebook.book import OWN, Casebook, Record
from outrider.casebook.evidence import cite
from outrider.casebook.records import CaseStudy, Claim, Evidence, Result, Source, Status
from outrider.knowledge.library import Library
from outrider.store import open_casebook, open_knowledge

HARBOUR = """# Harbour Mutual

Harbour Mutual answers questions about claims with retrieval-augmented generation. Guardrails stop answers <without> a
source. After six months the deflection rate rose from 31 % to 58 %, says the vendor.

In March the index was three weeks old, so answers were wrong. Keep the index fresh.
"""
QUAY = """# Quay Bank

Quay Bank routes each call to the cheapest model that is good enough. The cost fell by 42 %. It uses guardrails too.
"""
SLUICE = """# Sluice

Sluice, an insurer, reads letters with a fine-tuned model and a person checks what is unclear.
"""


def quote(text: str, words: str) -> tuple[Evidence, ...]:
    start = text.index(words)
    return (cite(OWN, text, start, start + len(words)),)


def claim(text: str, value: str, words: str, status: Status = "verified") -> Claim:
    return Claim(value, status, quote(text, words))


def cases() -> list[tuple[CaseStudy, str]]:
    harbour = CaseStudy(
        "harbour-claims", "Harbour Mutual: Claims desk", "Harbour Mutual", "Claims desk", aliases=("Harbour",),
        year=2025, stage="full", what_it_does="Answers questions about claims.",
        industries=(claim(HARBOUR, "insurance", "claims"),),
        techniques=(
            claim(HARBOUR, "rag", "retrieval-augmented generation"),
            claim(HARBOUR, "guardrails", "Guardrails stop answers <without> a\nsource"),
            Claim("fine-tuning"),
        ),
        results=(
            Result("deflection_rate", None, 31, 58, "%", said_by="the vendor", status="vendor-claim",
                   evidence=quote(HARBOUR, "the deflection rate rose from 31 % to 58 %")),
            Result("accuracy", 99, unit="%"),
        ),
        failures=(claim(HARBOUR, "In March the index was three weeks old", "In March the index was three weeks old"),),
        lessons=(claim(HARBOUR, "Keep the index fresh.", "Keep the index fresh."),),
        facts={"organisation": claim(HARBOUR, "Harbour Mutual", "Harbour Mutual answers")},
        sources=(Source(OWN, "vendor", "https://example.org/harbour", retrieved="2026-03-13"),), origin="test",
    )  # fmt: skip
    quay = CaseStudy(
        "quay-routing", "Quay Bank: Model routing", "Quay Bank", "Model routing", year=2024,
        what_it_does="Routes calls to the cheapest model.", industries=(claim(QUAY, "finance", "Quay Bank routes"),),
        techniques=(claim(QUAY, "model-routing", "routes each call"), claim(QUAY, "guardrails", "guardrails")),
        results=(Result("cost", -42, unit="%", status="verified", evidence=quote(QUAY, "The cost fell by 42 %")),),
        sources=(Source(OWN, "article", "https://example.org/quay"),), origin="test",
    )  # fmt: skip
    sluice = CaseStudy(
        "sluice-letters", "Sluice", "Sluice", year=2025, what_it_does="Reads letters.",
        industries=(claim(SLUICE, "insurance", "an insurer"),),
        techniques=(claim(SLUICE, "fine-tuning", "a fine-tuned model"),),
        sources=(Source(OWN, "talk"),), origin="test",
    )  # fmt: skip
    return [(harbour, HARBOUR), (quay, QUAY), (sluice, SLUICE)]


def casebook(home: Path, record: Record = lambda event, bodies: None) -> Casebook:
    """A Casebook with them, in stores under `home`."""
    url = f"sqlite:///{home / 'outrider.sqlite3'}"
    book = Casebook(Library(open_knowledge(url), home), open_casebook(url), record)
    if not book.all():
        book.put_all(cases(), who="test", why="first import")
    return book
