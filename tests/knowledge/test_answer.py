"""Answers: quoted from what the documents say, or refused; what a model writes is held to its passages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.base.errors import RequestError
from outrider.knowledge.answer import Answer, Sentence, answer
from outrider.knowledge.answer.written import INSTRUCTIONS, MARK, passages
from outrider.knowledge.library import Library
from outrider.knowledge.parse import parse
from outrider.knowledge.records import Collection, Fetched
from outrider.knowledge.verify import check
from outrider.store.open_ import open_knowledge

ACME = """# Claims at Acme

Acme Insurance handles motor claims with a retrieval system that reads 12,000 policy documents. The system went live in
March 2024. Handling time per claim fell from 90 minutes to 12 minutes. The team of 14 engineers chose PostgreSQL with
pgvector as its store. The programme cost $1.2 million in its first year.

## Failures

In the first month the assistant quoted outdated policies, because documents were never removed from the index. Nightly
re-indexing cured that.
"""
GLOBEX = """# Support at Globex

Globex Bank answers customers with a chatbot. It resolves 54% of conversations without a person. The model is a
fine-tuned Llama 3 on two servers. Customer satisfaction rose to 4.6 of 5.
"""
INITECH = """# Search at Initech

Initech searches contracts by meaning and by keyword. Latency is 250 ms at the 95th percentile. Lawyers find clauses
three times as fast.
"""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    store = open_knowledge(f"sqlite:///{tmp_path}/outrider.db")
    yield Library(store, tmp_path)
    store.close()


@pytest.fixture
def docs(library: Library) -> Collection:
    collection = library.create("default", "docs")
    for name, text in (("acme.md", ACME), ("globex.md", GLOBEX), ("initech.md", INITECH)):
        fetched = Fetched(source=name, name=name, media="text/markdown", body=text.encode())
        library.put(collection, name, parse(fetched), body=text.encode())
    return collection


class Scripted:
    """A model that says what it was told to say, and remembers what it was asked."""

    def __init__(self, says: str) -> None:
        self.says, self.prompts, self.cost = says, list[str](), 0

    def ask(self, prompt: str, *, max_tokens: int = 256) -> str:
        self.prompts.append(prompt)
        self.cost += 1000
        return self.says


def quotes_are_exact(library: Library, docs: Collection, made: Answer) -> None:
    for sentence in made.sentences:
        assert made.text[sentence.start : sentence.end] == sentence.text
        for cited in sentence.citations:
            text = library.text(docs, library.document(docs, cited.document))
            assert text[cited.start : cited.end] == cited.quote
            assert made.evidence[cited.number - 1].document.id == cited.document


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How long does Acme take per claim?", "Handling time per claim fell from 90 minutes to 12 minutes."),
        ("When did the claims system of Acme go live?", "The system went live in March 2024."),
        ("What share of conversations does Globex resolve without a person?", "It resolves 54% of conversations"),
        ("What did the programme at Acme cost?", "The programme cost $1.2 million in its first year."),
        ("Which store did the engineers of Acme choose?", "PostgreSQL with pgvector"),
        ("Why did Acme's assistant quote outdated policies?", "because documents were never removed from the index"),
        ("What is the latency at Initech?", "Latency is 250 ms at the 95th percentile."),
    ],
)
def test_the_answer_is_quoted(library: Library, docs: Collection, question: str, said: str) -> None:
    made = answer(library, docs, question)
    assert not made.abstained, made.why
    assert said in made.text
    assert "[1]" in made.text
    assert all(s.supported for s in made.sentences)
    assert all(check(s.text, [c.quote for c in s.citations]) == [] for s in made.sentences)
    quotes_are_exact(library, docs, made)


RATES = """# Travel

Rates differ by country.

| Country | Hotel | Meals |
|---|---:|---:|
| Norway | 180 EUR | 62 EUR |
| Portugal | 120 EUR | |

