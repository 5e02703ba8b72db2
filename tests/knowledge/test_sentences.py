"""Sentences: exact spans, and the same ones while the text is still being written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.knowledge.sentences import sentences, settled


def cut(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It grew by 3.5 %. It fell.", ["It grew by 3.5 %.", "It fell."]),
        ("Acme Inc. grew, e.g. in Asia. So did others.", ["Acme Inc. grew, e.g. in Asia.", "So did others."]),
        ("A. Miller of the U.S. Army said so.", ["A. Miller of the U.S. Army said so."]),
        ("They left the U.S. The rest stayed.", ["They left the U.S.", "The rest stayed."]),
        ("It works. [1] More [2]. End", ["It works. [1]", "More [2].", "End"]),
        ("One.[1, 2] Two.", ["One.[1, 2]", "Two."]),
        ("“Really?” she asked. Yes!", ["“Really?”", "she asked.", "Yes!"]),
        ("# Head\nProse goes\nover lines. Next", ["# Head", "Prose goes\nover lines.", "Next"]),
        ("- item one\n- item two\n1. first\n2. second", ["- item one", "- item two", "1. first", "2. second"]),
        ("| a | 2.5 |\n| b | 3 |", ["| a | 2.5 |", "| b | 3 |"]),
        (  # rows of a workbook or of CSV
            "Country: Poland | Rate: 23\nCountry: Hungary | Rate: 27 | Note: Raised. Twice.\nThat was all.",
            ["Country: Poland | Rate: 23", "Country: Hungary | Rate: 27 | Note: Raised. Twice.", "That was all."],
        ),
        ("He said: a | b and\nwent on", ["He said: a | b and\nwent on"]),
        ("他说好。再见！", ["他说好。", "再见！"]),
        ("Version 2.0.1 of v1.2 is out...and so on. New", ["Version 2.0.1 of v1.2 is out...and so on.", "New"]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert cut(text) == parts


_TEXT = st.text(st.sampled_from("aB1 .?!\n-#|[],\"'”e.g。x2"), max_size=80) | st.lists(
    st.sampled_from(["It grew. ", "e.g. ", "[1] ", "[2, 3]", "3.5 % ", "Inc. ", "\n- ", "The end! ", "\n\n", "A. B. "]),
    max_size=15,
).map("".join)


@given(_TEXT)
def test_only_white_space_is_between_them(text: str) -> None:
    at = 0
    for start, end in sentences(text):
        assert at <= start < end
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()


@given(_TEXT, st.integers(0, 80))
@settings(max_examples=400)
def test_what_is_settled_stays(text: str, at: int) -> None:
    """Cut off anywhere: the sentences up to the settled place are sentences of the whole."""
    end = settled(text[:at])
    early = [span for span in sentences(text[:at]) if span.end <= end]
    assert sentences(text)[: len(early)] == early


def test_a_sentence_is_settled_soon_after_its_end() -> None:
    text = "It grew by 3.5 %. [1] Then"
    assert settled(text) == 0
    assert text[: settled(text + " it fell")] == "It grew by 3.5 %. [1]"
