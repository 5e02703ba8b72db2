"""Strategies over a real library with a small embedder of words: what each finds, and that all keep to the scope."""

from collections.abc import Callable

import pytest

from outrider.base import plugins
from outrider.base.errors import RequestError
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Filter, Query
from outrider.knowledge.strategies import agentic, rewrite
from tests.knowledge.shelves import text_of

Embed = Callable[[Library, Collection], int]

DOCUMENTS = {
    "bat": "The little brown bat hunts moths at night by listening to echoes.",
    "owl": "An owl hunts mice at night and hears them under snow.",
    "fox": "A red fox hears mice under snow and leaps.",
    "plan": "The budget of the museum is decided in spring by its council.",
}


@pytest.fixture
def animals(library: Library, embed: Embed) -> Collection:
    collection = library.create("p", "animals")
    for source, text in DOCUMENTS.items():
        library.put(collection, source, text_of(text, source), meta={"kind": source})
    embed(library, collection)
    return collection


def found(library: Library, collection: Collection, text: str, strategy: str, **rest: object) -> list[str]:
    query = Query(text, strategy=strategy, **rest)  # type: ignore[arg-type]
    return [h.document.source for h in library.search(collection, query).hits]


PLAIN = [n for n in plugins.names("outrider.knowledge.strategies") if n != "agentic"]


@pytest.mark.parametrize("strategy", PLAIN)
def test_every_strategy_finds_what_shares_the_words(library: Library, animals: Collection, strategy: str) -> None:
    assert found(library, animals, "who decides the budget of the museum", strategy)[0] == "plan"


@pytest.mark.parametrize("strategy", PLAIN)
def test_no_strategy_sees_beyond_the_scope(library: Library, animals: Collection, embed: Embed, strategy: str) -> None:
    library.put(animals, "secret", text_of("The secret budget of the museum.", "Budget"), readers=("ann",))
    embed(library, animals)
    asked = "the secret budget of the museum"
    assert "secret" not in found(library, animals, asked, strategy)
    assert "secret" in found(library, animals, asked, strategy, principals=frozenset({"ann"}))
    kept = found(library, animals, asked, strategy, filters={"kind": Filter(among=("owl", "fox"))})
    assert set(kept) <= {"owl", "fox"}


@pytest.mark.parametrize("strategy", PLAIN)
def test_words_alone_answer_while_there_are_no_vectors(library: Library, strategy: str) -> None:
    if strategy == "vector":
        return
    collection = library.create("p", "new")
    library.put(collection, "owl", text_of(DOCUMENTS["owl"]))
    assert found(library, collection, "what hears mice?", strategy) == ["owl"]
    assert found(library, collection, "xylophone", strategy) == []


@pytest.mark.parametrize("strategy", PLAIN)
def test_the_limit_is_kept_and_scores_descend(library: Library, animals: Collection, strategy: str) -> None:
    hits = library.search(animals, Query("hunts mice at night under snow", limit=2, strategy=strategy)).hits
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score


def test_hybrid_says_what_its_score_is_made_of(library: Library, animals: Collection) -> None:
    query = Query("mice under snow", strategy="hybrid", options={"weight": 0.25})
    made = library.search(animals, query)
    assert made.notes["weight"] == 0.25
    assert made.hits[0].parts.keys() == {"keyword", "vector"}


@pytest.mark.parametrize("weight", [-0.1, 1.5, "much"])
def test_a_weight_is_a_share(library: Library, animals: Collection, weight: object) -> None:
    with pytest.raises(RequestError, match="meaning's share"):
        library.search(animals, Query("mice", strategy="hybrid", options={"weight": weight}))


def test_what_was_fitted_is_used(library: Library, animals: Collection) -> None:
    settings = animals.settings
    settings.fitted = {"hybrid": {"weight": 0.9}}
    library.configure(animals, settings)
    assert library.search(animals, Query("mice", strategy="hybrid")).notes["weight"] == 0.9


def test_rerank_reads_every_token(library: Library, animals: Collection) -> None:
    hits = library.search(animals, Query("fox hears mice under snow", strategy="rerank")).hits
    assert hits[0].document.source == "fox"
    assert "rerank" in hits[0].parts


def test_the_graph_leads_to_what_shares_no_word_with_the_question(library: Library, embed: Embed) -> None:
    films = library.create("p", "films")
    said = {
        "Night Train": "Night Train is a film that Ada Berg directed.",
        "Ada Berg": "Ada Berg grew up in Malmby.",
        "Tea": "Bo Lind wrote of tea.",
        "Bread": "Cy Marsh wrote of bread.",
    }
    for title, text in said.items():
        library.put(films, title, text_of(text, title), readers=("ann",) if title == "Ada Berg" else ("*",))
    embed(library, films)
    asked = "the hometown of whoever directed the film night train"
    everything = frozenset({"ann"})
    assert found(library, films, asked, "graph", principals=everything)[:2] == ["Night Train", "Ada Berg"]
    assert "Ada Berg" not in found(library, films, asked, "graph")