Tickets are refunded within 14 days.
"""


def test_of_a_sheet_the_rows_that_are_asked_for_are_told(library: Library) -> None:
    rates = "Country,Rate,Valid from\nPoland,23,2011\nGermany,19,2007\nHungary,27,2012\n"
    collection = library.create("p", "rates")
    library.put(collection, "rates.csv", parse(Fetched("rates.csv", "rates.csv", "text/csv", rates.encode())))
    for asked, row in (
        ("What is the rate in Hungary?", "Country: Hungary | Rate: 27 | Valid from: 2012."),
        ("Since when is the rate in Germany valid?", "Country: Germany | Rate: 19 | Valid from: 2007."),
    ):
        assert [sentence.text for sentence in answer(library, collection, asked).sentences] == [row]


def test_a_row_of_a_table_is_told_with_its_columns(library: Library) -> None:
    docs = library.create("default", "tables")
    library.put(docs, "travel.md", parse(Fetched("travel.md", "travel.md", "text/markdown", RATES.encode())))
    made = answer(library, docs, "How much is a hotel in Norway?")
    assert made.text.startswith("Country: Norway | Hotel: 180 EUR | Meals: 62 EUR. [1]")
    (row, head) = made.sentences[0].citations
    assert (row.quote, head.quote) == ("| Norway | 180 EUR | 62 EUR |", "| Country | Hotel | Meals |")
    assert check(made.sentences[0].text, [row.quote, head.quote]) == []
    quotes_are_exact(library, docs, made)
    assert answer(library, docs, "What is a hotel in Portugal?").text.startswith("Country: Portugal | Hotel: 120 EUR.")


@pytest.mark.parametrize("name", ["budget.html", "budget.eml"])
def test_a_heading_is_no_answer(library: Library, name: str) -> None:
    docs = library.create("default", "headed")
    body = {
        "budget.html": "<html><body><h1>The budget of the project Osprey</h1><p>The budget is 77 thousand euros for"
        " all of next year.</p></body></html>",
        "budget.eml": "Subject: The budget of the project Osprey\nFrom: a@example.com\n\nThe budget is 77 thousand"
        " euros for all of next year.\n",
    }[name]
    library.put(docs, name, parse(Fetched(name, name, "", body.encode())))
    made = answer(library, docs, "What is the budget of the project Osprey?")
    assert made.text == "The budget is 77 thousand euros for all of next year. [1]"


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("How many people does Hooli employ in Spain?", "Hooli"),
        ("What is the recipe for apple pie?", "recipe"),
        ("How much energy do the servers of Initech use?", "energy"),
    ],
)
def test_without_evidence_it_refuses(library: Library, docs: Collection, question: str, why: str) -> None:
    made = answer(library, docs, question)
    assert made.abstained
    assert made.written == "refusal"
    assert why in made.why
    assert made.text.startswith("The documents do not answer this")
    assert not any(s.citations for s in made.sentences)


def test_an_empty_collection_refuses(library: Library) -> None:
    made = answer(library, library.create("default", "empty"), "What is there?")
    assert (made.abstained, made.why) == (True, "nothing was found")


def test_a_model_that_tells_the_truth(library: Library, docs: Collection) -> None:
    model = Scripted("Acme needs 12 minutes instead of 90 minutes per claim [1]. Its store is pgvector [1].")
    made = answer(library, docs, "How long does Acme take per claim?", model=model)
    assert made.written == "abstractive"
    assert made.text == model.says
    assert [len(s.citations) for s in made.sentences] == [1, 1]
    assert made.cost == 1000
    quotes_are_exact(library, docs, made)
    assert made.sentences[0].citations[0].quote == "Handling time per claim fell from 90 minutes to 12 minutes."


LIE = "Acme needs 12 minutes per claim [1]. It saves 77% of the cost [1]. Hooli uses it too [1]."


def test_what_is_made_up_is_marked(library: Library, docs: Collection) -> None:
    made = answer(library, docs, "How long does Acme take per claim?", model=Scripted(LIE))
    assert made.text.count(MARK) == 2
    assert [s.flaws for s in made.sentences] == [(), ("77%",), ("Hooli",)]


def test_what_is_made_up_is_dropped(library: Library, docs: Collection) -> None:
    ask = "How long does Acme take per claim?"
    made = answer(library, docs, ask, model=Scripted(LIE), unsupported="drop")
    assert made.text == "Acme needs 12 minutes per claim [1]."
    assert len(made.dropped) == 2


def test_nothing_but_lies_is_a_refusal(library: Library, docs: Collection) -> None:
    model = Scripted("Hooli takes 3 hours [1]. It was built by Jane Doe [9].")
    made = answer(library, docs, "How long does Acme take per claim?", model=model, unsupported="drop")
    assert made.abstained
    assert len(made.dropped) == 2


def test_a_model_may_refuse(library: Library, docs: Collection) -> None:
    model = Scripted("The passages do not say how long it takes.")
    made = answer(library, docs, "How long does Acme take per claim?", model=model)
    assert made.abstained
    assert made.why == "the model found no answer in the passages"


def test_sentences_without_marks_are_attributed_or_flawed(library: Library, docs: Collection) -> None:
    model = Scripted("Handling time per claim fell to 12 minutes. Everybody in the office was delighted and sang.")
    made = answer(library, docs, "How long does Acme take per claim?", model=model)
    assert [len(s.citations) for s in made.sentences] == [1, 0]
    assert made.sentences[1].flaws


def test_no_model_is_asked_without_evidence(library: Library, docs: Collection) -> None:
    model = Scripted("Something [1].")
    assert answer(library, docs, "What is the recipe for apple pie?", model=model).abstained
    assert model.prompts == []


def test_passages_cannot_end_their_quotation(library: Library, docs: Collection) -> None:
    made = answer(library, docs, "How long does Acme take per claim?")
    told = passages(made.evidence)
    first, last = told.splitlines()[0], told.splitlines()[-1]
    assert last == first.replace("<", "</")
    assert told.count(last) == 1
    assert "instruction" in INSTRUCTIONS


def test_sentences_stream(library: Library, docs: Collection) -> None:
    got: list[Sentence] = []
    made = answer(library, docs, "How long does Acme take per claim?", stream=got.append)
    assert got == made.sentences


def test_readers_are_kept_to(library: Library, docs: Collection) -> None:
    text = "# Secret\n\nProject Umbra saved Acme 40 million dollars."
    fetched = Fetched(source="s.md", name="s.md", media="text/markdown", body=text.encode())
    library.put(docs, "s.md", parse(fetched), readers=("user:ann",))
    ask = "How much did Project Umbra save?"
    assert answer(library, docs, ask).abstained
    assert "40 million" in answer(library, docs, ask, principals=frozenset({"*", "user:ann"})).text


def test_bad_questions(library: Library, docs: Collection) -> None:
    with pytest.raises(RequestError, match="empty"):
        answer(library, docs, " ")
    with pytest.raises(RequestError, match="needs a model"):
        answer(library, docs, "What?", mode="abstractive")
