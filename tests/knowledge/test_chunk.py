"""Passages: exact, complete, of even size, and never across sections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.knowledge.chunk import OUTER, SIZE, pieces, tokens
from outrider.knowledge.parse import parse
from outrider.knowledge.parse.draft import Draft
from outrider.knowledge.records import Fetched, Parsed

WORDS = st.sampled_from(
    ["retrieval", "a", "of", "model", "3.5 %", "x" * 300, "日本語の文章", "end.", "Why?", "\n", "\n\n", "`c`"]
)
KINDS = st.sampled_from(["heading", "text", "list", "table", "code", "speech", "caption"])


@st.composite
def documents(draw: st.DrawFn) -> Parsed:
    draft = Draft()
    for kind, level, words, many in draw(
        st.lists(st.tuples(KINDS, st.integers(1, 6), st.lists(WORDS, min_size=1, max_size=30), st.integers(1, 12)))
    ):
        draft.add(kind, " ".join(words * many), level=level if kind == "heading" else 0)
    return draft.parsed()


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_is_counted_as_everything_is(text: str) -> None:
    assert tokens(text) + 1 == tokens(f"{text}…")  # which is no ASCII, and one token


@given(documents(), st.sampled_from([20, 60, SIZE]))
def test_every_word_is_in_one_passage(parsed: Parsed, size: int) -> None:
    made = pieces(parsed, size=size)
    at = 0
    for piece in made:
        assert not parsed.text[at : piece.start].strip()
        assert at <= piece.start < piece.end
        assert piece.outer[0] <= piece.start < piece.end <= piece.outer[1]
        assert parsed.text[piece.start : piece.end].strip() == parsed.text[piece.start : piece.end]
        at = piece.end
    assert not parsed.text[at:].strip()


@given(documents(), st.sampled_from([60, SIZE]))
def test_passages_are_bounded_and_stay_in_their_section(parsed: Parsed, size: int) -> None:
    starts = [b.start for a, b in zip(parsed.blocks, parsed.blocks[1:], strict=False) if b.kind == "heading" != a.kind]
    for piece in pieces(parsed, size=size):
        heads = sum(tokens(parsed.text[b.start : b.end]) for b in parsed.blocks if b.kind == "heading")
        assert tokens(parsed.text[piece.start : piece.end]) <= size + heads + 210
        assert not [s for s in starts if piece.start < s < piece.end or piece.outer[0] < s < piece.outer[1]]


def markdown(text: str) -> Parsed:
    return parse(Fetched("a.md", "a.md", "", text.encode()))


def test_headings_lead_to_a_passage() -> None:
    parsed = markdown("# Top\n\n## First\n\nOne.\n\n### Deep ###\n\nTwo.\n\nSecond\n------\n\nThree.\n")
    assert [(p.headings, parsed.text[p.start : p.end].splitlines()[-1]) for p in pieces(parsed)] == [
        (["Top", "First"], "One."),
        (["Top", "First", "Deep"], "Two."),
        (["Top", "Second"], "Three."),
    ]


def test_a_long_table_is_cut_between_rows_and_keeps_its_header() -> None:
    rows = "\n".join(f"| city {n} | {n * 1000} people live there |" for n in range(120))
    parsed = markdown(f"## Cities\n\n| city | people |\n|---|---|\n{rows}\n")
    made = pieces(parsed)
    assert len(made) > 4
    assert {p.kind for p in made} == {"table"}
    assert made[0].headings == ["Cities"]
    assert all(p.headings == ["Cities", "| city | people |"] for p in made[1:])
    assert all(line.startswith("| city") for p in made[1:] for line in parsed.text[p.start : p.end].splitlines())


def test_code_is_cut_between_definitions() -> None:
    parts = [f"def f{n}(x):\n    y = x + {n}\n    z = y * y\n    return [y, z, x, {n}]\n" for n in range(30)]
    parsed = parse(Fetched("a.py", "a.py", "", "\n\n".join(parts).encode()))
    assert all(parsed.text[p.start :].startswith("def ") for p in pieces(parsed))


def test_passages_of_a_section_are_even_and_sections_too_long_to_show_are_divided() -> None:
    text = "\n\n".join(f"Paragraph {n} says something about the number {n}, which is not much." for n in range(400))
    parsed = markdown(f"# Long\n\n{text}")
    made = pieces(parsed)
    sizes = [tokens(parsed.text[p.start : p.end]) for p in made]
    assert min(sizes[:-1]) > SIZE / 2
    assert max(sizes) <= SIZE * 1.1
    outers = {p.outer for p in made}
    assert len(outers) > 3
    assert all(tokens(parsed.text[a:b]) <= OUTER * 1.1 for a, b in outers)


@pytest.mark.parametrize("length", [1, 10_000, 300_000])
def test_text_without_any_structure(length: int) -> None:
    parsed = markdown("x" * length)
    assert "".join(parsed.text[p.start : p.end] for p in pieces(parsed)) == "x" * length
