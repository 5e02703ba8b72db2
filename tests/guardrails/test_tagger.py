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
    weights, words = _tagger._model()
    assert len(weights) == _tagger.BUCKETS
    assert list(words) == sorted(words)


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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("I told Jasmin that the meeting moved.", ["Jasmin"]),
        ("Meeting notes\n- Anna: slides\n- Joao: demo\n- QA: tests\n", ["Anna", "Joao"]),
        ("hey its marcus, can u tell jasmin", ["marcus", "jasmin"]),
        ("Called Rosa Vantongeren. Later Vantongeren was out.", ["Rosa Vantongeren", "Vantongeren"]),
        ("Claimant: Obadiah Pemberton, Policy: Gold", ["Obadiah Pemberton"]),
    ],
)
def test_names_that_stand_alone(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "Invoice from Garden Guru for Atlas Realty",
        "Sehr geehrte Damen und Herren, bitte senden Sie mir die Rechnung.",
        "The German and the Brazilian government met.",
        "I've seen that We've moved, see BronzeElephant.fi",
        "We run Ubuntu with Redis, Postgres and Kafka.",
    ],
)
def test_firms_and_things_are_nobody(text: str) -> None:
    assert found(text) == []


def test_what_is_known_of_a_word() -> None:
    assert _tagger.known("jasmin") & _tagger.FIRST
    assert _tagger.known("smith-jones") & _tagger.LAST
    assert _tagger.known("garden") == _tagger.WORD
    assert _tagger.known("qwxzkj") == 0
