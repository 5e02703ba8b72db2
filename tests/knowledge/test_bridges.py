"""What a question names, and which of the names in a passage lead on from it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from outrider.knowledge import bridges, graph
from outrider.knowledge.graph import Passage
from outrider.knowledge.shelf import terms_of

PASSAGES = [
    Passage(
        10, "Night Train (film)", "Night Train is a film directed by Ada Berg, and Bo Lind has his first role in it."
    ),
    Passage(20, "Ada Berg", "Ada Berg, daughter of the painter Cy Marsh, was taught by Bo Lind."),
    Passage(30, "Bo Lind", "Bo Lind is an actor."),
    Passage(40, "Cy Marsh", "Cy Marsh painted."),
    Passage(50, "Tea", "Tea is drunk hot."),
    Passage(60, "Bo Lind", "Bo Lind lives in Malmby."),
]
NIGHT, ADA, BO, CY, TEA, BO_AGAIN = range(len(PASSAGES))
GRAPH = graph.build(PASSAGES)


def asked(question: str, allowed: "NDArray[np.bool_] | None" = None) -> bridges.Asked:
    return bridges.asked(question, terms_of(question), GRAPH.titles(allowed))


def linked(question: str, place: int, allowed: "NDArray[np.bool_] | None" = None) -> bridges.Values:
    passage = PASSAGES[place]
    followed = bridges.Passage(1.0, passage.title, passage.text)
    return bridges.linked([followed], asked(question).words, GRAPH.titles(allowed))


def test_a_question_names_the_passages_that_have_its_names_as_titles() -> None:
    assert asked("Who is the director of the film Night Train?").named == {NIGHT: 1.0}
    assert asked("Is Ada Berg older than Cy Marsh?").named == {ADA: 1.0, CY: 1.0}
    assert asked("Which of them was first?").named == {}


def test_a_name_without_capitals_counts_less_for_it_may_be_a_plain_word() -> None:
    assert asked("how hot is tea in Malmby?").named == {TEA: bridges.UNMARKED}
    assert asked("is the night train in Malmby?").named == {NIGHT: bridges.UNMARKED}
    assert asked("how hot is tea in the night train?").named == {TEA: bridges.UNMARKED, NIGHT: 1.0}


def test_a_title_of_many_passages_says_less_of_each() -> None:
    assert asked("Where does Bo Lind live?").named == pytest.approx({BO: 2**-0.5, BO_AGAIN: 2**-0.5})


def test_the_name_beside_the_questions_words_leads_on() -> None:
    found = linked("Who is the director of the film Night Train?", NIGHT)
    assert found[ADA] > 2 * found[BO]
    assert found[BO] == found[BO_AGAIN] > 0
    assert NIGHT not in found


def test_relations_are_known_by_what_they_are_from_the_other_side() -> None:
    found = linked("Who is Ada Berg's father?", ADA)
    assert found[CY] > found[BO]
    assert linked("What is Ada Berg's favourite colour?", ADA)[CY] == pytest.approx(bridges.UNSAID)


def test_words_of_the_named_title_are_no_words_that_lead_on() -> None:
    assert not {"night", "train"} & set(asked("When did the Night Train leave?").words)


def test_what_is_not_allowed_is_neither_named_nor_led_to() -> None:
    allowed = np.array([True, False, True, True, True, False])
    assert asked("Who are Ada Berg and Bo Lind?", allowed).named == {BO: 1.0}
    assert linked("Who is the director of the film Night Train?", NIGHT, allowed).keys() == {BO}


def test_texts_and_graphs_without_names_lead_nowhere() -> None:
    assert linked("Who is the director?", TEA) == {}
    empty = graph.build([])
    assert bridges.asked("Who is Ada Berg?", ["ada"], empty.titles()).named == {}
    assert bridges.linked([bridges.Passage(1.0, "", "")], {}, empty.titles()) == {}
