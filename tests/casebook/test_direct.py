"""What a question asks for and takes for granted, and the figure or sentence that answers it."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from outrider.casebook import facts, premises, weighing
from outrider.casebook.ask import ask
from outrider.casebook.book import Casebook
from outrider.casebook.direct import Statement, candidates, statements
from outrider.casebook.evidence import find
from outrider.casebook.find import Finder
from outrider.casebook.records import CaseStudy, Result, Source
from outrider.knowledge.embedders import Embedders, loader
from outrider.knowledge.records import Query
from tests.casebook import few
from tests.knowledge.shelves import WordVectors


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("What share of chats needs nobody?", {"%"}),
        ("How many agents are there?", {"count"}),
        ("How many days did it last?", {"time"}),
        ("By how much did errors fall?", {"%", "x", "points", "time"}),
        ("What does one article cost?", {"money", "%"}),
        ("How quickly is a token exchanged?", {"time", "x", "%"}),
        ("What latency does it add?", {"time", "x"}),
        ("How does it decide how long to remember?", set()),
        ("Which company uses agents?", set()),
        ("Why did it cost so much?", set()),
        ("When do the jobs finish?", {"time", "x", "%"}),
        ("When did the jobs begin?", set()),
        ("When a job fails, how many messages are lost?", {"count"}),
        ("How many more faults does it find?", {"%", "x", "points", "time", "count"}),
        ("What is Pinebank's median retrieval latency?", {"time", "x"}),
        ("How did the filter change in precision after tuning?", {"%", "x", "points", "time", "count", "money"}),
        ("How has the cost of a call developed?", {"%", "x", "points", "time", "count", "money"}),
        ("How did the team change its approach?", set()),
        ("number of agents at Harbour", {"%", "x", "points", "time", "count", "money"}),
        ("Mean reciprocal rank with the graph?", {"%", "x", "points", "time", "count", "money"}),
        ("Pinebank: what factor was gained?", {"%", "x", "points", "time", "count", "money"}),
        ("pinebank tokens per second", {"%", "x", "points", "time", "count", "money"}),
        ("How accurately are mails sorted?", {"%", "x", "points", "time", "count", "money"}),
        ("How quickly did the library grow?", {"%", "x", "points", "time", "count", "money"}),
    ],
)
def test_what_number_is_asked_for(question: str, kinds: set[str]) -> None:
    assert facts.kinds(question) == kinds


@pytest.mark.parametrize(
    ("question", "result", "moved"),
    [
        ("By how much did errors fall?", Result("errors", -40, unit="%"), 1),
        ("By how much did errors fall?", Result("orders", 6, unit="%", note="increase"), -1),
        ("To what level did it raise the use of disks?", Result("use", before=25, after=80, unit="%"), 1),
        ("To what level did it raise the use of disks?", Result("storage", before=2, after=1, unit="PB"), -1),
        ("By how much did errors fall?", Result("t", before="several hours", after="20 minutes"), 0),
        ("How many agents are there?", Result("errors", -40, unit="%"), 0),
    ],
)
def test_a_change_goes_the_way_that_is_asked_for(question: str, result: Result, moved: int) -> None:
    assert facts.moves(question, result) == moved


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("How many agents are there?", (1.0, 0.0, 0.0)),
        ("Why are there agents?", (0.0, 1.0, 0.0)),
        ("What does the agent do?", (0.0, 0.0, 0.0)),
        ("harbour claims agent cost", (0.0, 0.0, 1.0)),
        ("number of agents at Harbour", (1.0, 0.0, 1.0)),
    ],
)
def test_the_form_of_a_question(question: str, form: tuple[float, ...]) -> None:
    assert facts.form(question) == form


def test_how_it_was_before() -> None:
    both, now = Result("accuracy", before=54, after=93, unit="%"), Result("accuracy", 93, unit="%")
    assert facts.was("How accurate was it at first?", both) == 1.0
    assert facts.was("How accurate was it at first?", Result("nits_before", 79, unit="%")) == 1.0
    assert facts.was("How accurate was it at first?", now) == 0.0
    assert facts.was("How accurate is it?", both) == 0.0


def test_what_is_counted() -> None:
    assert facts.focus("number of agents") == "agents"
    assert facts.focus("How many parameters has the model?") == "parameters"
    assert facts.focus("What accuracy does it have?") == "accuracy"
    assert facts.focus("How long does it take?") == "How long does it take?"


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (Result("t", before="several hours", after="20 minutes"), "time"),
        (Result("t", 4, unit="million USD"), "money"),
        (Result("t", 4), "count"),
        (Result("t", 4, unit="per month"), "count"),
        (Result("t", "10-100", unit="%"), "%"),
    ],
)
def test_kinds_of_results(result: Result, kind: str) -> None:
    assert facts.kind(result) == kind


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("What did Harbour save?", []),
        ("What did Ferrari save?", ["Ferrari"]),
        ("How many members refused it?", ["refused"]),
        ("Why did Harbour stop it?", ["stop"]),
        ("What did Harbour stop?", []),
        ("What fine did Harbour pay?", ["fine"]),
        ("How do I bake bread?", []),
        ("What happened in 2019?", ["2019"]),
        ("I read of Harbour. Which way did it go? Tell me.", []),
        ("It went well at Harbour. Did Ferrari follow?", ["Ferrari"]),
        ("How well did Dr. Watson do at Harbour?", ["Dr", "Watson"]),
        ("What share of mails do Harbour's AI and its LLM answer?", []),
        ("What did the AI-written letters save Harbour?", []),
        ("What did the Claude-written letters save Harbour?", ["Claude-written"]),
        ("What did the Mutual-wide search save Harbour?", []),
        ("How did Harbour read oddly laid out files?", []),
        ("How many people were laid off at Harbour?", ["laid"]),
    ],
)
def test_what_is_taken_for_granted(question: str, missing: list[str]) -> None:
    assert premises.missing(question, "Harbour Mutual saved time in 2024.") == missing


def test_what_wants_a_name() -> None:
    assert premises.wants_name("Which vector database does Pinebank use?", named=True)
    assert premises.wants_name("In which language did Pinebank write it?", named=True)
    assert premises.wants_name("Which company bought Pinebank?", named=True)
    assert not premises.wants_name("Which company uses agents?", named=False)
    assert not premises.wants_name("What kind of agents does Pinebank use?", named=True)
    assert not premises.wants_name("What does it do?", named=True)


def test_a_closed_kind_is_answered_by_one_of_it() -> None:
    assert premises.lacks_kind("Which cloud does Pinebank's server run on?", "Stateless HTTP suits most servers.")
    assert not premises.lacks_kind("Which cloud does Pinebank's server run on?", "It runs on Azure.")
    assert premises.lacks_kind("Which languages does it cover?", "They trained a RoBERTa detector.")
    assert not premises.lacks_kind("Which languages does it cover?", "It covers Portuguese.")
    assert not premises.lacks_kind("In which language did Pinebank write it?", "It was ported to C++.")
    assert not premises.lacks_kind("Which company uses agents?", "It does.")


def test_a_moment_is_asked_for_by_when_but_not_by_an_occasion() -> None:
    assert premises.wants_time("When did Pinebank begin?")
    assert premises.wants_time("when will it end")
    assert not premises.wants_time("When the agent fails, who is told?")
    assert not premises.wants_time("Whenever it fails, who is told?")


def test_a_question_without_names() -> None:
    assert premises.nameless("Which database does Pinebank's OnCall use, and why at Pinebank?") == (
        "Which database does it it use, and why at it?"
    )
    assert premises.nameless("How do I bake bread?") == "How do I bake bread?"


def test_a_dispute_that_is_settled_is_a_word_like_others() -> None:
    assert premises.missing("What does Harbour settle?", "Harbour Mutual saved time.") == []


def test_several_of_a_thing_with_a_number_are_the_thing() -> None:
    assert premises.missing("How many H100s train it?", "A machine with 544 H100 cards trains it.") == []
    assert premises.missing("How many H200s train it?", "A machine with 544 H100 cards trains it.") == ["H200s"]


def test_to_stop_doing_something_is_no_end() -> None:
    assert premises.missing("Why did Harbour stop trusting clicks?", "Harbour Mutual saved time.") == []
    assert premises.missing("Why was Harbour banned?", "Harbour Mutual saved time.") == ["banned"]


def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    return WordVectors().queries("", texts)


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finder]:
    closing: list[object] = []
    folder = tmp_path_factory.mktemp("few")
    yield Finder(few.casebook(f"sqlite:///{folder / 'outrider.sqlite3'}", folder / "home", closing.append))
    for close in closing:
        close()  # type: ignore[operator]


def test_a_figure_in_the_words_of_its_passage(finder: Finder) -> None:
    question = "What share of chats is the deflection rate of claims at Harbour Mutual?"
    (said, *_) = statements(finder.cases, question, ["harbour-claims"], [], vectors)
    assert said.text == "Harbour Mutual: The chat deflection rate reached 60 % in 2024 (claimed by the vendor)."
    text = few.TEXTS["harbour-claims"]
    assert all(text[e.start : e.end] == e.quote for e in said.evidence)


def test_a_figure_that_is_contradicted_says_so(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    book = few.casebook(f"sqlite:///{tmp_path / 'o.sqlite3'}", tmp_path, request.addfinalizer)
    case = book.get("harbour-claims")
    figure = msgspec.structs.replace(case.results[0], value=40)
    other = msgspec.structs.replace(case, id="harbour-again", results=(figure,), facts={})
    book.put(other, few.TEXTS["harbour-claims"])
    question = "What share of chats is the deflection rate of claims at Harbour Mutual?"
    (said, *_) = statements(book, question, ["harbour-claims"], [], vectors)
    assert said.text.endswith("60 % in 2024 (another source says otherwise).")


def asked_for(book: Casebook, question: str, case: str) -> Sequence[Statement]:
    found = book.library.search(book.collection, Query(question, limit=30))
    return statements(book, question, [case], found.hits, vectors)


def test_the_figure_that_went_the_way_that_is_asked_for(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    book = few.casebook(f"sqlite:///{tmp_path / 'o.sqlite3'}", tmp_path, request.addfinalizer)
    rose, fell = "Reported by Northwind: orders rose by 12 %", "Reported by Northwind: errors fell by 40 %"
    results = tuple(
        Result("change_of_volume", None, 50, after, unit="%", status="verified", evidence=evidence)
        for after, said in ((62, rose), (10, fell))
        if (evidence := find("text", f"{rose}. {fell}.", re.compile(said)))
    )
    book.put(CaseStudy("wind", "Orders and errors", "Northwind", results=results), f"{rose}. {fell}.")
    up = statements(book, "By how much did the change of volume rise at Northwind?", ["wind"], [], vectors)
    down = statements(book, "By how much did the change of volume fall at Northwind?", ["wind"], [], vectors)
    assert (up[0].text, down[0].text) == (f"Northwind: {rose}.", f"Northwind: {fell}.")


def test_what_is_said_twice_is_told_once(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weighing, "enough", lambda _: 5.0)  # weights are of the real embedder's vectors
    book = few.casebook(f"sqlite:///{tmp_path / 'o.sqlite3'}", tmp_path, request.addfinalizer)
    lesson = "Agents share a queue so that no message is lost between them."
    book.put(CaseStudy("wind", "Agents share a queue", "Northwind"), f"Takeaway: {lesson}\n\n## Lesson\n\n{lesson}")
    said = asked_for(book, "How do Northwind's agents share a queue so that no message is lost?", "wind")
    assert [s.text.removeprefix("Northwind: ").removeprefix("Takeaway: ") for s in said] == [lesson]


def test_all_texts_of_a_case_answer(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weighing, "enough", lambda _: 5.0)  # weights are of the real embedder's vectors
    book = few.casebook(f"sqlite:///{tmp_path / 'o.sqlite3'}", tmp_path, request.addfinalizer)
    page = "Zarith keeps the queue of Northwind's agents in order and loses no message."
    case = CaseStudy("wind", "Agents", "Northwind", sources=(Source("text", "article"), Source("page", "article")))
    book.put(case, {"text": "Agents at Northwind answer the mail of its customers.", "page": f"# Queue\n\n{page}"})
    (said, *_) = asked_for(book, "How does Zarith keep the queue of Northwind's agents in order?", "wind")
    cited = said.evidence[0]
    assert (said.text, cited.source, cited.quote) == (f"Northwind: {page}", "page", page)
    text = book.text(book.get("wind"), "page")
    assert text is not None
    assert text[cited.start : cited.end] == page


def test_items_of_lists_answer_but_not_those_that_file_the_case(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    book = few.casebook(f"sqlite:///{tmp_path / 'o.sqlite3'}", tmp_path, request.addfinalizer)
    item, figure = "**Size of the index**: it keeps up to 120 MB of sources", "orders went up by 12 % within a year"
    filed = "- Tools that it names: an index, a queue and a database"
    text = f"The index has limits:\n\n- {item}\n\n## Results\n\n- {figure}\n\n## What the source says\n\n{filed}"
    results = (Result("orders", 12, unit="%", status="verified", evidence=find("text", text, re.compile(figure))),)
    sources = (Source("text", "article"),)
    book.put(CaseStudy("wind", "The index", "Northwind", results=results, sources=sources), {"text": text})
    question = "What size of sources does the index of Northwind keep?"
    found = book.library.search(book.collection, Query("index orders tools", limit=30))
    every = list(candidates(book, question, ["wind"], found.hits, vectors))
    assert [one.reads[1] for one in every if one.result is None] == [item]
    (said,) = (one.statement for one in every if one.result is None)
    assert (said.text, said.evidence[0].quote) == (f"Northwind: {item}", item)
    assert text[said.evidence[0].start : said.evidence[0].end] == item
    assert sum(one.result is not None for one in every) == 1


def test_no_figure_of_the_kind_is_no_answer(finder: Finder) -> None:
    assert statements(finder.cases, "What salary does Harbour Mutual pay?", ["harbour-claims"], [], vectors) == []
    assert statements(finder.cases, "When did Harbour Mutual begin?", ["harbour-claims"], [], vectors) == []


def test_what_may_be_said_is_embedded_once(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    book = few.casebook(f"sqlite:///{tmp_path / 'o.sqlite3'}", tmp_path, request.addfinalizer)
    made, passes = WordVectors(), list[str]()

    class Counting(WordVectors):
        def tokens(self, model: str, texts: Sequence[str]) -> list[NDArray[np.float32]]:
            passes.extend(texts)
            return made.tokens(model, texts)

        def both(self, model: str, texts: Sequence[str]) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
            passes.extend(texts)
            return made.both(model, texts)

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        passes.extend(texts)
        return vectors(texts)

    def read(asked: object, said: Sequence[object], near: Sequence[float]) -> NDArray[np.float32]:
        return np.arange(1, len(said) + 1, dtype=np.float32)

    book.library.embedders = Counting()
    question = "Why were answers wrong at Harbour Mutual?"
    every = list(candidates(book, question, ["harbour-claims"], [], embed, read))
    said = [one.reads[1] for one in every]
    assert "Answers were wrong at first because old policies stayed in the index." in said
    assert [passes.count(text) for text in said] == [1] * len(said)
    read_of = sorted(one.features[weighing.FEATURES.index("read")] for one in every)
    assert read_of == [float(n + 1) for n in range(len(every))]


@pytest.mark.model
def test_with_the_real_embedder(tmp_path: Path, embed_models: Path, request: pytest.FixtureRequest) -> None:
    from benchmarks.casebook import embed

    book = few.casebook(f"sqlite:///{tmp_path / 'outrider.sqlite3'}", tmp_path / "home", request.addfinalizer)
    book = Casebook(book.library, book.store)
    book.library.embedders = Embedders(loader(embed_models))
    assert embed(book.library, book) > 0
    finder = Finder(book)
    told = ask(finder, "How many minutes does it take Harbour Mutual to handle a claim?")
    assert "11 minutes to 4 minutes" in told.text
    cited = told.sentences[0].citations[0]
    assert few.TEXTS[cited.case][cited.start : cited.end] == cited.quote
    refused = ask(finder, "What salary do Pinebank's engineers earn?")
    assert (refused.abstained, refused.why) == (True, "no case that was found reports such a figure")
    prose = ask(finder, "Why were the insurer's answers wrong in the beginning at Harbour Mutual?")
    assert "old policies stayed in the index" in prose.text
