import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.casebook.evidence import cite
from outrider.casebook.records import CaseStudy, Claim, Result, Source
from outrider.console import casebook_words as words


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        (Result("deflection", None, 31, 58, "%"), "31\u00a0% → 58\u00a0%"),
        (Result("latency", 30, unit="ms", qualifier="<"), "<30\u00a0ms"),
        (Result("models", 400, unit="models", qualifier="+"), "400+\u00a0models"),
        (Result("cost", -42.5, unit="%"), "−42.5\u00a0%"),
        (Result("growth", "10-100", unit="%"), "10–100\u00a0%"),
        (Result("saved", 1200000, unit="USD"), "$1,200,000"),
        (Result("faster", 3, unit="x", qualifier="up to"), "up to 3×"),
        (Result("used", None), ""),
    ],
)
def test_figures_as_people_read_them(result: Result, shown: str) -> None:
    assert words.figure(result) == shown


def test_names_as_words() -> None:
    assert words.words("llm-cost_reduction") == "LLM cost reduction"


@given(st.text(alphabet="ab \n", max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6))
def test_a_text_in_pieces_is_the_text_and_every_passage_is_marked(text: str, spans: list[tuple[int, int]]) -> None:
    source = Source("s", "article", document="d")
    evidence = [cite("s", text, a, b) for a, b in spans if a < b <= len(text)]
    numbers = {e: n for n, e in enumerate(dict.fromkeys(evidence), 1)}
    told = words.told(source, text, numbers)
    lines = ["".join(piece.text for piece in paragraph) for paragraph in told.paragraphs]
    assert lines == [line for line in text.split("\n") if line.strip()]
    for one, number in numbers.items():
        marked = "".join(p.text for paragraph in told.paragraphs for p in paragraph if number in p.passages)
        kept = "".join(part for part in _visible(text, one.start, one.end))
        assert marked == kept
        begins = [p for paragraph in told.paragraphs for p in paragraph if number in p.begins]
        assert len(begins) == (1 if kept else 0)


def _visible(text: str, start: int, end: int) -> list[str]:
    at, parts = 0, []
    for line in text.split("\n"):
        if line.strip():
            parts.append(line[max(0, start - at) : max(0, end - at)])
        at += len(line) + 1
    return parts


def test_a_passage_keeps_its_surroundings_and_the_gravest_status() -> None:
    text = "First line.\nWe saved 40 % in a year, they say. More.\nLast."
    start = text.index("We")
    evidence = cite("s", text, start, start + 15)
    case = CaseStudy(
        "a", "A", "A", sources=(Source("s", "vendor", "https://www.example.org/x"),),
        techniques=(Claim("rag", "verified", (evidence,)),),
        results=(Result("cost", -40, unit="%", status="vendor-claim", evidence=(evidence,)),),
    )  # fmt: skip
    [passage] = words.passages(case, words.numbered(case), {"s": text}, lambda field, value: f"{field} {value}")
    assert (passage.before, passage.quote, passage.after) == ("", "We saved 40 % i", "n a year, they say. More.")
    assert (passage.status, passage.source) == ("vendor-claim", "example.org")
    assert passage.claims == ["techniques rag", "−40\u00a0% cost"]
