"""Distances between texts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from outrider.evals.online.novelty import Kept, chance, distance, far, folded, see, signature


def test_the_same_words_are_near_and_others_far() -> None:
    known = [signature("When do you open?")]
    assert distance(signature("when do you OPEN"), known) < 0.02
    assert distance(signature("when do you open on sundays"), known) < 0.5
    assert distance(signature("gluons bind quarks together"), known) > 0.6
    assert distance(signature("x"), []) == 1.0


def test_nothing_is_rare_at_first_and_nothing_is_left_out_later() -> None:
    kept = Kept()
    same = signature("the same again")
    for n in range(100):
        found = chance(kept, far(kept, same), 0.2)
        assert found == 0.2 or (n >= 20 and found == 0.02)
        see(kept, same, far(kept, same), 0.5, drawn=False)
    assert chance(kept, far(kept, signature("something else entirely")), 0.2) == 1.0


@given(st.text())
def test_any_text_has_a_signature(text: str) -> None:
    one = signature(text)
    assert len(one) == 64
    assert 0.0 <= distance(one, [one]) < 0.05 or not any(one)


def test_an_embedding_is_folded_to_some_bytes_and_keeps_its_distances() -> None:
    draws = np.random.default_rng(3)
    for length in (2, 384, 1_536, 3_072):
        one = draws.normal(size=length)
        near, other = one + 0.3 * draws.normal(size=length), draws.normal(size=length)
        own = folded((one / np.linalg.norm(one)).tolist())
        assert len(own) == min(length, 384)
        assert distance(own, [own]) < 0.02
        if length > 2:
            assert distance(own, [folded(near.tolist())]) < 0.2
            assert distance(own, [folded(other.tolist())]) > 0.75
    assert folded([0.0] * 8) == bytes(8)
