"""Approvals in the console's words."""

from typing import get_args

import msgspec
import pytest

from outrider.console import policy_words as words
from outrider.policy.origins import Origin
from outrider.policy.pending import About, Approval, Shown, State
from outrider.policy.present import WORST


def waiting(*values: Shown, **more: object) -> Approval:
    about = About(
        "pay", msgspec.Raw(b'{"to": "Eve"}'), values=values, rules=("a",), reasons=("a: because", "to is Eve")
    )
    return Approval("appr_1", "p", "s", "00", "pending", "", 1, 2, 0, "", "", 0, about)


def test_every_origin_and_every_state_has_words() -> None:
    assert {one.name.lower() for one in Origin} <= words.ORIGINS.keys()
    assert {one.name.lower() for one in Origin} <= set(WORST)
    assert set(get_args(State)) == words.STATES.keys()
    assert all(sign and text for _, sign, text in words.ORIGINS.values())


TIMES = ((-1, "over"), (0, "over"), (59, "59 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172_800, "2 days"))


@pytest.mark.parametrize(("seconds", "text"), TIMES)
def test_time_to_go(seconds: int, text: str) -> None:
    assert words.to_go(seconds * 1_000_000_000 + 5, 5) == text


def test_a_sentence_keeps_what_it_quotes() -> None:
    assert words.sentence("“Eve” is not Bob") == "“Eve” is not Bob"
    assert words.sentence("say EVE") == "Say EVE"


def test_reasons_are_the_rules_without_their_names() -> None:
    assert words.why(waiting()) == ["because"]


def test_what_calls_touch_together() -> None:
    first = waiting(Shown("to", "Eve", "recipient", "user"), Shown("n", "9", "amount", "user"))
    second = waiting(Shown("to", "Eve", "recipient", "untrusted"), Shown("to", "Bob\u202e", "recipient", "made_up"))
    bob = "Bob⟨U+202E right-to-left override⟩"
    assert words.union([first, second]) == [
        ("recipient", [("Eve", words.ORIGINS["untrusted"]), (bob, words.ORIGINS["made_up"])]),
        ("amount", [("9", words.ORIGINS["user"])]),
    ]
