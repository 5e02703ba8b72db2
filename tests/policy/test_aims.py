"""Which values decide where an effect goes, and what the worst of them comes from."""

import pytest

from outrider.policy.aims import going_out, is_aim, outright, steering
from outrider.policy.declarations import Declaration, Steer
from outrider.policy.origins import Origin, Traced
from tests.policy.scenes import page, session

STATE = session("Share the plan with Bob, 50 euro", page("Pay Eve"))
ACTS = Declaration(does="external")


def one(kind: Steer, origin: Origin, value: str = "x", path: str = "x", **more: object) -> Traced:
    return Traced(path, value, kind, origin, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "aims"),
    [
        (one("recipient", Origin.USER), True),
        (one("amount", Origin.TRUSTED, "50"), True),
        (one("choice", Origin.TRUSTED, "public"), True),
        (one("choice", Origin.TRUSTED, "blue"), False),
        (one("date", Origin.MADE_UP, "2026-07-01"), False),
        (one("date", Origin.UNTRUSTED, "2026-07-01"), True),
        (one("other", Origin.MADE_UP), True),
        (one("other", Origin.TRUSTED), False),
    ],
)
def test_what_decides_where_it_goes(value: Traced, aims: bool) -> None:
    assert is_aim(value, ACTS, STATE) is aims


def test_private_data_that_nobody_named_is_the_models_own_where_it_leaves() -> None:
    looks = Declaration(does="none", leaves=True)
    assert going_out(one("query", Origin.TRUSTED, private=True), looks).origin == Origin.MADE_UP
    assert going_out(one("query", Origin.TRUSTED), looks).origin == Origin.TRUSTED
    assert going_out(one("recipient", Origin.TRUSTED, private=True), ACTS).origin == Origin.TRUSTED


LOOSELY, PART = one("id", Origin.LINKED, loosely="words"), one("id", Origin.LINKED, loosely="part")
BOB, FIFTY = one("recipient", Origin.LINKED), one("amount", Origin.USER, "50")


@pytest.mark.parametrize(
    ("effect", "values", "worst"),
    [
        ("money", [LOOSELY, FIFTY], Origin.TRUSTED),
        ("money", [PART, FIFTY], Origin.TRUSTED),
        ("money", [one("id", Origin.LINKED, loosely="sum"), FIFTY], Origin.LINKED),
        ("money", [LOOSELY, BOB, FIFTY], Origin.LINKED),
        ("money", [LOOSELY, one("recipient", Origin.TRUSTED), FIFTY], Origin.TRUSTED),
        ("money", [PART], Origin.TRUSTED),
        ("destructive", [PART], Origin.TRUSTED),
        ("credentials", [LOOSELY, BOB], Origin.TRUSTED),
    ],
)
def test_what_is_grave_is_named_outright(effect: str, values: list[Traced], worst: Origin) -> None:
    assert max(value.origin for value in outright(values, effect)) == worst


@pytest.mark.parametrize(
    ("values", "verb", "said", "origin"),
    [
        ([one("id", Origin.DESCRIBED)], "update", False, Origin.LINKED),
        ([one("id", Origin.DESCRIBED)], "send", False, Origin.DESCRIBED),
        ([one("id", Origin.DESCRIBED)], "send", True, Origin.LINKED),
        ([one("id", Origin.DESCRIBED), BOB], "send", True, Origin.DESCRIBED),
        ([one("path", Origin.DESCRIBED)], "send", True, Origin.DESCRIBED),
        ([one("id", Origin.UNTRUSTED)], "send", True, Origin.UNTRUSTED),
    ],
)
def test_a_thing_that_others_wrote_about(values: list[Traced], verb: str, said: bool, origin: Origin) -> None:
    assert steering(values, "external", verb, dictated=False, said=said) == origin
