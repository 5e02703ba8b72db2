"""Names of people in running text: whole names, and none where there are none."""

import pytest

from outrider.guardrails import _tagger


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in _tagger.named(text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My name is Katherine Whitfield and I have a question.", "Katherine Whitfield"),
        ("Please contact Dr. Jonas van der Berg about it.", "Jonas van der Berg"),
        ("Sehr geehrte Frau Hoffmann,\nvielen Dank", "Hoffmann"),
        ("Kind regards,\nMaria J. Lopez", "Maria J. Lopez"),
        ("The patient Olga Petrova was admitted.", "Olga Petrova"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert name in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "The Model Context Protocol is described in the Reference.",
        "On Monday we deploy to Amazon Web Services in Frankfurt.",
        "Raises ValueError when the number is wrong, as in Python.",
        "Dear Sir or Madam,\nThank You For Your Order.",
        "",
    ],
)
def test_other_capitals(text: str) -> None:
    assert found(text) == []


def test_the_weights_are_what_the_code_expects() -> None:
    assert len(_tagger._weights()) == _tagger.BUCKETS


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I would like to remove my kid Calfucir from the will.", "Calfucir"),
        ("It is Joanna, but everyone calls me Asma", "Asma"),
        ("Her older brother Maciej will sign.", "Maciej"),
        ("my name is Thekla Weiss, hello", "Thekla Weiss"),
    ],
)
def test_a_word_introduces_a_name(text: str, name: str) -> None:
    assert [text[one.start : one.end] for one in _tagger.introduced(text)] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Call me Monday, please.",
        "my wife and I",
        "Please call her When it is done",
        "my doctor IBM",
        "our partner Microsoft and their partner Salesforce",
        "their child Process exits, our assistant Claude answers",
        "She calls him Sir.",
    ],
)
def test_a_word_introduces_none(text: str) -> None:
    assert list(_tagger.introduced(text)) == []
