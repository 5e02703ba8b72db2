"""What a text may say: what its passages say, in an equivalent form. Wrong digits, units and names are found."""

import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from outrider.knowledge.naming import names
from outrider.knowledge.sentences import sentences
from outrider.knowledge.verify import check, occurs

PASSAGE = (
    "Acme Corp, an insurer, deployed GPT-4 with Retrieval Augmented Generation in March 2024. Handling time is 12 "
    "minutes now, down from 90 minutes, a reduction of 87%, for 500 claims agents. It saved $1.2 million a year. About "
    "1,000 documents are indexed at a p95 of 250 ms. Accuracy rose from 70% to 92%. Jane Smith leads the team."
)


@pytest.mark.parametrize(
    "text",
    [
        "Acme used GPT 4 with RAG.",
        "It fell from 1.5 hours to 12 min, i.e. 87 percent.",
        "It saved $1,200,000 [1].",
        "In 2024 Acme's five hundred agents gained 87 % [1][2].",
        "It reads one thousand documents.",
        "1. The p95 is 0.25 seconds.",
        "Indexing covers 1.000 documents.",
        "Accuracy is 92%, up from 70%.",
        "Accuracy went from 70% to 92%.",
        "Agents of the insurer like it.",
        "Smith leads it.",
        "Yesterday Acme told so; Insurers like Acme know.",
        "",
    ],
)
def test_supported(text: str) -> None:
    assert check(text, [PASSAGE]) == []


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        ("It saved $1.3 million.", "figure", "$1.3 million"),
        ("It saved 1.2 million users.", "unit", "1.2 million"),
        ("It saved €1.2 million.", "unit", "€1.2 million"),
        ("It took 250 s.", "figure", "250 s"),
        ("It took 12 hours.", "figure", "12 hours"),
        ("It gained 87 percentage points.", "unit", "87 percentage points"),
        ("It serves 500 hospitals.", "unit", "500"),
        ("It began in April 2024.", "figure", "April 2024"),
        ("It began on March 5, 2024.", "figure", "March 5, 2024"),
        ("Accuracy fell from 92% to 70%.", "figure", "92% to 70%"),
        ("Time rose from 12 minutes to 90 minutes.", "figure", "12 minutes to 90 minutes"),
        ("Globex saved money.", "name", "Globex"),
        ("It runs on Claude.", "name", "Claude"),
        ("Acme Holdings saved money.", "name", "Acme Holdings"),
        ("John Smith leads it.", "name", "John Smith"),
        ("Its p99 is low.", "name", "p99"),
        ("It is version v3.2.", "name", "v3.2"),
        ("It is of 03/05/2024.", "figure", "03/05/2024"),
        ("See https://example.com/x.", "name", "https://example.com/x"),
        ("It saved twelve million.", "figure", "twelve million"),
        ("It is three times as fast.", "figure", "three times"),
    ],
)
def test_not_supported(text: str, kind: str, what: str) -> None:
    flaws = check(text, [PASSAGE])
    assert (kind, what) in [(f.kind, f.text) for f in flaws]
    assert all(text[f.start : f.end] == f.text for f in flaws)


def test_a_comparison_is_no_change() -> None:
    text = "The small model has 43% accuracy compared to 45.3% for the large one."
    assert check(text, [text]) == []


def test_any_of_the_passages_will_do() -> None:
    assert check("Acme saved 7%.", ["It saved 7%.", "Acme"]) == []
    assert check("Acme saved 7%.", []) != []


def test_names_may_come_from_the_question_but_figures_may_not() -> None:
    assert check("Globex saved 87%.", [PASSAGE], known="What did Globex save?") == []
    assert check("It saved 40%.", [PASSAGE], known="Did Globex save 40%?") != []


@pytest.mark.parametrize(
    ("name", "passage"),
    [
        ("RAG", "retrieval-augmented generation"),
        ("Retrieval Augmented Generation", "they use RAG"),
        ("GitHub", "on Git Hub"),
        ("LLMs", "an LLM"),
        ("gpt-4o-mini", "GPT-4o mini"),
        ("Acme", "Acme's"),
    ],
)
def test_names_in_other_forms(name: str, passage: str) -> None:
    assert occurs(name, passage)


@pytest.mark.parametrize(("name", "passage"), [("AI", "again"), ("Meta", "metadata"), ("GPT-4", "GPT-40"), ("Ada", "")])
def test_other_names(name: str, passage: str) -> None:
    assert not occurs(name, passage)


_SENTENCES = [PASSAGE[s.start : s.end] for s in sentences(PASSAGE)]


@given(st.sampled_from(_SENTENCES), st.integers(0, 200), st.sampled_from(string.digits))
@settings(max_examples=3 * settings().max_examples)
def test_every_wrong_digit_is_found(sentence: str, at: int, digit: str) -> None:
    places = [i for i, c in enumerate(sentence) if c.isdigit()]
    assume(places)
    place = places[at % len(places)]
    assume(sentence[place] != digit)
    changed = sentence[:place] + digit + sentence[place + 1 :]
    assert check(sentence, [PASSAGE]) == []
    assert check(changed, [PASSAGE]) != [] or changed.replace("012", "12") == sentence


@given(
    st.sampled_from(["Acme Corp", "GPT-4", "Jane Smith"]), st.sampled_from(["Globex", "Llama 3", "Mary Jones", "IBM"])
)
def test_every_swapped_name_is_found(name: str, other: str) -> None:
    for sentence in _SENTENCES:
        if name in sentence:
            assert [f.text for f in check(sentence.replace(name, other), [PASSAGE]) if f.kind == "name"] == [other]


@given(st.text(max_size=300))
def test_a_text_supports_itself(text: str) -> None:
    assert check(text, [text]) == []


def test_names_have_places() -> None:
    text = "They say that OpenAI and Bank of America met Jane O'Neil about GPT-4o mini at https://a.b/c."
    assert [text[n.start : n.end] for n in names(text)] == [
        "OpenAI", "Bank of America", "Jane O'Neil", "GPT-4o", "https://a.b/c",
    ]  # fmt: skip
