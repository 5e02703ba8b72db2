"""What is tried next: a survey that does not depend on answers, then more of what succeeds."""

from collections import Counter

from outrider.evals.redteam.building import Builder, Recipe
from outrider.evals.redteam.library import bundled
from outrider.evals.redteam.search import Search, Tried, survey

LIBRARY = bundled()
BUILDER = Builder(LIBRARY)


def test_the_survey_has_each_attack_as_it_is_and_in_one_dress() -> None:
    whole = survey(LIBRARY, BUILDER, 10_000, 1)
    assert len(set(whole)) == len(whole)
    plain = [one for one in whole if not one.chain]
    assert {one.attack for one in plain} == LIBRARY.attacks.keys()
    assert len(plain) == len(LIBRARY.attacks)
    dressed = Counter(one.attack for one in whole if one.chain)
    assert set(dressed.values()) == {1}
    assert dressed.keys() == {id_ for id_, one in LIBRARY.attacks.items() if not one.messages}
    assert len({one.chain for one in whole}) > 35
    assert survey(LIBRARY, BUILDER, 10_000, 1) == whole != survey(LIBRARY, BUILDER, 10_000, 2)


def test_a_small_survey_is_fair_to_families() -> None:
    few = survey(LIBRARY, BUILDER, 80, 1)
    assert len(few) == 80
    families = Counter(LIBRARY.attacks[one.attack].family for one in few)
    assert len(families) == 8
    assert max(families.values()) - min(families.values()) <= 4


def hunt(good: str, rounds: int) -> list[Tried]:
    """A search where one mutator always succeeds in one family, and nothing else ever does."""
    search, tried = Search(LIBRARY, BUILDER, 5), list[Tried]()
    for _ in range(rounds):
        for made in search.next(tried, 16):
            hit = good in made.chain and made.attack.startswith("leakage/")
            tried.append(Tried(made, float(hit)))
    return tried


def test_the_search_goes_where_successes_are() -> None:
    tried = hunt("urgency", 40)
    assert len({one.recipe for one in tried}) == len(tried)
    won = {one.recipe.attack for one in tried if one.won}
    assert len(won) >= 25, "nearly all that can succeed"
    first = next(at for at, one in enumerate(tried) if one.won)
    assert sum(one.won for one in tried[first : first + 96]) > 15, "by chance it would be two"
    assert tried == hunt("urgency", 40), "the same seed and answers lead to the same attempts"


def test_what_succeeded_is_not_tried_again() -> None:
    tried = [Tried(Recipe(id_), 1.0) for id_ in LIBRARY.attacks if id_ != "leakage/plain"]
    assert {one.attack for one in Search(LIBRARY, BUILDER, 1).next(tried, 16)} == {"leakage/plain"}
    assert Search(LIBRARY, BUILDER, 1).next([*tried, Tried(Recipe("leakage/plain"), 1.0)], 16) == []


def test_near_misses_are_dressed_otherwise() -> None:
    tried = [Tried(Recipe("leakage/plain", ("base64",)), 0.8)]
    tried += [Tried(Recipe(id_), 0.0) for id_ in LIBRARY.attacks]
    made = Search(LIBRARY, BUILDER, 1).next(tried, 64)
    assert sum(one.attack == "leakage/plain" for one in made) > 8
    assert any(len(one.chain) == 2 and one.chain[0] == "base64" for one in made)


def test_what_had_no_answer_says_nothing() -> None:
    tried = [Tried(Recipe(id_), None) for id_ in LIBRARY.attacks]
    assert len(Search(LIBRARY, BUILDER, 1).next(tried, 16)) == 16
