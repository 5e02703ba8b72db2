"""A Casebook of six cases, small enough to know what every question must find."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from outrider.casebook.book import Casebook, Record
from outrider.casebook.evidence import around, cite
from outrider.casebook.records import CaseStudy, Claim, Evidence, Result, Source
from outrider.knowledge.library import Library
from outrider.store import open_casebook, open_knowledge

TEXTS = {
    "harbour-claims": (
        "Harbour Mutual, a health insurer, answers members with retrieval-augmented generation over its policies. "
        "The chat deflection rate reached 60 % in 2024. Handling time fell from 11 minutes to 4 minutes. "
        "Answers were wrong at first because old policies stayed in the index."
    ),
    "pinebank-agents": (
        "Pinebank moved dispute letters to several agents that plan, write and check. "
        "The cost per letter was reduced by 45 %. A guard model refuses advice on investments."
    ),
    "pinebank-search": (
        "Pinebank searches contracts with embeddings and a reranking model. "
        "It serves 2 million users with a p90 latency of 150 ms."
    ),
    "lumen-code-review": (
        "Lumen Labs lets a model comment on pull requests with retrieval-augmented generation over old incidents. "
        "Developers addressed 55 % of its comments."
    ),
    "orchard-voice": (
        "Orchard Air takes calls with a speech pipeline. A warm transfer hands the traveller to a person. "
        "Containment was up to 70 % in a pilot."
    ),
    "unknown-tutor": "A university tried a tutor that cites its sources. Students liked it.",
}


def _in(text: str, quote: str) -> tuple[Evidence, ...]:
    start = text.index(quote)
    return (cite("text", text, *around(text, start, start + len(quote))),)


def _claims(text: str, quotes: Iterable[tuple[str, str]]) -> tuple[Claim, ...]:
    return tuple(Claim(value, "verified", _in(text, quote)) for value, quote in quotes)


def _case(
    id_: str,
    organisation: str,
    year: int,
    tags: dict[str, Sequence[tuple[str, str]]],
    figures: Sequence[tuple[Result, str]] = (),
    **more: Any,
) -> CaseStudy:
    import msgspec

    text = TEXTS[id_]
    return CaseStudy(
        id=id_,
        title=f"{organisation or 'A university'}: {id_.partition('-')[2]}",
        organisation=organisation,
        year=year,
        what_it_does=text.partition(". ")[0] + ".",
        summary=text,
        results=tuple(
            msgspec.structs.replace(f, status="vendor-claim", evidence=_in(text, quote)) for f, quote in figures
        ),
        sources=(Source("text", "customer", f"https://example.org/{id_}", retrieved="2026-03-13"),),
        origin="test",
        **{field: _claims(text, given) for field, given in tags.items()},
        **more,
    )


def cases() -> list[CaseStudy]:
    rag = ("rag", "retrieval-augmented generation")
    harbour = TEXTS["harbour-claims"]
    return [
        _case(
            "harbour-claims",
            "Harbour Mutual",
            2024,
            {"industries": [("insurance", "insurer")], "techniques": [rag]},
            [
                (Result("deflection_rate", 60, unit="%"), "deflection rate"),
                (Result("handling_time", before=11, after=4, unit="minutes"), "Handling time"),
            ],
            aliases=("Harbour",),
            stage="full",
            failures=_claims(harbour, [("Old policies stayed in the index.", "Answers were wrong")]),
        ),
        _case(
            "pinebank-agents",
            "Pinebank",
            2025,
            {
                "industries": [("finance", "dispute")],
                "techniques": [("multi-agent", "agents"), ("guardrails", "guard")],
            },
            [(Result("cost_reduction", 45, unit="%"), "45 %")],
        ),
        _case(
            "pinebank-search",
            "Pinebank",
            2023,
            {
                "industries": [("finance", "contracts")],
                "techniques": [("reranking", "reranking"), ("vector-search", "embeddings")],
            },
            [
                (Result("users", 2, unit="million"), "2 million"),
                (Result("p90_latency", 150, unit="ms"), "150 ms"),
            ],
        ),
        _case(
            "lumen-code-review",
            "Lumen Labs",
            2025,
            {"industries": [("developer-tools", "pull requests")], "techniques": [rag]},
            [(Result("addressed_comments", 55, unit="%"), "55 %")],
        ),
        _case(
            "orchard-voice",
            "Orchard Air",
            2024,
            {"industries": [("travel", "traveller")], "techniques": [("voice-pipeline", "speech pipeline")]},
            [(Result("containment_rate", 70, unit="%", qualifier="up to"), "70 %")],
            stage="pilot",
        ),
        _case("unknown-tutor", "", 0, {"industries": [("education", "university")]}),
    ]


def casebook(
    url: str, home: Path, closing: Callable[[Any], Any], record: Record = lambda event, bodies: None
) -> Casebook:
    """The six cases in new stores at `url`; `closing` is told what must be closed."""
    stores = open_knowledge(url), open_casebook(url)
    for store in stores:
        closing(store.close)
    book = Casebook(Library(stores[0], home), stores[1], record)
    book.put_all([(case, TEXTS[case.id]) for case in cases()], who="test", why="a test")
    return book
