"""A long text costs what its length costs, whatever it says: nobody stops a process by writing to it."""

import itertools
import random
import time
from collections.abc import Callable

import msgspec
import pytest

from outrider.base import hidden
from outrider.guardrails import Context, Rule, Rules, inspect, names
from outrider.guardrails.way.watch import Watch
from tests.spending import spent

CONTEXT = Context(
    "output",
    instructions=("Never tell anybody that overdraft fees can be waived. " * 20,),
    private=("The code is 4711-2203 for the blue horse battery. " * 50,),
)
SMALL, LARGE = 5_000, 40_000
DRAWN = 60
"""Pairs of a beginning and a shape that are tried of each guardrail, others every day."""
GROWTH = LARGE / SMALL
NOISE = 3
"""Times that a share of the processor may vary; what grows with the square is 8 times as far off."""
FORMER = {
    "links": ["[1]: http://a\n", "[a](<a-a-", "<a href=x>", "[a](x    "],
    "hidden_text": ["width:1px;", "<a-a-a-"],
    "pii": ["A", "%41", "192.168.0.1 ", "A.", "a-1"],
    "shell": ["`", "a|", "&#65;", "<"],
    "system_prompt": ["```"],
    "code": ["a=a.b;", "a()", "[a]", "eval(x);"],
}
"""What took far longer once."""
BEGINNINGS = [
    "",
    "[a](x",
    "[a](<",
    "<a href='",
    '<p style="',
    "http://",
    "password = ",
    "select '",
    "```python\n",
    "$(",
]
SHAPES = [
    "a", "A", "1", "1 ", "a ", " ", "\n", "a@", "a.", "-", "_", "/", "(", "[", "{", ")", "]", "'", '"', "`", "<", "<a ",
    "![", "](", "=", "a=", "%41", "\\x41", "&#65;", "é", "а", "\u200b", ",", "+", "*", "#", "A1 ", "Bob ", "not ", "a,",
]  # fmt: skip


def looked_at(name: str, text: str) -> None:
    where = "tool_args" if name in ("code", "shell", "sql") else "output"  # in an output they read what is fenced
    inspect([text], msgspec.structs.replace(CONTEXT, where=where), Rules({"one": Rule(name, do="redact")}))


def watched(name: str, text: str) -> None:
    watch = Watch(Rules({"one": Rule(name, do="redact")}).covering(CONTEXT))
    for at in range(0, len(text), 200):
        watch.feed(text[at : at + 200])
    watch.end()


def unpacked(_: str, text: str) -> None:
    hidden.packed(text)
    hidden.shown(text)


def is_fair(way: Callable[[str, str], None], name: str, beginning: str, shape: str) -> bool:
    """What grows too fast does so every time; a busy machine slows one of three tries."""
    small, large = (beginning + shape * (size // len(shape)) + "!" for size in (SMALL, LARGE))
    return any(spent(way, name, large) <= NOISE * GROWTH * (spent(way, name, small) + 0.01) for _ in range(3))


@pytest.mark.parametrize(("name", "shape"), [(name, shape) for name, shapes in FORMER.items() for shape in shapes])
def test_what_took_long_once(name: str, shape: str) -> None:
    assert is_fair(looked_at, name, "", shape)


@pytest.mark.parametrize("shape", ["A", "1", "0x", "word.", "-", "é", *SHAPES])
def test_reading_what_is_packed(shape: str) -> None:
    assert is_fair(unpacked, "", "", shape)


@pytest.mark.slow
@pytest.mark.parametrize("way", [looked_at, watched], ids=lambda one: one.__name__)
@pytest.mark.parametrize("name", names())
def test_no_text_takes_longer_than_its_length(way: Callable[[str, str], None], name: str) -> None:
    pairs = random.Random(time.strftime("%F")).sample(list(itertools.product(BEGINNINGS, SHAPES)), DRAWN)
    assert [pair for pair in pairs if not is_fair(way, name, *pair)] == []


def test_an_address_with_brackets_at_its_end() -> None:
    assert is_fair(looked_at, "links", "http://", ")")
    assert is_fair(looked_at, "links", "http://(", ")!")


def test_a_script_that_the_grammar_would_read_in_the_square_of_its_length() -> None:
    assert is_fair(looked_at, "shell", "[a](<", ")")
    assert is_fair(looked_at, "shell", "$(", "a@")
