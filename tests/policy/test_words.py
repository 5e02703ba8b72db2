"""Words of users, and numbers in words."""

from pathlib import Path

import pytest

from outrider.policy.shades import GRAVE
from outrider.policy.words import NOUNS, READS, VERBS, counted_in_words, word_set


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("twenty five and three hundred", [25, 300]),
        ("one two", [1, 2]),
        ("two thousand and six", [2006]),
        ("vierundzwanzig", [24]),
        ("no number", []),
    ],
)
def test_numbers(text: str, numbers: list[int]) -> None:
    assert [number for number, _, _ in counted_in_words(text)] == numbers


def test_what_reads_is_no_effect() -> None:
    verbs = {word for words in VERBS.values() for word in word_set(words)}
    assert not (READS & verbs)
    assert "email" in NOUNS


def test_the_guide_lists_every_word_of_a_class_and_every_shade_that_needs_its_word() -> None:
    guide = (Path(__file__).parents[2] / "docs/guides/policy.md").read_text("utf-8")
    assert [word for word in [*VERBS, *GRAVE] if f"`{word}`" not in guide] == []
