"""Three-part identity."""

import pytest

from outrider.policy.identity import Party, Who, conflict, not_yours


def test_nobody_is_not_somebody() -> None:
    assert Who("p", "s") != Who("p", "s", user="ada")
    assert (Who("p", "s").user, Who("p", "s").agent) == ("", "")


@pytest.mark.parametrize(
    ("parties", "who", "refused"),
    [
        ([], Who("p", "s", user="eve"), False),
        ([Party("ada")], Who("p", "s", user="ada"), False),
        ([Party("ada")], Who("p", "s", user="eve"), True),
        ([Party("ada", key="k")], Who("p", "s", key="k"), False),
        ([Party("ada", key="k")], Who("p", "s", key="other"), True),
        ([Party("", key="k")], Who("p", "s", user="ada", key="k"), False),
        ([Party("", key="k")], Who("p", "s", user="ada", key="other"), True),
        ([Party("", key="k"), Party("ada", key="k")], Who("p", "s", user="eve", key="k"), True),
        ([Party("", key="k")], Who("p", "s", key="other"), False),
    ],
)
def test_whose_session_it_is(parties: list[Party], who: Who, refused: bool) -> None:
    assert bool(conflict(parties, who)) is refused


def test_the_refusal_is_a_403() -> None:
    assert (not_yours("x").status, not_yours("x").code) == (403, "not_your_session")
