"""How much of what a question asks a text speaks of, word by word: the same word, or one that means about the same."""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from outrider.knowledge.naming import FUNCTION_WORDS
from outrider.knowledge.verify import stem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]

_WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
_FRAME = re.compile(
    r"\bhow (?:long|quickly|fast|soon|often|big|large|old|far|high|low|well|good|great)\b|"
    r"\b(?:share|percentage|percent|part|fraction|proportion|portion|kinds?|sorts?|types?) of\b|"
    r"\b(?:(?:in|at) the end|in favou?r of|so far|thanks to|mak(?:es?|ing) sure|made sure|end(?:s|ed)? up(?: with)?)\b|"
    r"\bhappen(?:s|ed)?\b",
    re.IGNORECASE,
)
"""What only says which kind of thing is asked for, or says nothing."""
_OWNED = re.compile("['’]s?$")


def words(text: str) -> list[str]:
    """The words of content of a text, each once, in lower case."""
    found = (_OWNED.sub("", word.lower()) for word in _WORD.findall(text) if word.lower() not in FUNCTION_WORDS)
    return list(dict.fromkeys(word for word in found if word not in FUNCTION_WORDS))


def asked(question: str, names: Sequence[str]) -> list[str]:
    """The words that say what is asked, without the names of whom or what it is asked about."""
    known = {word for name in names for word in words(name)}
    return [word for word in words(_FRAME.sub(" ", question)) if word not in known]


def nearly(wanted: Sequence[str], texts: Sequence[str], embed: "Embed") -> list[tuple[float, float]]:
    """For each text, how near it comes to the wanted words on average, and to the one that it is farthest from: 1 for a
    word that is there, else the cosine of the nearest one."""
    import numpy as np

    each = [words(text) for text in texts]
    every = list(dict.fromkeys((*wanted, *(word for own in each for word in own))))
    if not wanted:
        return [(1.0, 1.0)] * len(texts)
    place = {word: n for n, word in enumerate(every)}
    vectors = embed(every)
    like = vectors[: len(wanted)] @ vectors.T
    stems = [stem(word) for word in every]
    like[np.array([[one == other for other in stems] for one in stems[: len(wanted)]])] = 1.0
    best = [like[:, [place[w] for w in own]].max(axis=1) if own else np.zeros(len(wanted)) for own in each]
    return [(float(one.mean()), float(one.min())) for one in best]
