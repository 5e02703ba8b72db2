"""Markdown: blocks as a reference parser sees them, and no character lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from outrider.knowledge.parse import parse
from outrider.knowledge.parse.front_matter import FAULT
from outrider.knowledge.parse.markdown import scan
from outrider.knowledge.records import Fetched, Parsed

LINES = st.sampled_from(
    [
        "# One",
        "## Two ##",
        "text here",
        "more, *text*",
        "- item",
        "  - inner",
        "1. first",
        "| a | b |",
        "|---|---|",
        "a | b",
        "--|--",
        "```py",
        "```",
        "~~~",
        "===",
        "---",
        "***",
        "    code",
        "",
        "  ",
        "> quoted",
        "<div>",
        "#no heading",
        "####### seven",
        "\ttab",
        "[a](https://a.example/b)",
    ]
)


def read(text: str) -> Parsed:
    return parse(Fetched("notes/a.md", "a.md", "text/markdown", text.encode()))


@given(st.lists(LINES, max_size=30).map("\n".join))
def test_blocks_are_in_order_and_leave_out_only_white_space(text: str) -> None:
    at = 0
    for block in scan(text):
        assert at <= block.start < block.end
        assert not text[at : block.start].strip()
        at = block.end
    assert not text[at:].strip()


@given(
    st.lists(
        st.sampled_from(
            ["# One", "## Two", "A text.", "- item\n- item", "```\n# no\n\nx\n```", "| a |\n|---|\n| 1 |", "Set\n==="]
        ),
        max_size=12,
    )
)
def test_blocks_are_those_of_the_reference(blocks: list[str]) -> None:
    text = "\n\n".join(blocks)
    names = {
        "heading_open": "heading",
        "paragraph_open": "text",
        "bullet_list_open": "list",
        "fence": "code",
        "table_open": "table",
    }
    tokens = [t for t in MarkdownIt().enable("table").parse(text) if t.level == 0 and t.type in names]
    expected = [(names[t.type], int(t.tag[1]) if t.type == "heading_open" else 0) for t in tokens]
    found = [(b.kind, b.level) for b in scan(text)]
    assert _merged(found) == _merged(expected)


def _merged(kinds: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Lists that follow each other are one."""
    return [k for n, k in enumerate(kinds) if k[0] != "list" or n == 0 or kinds[n - 1][0] != "list"]


def test_front_matter_is_what_the_document_says_of_itself() -> None:
    parsed = read(
        "---\ntitle: A case\ndate: 2026-01-02\ntags: [rag, evals]\nn: .inf\n---\n\n# Body\n\nText, https://a.example/x."
    )
    assert parsed.title == "A case"
    assert parsed.meta == {"title": "A case", "date": "2026-01-02", "tags": ["rag", "evals"], "n": "inf"}
    assert parsed.text.strip().startswith("# Body")
    assert parsed.links == ["https://a.example/x"]
    assert read('+++\ntitle = "T"\n+++\nText').meta == {"title": "T"}


def test_broken_front_matter_is_told_and_kept() -> None:
    text = '---\ntitle: "Unclosed\ncompany: Acme: Inc\ntags:\n  - rag\n  - "evals"\n---\n# Body\n'
    parsed = read(text)
    assert parsed.meta["company"] == "Acme: Inc"
    assert parsed.meta["tags"] == ["rag", "evals"]
    assert parsed.meta[FAULT].startswith("line ")
    assert parsed.text == text
    assert [b.kind for b in parsed.blocks] == ["code", "heading"]


@pytest.mark.parametrize(
    ("field", "title"),
    [
        ("[unclosed", "Body"),
        ("{a: b", "Body"),
        ('"Unclosed', "Body"),
        ("Acme: what it took", "Acme: what it took"),
        ("[Draft] A plan", "[Draft] A plan"),
        ('"Trains" and ships', '"Trains" and ships'),
    ],
)
def test_broken_front_matter_gives_no_half_of_a_value_as_title(field: str, title: str) -> None:
    parsed = read(f"---\ntitle: {field}\nauthor: Anna\n---\n\n# Body\n\nText.")
    assert FAULT in parsed.meta
    assert (parsed.title, parsed.meta["author"]) == (title, "Anna")


def test_laughs_by_the_billion_are_refused() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "repeat too much" in read("---\n" + "\n".join(rows) + "\n---\nText").meta[FAULT]


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    assert read("---\nOnly a line.\n---\nText").meta == {}
    assert read("Text\n\n---\na: b\n---\n").meta == {}


@given(st.text(max_size=300))
def test_any_text_after_any_front_matter(text: str) -> None:
    parsed = read(f"---\n{text}\n---\nBody.")
    assert "Body." in parsed.text


@pytest.mark.parametrize("sign", ["[", "{a: ", "- ", "? ", "-\t", "&a [*a, "])
def test_front_matter_nested_without_end_breaks_nothing(sign: str) -> None:
    assert FAULT in read(f"---\na: {sign * 40_000}\n---\nText").meta
    assert FAULT in read(f"---\n{sign * 40_000}\n---\nText").meta
