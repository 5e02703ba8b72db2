"""What is the same, and what is not."""

from hypothesis import given
from hypothesis import strategies as st

from outrider.evals.records import Variant, digest


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=5))
def test_order_does_not_make_another_thing(fields: dict[str, int]) -> None:
    assert digest(fields) == digest(dict(reversed(fields.items())))


def test_a_name_does_not_make_another_variant() -> None:
    assert Variant("a", "m", {"x": 1}).digest() == Variant("b", "m", {"x": 1}).digest()
    assert Variant("a", "m", {"x": 1}).digest() != Variant("a", "m", {"x": 2}).digest()
