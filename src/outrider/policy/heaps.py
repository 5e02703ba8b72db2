"""Texts of one label, made so that what none of them has is known at once.

A value that stands alone in a text has all of its words there, and its first one begins a word of the text: most of
what nobody wrote is told by a look into sets, and only the rest is searched for, in few long texts.
"""

import re

_RUN = re.compile(r"\w+")
_OPENS = re.compile(r"(?<!\w)(?<![^\W_][@._\-+/#:%&=~?])(?<![./*_~]/)\w+")
"""Words before which nothing stands that would join them to another: see `normal.holds`."""
_ALONE = re.compile(_OPENS.pattern + r"+(?![@._\-+/#:%&=~?][^\W_])(?!/[./*_~])")
_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 200_000
"""Words that are remembered; a heap with more of them is searched."""
_GRAM = 3


class Heap:
    """Folded texts in few long ones, and the words that they have."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._runs: set[str] = set()
        self._opening: set[str] = set()
        self._alone: set[str] = set()
        self._full = False

    def add(self, text: str) -> None:
        _put(self._texts, text)
        if self._full:
            return
        self._runs.update(_RUN.findall(text))
        self._opening.update(_OPENS.findall(text))
        self._alone.update(_ALONE.findall(text))
        if len(self._runs) > _MOST_WORDS:
            self._full = True
            self._runs, self._opening, self._alone = set(), set(), set()

    def may_hold(self, value: str) -> bool:
        """False if no text holds a value as a whole (`normal.holds`); True: one may."""
        if not self._full:
            runs = _RUN.findall(value)
            if not self._runs.issuperset(runs):
                return False
            if runs and value[0].isalnum():
                known = self._alone if len(runs) == 1 and value.isalnum() else self._opening
                if runs[0] not in known:
                    return False
        return any(value in text for text in self._texts)


class Wording:
    """The same texts as rows of words, whatever stands between them."""

    def __init__(self) -> None:
        self._rows: list[str] = []
        self._grams: set[int] = set()
        self._full = False

    def add(self, text: str) -> None:
        words = _WORD.findall(text)
        _put(self._rows, " ".join(words))
        if not self._full:
            self._grams.update(map(hash, zip(words, words[1:], words[2:], strict=False)))
            if len(self._grams) > _MOST_WORDS:
                self._full, self._grams = True, set()

    def has(self, row: str) -> bool:
        """Whether a text has these words, parted by spaces, in this order. The first and the last may be parts of
        longer ones."""
        words = row.split()[1:-1]
        if not self._full and any(
            hash(tuple(words[at : at + _GRAM])) not in self._grams for at in range(len(words) - _GRAM + 1)
        ):
            return False
        return any(row in known for known in self._rows)


def _put(texts: list[str], text: str) -> None:
    """Add a text and join those that are about as long, so that they stay few and each is copied few times."""
    texts.append(text)
    while len(texts) > 1 and len(texts[-2]) <= 2 * len(texts[-1]):
        last = texts.pop()
        texts[-1] = f"{texts[-1]}\n{last}"