def test_the_graph_prefers_the_name_that_the_question_asks_for(library: Library, embed: Embed) -> None:
    """Of many names in the passage that a question names, the one with the relation that is asked for comes next."""
    films = library.create("p", "films")
    cast = ["Bo Lind", "Cy Marsh", "Di Holm", "Ed Falk", "Flo Gard", "Gil Horn"]
    library.put(films, "film", text_of(f"A film directed by Ada Berg. In it are {', '.join(cast)}.", "Night Train"))
    for name in [*cast, "Ada Berg"]:
        library.put(films, name, text_of(f"{name} was a child in Malmby.", name))
    embed(library, films)
    query = Query("where did the director of Night Train grow up", 2, "graph", options={"weight": 0})
    hits = library.search(films, query).hits
    assert [h.document.source for h in hits] == ["film", "Ada Berg"]
    assert hits[0].parts["named"] == 1.0
    assert hits[1].parts["linked"] > 0.8


def test_a_title_that_the_asker_may_not_see_hides_nothing(library: Library, embed: Embed) -> None:
    """The longest title counts, but only of what is in sight, in the question and in passages alike."""
    parts = []
    for number, secret in enumerate(("Unrelated", "Director of Night Train", "Ada Berg Archive")):
        films = library.create("p", f"films{number}")
        library.put(films, "film", text_of("The director was Ada Berg. Archive of Malmby.", "Night Train"))
        library.put(films, "ada", text_of("Ada Berg grew up in Malmby.", "Ada Berg"))
        library.put(films, "secret", text_of("Nothing.", secret), readers=("ann",))
        embed(library, films)
        hits = library.search(films, Query("Who is the Director of Night Train?", strategy="graph")).hits
        told = {h.document.source: h.parts for h in hits}
        parts.append((told["film"].get("named"), told["ada"].get("linked")))
    assert parts[0][0] == 1.0
    assert parts[0][1] > 0.8
    assert parts == [parts[0]] * 3


@pytest.mark.parametrize("title", ["It", "A", "The", "7"])
def test_a_title_that_is_a_word_of_every_text_is_not_led_to(library: Library, embed: Embed, title: str) -> None:
    films = library.create("p", "films")
    library.put(films, "film", text_of("It was directed 7 times. A film. The film was directed well.", "Night Train"))
    library.put(films, "word", text_of("Something else.", title))
    embed(library, films)
    hits = library.search(films, Query("Who directed Night Train?", strategy="graph")).hits
    assert "linked" not in {h.document.source: h.parts for h in hits}.get("word", {})


class Planner:
    """A model that says what it was told to, and keeps what it was asked."""

    def __init__(self, *said: str) -> None:
        self.said, self.asked, self.cost = list(said), list[str](), 0

    def ask(self, prompt: str, *, max_tokens: int = 256) -> str:
        self.asked.append(prompt)
        self.cost += 5
        return self.said.pop(0)


def test_agentic_searches_as_the_model_plans(library: Library, animals: Collection) -> None:
    model = Planner('I will.\n{"search": "budget council museum"}', '{"enough": true}')
    made = library.search(animals, Query("who hears mice", strategy="agentic"), model)
    assert made.asked == ["who hears mice", "budget council museum"]
    assert made.cost == 10
    assert {"plan", "fox"} <= {h.document.source for h in made.hits}
    assert "fox" in model.asked[0]


def test_agentic_keeps_to_its_budget(library: Library, animals: Collection) -> None:
    model = Planner(*[f'{{"search": "thing {n}"}}' for n in range(9)])
    query = Query("who hears mice", strategy="agentic", options={"calls": 2})
    assert len(library.search(animals, query, model).asked) == 3
    assert len(model.asked) == 2
    with pytest.raises(RequestError, match="`calls` is -1"):
        library.search(animals, Query("mice", strategy="agentic", options={"calls": -1}), model)


def test_agentic_without_a_model_says_so(library: Library, animals: Collection) -> None:
    with pytest.raises(RequestError, match="needs a model"):
        library.search(animals, Query("mice", strategy="agentic"))


@pytest.mark.parametrize(
    ("said", "search"),
    [
        ('{"search": "a  b"}', "a b"),
        ('{"enough": true, "search": "x"}', ""),
        ("{broken} none", ""),
        ('{"search": 3}', ""),
        ("", ""),
    ],
)
def test_a_plan_is_read_or_ends_the_search(said: str, search: str) -> None:
    assert agentic.next_search(said) == search


def test_a_question_is_asked_in_other_words(library: Library, animals: Collection) -> None:
    model = Planner('1. "snow leaping animal"\n- night hunters\n')
    made = library.search(animals, Query("Can you tell me about mice under snow?", strategy="rewrite"), model)
    assert made.asked == [
        "Can you tell me about mice under snow?",
        "mice under snow",
        "snow leaping animal",
        "night hunters",
    ]
    assert made.cost == 5


def test_rules_take_a_question_apart() -> None:
    assert rewrite.by_rules("What is a bat?") == []
    assert rewrite.by_rules("How do I reset my password?") == ["reset my password"]
    assert "who founded the museum" in rewrite.by_rules("When was it built and who founded the museum?")[-1] + "?"


def test_a_second_step_asks_for_what_the_first_named(library: Library, embed: Embed) -> None:
    films = library.create("p", "films")
    library.put(films, "train", text_of("Night Train is a film that Ada Berg directed.", "Night Train"))
    library.put(films, "ada", text_of("Ada Berg grew up in Malmby.", "Ada Berg"))
    for n in range(5):
        library.put(films, f"f{n}", text_of(f"Film {n} is a film about trains.", f"Film {n}"))
    embed(library, films)
    made = library.search(films, Query("who directed the film night train", strategy="multihop"))
    assert any("ada berg" in a for a in made.asked[1:])
    assert "ada" in [h.document.source for h in made.hits[:5]]
