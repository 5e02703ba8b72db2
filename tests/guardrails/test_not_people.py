import pytest

from outrider.guardrails import Context, pii


def found(text: str) -> list[str]:
    options = pii.Options(only=("person",))
    return [text[one.start : one.end] for one in pii.check(text, Context(options=options))]


@pytest.mark.parametrize(
    "text",
    [
        "Please pay by Friday. IBAN: CZ70 6894 2701",
        "It came from 10.2.4.75. MAC of the adapter follows",
        "Her SSN and DOB",
    ],
)
def test_acronyms(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "We moved to Austin last year.",
        "We have flights to Austin, Dallas and Houston.",
        "They live in Charlotte now.",
        "He grew up in Jackson, Mississippi.",
        "Jackson, Mississippi is hot.",
        "The mayor of Orlando spoke.",
        "A hotel in Florence is dear.",
        "Denver airport was closed.",
    ],
)
def test_towns_that_are_first_names(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ask Austin about it.", "Austin"),
        ("My name is Austin.", "Austin"),
        ("I told Charlotte that we are late.", "Charlotte"),
        ("Write to Anna Kovac, NV 89101, USA", "Anna Kovac"),
        ("I spoke with Dallas Green in Austin.", "Dallas Green"),
    ],
)
def test_people_who_are_called_as_towns(text: str, name: str) -> None:
    assert found(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Hoffmann raised prices.",
        "I bought shares of Hoffmann yesterday.",
        "He is employed by Hoffmann since May.",
        "Krüger GmbH & Co. KG sent a letter.",
        "Nagy Kft. sent a letter.",
        "The Hoffmann website is down.",
    ],
)
def test_firms_that_are_a_surname(text: str) -> None:
    assert found(text) == []


def test_a_surname_of_somebody_who_is_named_is_a_persons() -> None:
    text = "Anna Hoffmann called. I bought shares of Hoffmann yesterday."
    assert found(text)[0] == "Anna Hoffmann"
    assert found("Mr. Hoffmann called, and Hoffmann was angry.") != []


def test_an_acronym_behind_a_name() -> None:
    assert found("We asked Anna Hoffmann CEO of the firm") == ["Anna Hoffmann"]


def test_what_a_person_is() -> None:
    assert found("Anamnesis: Viktor Hoffmann, since Monday") == ["Viktor Hoffmann"]
