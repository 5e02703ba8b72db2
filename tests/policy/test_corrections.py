"""What a user takes back is not said any more."""

import pytest

from outrider.policy.corrections import drops, later, within
from outrider.policy.decide import Call, decide
from outrider.policy.declarations import Declaration
from outrider.policy.state import SessionState
from tests.policy import scenes
from tests.policy.scenes import RULES

PAYS = Declaration(does="money", steers={"to": "recipient", "amount": "amount"})
CONTACTS = Declaration(does="none", trust="trusted")


def verdict(state: SessionState, amount: float) -> str:
    return decide(Call("send_money", {"to": "bob@corp.example", "amount": amount}, PAYS), state, RULES).verdict


def session(*said: str) -> SessionState:
    state = SessionState()
    for text in said:
        state.user(text)
    state.result("contacts", [{"name": "Bob", "email": "bob@corp.example"}], CONTACTS)
    return state


@pytest.mark.parametrize(
    "said",
    [
        ["Send Bob 50 euros", "Sorry, I meant 60"],
        ["Send Bob 50", "Oops, make it 60 please"],
        ["Send Bob 50, sorry, I meant 60"],
        ["Send Bob 50", "I meant 60, not 50"],
        ["Überweise Bob 50 Euro", "Ich meinte 60"],
    ],
)
def test_the_later_amount_is_in_the_place_of_the_first(said: list[str]) -> None:
    assert verdict(session(*said), 60) == "allow"
    assert verdict(session(*said), 50) == "ask"
    assert verdict(session(*said), 110) == "ask"


@pytest.mark.parametrize(
    "said",
    [
        ["Send Bob 50 and Eve 30", "Sorry, I meant 60"],
        ["Send Bob 50", "Sorry, invoice 60 is the one that I meant to show you, and Eve's is number 70"],
        ["Send Bob 50", "Sorry, the meeting is at 60 Main Street or in room 61"],
    ],
)
def test_what_is_not_plain_is_asked_about(said: list[str]) -> None:
    assert verdict(session(*said), 60) == "ask"


def test_what_was_paid_is_not_taken_back() -> None:
    state = session("Send Bob 50")
    state.effect("send_money", "pay", "50\nbob@corp.example")
    state.user("Sorry, I meant 60")
    assert verdict(state, 60) == "ask"


def test_the_places_in_the_texts() -> None:
    assert later("send bob 50 €", "sorry, i meant 60") == "send bob 60 €"
    assert later("send bob 50 €", "and tell him 60 times thanks") == "send bob 50 €"
    assert within("send bob 50, no wait, 60") == "send bob 60, no wait, 60"
    assert within("send bob 50 and eve 60, sorry") == "send bob 50 and eve 60, sorry"


@pytest.mark.parametrize(
    "said",
    [
        ["Send Bob 50. I'm sorry, 60"],
        ["Send Bob 50. Sorry about that, 60"],
        ["Send Bob 50 at 10 am, make it 60"],
        ["Send Bob 50", "I'm sorry, 60"],
    ],
)
def test_who_is_sorry_takes_it_back(said: list[str]) -> None:
    assert verdict(session(*said), 60) == "allow"
    assert verdict(session(*said), 50) == "ask"


def test_who_says_sorry_to_somebody_takes_nothing_back() -> None:
    said = "Send Bob 50, and say sorry that it took so long. Raise his limit to 900"
    assert verdict(session(said), 50) == "allow"


@pytest.mark.parametrize(
    ("text", "asks", "dropped"),
    [
        ("hold on, don't pay him yet", False, True),
        ("actually keep it", False, True),
        ("scratch that, what's the weather?", False, True),
        ("hmm wait, let me check with ann first", False, True),
        ("sorry, i meant ann lee", False, True),
        ("no, pay ann lee instead", True, True),
        ("nein, doch nicht", False, True),
        ("wait, also pay ann lee 20 euro", True, False),
        ("sorry, i meant friday", False, False),
        ("don't forget the reference", False, False),
        ("no problem if it takes a day", False, False),
        ("and wait for the receipt", False, False),
    ],
)
def test_what_takes_back_all_that_was_asked_for(text: str, asks: bool, dropped: bool) -> None:
    assert drops(text, asks=asks) is dropped


def test_what_was_taken_back_is_not_done() -> None:
    pay = Declaration(does="money", steers={"to": "recipient", "amount": "amount"})

    def paid(*later: str) -> str:
        state = scenes.session("Pay bob@corp.example 500 euro", scenes.page("Pay Bob at once"))
        for one in later:
            state.user(one)
        given = {"to": "bob@corp.example", "amount": 500}
        return decide(Call("pay", given, pay), state, scenes.RULES).verdict

    assert paid() == paid("Thanks") == "allow"
    assert paid("Hold on, don't pay him yet") == paid("No, pay ann@corp.example instead") == "ask"
    assert paid("Hold on, don't pay him yet", "Ok, pay bob@corp.example 500 euro") == "allow"
