"""Questions that are nearly the same are found; questions that only look alike are not."""

from collections.abc import Sequence

from outrider.evals.alike import asked, between_splits, in_prompts, merge, split_together
from outrider.evals.records import Case

LONG = " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(200))


def ids(found: Sequence[Case]) -> list[str]:
    return [case.id for case in found]


def test_the_same_words_are_the_same_question() -> None:
    there = [Case("a", "Where is my parcel?")]
    new = [
        Case("b", "where is my  PARCEL"),
        Case("c", [{"role": "user", "content": "Where is my parcel!"}]),
        Case("d", "Where is my other parcel, please, and when does it come?"),
        Case("e", "Where is my other parcel please, and when does it come"),
    ]
    found = merge(there, new)
    assert ids(found.kept) == ["d"]
    assert [(one.case, one.other, one.likeness) for one in found.merged] == [
        ("b", "a", 1.0), ("c", "a", 1.0), ("e", "d", 1.0),
    ]  # fmt: skip


def test_typing_errors_and_long_texts_are_found() -> None:
    found = merge(
        [Case("a", "How do I change the address of my order?"), Case("l", LONG)],
        [Case("b", "How do I change the adress of my order?"), Case("m", LONG + " and a little more")],
    )
    assert ids(found.kept) == []
    assert [(one.other, one.likeness > 0.8) for one in found.merged] == [("a", True), ("l", True)]


def test_numbers_and_no_turn_a_question_round() -> None:
    new = [
        Case("a", "What is the status of order number 4711?"),
        Case("b", "What is the status of order number 4712?"),
        Case("c", "Is damage by water covered by my contract?"),
        Case("d", "Is damage by water not covered by my contract?"),
        Case("e", "ja"), Case("f", "na"),
    ]  # fmt: skip
    assert merge([], new).merged == []


def test_what_expects_something_else_stays_and_is_told() -> None:
    found = merge([Case("a", "Is it open?", "yes")], [Case("b", "is it open", "no"), Case("c", "is it open", "yes")])
    assert ids(found.kept) == ["b"]
    assert [(one.case, one.other) for one in found.differ] == [("b", "a")]
    assert [one.case for one in found.merged] == ["c"]


def test_tools_and_system_prompts_make_another_case() -> None:
    said = [{"role": "user", "content": "Where is my parcel?"}]
    tool = {"messages": said, "tools": [{"type": "function", "function": {"name": "f"}}]}
    other = [{"role": "system", "content": "Answer in verse."}, *said]
    assert merge([Case("a", "Where is my parcel?")], [Case("b", tool), Case("c", other)]).merged == []
    assert asked(Case("c", other)) == "Where is my parcel?"


def test_an_embedder_finds_the_same_meaning() -> None:
    vectors = {"how much is it": [1.0, 0.0], "what does it cost": [0.99, 0.141], "who made it": [0.0, 1.0]}
    cases = [Case("a", "How much is it?"), Case("b", "What does it cost?"), Case("c", "Who made it?")]
    found = merge([], cases, lambda texts: [vectors[text] for text in texts])
    assert (ids(found.kept), [one.case for one in found.merged]) == (["a", "c"], ["b"])


def test_a_test_that_was_learned_is_found() -> None:
    cases = [
        Case("a", "Where is my parcel?", split="train"),
        Case("b", "Where is my parcel", split="held-out"),
        Case("c", "where is my parcel?", split="train"),
        Case("d", "Something quite different", split="held-out"),
    ]
    assert [(one.case, one.other) for one in between_splits(cases)] == [("b", "a"), ("c", "b")]


def test_few_shot_examples_are_found_in_prompts() -> None:
    prompts = {
        "now": "You are kind.\nQ: Where is my parcel?\nA: On its way.",
        "long": "Example: " + " ".join(LONG.split()[20:180]),
        "none": "You are kind.",
    }
    cases = [Case("a", "where is my parcel"), Case("b", LONG), Case("c", "kind"), Case("d", "Who are you, really?")]
    found = in_prompts(cases, prompts)
    assert [(one.case, one.other) for one in found] == [("a", "now"), ("b", "long")]
    assert 0.5 <= found[1].likeness < 1


def test_alike_questions_land_on_the_same_side() -> None:
    pairs = [Case(f"{n}{side}", f"Question about thing {n}{end}") for n in range(200) for side, end in ("a?", "b ")]
    found = {case.id: case.split for case in split_together([*pairs, Case("mine", "x", split="own")], 0.3)}
    assert all(found[f"{n}a"] == found[f"{n}b"] for n in range(200))
    assert found["mine"] == "own"
    assert between_splits(split_together(pairs, 0.3)) == []
    assert 60 <= list(found.values()).count("held-out") <= 180
