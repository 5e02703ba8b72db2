"""The two ends of a question in several steps: the passages about what it names, and those about what they name next.

A name links a passage with the passages whose title it is. Of the names in a passage, those that stand near the
question's other words lead on: to "who is the mother of the director of Night Train?" the passage about Night Train
says "directed by Ada Berg". Words are compared by their first letters (`director`, `directed`), and a few by what they
mean of each other (`mother`, `daughter`).
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from outrider.knowledge import entities

if TYPE_CHECKING:
    from outrider.knowledge.graph import Titles

LETTERS = 5
"""Words that begin with as many equal letters are taken for one."""
UNMARKED = 0.3
"""What a name counts that the question writes without a capital: it may be a plain word. One of several words is none,
where the question has no capitals."""
UNSAID = 0.12
"""What a name counts that none of the question's words is near to."""
NEAR = 3.0
"""Words after which a name's nearness is halved."""
_OTHERWISE = {
    "father": "son daughter child born",
    "mother": "son daughter child born",
    "parent": "son daughter child born",
    "grandfather": "son daughter child father mother",
    "wife": "married husband spouse",
    "husband": "married wife spouse",
    "spouse": "married wife husband",
    "child": "father mother son daughter",
    "son": "father mother",
    "daughter": "father mother",
    "sibling": "brother sister",
    "author": "written novel book by",
    "writer": "written novel book by",
    "singer": "song by",
    "performer": "song album by single recorded",
    "owner": "owned",
}
"""What a passage says where a question asks for this."""
_ALIKE = 0.8
"""What such a word counts beside one of the question's own."""
_WORD = re.compile(r"[^\W_]+")

Values = dict[int, float]
"""By place in the graph."""


class Passage(NamedTuple):
    """What is followed, and what it counts."""

    weight: float
    title: str
    text: str


class Asked(NamedTuple):
    """`named`: passages about what the question names. `words`: beginnings of its other words, and what each counts."""

    named: Values
    words: dict[str, float]


def asked(question: str, terms: Iterable[str], titles: "Titles") -> Asked:
    """What the question names and what else it says; `terms` are its words that say something."""
    said = _WORD.findall(question)
    marked = {entities.key(word) for word in said if word[0].isupper()}
    careless = not any(word[0].isupper() for word in said[1:])  # written without capitals at all
    named: Values = {}
    inside: set[str] = set()
    for name in entities.named(question, titles.__contains__):
        words = name.split()
        capital = not marked.isdisjoint(words) or (careless and len(words) > 1)
        if name in titles:
            _raise(named, titles.about(name), 1.0 if capital else UNMARKED)
            inside.update(words if capital else ())
    others = [term for term in terms if len(term) > 2 and entities.key(term) not in inside]
    counted = {beginning(w): _ALIKE for term in others for w in _MEANT.get(beginning(term), ())}
    return Asked(named, counted | dict.fromkeys(map(beginning, others), 1.0))


def beginning(word: str) -> str:
    return word[:LETTERS].lower()


_MEANT = {beginning(word): tuple(said.split()) for word, said in _OTHERWISE.items()}


def linked(passages: Iterable[Passage], words: Mapping[str, float], titles: "Titles") -> Values:
    """The passages about what `passages` name, by how near the name stands to one of `words`; not its own title."""
    best: dict[str, float] = {}
    for weight, title, text in passages:
        for name, near in _named_in(title, text, words, titles).items():
            best[name] = max(best.get(name, 0.0), weight * (UNSAID + near))
    found: Values = {}
    for name, value in best.items():
        _raise(found, titles.about(name), value)
    return found


def _named_in(title: str, text: str, words: Mapping[str, float], titles: "Titles") -> dict[str, float]:
    """What a text names, and how near the name stands to one of `words`."""
    said = _WORD.findall(text)
    cues = [(at, value) for at, word in enumerate(said) if (value := words.get(beginning(word), 0.0))]
    own = set(entities.title_keys(title))
    best: dict[str, float] = {}
    for name, start, end in _mentions(said, titles):
        if name not in own:
            near = max((value * _nearness(at, start, end) for at, value in cues), default=0.0)
            best[name] = max(best.get(name, 0.0), near)
    return best


def _mentions(said: list[str], titles: "Titles") -> Iterator[tuple[str, int, int]]:
    """Titles in a text, each with its first word and the one behind its last; the longest win. A number is none, nor is
    a word that only opens a sentence."""
    marked = [word[0].isupper() or word[0].isdigit() for word in said]
    keys = [entities.key(word) for word in said]
    taken = [False] * len(said)
    for size in range(min(entities.MOST_WORDS, len(said)), 0, -1):
        for start in range(len(said) - size + 1):
            end = start + size
            if not (marked[start] and marked[end - 1]) or any(taken[start:end]):
                continue
            name = entities.bare(" ".join(keys[start:end]))
            if name in titles and not name.isdigit() and (size > 1 or name not in entities.STARTERS):
                taken[start:end] = [True] * size
                yield name, start, end


def _nearness(at: int, start: int, end: int) -> float:
    """1 for a word just before a name, less further off and behind it; 0 within it."""
    if start <= at < end:
        return 0.0
    between = start - at - 1 if at < start else at - end + 1
    return 1 / (1 + between / NEAR)


def _raise(values: Values, places: list[int], value: float) -> None:
    """A title that many passages share says less of each."""
    for place in places:
        values[place] = max(values.get(place, 0.0), value / math.sqrt(len(places)))
