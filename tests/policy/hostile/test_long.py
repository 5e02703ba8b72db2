"""What is hundreds of thousands of letters long is judged in a time that grows no faster than its length."""

from collections.abc import Callable
from datetime import date

import pytest

from outrider.policy.dates import said_so, told_day
from outrider.policy.decide import Call, decide
from outrider.policy.declarations import Declaration
from outrider.policy.rules import Rules, default_text
from outrider.policy.state import SessionState
from outrider.policy.wanted import wanted
from tests.spending import spent

RULES = Rules(default_text())
SEND = Declaration(
    does="external",
    steers={
        "to": "recipient",
        "cc": "recipient",
        "link": "url",
        "sum": "amount",
        "day": "date",
        "what": "other",
        "id": "id",
        "grade": "choice",
        "command": "command",
    },
    carries=("body",),
    verb="send",
)
READ = Declaration(does="none")
SMALL, LARGE = 40_000, 320_000
GROWTH = LARGE / SMALL
NOISE = 3
"""Times that a share of the processor may vary; what grows with the square is 8 times as far off."""
SHAPES = [
    "a", "1 ", "1,", "a@", "a@b.", "a.", "-", "//", " ", "(", "[", '{"a":', "http://a/", "a-1", "+1 ", "A1 ", "to ",
    "jan 1 ", "€", "one hundred ", "- a: b\n", "a=b&", "%41", "_", "а", "ß", "\u200b", "aa1-", "send it to bob. ",
    "send#", "send/", "buy.", "file/", "send.a", "order(", "`", "/", "1st ", "emailed ", "set it to paid ", "Bob Hart ",
    "+44 20 7946 0958 ",
]  # fmt: skip


def argued(text: str) -> None:
    state = begun()
    state.result("mail", "a text of others", READ)
    for name in ("body", *(SEND.steers or ())):
        judge(state, {name: text})
    judge(state, {"to": [text[:50]] * (len(text) // 500), "what": {text[:99]: text}})


def read(text: str) -> None:
    state = begun()
    state.called("mail", {"query": text})
    state.result("mail", text, READ)
    state.result("book", [text], Declaration(does="none", trust="trusted"))
    judge(
        state, {"to": "eve@x.example", "body": "hello there and good bye to all of you in the house", "id": text[:99]}
    )


def told(text: str) -> None:
    state = SessionState()
    state.user(text)
    judge(state, {"to": "eve@x.example", "body": "hello there", "sum": "5", "day": "2024-05-06"})


def begun() -> SessionState:
    state = SessionState()
    state.user("send 5 to bob@x.example")
    return state


def judge(state: SessionState, arguments: dict[str, object]) -> None:
    assert decide(Call("send_email", {"cc": "eve@x.example", **arguments}, SEND), state, RULES, now=0).verdict == "ask"


@pytest.mark.slow
@pytest.mark.parametrize("way", [argued, read, told], ids=lambda one: one.__name__)
@pytest.mark.parametrize("shape", SHAPES)
def test_no_text_takes_longer_than_its_length(way: Callable[[str], None], shape: str) -> None:
    small, large = ((shape * (size // len(shape))) + "!" for size in (SMALL, LARGE))
    took = spent(way, small)
    assert spent(way, large) <= NOISE * GROWTH * (took + 0.01)


def dated(text: str) -> None:
    assert not said_so([text], "2024-05-06 14:00", date(2024, 5, 1))
    assert told_day([text]) is None


@pytest.mark.parametrize("shape", ["1st ", "monday 1st ", "12.3. mon ", "today is x. "])
def test_days_are_looked_for_in_a_time_that_grows_with_the_text(shape: str) -> None:
    took = min(spent(dated, shape * (2_000 // len(shape)) + str(n)) for n in range(3))
    assert min(spent(dated, shape * (20_000 // len(shape)) + str(n)) for n in range(3)) <= NOISE * 10 * (took + 0.005)


@pytest.mark.parametrize("shape", ["send#", "buy.", "file/"])
def test_a_word_without_an_end_is_looked_at_once_and_not_by_each_verb_in_it(shape: str) -> None:
    small, large = (shape * (size // len(shape)) + "#" for size in (2_000, 20_000))
    assert spent(told, large) <= NOISE * 10 * (spent(told, small) + 0.02)


def proposed(text: str) -> None:
    assert wanted([f"send {text}"], {"send_email": SEND}) == []


@pytest.mark.parametrize("shape", ["-", "a-", "a.", "1-"])
def test_what_a_text_names_is_looked_for_from_the_beginning_of_a_word(shape: str) -> None:
    small, large = (shape * (size // len(shape)) for size in (2_000, 20_000))
    assert spent(proposed, large) <= NOISE * 10 * (spent(proposed, small) + 0.01)


@pytest.mark.parametrize("way", [argued, read], ids=lambda one: one.__name__)
def test_deeply_nested_texts_and_values_are_judged(way: Callable[[str], None]) -> None:
    for text in ("[" * 100_000, '{"a":' * 50_000, "[" * 900 + "]" * 900, '"' + "\\" * 50_001):
        way(text)
