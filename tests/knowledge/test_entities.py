"""Names by rules: what they find in texts of the kinds that are met."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.knowledge import entities


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("In 1994, Martin Landau's film “Ed Wood” starred Johnny Depp.", ["martin landau", "ed wood", "johnny depp"]),
        ("He was born in Buenos Aires. It rains.", ["buenos aires"]),
        ("J. R. R. Tolkien wrote The Lord of the Rings.", ["j r r tolkien", "lord of the rings"]),
        ("The Café de Flore and São Paulo", ["cafe de flore and sao paulo", "cafe de flore", "sao paulo"]),
        ("there is nothing here", []),
        ("1994 2008", []),
    ],
)
def test_names_are_runs_of_capitals(text: str, said: list[str]) -> None:
    assert list(entities.names(text)) == said


def test_parts_of_a_run_are_names_if_they_are_titles() -> None:
    known = {"barack obama"}.__contains__
    assert list(entities.names("President Barack Obama spoke.", known)) == ["president barack obama", "barack obama"]


def test_a_question_names_titles_in_any_case() -> None:
    known = {"ed wood", "wood", "film", "who"}.__contains__
    assert entities.named("who directed the film ed wood, and where was Tim Burton born?", known) == [
        "ed wood",
        "film",
        "tim burton",
    ]


def test_a_title_is_known_without_what_tells_it_apart() -> None:
    assert entities.title_keys("Ed Wood (film)") == ["ed wood film", "ed wood"]
    assert entities.title_keys("") == []


@given(st.text(max_size=200))
def test_any_text_has_names_that_are_keys(text: str) -> None:
    for name in entities.names(text):
        assert name
        assert entities.key(name) in (name, entities.key(name))
    assert all(entities.named(text, lambda _: True))
